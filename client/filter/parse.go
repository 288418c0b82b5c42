package filter

import (
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"gantry/client/message"
)

// WrongError says which term of a filter cannot be read.
type WrongError struct{ Term string }

// Error names the term.
func (e *WrongError) Error() string { return "no filter term: " + e.Term }

// Parse reads a filter: words, "several words", key:…, tag:…, size>10k and
// size<1M, with blanks between them. Signs of a Chinese keyboard are taken too. A
// term that is not typed to its end yet says nothing. The error is a WrongError.
func Parse(text string) (f Filter, err error) {
	for _, t := range terms(text) {
		switch t.name {
		case "key:":
			f.keys = add(f.keys, t.text)
		case "tag:":
			f.tags = add(f.tags, t.text)
		case "size>", "size<":
			n, ok := parseSize(t.text)
			switch {
			case t.text == "": // to be typed yet
			case !ok:
				return f, &WrongError{t.name + t.text}
			case t.name == "size>":
				f.over = append(f.over, n)
			default:
				f.under = append(f.under, n)
			}
		default:
			f.words = add(f.words, t.text)
		}
	}
	return f, nil
}

func add(all []*message.Words, text string) []*message.Words {
	if w := message.NewWords(text); w != nil {
		all = append(all, w)
	}
	return all
}

// term is a part of a filter: what it is about, as "key:", or "" for a word, and its
// text without quotes.
type term struct{ name, text string }

// terms cuts a filter at its blanks, but for those between two quotes. A quote within
// a term stands for itself: what is looked for is often a piece of JSON.
func terms(text string) []term {
	var all []term
	for {
		if text = strings.TrimSpace(text); text == "" {
			return all
		}
		var t term
		t.name, text = termName(text)
		t.text, text = termText(text)
		all = append(all, t)
	}
}

// termName cuts the name of a term off, however a keyboard wrote it.
func termName(text string) (name, rest string) {
	for _, name := range []string{"key:", "tag:", "size>", "size<"} {
		word := name[:len(name)-1]
		if len(text) <= len(word) || !strings.EqualFold(text[:len(word)], word) {
			continue
		}
		if r, n := utf8.DecodeRuneInString(text[len(word):]); narrow(r) == rune(name[len(word)]) {
			return name, text[len(word)+n:]
		}
	}
	return "", text
}

// narrow is a character of a filter that was typed with a Chinese keyboard.
func narrow(r rune) rune {
	switch r {
	case '：':
		return ':'
	case '＞', '》':
		return '>'
	case '＜', '《':
		return '<'
	}
	return r
}

// termText cuts the text of a term off: up to the closing quote, if a blank follows it
// or it is not typed yet, else up to a blank.
func termText(text string) (word, rest string) {
	const quotes = "\"“”"
	if r, n := utf8.DecodeRuneInString(text); strings.ContainsRune(quotes, r) {
		end := strings.IndexAny(text[n:], quotes)
		if end < 0 {
			return text[n:], ""
		}
		_, m := utf8.DecodeRuneInString(text[n+end:])
		after := text[n+end+m:]
		if next, _ := utf8.DecodeRuneInString(after); after == "" || unicode.IsSpace(next) {
			return text[n : n+end], after
		}
	}
	if end := strings.IndexFunc(text, unicode.IsSpace); end >= 0 {
		return text[:end], text[end:]
	}
	return text, ""
}

// parseSize reads a number of bytes: "500", "10k" or "1.5MB".
func parseSize(s string) (n float64, ok bool) {
	s = strings.TrimSuffix(strings.ToLower(s), "b")
	unit := 1.0
	for suffix, bytes := range map[string]float64{"k": 1 << 10, "m": 1 << 20} {
		if number, ok := strings.CutSuffix(s, suffix); ok {
			s, unit = number, bytes
			break
		}
	}
	n, err := strconv.ParseFloat(s, 64)
	return n * unit, err == nil && n >= 0 && !math.IsInf(n, 0)
}
