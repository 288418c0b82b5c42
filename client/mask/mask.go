// Package mask makes phone numbers, identity numbers, bank cards and named values in a message
// into others of the same form: digits stay digits, letters stay letters, and nothing becomes
// longer or shorter. Equal ones become equal ones, in each message, property and run that has
// the same key, so that what belongs together can still be found.
//
// What it protects against: whoever has masked messages and not the key can neither read a
// value back nor try out which value became it, however few there are: what a digit becomes
// is decided by HMAC-SHA-256 with a key of 256 random bits. What it does not hide: the first
// three digits of a number, how long it is, which values are equal, and whatever no rule
// names. Who has the key, or both a message and what became of it, knows that value.
//
// Rules are values; a Masker belongs to one goroutine.
package mask

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"hash"
	"slices"
	"strings"

	"gantry/client/fault"
	"gantry/client/jsonpath"
	"gantry/client/message"
)

// Limits of Rules.
const (
	// MaxNames is the most paths, and the most properties.
	MaxNames = 200
	// maxName is the longest name of a property, in bytes.
	maxName = 1000
	// KeySize is that of a key, in bytes.
	KeySize = 32
)

// What can be wrong with Rules, beside a path that is none.
const (
	// TooMany: more paths or properties than MaxNames.
	TooMany fault.Code = "too many masks"
	// BadName: a property's name that is empty or too long.
	BadName fault.Code = "it is no name of a property"
)

// Unseen is why a message cannot be masked: its body is no text, so that nobody knows what is
// in it.
const Unseen fault.Code = "masks do not see into a body that is no text"

// Rules say what is masked.
type Rules struct {
	// Phone are mobile numbers of China, and numbers of any country with a plus sign before
	// them. Identity are China's identity numbers of 18 signs whose check sign fits. Card
	// are bank cards of 14 to 19 digits whose check digit fits. All of them are found in
	// strings, whole numbers and names of JSON, in texts, and in tags, keys, sharding keys
	// and the values of properties.
	Phone    bool `json:"phone"`
	Identity bool `json:"identity"`
	Card     bool `json:"card"`
	// Paths are those of JSON whose strings and numbers are masked, whatever they are.
	Paths []string `json:"paths,omitempty"`
	// Properties are masked whole; among them may be KEYS, TAGS and __SHARDINGKEY.
	Properties []string `json:"properties,omitempty"`
}

// All are the rules of a profile of production that names none: each pattern.
func All() Rules { return Rules{Phone: true, Identity: true, Card: true} }

// Any tells whether anything is masked.
func (r Rules) Any() bool {
	return r.Phone || r.Identity || r.Card || len(r.Paths)+len(r.Properties) > 0
}

// Equal tells whether the same is masked.
func (r Rules) Equal(o Rules) bool {
	return r.Phone == o.Phone && r.Identity == o.Identity && r.Card == o.Card && slices.Equal(r.Paths, o.Paths) && slices.Equal(r.Properties, o.Properties)
}

// Check tells whether the rules can be used: TooMany, BadName or jsonpath.BadPath.
func (r Rules) Check() error {
	if len(r.Paths) > MaxNames || len(r.Properties) > MaxNames {
		return TooMany
	}
	for _, name := range r.Properties {
		if name == "" || len(name) > maxName {
			return fmt.Errorf("%w: %.100q", BadName, name)
		}
	}
	for _, path := range r.Paths {
		if _, err := jsonpath.Parse(path); err != nil {
			return err
		}
	}
	return nil
}

// Key is the key of a profile, by its id, out of that of a data folder.
func Key(folder []byte, profile string) []byte {
	h := hmac.New(sha256.New, folder)
	h.Write([]byte("masks of " + profile))
	return h.Sum(nil)
}

// Masker masks messages by rules and a key.
type Masker struct {
	rules Rules
	paths []*jsonpath.Path
	mac   hash.Hash
}

