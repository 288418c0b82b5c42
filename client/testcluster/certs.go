package testcluster

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// writeTLS makes an authority, a server's and a client's certificate for
// 127.0.0.1 and localhost under Dir/tls (ca.crt, server.crt, server.key,
// client.crt, client.key) and the properties that servers and mqadmin read.
func (c *Cluster) writeTLS() error {
	dir := filepath.Join(c.dir, "tls")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	ca, caKey, err := newCert(dir, "ca", nil, nil)
	if err != nil {
		return err
	}
	for _, name := range []string{"server", "client"} {
		if _, _, err := newCert(dir, name, ca, caKey); err != nil {
			return err
		}
	}
	need := "none"
	lines := []string{"tls.test.mode.enable=false", "tls.client.authServer=true"}
	if c.opts.ClientCertificates {
		need = "require"
		lines = append(lines, "tls.server.authClient=true")
	}
	lines = append(lines, "tls.server.need.client.auth="+need)
	slash := filepath.ToSlash(dir)
	for _, name := range []string{"server", "client"} {
		lines = append(lines, fmt.Sprintf("tls.%s.keyPath=%s/%s.key", name, slash, name),
			fmt.Sprintf("tls.%s.certPath=%s/%s.crt", name, slash, name),
			fmt.Sprintf("tls.%s.trustCertPath=%s/ca.crt", name, slash))
	}
	return os.WriteFile(c.tlsProperties(), []byte(strings.Join(lines, "\n")+"\n"), 0o600)
}

func (c *Cluster) tlsProperties() string { return filepath.Join(c.dir, "tls", "tls.properties") }

// newCert writes name.crt and name.key, signed by ca, or by itself where ca is
// nil. RSA and PKCS #8, as netty reads them without further libraries.
func newCert(dir, name string, ca *x509.Certificate, caKey *rsa.PrivateKey) (*x509.Certificate, *rsa.PrivateKey, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, nil, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()),
		Subject:      pkix.Name{CommonName: "test " + name},
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().AddDate(10, 0, 0),
		IPAddresses:  []net.IP{net.IPv4(127, 0, 0, 1)},
		DNSNames:     []string{"localhost"},
	}
	if ca == nil {
		template.IsCA, template.BasicConstraintsValid = true, true
		template.KeyUsage = x509.KeyUsageCertSign
		ca, caKey = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, ca, &key.PublicKey, caKey)
	if err != nil {
		return nil, nil, err
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, nil, err
	}
	for ext, block := range map[string]*pem.Block{
		"crt": {Type: "CERTIFICATE", Bytes: der}, "key": {Type: "PRIVATE KEY", Bytes: keyDER},
	} {
		if err := os.WriteFile(filepath.Join(dir, name+"."+ext), pem.EncodeToMemory(block), 0o600); err != nil {
			return nil, nil, err
		}
	}
	cert, err := x509.ParseCertificate(der)
	return cert, key, err
}

// ForeignCertificate writes a certificate that signs itself, and its key, into a
// folder: nothing of a cluster's trusts it.
func ForeignCertificate(dir string) (cert, key string, err error) {
	_, _, err = newCert(dir, "foreign", nil, nil)
	return filepath.Join(dir, "foreign.crt"), filepath.Join(dir, "foreign.key"), err
}

// TLSConfig is what a client needs to verify the cluster and to show its own
// certificate; nil without TLS. The files are in Dir/tls: ca.crt, client.crt,
// client.key.
func (c *Cluster) TLSConfig() (*tls.Config, error) {
	if !c.opts.TLS {
		return nil, nil
	}
	dir := filepath.Join(c.dir, "tls")
	ca, err := os.ReadFile(filepath.Join(dir, "ca.crt"))
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(ca)
	own, err := tls.LoadX509KeyPair(filepath.Join(dir, "client.crt"), filepath.Join(dir, "client.key"))
	if err != nil {
		return nil, err
	}
	return &tls.Config{RootCAs: pool, Certificates: []tls.Certificate{own}, ServerName: "localhost"}, nil
}
