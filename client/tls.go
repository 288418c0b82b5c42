package client

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"os"

	"gantry/client/fault"
	"gantry/client/profile"
	"gantry/client/remoting"
)

// maxPEM bounds a file of certificates, in bytes; the system's own bundle of
// authorities has some 200 KB.
const maxPEM = 4 << 20

// FileError says which file of a profile cannot be used, and why.
type FileError struct {
	Field profile.Field
	Path  string
	Err   error
}

// Error names the file.
func (e *FileError) Error() string { return fmt.Sprintf("%s: %v", e.Path, e.Err) }

// Unwrap returns the reason.
func (e *FileError) Unwrap() error { return e.Err }

// loadTLS reads what a profile says of encryption, for workers and for our own
// connections; both nil is plain TCP. The error is a FileError.
func loadTLS(t profile.TLS) (*remoting.TLS, *tls.Config, error) {
	if !t.On {
		return nil, nil, nil
	}
	out := &remoting.TLS{ServerName: t.ServerName, Unverified: t.Unverified}
	files := []struct {
		field profile.Field
		path  string
		to    *[]byte
	}{
		{profile.FieldCAFile, t.CAFile, &out.Authorities},
		{profile.FieldCertFile, t.CertFile, &out.Certificate},
		{profile.FieldKeyFile, t.KeyFile, &out.Key},
	}
	for _, f := range files {
		if f.path == "" || f.field == profile.FieldCAFile && t.Unverified {
			continue
		}
		var err error
		if *f.to, err = readPEM(f.path); err != nil {
			return nil, nil, &FileError{f.field, f.path, err}
		}
	}
	conf, err := out.Config()
	switch {
	case err == nil:
		return out, conf, nil
	case errors.Is(err, fault.NoAuthority):
		err = &FileError{profile.FieldCAFile, t.CAFile, err}
	case errors.Is(err, fault.NoKey), errors.Is(err, fault.KeyEncrypted):
		err = &FileError{profile.FieldKeyFile, t.KeyFile, err}
	default:
		err = &FileError{profile.FieldCertFile, t.CertFile, err}
	}
	return nil, nil, err
}

// readPEM reads a whole small file. It opens ordinary files only: a pipe would
// wait for whoever writes it.
func readPEM(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fault.NoFile
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxPEM+1))
	if err == nil && len(b) > maxPEM {
		err = fault.TooLarge
	}
	return b, err
}
