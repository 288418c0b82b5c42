package remoting

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"

	"gantry/client/fault"
	"gantry/client/testserver"
)

// certificate makes a certificate that signs itself, and its key, in PEM.
func certificate(t *testing.T, change func(*x509.Certificate)) (cert, key []byte) {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	change(c)
	der, err := x509.CreateCertificate(rand.Reader, c, c, &k.PublicKey, k)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8})
}

func usual(*x509.Certificate) {}

func TestTLSConfig(t *testing.T) {
	cert, key := certificate(t, usual)
	other, otherKey := certificate(t, usual)
	encrypted := pem.EncodeToMemory(&pem.Block{Type: "ENCRYPTED PRIVATE KEY", Bytes: []byte{1}})
	oldForm := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Headers: map[string]string{"Proc-Type": "4,ENCRYPTED", "DEK-Info": "AES-128-CBC,00"}, Bytes: []byte{1}})
	for name, c := range map[string]struct {
		tls  TLS
		want error
	}{
		"nothing":            {TLS{}, nil},
		"authorities":        {TLS{Authorities: append(cert, other...)}, nil},
		"own certificate":    {TLS{Certificate: cert, Key: key}, nil},
		"both in one file":   {TLS{Certificate: append(key, cert...), Key: append(key, cert...)}, nil},
		"authorities no PEM": {TLS{Authorities: []byte("-----BEGIN")}, fault.NoAuthority},
		"authorities a key":  {TLS{Authorities: key}, fault.NoAuthority},
		"certificate no PEM": {TLS{Certificate: []byte{0x30, 0x82}, Key: key}, fault.NoCertificate},
		"certificate a key":  {TLS{Certificate: key, Key: key}, fault.NoCertificate},
		"key missing":        {TLS{Certificate: cert}, fault.NoKey},
		"key a certificate":  {TLS{Certificate: cert, Key: cert}, fault.NoKey},
		"key encrypted":      {TLS{Certificate: cert, Key: encrypted}, fault.KeyEncrypted},
		"key encrypted, old": {TLS{Certificate: cert, Key: oldForm}, fault.KeyEncrypted},
		"key of another":     {TLS{Certificate: cert, Key: otherKey}, fault.KeyPair},
	} {
		t.Run(name, func(t *testing.T) {
			conf, err := c.tls.Config()
			if !errors.Is(err, c.want) || (conf == nil) != (err != nil) {
				t.Fatalf("%v", err)
			}
			if conf != nil && (conf.MinVersion < tls.VersionTLS12 || (conf.RootCAs != nil) != (c.tls.Authorities != nil) || (len(conf.Certificates) == 1) != (c.tls.Key != nil)) {
				t.Errorf("%+v", conf)
			}
		})
	}
}

func TestTLSKeepsItsKeySecret(t *testing.T) {
	_, key := certificate(t, usual)
	v := TLS{Key: key, Certificate: []byte("x")}
	for _, text := range []string{fmt.Sprint(v), fmt.Sprintf("%+v %#v %s", v, v, &v), v.LogValue().String()} {
		if strings.Contains(text, "PRIVATE") || strings.Contains(text, "45 45") {
			t.Error(text)
		}
	}
	// But it crosses the pipe to a worker whole.
	b, err := json.Marshal(v)
	var back TLS
	if err = errors.Join(err, json.Unmarshal(b, &back)); err != nil || string(back.Key) != string(key) {
		t.Error(err)
	}
}

