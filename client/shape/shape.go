// Package shape tells what messages look like together: which properties they have and which
// paths into their JSON, of which types, in what share of them. It reads and writes nothing,
// and what it keeps is bounded, however many messages there are and whatever is in them.
//
// A Shape belongs to one goroutine.
package shape

import (
	"bytes"
	"cmp"
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/tidwall/gjson"

	"gantry/client/message"
)

// Bounds of what is kept, and of what is looked at.
const (
	// MostPaths is how many properties, and how many paths, are told apart; what comes beyond
	// is counted as left out.
	MostPaths = 2_000
	// deepest is how deep into JSON paths go, and longestName how long a part of one is, in
	// bytes.
	deepest     = 24
	longestName = 100
	// longestBody is the longest body that is looked into, in bytes.
	longestBody = 4 << 20
	// mostValues is how many values of one body are looked at.
	mostValues = 100_000
	// longestSample is how much of a value is kept, in bytes.
	longestSample = 120
)

// Type is what a value is.
type Type uint8

// The types, of a property the first four and Empty, of a body all.
const (
	Text Type = iota
	Integer
	Decimal
	Boolean
	Empty
	Null
	Object
	Array
	// Binary is a body that is no text, Large one that was not looked into.
	Binary
	Large
	types
)

// Shape is what messages look like. The zero value is one of none.
type Shape struct {
	// Messages is how many there are, LeftOut of how many something was left out, because
	// it was beyond a bound.
	Messages, LeftOut uint64

	properties, paths map[string]*Field
	seq               uint64 // the message under way, from 1
	values            int    // of it that may still be looked at
	out               bool   // something of it was left out
}

// Field is a property, or a path into JSON.
type Field struct {
	// Have is how many messages have it, Types how many have it as each type: one may have
	// several, in an array.
	Have   uint64
	Types  [types]uint64
	Sample string // a value, the first one that is not empty

	last  uint64 // the message that was counted last
	lasts [types]uint64
}

// Add looks at a message. It keeps no part of it.
func (s *Shape) Add(m *message.Message) {
	if s.paths == nil {
		s.paths, s.properties = map[string]*Field{}, map[string]*Field{}
	}
	s.seq++
	s.Messages++
	s.values, s.out = mostValues, false
	for _, p := range m.Properties {
		s.note(s.properties, p.Name, textType(p.Value), p.Value)
	}
	s.body(m)
	if s.out {
		s.LeftOut++
	}
}

// body looks at a body, unpacked where the client packed it.
func (s *Shape) body(m *message.Message) {
	b, ok := m.Unpacked(longestBody)
	if !ok {
		b = m.Body
	}
	b = bytes.TrimPrefix(b, []byte("\ufeff"))
	switch {
	case len(b) > longestBody:
		s.out = true
		s.note(s.paths, "", Large, "")
	case len(b) == 0:
		s.note(s.paths, "", Empty, "")
	case json.Valid(b): // which ends at a depth of 10,000
		s.value("", gjson.ParseBytes(b), 0)
	case message.DetectCharset(b) != "":
		s.note(s.paths, "", Text, string(b[:min(len(b), 2*longestSample)]))
	default:
		s.note(s.paths, "", Binary, "")
	}
}

// value looks at a value at a path.
func (s *Shape) value(path string, v gjson.Result, depth int) {
	if s.values--; s.values < 0 || depth > deepest {
		s.out = true
		return
	}
	of := typeOf(v)
	sample := v.Raw
	if of == Text || of == Empty {
		sample = v.Str
	}
	s.note(s.paths, path, of, sample)
	if of != Object && of != Array {
		return
	}
	v.ForEach(func(key, in gjson.Result) bool {
		at := path + "[*]"
		if of == Object {
			at = path + "." + name(key.Str)
		}
		s.value(at, in, depth+1)
		return s.values >= 0
	})
}