// New returns a masker: with no rules it masks what it is given whole.
func New(r Rules, key []byte) (*Masker, error) {
	if len(key) != KeySize {
		return nil, fmt.Errorf("a key of %d bytes", len(key))
	}
	if err := r.Check(); err != nil {
		return nil, err
	}
	m := &Masker{rules: r, mac: hmac.New(sha256.New, key)}
	for _, text := range r.Paths {
		p, err := jsonpath.Parse(text)
		if err != nil {
			return nil, err
		}
		m.paths = append(m.paths, p)
	}
	return m, nil
}

// Draft masks a message by the rules. What it shares with others stays as it is. The error is
// Unseen, and the draft is half done.
func (m *Masker) Draft(d *message.Draft) error {
	if !m.rules.Any() {
		return nil
	}
	var err error
	if d.Body, err = m.body(d.Body); err != nil {
		return err
	}
	d.Tag = m.property(message.PropertyTags, d.Tag)
	d.ShardingKey = m.property(message.PropertyShardingKey, d.ShardingKey)
	d.Keys, d.Properties = slices.Clone(d.Keys), slices.Clone(d.Properties)
	for i, k := range d.Keys {
		d.Keys[i] = m.property(message.PropertyKeys, k)
	}
	for i, p := range d.Properties {
		d.Properties[i].Value = m.property(p.Name, p.Value)
	}
	return nil
}

// property is what becomes of a property's value.
func (m *Masker) property(name, value string) string {
	if slices.Contains(m.rules.Properties, name) {
		if name == message.PropertyKeys {
			return m.Keys(value)
		}
		return m.Text(value)
	}
	if out := m.numbers([]byte(value)); out != nil {
		return string(out)
	}
	return value
}

// Keys masks each of the keys of a text; the blanks between them stay.
func (m *Masker) Keys(text string) string {
	var out strings.Builder
	for len(text) > 0 {
		at := strings.IndexAny(text, " \t\r\n")
		switch {
		case at < 0:
			at = len(text)
			out.WriteString(m.Text(text))
		case at == 0:
			at = 1
			out.WriteByte(text[0])
		default:
			out.WriteString(m.Text(text[:at]))
		}
		text = text[at:]
	}
	return out.String()
}

// body is what becomes of a body.
func (m *Masker) body(body []byte) ([]byte, error) {
	doc, err := jsonpath.Read(body)
	if err != nil {
		if slices.ContainsFunc(body, control) {
			return nil, Unseen
		}
		if out := m.numbers(body); out != nil {
			return out, nil
		}
		return body, nil
	}
	whole := m.whole(doc)
	return doc.Each(func(at int, token []byte, name bool) []byte {
		for len(whole) > 0 && at >= whole[0].To {
			whole = whole[1:]
		}
		if !name && len(whole) > 0 && at >= whole[0].From {
			return m.token(token)
		}
		return m.numbersIn(token)
	}).Bytes(), nil
}

// whole are the values at the paths, ascending, none within another.
func (m *Masker) whole(doc jsonpath.Doc) []jsonpath.Span {
	var all, out []jsonpath.Span
	for _, p := range m.paths {
		found, _ := p.Find(doc) // through another kind of value there is nothing
		all = append(all, found...)
	}
	slices.SortFunc(all, func(a, b jsonpath.Span) int { return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(b.To, a.To)) })
	for _, s := range all {
		if n := len(out); n == 0 || s.From >= out[n-1].To {
			out = append(out, s)
		}
	}
	return out
}

// control tells whether a byte is one that stands in no text.
func control(c byte) bool { return c < ' ' && c != '\t' && c != '\n' && c != '\r' && c != '\f' }

// numbersIn masks the numbers in a string or a number of JSON; nil says that there are none.
func (m *Masker) numbersIn(token []byte) []byte {
	if token[0] != '"' {
		if slices.ContainsFunc(token, func(c byte) bool { return c < '0' || c > '9' }) {
			return nil
		}
		return m.numbers(token)
	}
	if !slices.Contains(token, '\\') {
		return m.numbers(token)
	}
	text, ok := jsonpath.Text(token)
	if !ok {
		return m.numbers(token)
	}
	if out := m.numbers([]byte(text)); out != nil {
		return jsonpath.AppendString(nil, string(out))
	}
	return nil
}
