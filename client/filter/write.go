package filter

import (
	"bytes"
	"encoding/json"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// bare tells whether a text is read as it is without quotes, wherever it stands.
func bare(text string) bool {
	if !utf8.ValidString(text) || text == "OR" || text == "AND" {
		return false
	}
	for i, r := range text {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && (i == 0 || !strings.ContainsRune("-_@+%#$", r)) {
			return false
		}
	}
	return text != ""
}

// quoted is a text in quotes, as closing reads it.
func quoted(text string) string {
	var b strings.Builder
	b.WriteByte('"')
	slashes := 0
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRuneInString(text[i:])
		switch {
		case r == '\\':
			slashes++
		case isQuote(r):
			b.WriteString(strings.Repeat(`\`, slashes+1))
			slashes = 0
		default:
			slashes = 0
		}
		b.WriteString(text[i : i+n])
		i += n
	}
	b.WriteString(strings.Repeat(`\`, slashes))
	b.WriteByte('"')
	return b.String()
}

// name is a name of a property or of a step as it is typed: as JSON writes a string where
// it has other signs.
func name(text string) string {
	if bare(text) {
		return text
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(text); err != nil {
		return quoted(text)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// Step is a part of a path into JSON: the name of a member of an object, or, where it has
// none, the number of an element of an array.
type Step struct {
	Name    string
	IsIndex bool
	Index   int
}

// Path is a path as it is typed.
func Path(steps []Step) string {
	p := &path{}
	for _, s := range steps {
		if s.IsIndex {
			p.steps = append(p.steps, step{index: s.Index})
		} else {
			p.steps = append(p.steps, step{name: s.Name, index: isName})
		}
	}
	return string(p.appendSteps(nil))
}

// PathTerm is the term for a value at a path.
func PathTerm(steps []Step, value string) string { return Path(steps) + ":" + term(value) }

// FieldTerm is the term for a text in a field: "key", "tag", "topic", "id", or "prop." and
// the name of a property.
func FieldTerm(field, text string) string {
	if prop, ok := strings.CutPrefix(field, ofProp+"."); ok {
		field = ofProp + "." + name(prop)
	}
	return field + ":" + term(text)
}

func term(text string) string {
	if bare(text) {
		return text
	}
	return quoted(text)
}

// Also is a filter as it is typed with a term more that must fit, or must not.
func Also(text, term string, without bool) string {
	if without {
		term = "-" + term
	}
	f, err := Parse(text, time.Now())
	switch {
	case strings.TrimSpace(text) == "":
		return term
	case err == nil && f.root == nil: // what is there is not typed to its end
		return term
	}
	_, any := f.root.(either)
	if f.Jq() { // it would take what follows
		if any {
			return string(f.root.write(nil, true)) + " " + term
		}
		return term + " " + f.String()
	}
	if any && err == nil {
		text = "(" + strings.TrimSpace(text) + ")"
	}
	return strings.TrimRight(text, " ") + " " + term
}
