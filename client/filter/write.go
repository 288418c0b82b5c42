package filter

import (
	"strings"
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

// name is a name of a property or of a step as it is typed.
func name(text string) string {
	if bare(text) {
		return text
	}
	return quoted(text)
}