// TestTLSErrors: what is wrong is told apart, because each needs another remedy.
func TestTLSErrors(t *testing.T) {
	good, goodKey := certificate(t, usual)
	old, oldKey := certificate(t, func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) })
	early, earlyKey := certificate(t, func(c *x509.Certificate) { c.NotBefore = time.Now().Add(time.Minute) })
	named, namedKey := certificate(t, func(c *x509.Certificate) { c.IPAddresses, c.DNSNames = nil, []string{"mq.example"} })
	server := func(cert, key []byte, demand bool) string {
		pair, err := tls.X509KeyPair(cert, key)
		if err != nil {
			t.Fatal(err)
		}
		conf := &tls.Config{Certificates: []tls.Certificate{pair}}
		if demand {
			conf.ClientAuth = tls.RequireAnyClientCert
		}
		l, err := tls.Listen("tcp", "127.0.0.1:0", conf)
		if err != nil {
			t.Fatal(err)
		}
		return testserver.ServeOn(t, l, answering(echo))
	}
	wants := server(good, goodKey, true)
	for name, c := range map[string]struct {
		addr string
		tls  TLS
		want error
	}{
		"trusted":              {server(good, goodKey, false), TLS{Authorities: good}, nil},
		"another authority":    {server(good, goodKey, false), TLS{Authorities: named}, fault.Untrusted},
		"the system's":         {server(good, goodKey, false), TLS{}, fault.Untrusted},
		"anyone":               {server(good, goodKey, false), TLS{Unverified: true}, nil},
		"expired":              {server(old, oldKey, false), TLS{Authorities: old}, fault.Expired},
		"not valid yet":        {server(early, earlyKey, false), TLS{Authorities: early}, fault.Expired},
		"another name":         {server(named, namedKey, false), TLS{Authorities: named}, fault.WrongName},
		"the name given":       {server(named, namedKey, false), TLS{Authorities: named, ServerName: "mq.example"}, nil},
		"a wrong name given":   {server(good, goodKey, false), TLS{Authorities: good, ServerName: "mq.example"}, fault.WrongName},
		"certificate wanted":   {wants, TLS{Authorities: good}, fault.CertificateRefused},
		"certificate shown":    {wants, TLS{Authorities: good, Certificate: good, Key: goodKey}, nil},
		"server without TLS":   {testserver.Serve(t, func(nc net.Conn) { _, _ = nc.Write([]byte("HTTP/1.1 400\r\n\r\n")); testserver.Silent(nc) }), TLS{}, fault.PlainServer},
		"server that hangs up": {testserver.Serve(t, func(net.Conn) {}), TLS{}, fault.TLS},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conf, err := c.tls.Config()
			if err != nil {
				t.Fatal(err)
			}
			p := NewPool(Config{TLS: conf})
			defer p.Close()
			_, err = p.CallOK(t.Context(), c.addr, &Command{Code: 1})
			if !errors.Is(err, c.want) {
				t.Errorf("%v, want %v", err, c.want)
			}
			if c.want != nil && !errors.Is(err, fault.TLS) {
				t.Errorf("%v is no failure of TLS", err)
			}
		})
	}
}

func TestAddressMap(t *testing.T) {
	m := AddressMap{"172.17.0.3:10911": "10.2.20.9:31000", "172.17.0.3": "10.2.20.9", "::1": "h", "mq": "::2"}
	for addr, want := range map[string]string{
		"172.17.0.3:10911": "10.2.20.9:31000", "172.17.0.3:10921": "10.2.20.9:10921", "172.17.0.4:10911": "172.17.0.4:10911",
		"[::1]:5": "h:5", "mq:6": "[::2]:6", "nonsense": "nonsense",
	} {
		if got := m.Reach(addr); got != want {
			t.Errorf("%s is reached at %s, want %s", addr, got, want)
		}
	}
	if got := AddressMap(nil).Reach("a:1"); got != "a:1" {
		t.Errorf("no map: %s", got)
	}
	// The server's name stays the one that the cluster uses.
	cert, key := certificate(t, usual)
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		t.Fatal(err)
	}
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{pair}})
	if err != nil {
		t.Fatal(err)
	}
	addr := testserver.ServeOn(t, l, answering(echo))
	conf, err := (&TLS{Authorities: cert}).Config()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Dial(t.Context(), "10.255.255.1:1", Config{TLS: conf, Addresses: AddressMap{"10.255.255.1:1": addr}}); !errors.Is(err, fault.WrongName) {
		t.Errorf("%v", err)
	}
	conf.ServerName = "127.0.0.1"
	c, err := Dial(t.Context(), "10.255.255.1:1", Config{TLS: conf, Addresses: AddressMap{"10.255.255.1:1": addr}})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if c.Addr() != "10.255.255.1:1" {
		t.Errorf("errors would name %s", c.Addr())
	}
}

func FuzzTLSConfig(f *testing.F) {
	f.Add([]byte("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"), []byte("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"))
	f.Fuzz(func(t *testing.T, cert, key []byte) {
		for _, v := range []TLS{{Authorities: cert}, {Certificate: cert, Key: key}} {
			conf, err := v.Config()
			if (conf == nil) == (err == nil) {
				t.Errorf("%v, %v", conf, err)
			}
			for _, known := range []error{fault.NoAuthority, fault.NoCertificate, fault.NoKey, fault.KeyEncrypted, fault.KeyPair} {
				if err == nil || errors.Is(err, known) {
					err = nil
				}
			}
			if err != nil {
				t.Errorf("an error without a name: %v", err)
			}
		}
	})
}
