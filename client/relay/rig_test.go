package relay

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"gantry/client/remoting"
	"gantry/client/testserver"
)

// behind is a server on the loopback that a relay stands before.
type behind struct {
	addr        string
	connections atomic.Int32
}

// serveBehind runs handle for every connection until the test ends; with conf
// they are encrypted.
func serveBehind(t *testing.T, conf *tls.Config, handle func(net.Conn)) *behind {
	t.Helper()
	b := &behind{}
	b.addr = testserver.Serve(t, func(nc net.Conn) {
		b.connections.Add(1)
		if conf != nil {
			nc = tls.Server(nc, conf)
		}
		handle(nc)
	})
	return b
}

// answers serves requests with f.
func answers(f func(*remoting.Command) *remoting.Command) func(net.Conn) {
	return func(nc net.Conn) { _ = remoting.Serve(nc, 8, f) }
}

// echo answers with what it got.
func echo(req *remoting.Command) *remoting.Command {
	resp := req.Answer(remoting.Success, fmt.Sprint("code ", req.Code))
	resp.ExtFields, resp.Body = req.ExtFields, req.Body
	return resp
}

// routes answers every route request with a body.
func routes(body func() string) func(*remoting.Command) *remoting.Command {
	return func(req *remoting.Command) *remoting.Command {
		resp := req.Answer(remoting.Success, "")
		resp.Body = []byte(body())
		return resp
	}
}

// start starts a relay before name servers.
func start(t *testing.T, remote remoting.Config, nameServers ...string) *Relay {
	t.Helper()
	r, err := Start(Config{NameServers: nameServers, Remote: remote, Brokers: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	return r
}

// ask asks one question through the relay, as the library would.
func ask(t *testing.T, addr string, cmd *remoting.Command) *remoting.Command {
	t.Helper()
	c, err := remoting.Dial(t.Context(), addr, remoting.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	resp, err := c.Call(t.Context(), cmd)
	if err != nil {
		t.Fatal(err)
	}
	return resp
}

// authority is a certificate authority of a test.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	pem  []byte
}

var serial int64

// issue makes a certificate for 127.0.0.1, by a itself where it is nil.
func (a *authority) issue(t *testing.T) (*authority, tls.Certificate) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	serial++
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: "test"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	parent, signer := template, key
	if a == nil {
		template.IsCA, template.BasicConstraintsValid, template.KeyUsage = true, true, x509.KeyUsageCertSign
	} else {
		parent, signer = a.cert, a.key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	out := &authority{cert, key, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})}
	return out, tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// trusting is a client's configuration that trusts an authority.
func trusting(t *testing.T, a *authority, own ...tls.Certificate) *tls.Config {
	t.Helper()
	conf, err := (&remoting.TLS{Authorities: a.pem}).Config()
	if err != nil {
		t.Fatal(err)
	}
	conf.Certificates = own
	return conf
}

// serverConf is a server's configuration; with an authority it demands a
// certificate of that.
func serverConf(demands *authority, cert tls.Certificate) *tls.Config {
	conf := &tls.Config{Certificates: []tls.Certificate{cert}}
	if demands != nil {
		conf.ClientAuth, conf.ClientCAs = tls.RequireAndVerifyClientCert, x509.NewCertPool()
		conf.ClientCAs.AddCert(demands.cert)
	}
	return conf
}
