package profile

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"gantry/client/decode"
	"gantry/client/message"
)

// FieldSchemas are the formats of bodies by topic.
const FieldSchemas Field = "schemas"

// Limits of the formats of a connection.
const (
	MaxSchemas = 200
	maxPath    = 4096 // bytes
	maxType    = 512
)

// Schema says in which format the bodies of some topics are.
type Schema struct {
	// Topic is a name as it is typed, short or full, in which * stands for any signs.
	Topic  string      `json:"topic"`
	Format decode.Kind `json:"format"`
	// Type is the full name of the message and File the .proto or descriptor set that has
	// it, as an absolute path; of Protobuf only.
	Type string `json:"type,omitempty"`
	File string `json:"file,omitempty"`
}

// Reasons why a format cannot be saved.
var (
	// ErrNoFormat: a line does not say a format that is read.
	ErrNoFormat = errors.New("needs a format")
	// ErrNoType: a line of Protobuf lacks the message or its file.
	ErrNoType = errors.New("needs the name of a message and a file")
	// ErrManySchemas: more than MaxSchemas, or too long ones.
	ErrManySchemas = errors.New("too many formats")
)

// ParseSchemas reads formats as a user types them, one topic a line:
// "orders = Protobuf shop.Order /home/me/order.proto", "pay-* = MessagePack". What is no
// format stays, for Validate to name.
func ParseSchemas(text string) []Schema {
	var all []Schema
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		s := Schema{Topic: line}
		if i := strings.IndexAny(line, "=＝"); i >= 0 {
			rest := strings.TrimPrefix(strings.TrimPrefix(line[i:], "="), "＝")
			s.Topic = CorrectBar(strings.TrimSpace(line[:i]))
			var format string
			format, rest = word(rest)
			s.Format = decode.Kind(format)
			for _, k := range decode.Kinds() {
				if strings.EqualFold(format, string(k)) {
					s.Format = k
				}
			}
			s.Type, s.File = word(rest)
		}
		all = append(all, s)
	}
	return all
}

// word cuts the first word off a text.
func word(s string) (first, rest string) {
	s = strings.TrimSpace(s)
	i := strings.IndexFunc(s, unicode.IsSpace)
	if i < 0 {
		return s, ""
	}
	return s[:i], strings.TrimSpace(s[i:])
}

// FormatSchemas is the text that ParseSchemas reads.
func FormatSchemas(all []Schema) string {
	var lines []string
	for _, s := range all {
		line := s.Topic
		if s.Format != "" {
			line += " = " + strings.TrimSpace(string(s.Format)+" "+strings.TrimSpace(s.Type+" "+s.File))
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

// Schema is the format of a topic's bodies, by its full name: that of the first that fits,
// nil for none.
func (p *Profile) Schema(topic string) *Schema {
	if topic == "" {
		return nil
	}
	for i := range p.Schemas {
		if s := &p.Schemas[i]; like(topic, s.Topic) || like(p.ShortName(topic), s.Topic) {
			return s
		}
	}
	return nil
}

// like tells whether a name is what a pattern says.
func like(name, pattern string) bool {
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 {
		return name == pattern
	}
	rest, ok := strings.CutPrefix(name, parts[0])
	if !ok {
		return false
	}
	last := parts[len(parts)-1]
	for _, part := range parts[1 : len(parts)-1] {
		i := strings.Index(rest, part)
		if i < 0 {
			return false
		}
		rest = rest[i+len(part):]
	}
	return strings.HasSuffix(rest, last)
}

// SetSchema returns formats with that of a topic in front, instead of one that it had by
// the same name.
func SetSchema(all []Schema, s Schema) []Schema {
	all = slices.Clone(all)
	if i := slices.IndexFunc(all, func(o Schema) bool { return o.Topic == s.Topic }); i >= 0 {
		all[i] = s
		return all
	}
	return slices.Insert(all, 0, s)
}

// absolute tells whether a path is whole, here or on another system from which the profile
// comes.
func absolute(path string) bool {
	return filepath.IsAbs(path) || strings.HasPrefix(path, "/") || strings.HasPrefix(path, `\\`) || len(path) > 2 && path[1] == ':'
}

// validateSchemas names each format that cannot be used.
func validateSchemas(all []Schema, add func(Field, string, error)) {
	if len(all) > MaxSchemas {
		add(FieldSchemas, "", ErrManySchemas)
		return
	}
	for i, s := range all {
		twice := slices.ContainsFunc(all[:i], func(o Schema) bool { return o.Topic == s.Topic })
		switch name := strings.ReplaceAll(s.Topic, "*", ""); {
		case len(s.Type) > maxType || len(s.File) > maxPath:
			add(FieldSchemas, "", ErrManySchemas)
		case s.Topic == "" || name != "" && message.CheckTopic(name) != nil:
			add(FieldSchemas, s.Topic, ErrBadSign)
		case twice:
			add(FieldSchemas, s.Topic, ErrDuplicate)
		case !slices.Contains(decode.Kinds(), s.Format), s.Format != decode.Protobuf && s.Type != "":
			add(FieldSchemas, s.Topic, ErrNoFormat)
		case s.Format == decode.Protobuf && (s.Type == "" || !absolute(s.File)):
			add(FieldSchemas, s.Topic, ErrNoType)
		}
	}
}
