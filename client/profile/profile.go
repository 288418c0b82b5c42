// Package profile holds what a user saved: connection profiles and settings,
// their validation, and the files they rest in.
//
// A Profile never holds a secret; Secret is a type of its own that prints as
// "***" and is kept by package vault. The stores may be used from any
// goroutine; each method reads or writes a file and so may block.
package profile

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"gantry/client/mask"
	"gantry/client/message"
)

// Environment says what a cluster is for. It decides colour, word and guards.
type Environment string

// The environments.
const (
	Development Environment = "dev"
	Test        Environment = "test"
	Production  Environment = "prod"
	// Local is the sandbox, and no other.
	Local Environment = "local"
)

// Mapping says what access key and secret key stand for.
type Mapping string

const (
	// TDMQ is Tencent's: the access key is the role's token, which is the
	// secret, and the secret key is the role's name.
	TDMQ Mapping = "tdmq"
	// OpenSource is Apache RocketMQ's: the access key is the user's name, the
	// secret key the password, which is the secret.
	OpenSource Mapping = "acl"
)

// Profile is a saved connection.
type Profile struct {
	// ID names the profile for ever: in the keyring, in journals, in settings.
	ID          string      `json:"id"`
	Name        string      `json:"name"`
	Environment Environment `json:"environment"`
	// NameServers are "host:port" each.
	NameServers []string `json:"nameServers"`
	// ClusterID and Namespace make full names, "clusterID|namespace%topic";
	// either may be empty.
	ClusterID string  `json:"clusterId,omitempty"`
	Namespace string  `json:"namespace,omitempty"`
	Role      string  `json:"role,omitempty"` // role name or user name
	Mapping   Mapping `json:"mapping"`
	TLS       TLS     `json:"tls,omitzero"`
	// Addresses says where brokers are reached whose own address cannot be:
	// "host:port" by "host:port", or host by host for all ports.
	Addresses map[string]string `json:"addresses,omitempty"`
	ReadOnly  bool              `json:"readOnly,omitempty"`
	// Env are values by their names, for messages that are sent over it: {{env "name"}}.
	Env map[string]string `json:"env,omitempty"`
	// SecretEnv are the names of further values, which are secret: those are in the
	// keyring, each under its ValueID.
	SecretEnv []string `json:"secretEnv,omitempty"`
	// Masks say what is masked in messages that leave production for elsewhere; nil is each
	// pattern. No other environment has any.
	Masks *mask.Rules `json:"masks,omitempty"`
	// Schemas say in which formats the bodies of topics are; the first that fits counts.
	Schemas []Schema `json:"schemas,omitempty"`
}

// Secret is a role's token or a user's password. It prints as "***".
type Secret string

// String, GoString, LogValue and MarshalJSON keep the secret out of everything
// that prints: Reveal is the only way to it.
func (s Secret) String() string { return "***" }

// GoString keeps the secret out of %#v.
func (s Secret) GoString() string { return "***" }

// Format keeps the secret out of every other verb.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("***")) }

// LogValue keeps the secret out of logs.
func (s Secret) LogValue() slog.Value { return slog.StringValue("***") }

// MarshalJSON keeps the secret out of files.
func (s Secret) MarshalJSON() ([]byte, error) { return []byte(`"***"`), nil }

// Reveal returns the secret itself.
func (s Secret) Reveal() string { return string(s) }

// Keys returns what RocketMQ calls access key and secret key. Both are empty
// unless the profile has a role and the secret is set: then nothing is signed.
func (p *Profile) Keys(s Secret) (accessKey, secretKey string) {
	switch {
	case p.Role == "" || s == "":
		return "", ""
	case p.Mapping == OpenSource:
		return p.Role, s.Reveal()
	default:
		return s.Reveal(), p.Role
	}
}

// Prefix returns what stands before each topic and consumer group: "" or
// "clusterID|namespace%".
func (p *Profile) Prefix() string {
	switch {
	case p.ClusterID == "" && p.Namespace == "":
		return ""
	case p.ClusterID == "":
		return p.Namespace + "%"
	case p.Namespace == "":
		return p.ClusterID + "%"
	default:
		return p.ClusterID + "|" + p.Namespace + "%"
	}
}

// Tencent reports whether a topic, by its full name, is one of Tencent's. The mapping
// alone does not say it, since every profile has it at first.
func (p *Profile) Tencent(topic string) bool {
	return p.Mapping != OpenSource && (p.Prefix() != "" || strings.Contains(topic, "|") || strings.HasPrefix(topic, "MQ_INST_"))
}

// FullName returns the name of a topic or consumer group as the broker knows
// it. A name that has a prefix already ("a|b%topic"), and a retry, dead-letter
// or system topic, is left alone. A full-width bar becomes "|".
func (p *Profile) FullName(name string) string {
	name = CorrectBar(strings.TrimSpace(name))
	prefix := p.Prefix()
	if name == "" || prefix == "" || strings.Contains(name, "%") {
		return name
	}
	return prefix + name
}

