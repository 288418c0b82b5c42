package client

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"gantry/client/fault"
	"gantry/client/profile"
)

// TestTLSFilesThatCannotBeUsed names the field whose file is to be chosen anew.
func TestTLSFilesThatCannotBeUsed(t *testing.T) {
	dir := t.TempDir()
	file := func(name string, content []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	missing := filepath.Join(dir, "missing.pem")
	empty := file("empty.pem", nil)
	big := file("big.pem", bytes.Repeat([]byte("\n"), maxPEM+1))
	for name, c := range map[string]struct {
		tls   profile.TLS
		field profile.Field // "" is no error
		want  error
	}{
		"off":                         {profile.TLS{CAFile: missing}, "", nil},
		"the system's":                {profile.TLS{On: true}, "", nil},
		"CA missing":                  {profile.TLS{On: true, CAFile: missing}, profile.FieldCAFile, fs.ErrNotExist},
		"CA missing and not asked":    {profile.TLS{On: true, CAFile: missing, Unverified: true}, "", nil},
		"CA without a certificate":    {profile.TLS{On: true, CAFile: empty}, profile.FieldCAFile, fault.NoAuthority},
		"CA a folder":                 {profile.TLS{On: true, CAFile: dir}, profile.FieldCAFile, fault.NoFile},
		"CA too large":                {profile.TLS{On: true, CAFile: big}, profile.FieldCAFile, fault.TooLarge},
		"certificate missing":         {profile.TLS{On: true, CertFile: missing, KeyFile: empty}, profile.FieldCertFile, fs.ErrNotExist},
		"key missing":                 {profile.TLS{On: true, CertFile: empty, KeyFile: missing}, profile.FieldKeyFile, fs.ErrNotExist},
		"certificate without one":     {profile.TLS{On: true, CertFile: empty, KeyFile: empty}, profile.FieldCertFile, fault.NoCertificate},
		"certificate of another kind": {profile.TLS{On: true, CertFile: file("c.pem", []byte("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")), KeyFile: empty}, profile.FieldKeyFile, fault.NoKey},
	} {
		_, _, err := loadTLS(c.tls)
		var bad *FileError
		switch {
		case c.field == "":
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
		case !errors.As(err, &bad) || bad.Field != c.field || !errors.Is(err, c.want) || bad.Path == "":
			t.Errorf("%s: %v", name, err)
		}
	}
}
