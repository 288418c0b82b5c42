package placeholder

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"gantry/client/fault"
)

const (
	opening = "{{"
	closing = "}}"
)

// found is a placeholder as it stands in a text, at text[at:end].
type found struct {
	at, end int
	words   []word // its name first
	err     *Error // it cannot be read; end is where to go on
}

// word is a word of a placeholder, at text[at:end] with its quotes.
type word struct {
	at, end int
	text    string
	quoted  bool
}

// next finds the first placeholder at or behind from.
func next(text string, from int) (found, bool) {
	i := strings.Index(text[from:], opening)
	if i < 0 {
		return found{}, false
	}
	i += from
	// As in {"count":{{{seq}}:1}}.
	if rest := text[i+len(opening):]; strings.HasPrefix(rest, "{") && !strings.HasPrefix(rest, opening) {
		i++
	}
	return read(text, i), true
}

// read reads the placeholder that opens at text[at:].
func read(text string, at int) found {
	f := found{at: at, end: at + len(opening)}
	for {
		f.end += blanks(text[f.end:])
		rest := text[f.end:]
		switch {
		case strings.HasPrefix(rest, closing):
			if f.end += len(closing); f.end-at > MaxPlaceholder {
				return f.wrong(TooLong)
			}
			return f
		case f.end-at > MaxPlaceholder:
			return f.wrong(TooLong)
		case rest == "", lineBreak(rest[0]), strings.HasPrefix(rest, opening):
			return f.wrong(Unclosed)
		}
		w, ok := readWord(text, f.end)
		f.end = w.end
		if !ok {
			return f.wrong(QuoteUnclosed)
		}
		f.words = append(f.words, w)
	}
}

func (f found) wrong(code fault.Code) found {
	f.err = &Error{Code: code, At: f.at, Len: f.end - f.at}
	return f
}

// blanks counts the bytes of the blank signs that text begins with; breaks of lines are
// none.
func blanks(text string) int {
	rest := strings.TrimLeftFunc(text, func(r rune) bool { return unicode.IsSpace(r) && r != '\n' && r != '\r' })
	return len(text) - len(rest)
}

func lineBreak(c byte) bool { return c == '\n' || c == '\r' }

// readWord reads the word that begins at text[at:]; not ok is a quote that is not closed.
func readWord(text string, at int) (w word, ok bool) {
	if q := quote(text[at:]); q != 0 {
		return readQuoted(text, at, q)
	}
	end := at
	for end < len(text) {
		r, size := utf8.DecodeRuneInString(text[end:])
		rest := text[end:]
		if unicode.IsSpace(r) || strings.HasPrefix(rest, closing) || strings.HasPrefix(rest, opening) || quote(rest) != 0 {
			break
		}
		end += size
	}
	return word{at: at, end: end, text: text[at:end]}, true
}

// quote is how many bytes the quote has that text begins with, 0 for none.
func quote(text string) int {
	for _, q := range []string{`"`, `\"`, "“", "”"} {
		if strings.HasPrefix(text, q) {
			return len(q)
		}
	}
	return 0
}

// readQuoted reads a text behind a quote of q bytes, up to one of the same kind.
func readQuoted(text string, at, q int) (w word, ok bool) {
	const most = MaxPlaceholder
	plain := text[at] < utf8.RuneSelf
	var b []byte // the text up to from, where it is not as it is written
	from, i := at+q, at+q
	for ; i < len(text) && !lineBreak(text[i]) && (i-at < most || !utf8.RuneStart(text[i])); i++ {
		if quote(text[i:]) == q {
			return word{at: at, end: i + q, text: joined(b, text[from:i]), quoted: true}, true
		}
		if plain && (strings.HasPrefix(text[i:], `\\`) || strings.HasPrefix(text[i:], `\"`)) {
			b = append(append(b, text[from:i]...), text[i+1])
			i++
			from = i + 1
		}
	}
	return word{at: at, end: i}, false
}

// Span is where a placeholder stands: text[At:At+Len], braces included.
type Span struct {
	At, Len int
	// Name is the placeholder's, "" of a quoted text.
	Name string
	// Err says what is wrong with it and where, nil where nothing is.
	Err *Error
}

// Spans are the placeholders of a text that may not be right yet, in their order,
// MaxPlaceholders of them at most. What is not closed ends with its line or where the next
// one begins.
func Spans(text string) []Span {
	var all []Span
	for f, ok := next(text, 0); ok && len(all) < MaxPlaceholders; f, ok = next(text, f.end) {
		s := Span{At: f.at, Len: f.end - f.at, Err: f.err}
		if len(f.words) > 0 && !f.words[0].quoted {
			s.Name = f.words[0].text
		}
		if f.err == nil {
			_, s.Err = newPart(f)
		}
		all = append(all, s)
	}
	return all
}

// Escape returns a text in which nothing is a placeholder: its messages are text.
func Escape(text string) string {
	return strings.ReplaceAll(text, opening, `{{"{{"}}`)
}
