package problem

import (
	"crypto/x509"
	"errors"
	"io/fs"
	"strings"
	"syscall"

	"fyne.io/fyne/v2/lang"

	"gantry/client"
	"gantry/client/fault"
	"gantry/gui/widgets"
)

// namesShown is how many names of a certificate are told.
const namesShown = 3

// encryption explains why TLS failed.
func encryption(err error) (Problem, bool) {
	switch {
	case errors.Is(err, fault.Untrusted):
		return Problem{
			What: lang.L("The server's certificate comes from an authority that is not trusted here."),
			Do:   lang.L("Choose the file of its authority in the connection's settings."),
		}, true
	case errors.Is(err, fault.WrongName):
		return wrongName(err), true
	case errors.Is(err, fault.Expired):
		return Problem{
			What: lang.L("The server's certificate is not valid now by this computer's clock."),
			Do:   lang.L("Check the clock. If it is right, the server needs a new certificate."),
		}, true
	case errors.Is(err, fault.CertificateRefused):
		return Problem{
			What: lang.L("The server wants a client certificate that it knows."),
			Do:   lang.L("Choose the client certificate and its key in the connection's settings."),
		}, true
	case errors.Is(err, fault.PlainServer):
		return Problem{What: lang.L("The server does not speak TLS on this port."), Do: lang.L("Turn TLS off in the connection's settings, or use the port for TLS.")}, true
	case errors.Is(err, fault.TLS):
		return Problem{What: lang.L("The encrypted connection failed."), Do: lang.L("Check whether the server uses TLS, and the TLS switch of this connection.")}, true
	}
	return Problem{}, false
}

// wrongName says which names the certificate holds, where that is known.
func wrongName(err error) Problem {
	p := Problem{
		What: lang.L("The server's certificate is for another name."),
		Do:   lang.L("If it is the right server, enter that name as server name in the connection's settings."),
	}
	var bad x509.HostnameError
	if !errors.As(err, &bad) || bad.Certificate == nil {
		return p
	}
	held := bad.Certificate.DNSNames
	for _, ip := range bad.Certificate.IPAddresses {
		held = append(held[:len(held):len(held)], ip.String())
	}
	if len(held) == 0 {
		p.What = lang.L("The server's certificate holds no name that could be verified.")
		p.Do = lang.L("It needs a subject alternative name; a common name alone does not count.")
		return p
	}
	list := strings.Join(held[:min(len(held), namesShown)], ", ")
	if more := len(held) - namesShown; more > 0 {
		list += " +" + widgets.Count(more)
	}
	p.What = lang.L("The server's certificate is for {{.Names}}, not for {{.Host}}.", map[string]any{"Names": list, "Host": bad.Host})
	if len(held) > 1 {
		p.Do = lang.L("If it is the right server, enter one of these names as server name in the connection's settings.")
	}
	return p
}

// certificate explains why a file of certificates cannot be used, and names it.
func certificate(err error) (Problem, bool) {
	var file *client.FileError
	if !errors.As(err, &file) {
		return Problem{}, false
	}
	p := File(file)
	p.What = lang.L("{{.Path}}: {{.Reason}}", map[string]any{"Path": file.Path, "Reason": p.What})
	return p, true
}

// File says why a file of certificates cannot be used, for a place where its
// path stands already.
func File(file *client.FileError) Problem {
	err := file.Err
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		return Problem{What: lang.L("The file does not exist."), Do: lang.L("Check the path.")}
	case errors.Is(err, fs.ErrPermission):
		return Problem{What: lang.L("The file may not be read."), Do: lang.L("Check its permissions.")}
	case errors.Is(err, fault.NoFile):
		return Problem{What: lang.L("This is no ordinary file."), Do: lang.L("Check the path.")}
	case errors.Is(err, fault.TooLarge):
		return Problem{What: lang.L("The file is too large to hold certificates."), Do: lang.L("4 MB are allowed.")}
	case errors.Is(err, fault.NoAuthority), errors.Is(err, fault.NoCertificate):
		return Problem{What: lang.L("No certificate in PEM form is in the file."), Do: lang.L("Such a file has a line that begins with -----BEGIN CERTIFICATE.")}
	case errors.Is(err, fault.NoKey):
		return Problem{What: lang.L("No private key in PEM form is in the file."), Do: lang.L("Such a file has a line that ends with PRIVATE KEY-----.")}
	case errors.Is(err, fault.KeyEncrypted):
		return Problem{
			What: lang.L("The private key is protected by a password, which Gantry does not ask for."),
			Do:   lang.L("Choose a copy without it: {{.Command}}", map[string]any{"Command": "openssl pkey -in key.pem -out plain.pem"}),
		}
	case errors.Is(err, fault.KeyPair):
		return Problem{What: lang.L("Certificate and private key do not belong together."), Do: lang.L("Choose both of the same pair.")}
	}
	var path *fs.PathError
	if errors.As(err, &path) {
		err = path.Err // the path is said already
	}
	return Problem{What: lang.L("The file cannot be read: {{.Reason}}", map[string]any{"Reason": fault.Words(err)})}
}