// ShortName is the reverse of FullName, for eyes: the profile's own prefix is
// left out, where FullName would put it back.
func (p *Profile) ShortName(name string) string {
	short := strings.TrimPrefix(name, p.Prefix())
	if p.FullName(short) != name {
		return name
	}
	return short
}

// CorrectBar replaces the full-width bar, which Tencent's documentation prints,
// by the bar that brokers know.
func CorrectBar(s string) string { return strings.ReplaceAll(s, "｜", "|") }

// Field names a field of a profile, for errors that stand at it.
type Field string

// The fields that can be wrong.
const (
	FieldName        Field = "name"
	FieldNameServers Field = "nameServers"
	FieldClusterID   Field = "clusterId"
	FieldNamespace   Field = "namespace"
	FieldRole        Field = "role"
)

// Reasons why a field cannot be saved.
var (
	ErrEmpty     = errors.New("must not be empty")
	ErrTaken     = errors.New("another connection has this name")
	ErrNoPort    = errors.New("needs a port")
	ErrBadPort   = errors.New("port must be a number from 1 to 65535")
	ErrBadHost   = errors.New("is no host name or address")
	ErrScheme    = errors.New("must not begin with a scheme other than http")
	ErrBadSign   = errors.New("has a character that RocketMQ does not take")
	ErrNoRole    = errors.New("a token needs a role name")
	ErrDuplicate = errors.New("stands there twice")
)

// FieldError is a reason with the field it belongs to and the text at fault.
type FieldError struct {
	Field Field
	Text  string
	Err   error
}

func (e *FieldError) Error() string {
	if e.Text == "" {
		return fmt.Sprintf("%s: %v", e.Field, e.Err)
	}
	return fmt.Sprintf("%s: %q %v", e.Field, e.Text, e.Err)
}

// Unwrap returns the reason.
func (e *FieldError) Unwrap() error { return e.Err }

// Clean trims what the user typed and corrects what needs no question: blanks,
// full-width bars, a cluster ID pasted together with its namespace. It returns
// whether a full-width bar was corrected, which is said.
func (p *Profile) Clean() (corrected bool) {
	for _, s := range []*string{&p.Name, &p.ClusterID, &p.Namespace, &p.Role} {
		*s = strings.TrimSpace(*s)
	}
	for _, s := range []*string{&p.ClusterID, &p.Namespace} {
		if c := CorrectBar(*s); c != *s {
			*s, corrected = c, true
		}
		*s = bareName(*s)
	}
	// Tencent's console shows both as one value, "clusterID|namespace".
	if cluster, space, ok := splitNames(p.Namespace); ok && (p.ClusterID == "" || p.ClusterID == cluster) {
		p.ClusterID, p.Namespace = cluster, space
	} else if cluster, space, ok := splitNames(p.ClusterID); ok && (p.Namespace == "" || p.Namespace == space) {
		p.ClusterID, p.Namespace = cluster, space
	}
	p.TLS.clean()
	if len(p.Addresses) == 0 {
		p.Addresses = nil
	}
	if len(p.Env) == 0 {
		p.Env = nil
	}
	if len(p.SecretEnv) == 0 {
		p.SecretEnv = nil
	}
	if len(p.Schemas) == 0 {
		p.Schemas = nil
	}
	if p.Environment == "" {
		p.Environment = Development
	}
	p.cleanMasks()
	if p.Mapping == "" {
		p.Mapping = TDMQ
	}
	return corrected
}

// splitNames reads "clusterID|namespace".
func splitNames(s string) (cluster, space string, ok bool) {
	cluster, space, ok = strings.Cut(s, "|")
	cluster, space = bareName(cluster), bareName(space)
	return cluster, space, ok && cluster != "" && space != "" && !strings.Contains(space, "|")
}

// bareName takes off what is pasted around a cluster ID or a namespace: blanks,
// bars, the percent sign that follows it in names.
func bareName(s string) string {
	around := func(r rune) bool { return r == '|' || unicode.IsSpace(r) }
	return strings.TrimFunc(strings.TrimRightFunc(s, func(r rune) bool { return r == '%' || around(r) }), around)
}

