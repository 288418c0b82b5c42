package remoting

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"log/slog"
	"net"
	"strings"

	"gantry/client/fault"
)

// TLS says how connections are encrypted and whom they trust, as files were
// read: it goes into a worker's job as it is. Its zero value trusts the
// authorities that the system trusts and shows no certificate. It prints as ***,
// because it holds a key.
type TLS struct {
	// Authorities are certificates in PEM that servers' certificates must lead
	// to, in place of the system's. Empty is not nil: it holds none.
	Authorities []byte `json:"authorities,omitempty"`
	// Certificate and Key are this client's own, in PEM, for servers that ask
	// for them; both or neither.
	Certificate []byte `json:"certificate,omitempty"`
	Key         []byte `json:"key,omitempty"`
	// ServerName is the name that every server's certificate must hold. Empty
	// is the host of the address, before an AddressMap changes it.
	ServerName string `json:"serverName,omitempty"`
	// Unverified encrypts and trusts whoever answers: who can intercept the
	// connection can read it. It is what rocketmq-client-go and, by default, the
	// Java client do.
	Unverified bool `json:"unverified,omitempty"`
}

// String keeps the key out of everything that prints.
func (TLS) String() string { return masked }

// GoString keeps the key out of %#v.
func (TLS) GoString() string { return masked }

// LogValue keeps the key out of logs.
func (TLS) LogValue() slog.Value { return slog.StringValue(masked) }

// Config is the configuration for Dial; the error is one of the five above.
// Servers of 4.9 and 5.x speak TLS 1.2 and 1.3 (TlsHelper.java).
func (t *TLS) Config() (*tls.Config, error) {
	c := &tls.Config{ServerName: t.ServerName, InsecureSkipVerify: t.Unverified, MinVersion: tls.VersionTLS12}
	if t.Authorities != nil {
		c.RootCAs = x509.NewCertPool()
		if !c.RootCAs.AppendCertsFromPEM(t.Authorities) {
			return nil, fault.NoAuthority
		}
	}
	if t.Certificate == nil && t.Key == nil {
		return c, nil
	}
	pair, err := t.pair()
	if err != nil {
		return nil, err
	}
	c.Certificates = []tls.Certificate{pair}
	return c, nil
}

func (t *TLS) pair() (tls.Certificate, error) {
	if !hasBlock(t.Certificate, func(kind string) bool { return kind == "CERTIFICATE" }) {
		return tls.Certificate{}, fault.NoCertificate
	}
	key := func(kind string) bool {
		return kind == "PRIVATE KEY" || kind == "RSA PRIVATE KEY" || kind == "EC PRIVATE KEY"
	}
	switch {
	case hasBlock(t.Key, func(kind string) bool { return kind == "ENCRYPTED PRIVATE KEY" }):
		return tls.Certificate{}, fault.KeyEncrypted
	case !hasBlock(t.Key, key):
		return tls.Certificate{}, fault.NoKey
	}
	pair, err := tls.X509KeyPair(t.Certificate, t.Key)
	if err != nil {
		// not the text of err: it may quote the key
		return tls.Certificate{}, fault.KeyPair
	}
	return pair, nil
}

// hasBlock tells whether PEM text has a block of a wanted kind. A key whose old
// form says that it is encrypted counts as an ENCRYPTED PRIVATE KEY (RFC 1421).
func hasBlock(text []byte, wanted func(kind string) bool) bool {
	for {
		var b *pem.Block
		if b, text = pem.Decode(text); b == nil {
			return false
		}
		kind := b.Type
		if b.Headers["DEK-Info"] != "" {
			kind = "ENCRYPTED PRIVATE KEY"
		}
		if wanted(kind) {
			return true
		}
	}
}

// tlsError names what is wrong with a TLS connection, where it is something that
// can be done about: fault.TLS or one of those that are one.
func tlsError(err error) error {
	var (
		authority x509.UnknownAuthorityError
		name      x509.HostnameError
		invalid   x509.CertificateInvalidError
		record    tls.RecordHeaderError
	)
	switch {
	case errors.As(err, &authority):
		return fault.Untrusted
	case errors.As(err, &name):
		return fault.WrongName
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return fault.Expired
	case errors.As(err, &record):
		return fault.PlainServer
	case isAlert(err) && refusesCertificate(err):
		return fault.CertificateRefused
	}
	return fault.TLS
}

// isAlert reports whether the peer ended TLS by an alert.
func isAlert(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "remote error"
}

// refusesCertificate tells whether an alert is about the certificate that this
// side showed or did not show (RFC 8446, 6.2): Java's servers answer a missing
// one with any of several. crypto/tls has no type for it but its text.
func refusesCertificate(alert error) bool {
	text := alert.Error()
	return strings.Contains(text, "certificate") || strings.Contains(text, "access denied")
}