// note counts a value of the message under way.
func (s *Shape) note(in map[string]*Field, at string, of Type, sample string) {
	f := in[at]
	if f == nil {
		if len(in) >= MostPaths || len(at) > deepest*(longestName+1) {
			s.out = true
			return
		}
		f = &Field{}
		in[strings.Clone(at)] = f
	}
	if f.last != s.seq {
		f.last = s.seq
		f.Have++
	}
	if f.lasts[of] != s.seq {
		f.lasts[of] = s.seq
		f.Types[of]++
	}
	if f.Sample == "" && sample != "" {
		f.Sample = cut(sample, longestSample)
	}
}

// cut is a text of so many bytes at most, which shares no memory with it.
func cut(text string, most int) string {
	if len(text) > most {
		for most > 0 && !utf8.RuneStart(text[most]) {
			most--
		}
		text = text[:most] + "…"
	}
	return strings.ToValidUTF8(strings.Clone(text), "\ufffd")
}

// name is a member's name as a part of a path: in quotes where it has other signs than a
// name does.
func name(s string) string {
	plain := s != ""
	for _, r := range s {
		plain = plain && (r == '_' || r == '-' || r == '$' || r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' || r >= utf8.RuneSelf)
	}
	s = cut(s, longestName)
	if plain {
		return s
	}
	b, err := json.Marshal(s)
	if err != nil {
		return s
	}
	return string(b)
}

func typeOf(v gjson.Result) Type {
	switch v.Type {
	case gjson.Null:
		return Null
	case gjson.True, gjson.False:
		return Boolean
	case gjson.Number:
		return numberType(v.Raw)
	case gjson.String:
		if v.Str == "" {
			return Empty
		}
		return Text
	}
	if v.IsArray() {
		return Array
	}
	return Object
}

func numberType(s string) Type {
	if strings.ContainsAny(s, ".eE") {
		return Decimal
	}
	return Integer
}

// textType is what a property's value looks like.
func textType(s string) Type {
	switch {
	case s == "":
		return Empty
	case s == "true" || s == "false":
		return Boolean
	case len(s) < 40 && (s[0] == '-' || s[0] >= '0' && s[0] <= '9') && json.Valid([]byte(s)):
		return numberType(s)
	}
	return Text
}

// Row is a property or a path in both of two shapes.
type Row struct {
	Name string // of a property, or a path; "" is the body itself
	Left Field
	// Right is the zero Field where nothing of the second shape has it, as Left of the first.
	Right   Field
	Differs bool
}

// farApart is by how much two shares of messages must differ to count, of 1: what is told
// of some messages of many has its chance.
const farApart = 0.1

// Properties pairs the properties of two shapes, by name.
func Properties(left, right *Shape) []Row {
	return pair(left, right, left.properties, right.properties)
}

// Paths pairs the paths of two shapes, by path.
func Paths(left, right *Shape) []Row { return pair(left, right, left.paths, right.paths) }

func pair(left, right *Shape, a, b map[string]*Field) []Row {
	var rows []Row
	for name, f := range a {
		r := Row{Name: name, Left: *f}
		if g := b[name]; g != nil {
			r.Right = *g
		}
		rows = append(rows, r)
	}
	for name, g := range b {
		if a[name] == nil {
			rows = append(rows, Row{Name: name, Right: *g})
		}
	}
	for i := range rows {
		rows[i].Differs = differs(&rows[i], left.Messages, right.Messages)
	}
	slices.SortFunc(rows, func(a, b Row) int { return cmp.Compare(a.Name, b.Name) })
	return rows
}

// differs tells whether a row does: one side has it and the other does not, or all of one
// and not all of the other, the types are others, or the shares are far apart.
func differs(r *Row, left, right uint64) bool {
	if left == 0 || right == 0 {
		return r.Left.Have > 0 || r.Right.Have > 0
	}
	for t := range r.Left.Types {
		if (r.Left.Types[t] > 0) != (r.Right.Types[t] > 0) {
			return true
		}
	}
	if (r.Left.Have == left) != (r.Right.Have == right) {
		return true
	}
	apart := r.Left.Share(left) - r.Right.Share(right)
	return max(apart, -apart) >= farApart
}

// Share is the part of so many messages that has it, 0 to 1.
func (f *Field) Share(of uint64) float64 {
	if of == 0 {
		return 0
	}
	return float64(f.Have) / float64(of)
}
