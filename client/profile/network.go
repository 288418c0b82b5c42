package profile

import (
	"encoding/json"
	"errors"
	"maps"
	"net"
	"slices"
	"strings"
	"unicode"
)

// TLS says how a profile's connections are encrypted; the zero value is plain
// TCP. The files stay the user's own and are read at each connecting, so that a
// renewed certificate is taken. The key file's content is a secret; its path is
// none.
type TLS struct {
	On bool `json:"on,omitempty"`
	// Unverified trusts whoever answers. Without it the server's certificate
	// must lead to an authority of CAFile, or of the system's where that is
	// empty, and hold ServerName, or the address's host where that is empty.
	Unverified bool   `json:"unverified,omitempty"`
	CAFile     string `json:"caFile,omitempty"`
	ServerName string `json:"serverName,omitempty"`
	// CertFile and KeyFile are shown to servers that ask for a certificate; both
	// or neither. All files are PEM.
	CertFile string `json:"certFile,omitempty"`
	KeyFile  string `json:"keyFile,omitempty"`
}

// UnmarshalJSON reads also the plain true of files from before there was more
// to say.
func (t *TLS) UnmarshalJSON(b []byte) error {
	if on := string(b) == "true"; on || string(b) == "false" {
		*t = TLS{On: on}
		return nil
	}
	type plain TLS
	return json.Unmarshal(b, (*plain)(t))
}

// Fields of encryption and addresses that can be wrong.
const (
	FieldCAFile     Field = "caFile"
	FieldServerName Field = "serverName"
	FieldCertFile   Field = "certFile"
	FieldKeyFile    Field = "keyFile"
	FieldAddresses  Field = "addresses"
)

// Reasons why one of them cannot be saved.
var (
	ErrNoKeyFile   = errors.New("a certificate needs its private key")
	ErrNoCertFile  = errors.New("a private key needs its certificate")
	ErrNoTarget    = errors.New("needs an address to use instead, after =")
	ErrMixedTarget = errors.New("either both sides have a port or neither")
)

func (t *TLS) clean() {
	for _, s := range []*string{&t.CAFile, &t.ServerName, &t.CertFile, &t.KeyFile} {
		*s = strings.TrimSpace(*s)
	}
}

func (t *TLS) validate(add func(Field, string, error)) {
	if !t.On {
		return
	}
	if t.ServerName != "" && !goodHost(t.ServerName) {
		add(FieldServerName, t.ServerName, ErrBadHost)
	}
	switch {
	case t.CertFile != "" && t.KeyFile == "":
		add(FieldKeyFile, "", ErrNoKeyFile)
	case t.CertFile == "" && t.KeyFile != "":
		add(FieldCertFile, "", ErrNoCertFile)
	}
}

// ParseAddresses reads an address map as a user types or pastes it, an entry a
// line: "172.17.0.3:10911 = 10.2.20.9:10911", or hosts without ports on both
// sides. What is no entry stays as a key without a value, which Validate names.
func ParseAddresses(text string) map[string]string {
	var m map[string]string
	for _, line := range strings.FieldsFunc(text, func(r rune) bool {
		return r == '\n' || r == '\r' || r == ';' || r == ',' || r == '；' || r == '，'
	}) {
		from, to := line, ""
		for _, sign := range []string{"=>", "->", "→", "＝", "="} {
			if a, b, ok := strings.Cut(line, sign); ok {
				from, to = a, b
				break
			}
		}
		if from = bare(from); from == "" && bare(to) == "" {
			continue
		}
		if m == nil {
			m = map[string]string{}
		}
		m[from] = bare(to)
	}
	return m
}

func bare(addr string) string {
	return strings.TrimFunc(addr, func(r rune) bool { return unicode.IsSpace(r) || r == '/' })
}

// FormatAddresses is the text that ParseAddresses reads, sorted.
func FormatAddresses(m map[string]string) string {
	var b strings.Builder
	for i, from := range slices.Sorted(maps.Keys(m)) {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(from)
		if to := m[from]; to != "" {
			b.WriteString(" = " + to)
		}
	}
	return b.String()
}

func validateAddresses(m map[string]string, add func(Field, string, error)) {
	for _, from := range slices.Sorted(maps.Keys(m)) {
		if text, err := checkEntry(from, m[from]); err != nil {
			add(FieldAddresses, text, err)
		}
	}
}

// checkEntry returns what is wrong with an entry, and the text at fault.
func checkEntry(from, to string) (text string, err error) {
	if to == "" {
		return from, ErrNoTarget
	}
	ported := [2]bool{}
	for i, a := range []string{from, to} {
		_, _, err := net.SplitHostPort(a)
		if ported[i] = err == nil; ported[i] {
			_, err = CheckAddress(a)
		} else if err = nil; !goodHost(a) {
			err = ErrBadHost
		}
		if err != nil {
			return a, err
		}
	}
	if ported[0] != ported[1] {
		return from + " = " + to, ErrMixedTarget
	}
	return "", nil
}
