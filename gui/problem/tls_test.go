package problem

import (
	"crypto/x509"
	"fmt"
	"io/fs"
	"net"
	"strings"
	"syscall"
	"testing"

	"fyne.io/fyne/v2/test"

	"gantry/client"
	"gantry/client/fault"
	"gantry/client/profile"
)

func TestEncryptionInWords(t *testing.T) {
	test.NewTempApp(t)
	for _, c := range []struct {
		err             error
		what, do, short string
	}{
		{fault.Untrusted, "The server's certificate comes from an authority that is not trusted here.", "Choose the file of its authority", "Not trusted"},
		{fault.WrongName, "The server's certificate is for another name.", "enter that name as server name", "Wrong name"},
		{fault.Expired, "not valid now by this computer's clock", "Check the clock.", "Certificate expired"},
		{fault.CertificateRefused, "wants a client certificate", "Choose the client certificate and its key", "Certificate refused"},
		{fault.PlainServer, "does not speak TLS on this port", "Turn TLS off", "TLS failed"},
		{fault.TLS, "The encrypted connection failed.", "Check whether the server uses TLS", "TLS failed"},
	} {
		err := fmt.Errorf("10.0.0.1:9876: %w: tls: raw words", c.err)
		p := Explain(err)
		if !strings.Contains(p.What, c.what) || !strings.Contains(p.Do, c.do) || !strings.Contains(p.Details, "raw words") {
			t.Errorf("%v: %+v", c.err, p)
		}
		if got := Short(err); got != c.short {
			t.Errorf("%v is %q for short, want %q", c.err, got, c.short)
		}
	}
}

func TestAWrongNameSaysTheRightOnes(t *testing.T) {
	test.NewTempApp(t)
	for name, c := range map[string]struct {
		cert     x509.Certificate
		what, do string
	}{
		"one":  {x509.Certificate{DNSNames: []string{"mq.corp"}}, "The server's certificate is for mq.corp, not for 10.0.0.1.", "enter that name"},
		"more": {x509.Certificate{DNSNames: []string{"a", "b"}, IPAddresses: []net.IP{net.IPv4(1, 2, 3, 4)}}, "for a, b, 1.2.3.4, not for 10.0.0.1.", "enter one of these names"},
		"many": {x509.Certificate{DNSNames: []string{"a", "b", "c", "d", "e"}}, "for a, b, c +2, not for", "enter one of these names"},
		"none": {x509.Certificate{}, "holds no name", "subject alternative name"},
	} {
		p := Explain(fmt.Errorf("%w: %w", fault.WrongName, x509.HostnameError{Certificate: &c.cert, Host: "10.0.0.1"}))
		if !strings.Contains(p.What, c.what) || !strings.Contains(p.Do, c.do) {
			t.Errorf("%s: %+v", name, p)
		}
	}
}

func TestFilesOfCertificatesInWords(t *testing.T) {
	test.NewTempApp(t)
	const path = "/home/user/key.pem"
	seen := map[string]error{}
	for _, c := range []struct {
		err  error
		want string
	}{
		{&fs.PathError{Op: "stat", Path: path, Err: fs.ErrNotExist}, "does not exist. Check the path."},
		{&fs.PathError{Op: "open", Path: path, Err: fs.ErrPermission}, "may not be read. Check its permissions."},
		{fault.TooLarge, "too large to hold certificates. 4 MB"},
		{fault.NoAuthority, "No certificate in PEM form is in the file."},
		{fault.NoKey, "No private key in PEM form is in the file."},
		{fault.KeyEncrypted, "protected by a password, which Gantry does not ask for. Choose a copy without it: openssl pkey -in key.pem -out plain.pem"},
		{fault.KeyPair, "do not belong together"},
		{&fs.PathError{Op: "read", Path: path, Err: syscall.EIO}, "The file cannot be read: " + syscall.EIO.Error()},
		{fault.NoFile, "This is no ordinary file."},
	} {
		file := &client.FileError{Field: profile.FieldKeyFile, Path: path, Err: c.err}
		at, all := File(file).Text(), Explain(fmt.Errorf("connect: %w", file))
		if !strings.Contains(at, c.want) || strings.Contains(at, path) {
			t.Errorf("%v: at the field stands %q", c.err, at)
		}
		if all.Text() != path+": "+at || !strings.Contains(all.Details, "connect: ") {
			t.Errorf("%v: %+v", c.err, all)
		}
		if other, ok := seen[at]; ok {
			t.Errorf("%v and %v are told alike: %s", c.err, other, at)
		}
		seen[at] = c.err
		if got := Short(file); got != "Failed to connect" {
			t.Errorf("%v is %q for short", c.err, got)
		}
	}
	if no, yes := File(&client.FileError{Err: fault.NoCertificate}), File(&client.FileError{Err: fault.NoAuthority}); no != yes {
		t.Errorf("%+v, %+v", no, yes)
	}
}

func TestFieldsInWords(t *testing.T) {
	test.NewTempApp(t)
	for _, c := range []struct {
		err  profile.FieldError
		want string
	}{
		{profile.FieldError{Field: profile.FieldCAFile, Err: profile.ErrEmpty}, "Choose the file with the authority's certificate."},
		{profile.FieldError{Field: profile.FieldName, Err: profile.ErrEmpty}, "Must not be empty."},
		{profile.FieldError{Field: profile.FieldKeyFile, Err: profile.ErrNoKeyFile}, "The certificate needs its private key."},
		{profile.FieldError{Field: profile.FieldCertFile, Err: profile.ErrNoCertFile}, "The private key needs its certificate."},
		{profile.FieldError{Field: profile.FieldAddresses, Text: "a:1", Err: profile.ErrNoTarget}, "a:1: needs the address to use instead, after ="},
		{profile.FieldError{Field: profile.FieldAddresses, Text: "a:1 = b", Err: profile.ErrMixedTarget}, "a:1 = b: either both sides need a port or neither"},
		{profile.FieldError{Field: profile.FieldValues, Text: "host", Err: profile.ErrNoValue}, "host: needs its value, after ="},
		{profile.FieldError{Field: profile.FieldValues, Text: "a b", Err: profile.ErrValueName}, "a b: a name has no blanks, quotes or braces"},
		{profile.FieldError{Field: profile.FieldValues, Err: profile.ErrManyValues}, "There are too many values, or they are too long."},
	} {
		if got := Field(&c.err); got != c.want {
			t.Errorf("%v: %q, want %q", &c.err, got, c.want)
		}
	}
}