// Validate returns every field that cannot be saved; others are the profiles
// whose names are taken.
func (p *Profile) Validate(others []Profile) []*FieldError {
	var errs []*FieldError
	add := func(f Field, text string, err error) { errs = append(errs, &FieldError{f, text, err}) }
	switch {
	case p.Name == "":
		add(FieldName, "", ErrEmpty)
	case slices.ContainsFunc(others, func(o Profile) bool { return o.ID != p.ID && o.Name == p.Name }):
		add(FieldName, "", ErrTaken)
	}
	if len(p.NameServers) == 0 {
		add(FieldNameServers, "", ErrEmpty)
	}
	for i, a := range p.NameServers {
		if _, err := CheckAddress(a); err != nil {
			add(FieldNameServers, a, err)
		} else if slices.Contains(p.NameServers[:i], a) {
			add(FieldNameServers, a, ErrDuplicate)
		}
	}
	for _, v := range []struct {
		field Field
		text  string
	}{{FieldClusterID, p.ClusterID}, {FieldNamespace, p.Namespace}} {
		if v.text != "" && message.CheckTopic(v.text) != nil {
			add(v.field, v.text, ErrBadSign)
		}
	}
	p.TLS.validate(add)
	validateAddresses(p.Addresses, add)
	validateValues(p.Env, add)
	validateSecrets(p.SecretEnv, p.Env, add)
	p.validateMasks(add)
	validateSchemas(p.Schemas, add)
	return errs
}

// SplitAddresses reads what a user typed or pasted as name servers: separated
// by line ends, semicolons, commas or blanks, each with or without "http://"
// and a trailing slash.
func SplitAddresses(text string) []string {
	var out []string
	for _, a := range strings.FieldsFunc(text, func(r rune) bool {
		return r == ';' || r == ',' || r == '；' || r == '，' || r == '、' || unicode.IsSpace(r)
	}) {
		for _, scheme := range []string{"http://", "https://"} {
			if len(a) > len(scheme) && strings.EqualFold(a[:len(scheme)], scheme) {
				a = a[len(scheme):]
			}
		}
		if a = strings.TrimRight(a, "/"); a != "" {
			out = append(out, a)
		}
	}
	return out
}

// CheckAddress tells whether a is "host:port", and returns it in the form that
// is dialled.
func CheckAddress(a string) (string, error) {
	if strings.Contains(a, "://") {
		return "", ErrScheme
	}
	host, port, err := net.SplitHostPort(a)
	if err != nil {
		return "", ErrNoPort
	}
	if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
		return "", ErrBadPort
	}
	if !goodHost(host) {
		return "", ErrBadHost
	}
	return net.JoinHostPort(host, port), nil
}

func goodHost(host string) bool {
	if host == "" || len(host) > 253 {
		return false
	}
	if _, err := netip.ParseAddr(host); err == nil {
		return true
	}
	for label := range strings.SplitSeq(strings.TrimSuffix(host, "."), ".") {
		if label == "" || len(label) > 63 {
			return false
		}
		for _, r := range label {
			if !(r == '-' || r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r > 127 && unicode.IsLetter(r)) {
				return false
			}
		}
	}
	return true
}

// Export returns profiles as a file for another computer. It holds no secret
// because a Profile holds none.
func Export(ps []Profile) ([]byte, error) {
	b, err := json.MarshalIndent(file{Version: version, Profiles: ps}, "", "  ")
	return append(b, '\n'), err
}

// Import reads what Export wrote. Each profile gets the id that newID returns,
// and a name that is not taken; what does not validate otherwise is refused as
// a whole.
func Import(b []byte, have []Profile, newID func() string) ([]Profile, error) {
	f, err := parse(b)
	if err != nil {
		return nil, err
	}
	all := slices.Clone(have)
	var added []Profile
	for _, p := range f.Profiles {
		p.ID = newID()
		p.Clean()
		p.Name = freeName(p.Name, all)
		if errs := p.Validate(all); len(errs) > 0 {
			return nil, fmt.Errorf("connection %q: %w", p.Name, errs[0])
		}
		all, added = append(all, p), append(added, p)
	}
	return added, nil
}

// Duplicate returns a copy of p with a new id and a name that is not taken. The
// secret is not copied.
func Duplicate(p Profile, have []Profile, id string) Profile {
	p.NameServers, p.Addresses, p.Env = slices.Clone(p.NameServers), maps.Clone(p.Addresses), maps.Clone(p.Env)
	p.SecretEnv, p.Schemas = slices.Clone(p.SecretEnv), slices.Clone(p.Schemas)
	if p.Masks != nil {
		rules := *p.Masks
		rules.Paths, rules.Properties = slices.Clone(rules.Paths), slices.Clone(rules.Properties)
		p.Masks = &rules
	}
	p.ID, p.Name = id, freeName(p.Name, have)
	return p
}

func freeName(name string, have []Profile) string {
	taken := func(n string) bool {
		return slices.ContainsFunc(have, func(p Profile) bool { return p.Name == n })
	}
	if !taken(name) {
		return name
	}
	for i := 2; ; i++ {
		if n := fmt.Sprintf("%s %d", name, i); !taken(n) {
			return n
		}
	}
}

// SandboxID is the id of the connection to the sandbox.
const SandboxID = "sandbox"

// Sandbox is the connection that is always there: to the RocketMQ inside Gantry.
// It is in no file; its name servers are filled in when it is opened.
func Sandbox() Profile {
	return Profile{ID: SandboxID, Name: "Sandbox", Environment: Local, Mapping: OpenSource}
}
