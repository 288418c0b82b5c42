package msglist

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"gantry/client/message"
)

// filter is what the field above a list status: a message is shown if all of it fits.
type filter struct {
	words []*message.Words // stand in the body, keys, tag, an id or a user property
	keys  []*message.Words // stand in the keys
	tags  []*message.Words // stand in the tag
	// A body has more bytes than each of over and fewer than each of under.
	over, under []float64
}

// parseFilter reads a filter: words, "several words", key:…, tag:…, size>10k and
// size<1M, with blanks between them. Signs of a Chinese keyboard are taken too. A
// term that is not typed to its end yet says nothing. wrong is the term that cannot
// be read.
func parseFilter(text string) (f filter, wrong string) {
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
				return f, t.name + t.text
			case t.name == "size>":
				f.over = append(f.over, n)
			default:
				f.under = append(f.under, n)
			}
		default:
			f.words = add(f.words, t.text)
		}
	}
	return f, ""
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

// empty tells whether every message fits.
func (f *filter) empty() bool {
	return len(f.words)+len(f.keys)+len(f.tags)+len(f.over)+len(f.under) == 0
}

// fits tells whether m is to be shown.
func (f *filter) fits(m *message.Message) bool {
	size := float64(len(m.Body))
	bad := func(n float64) bool { return size <= n }
	if slices.ContainsFunc(f.over, bad) || slices.ContainsFunc(f.under, func(n float64) bool { return size >= n }) {
		return false
	}
	for _, w := range f.tags {
		if !w.Inside([]byte(m.Tag())) {
			return false
		}
	}
	for _, w := range f.keys {
		if !w.Inside([]byte(m.Property(message.PropertyKeys))) {
			return false
		}
	}
	return !slices.ContainsFunc(f.words, func(w *message.Words) bool { return !anywhere(w, m) })
}

// anywhere tells whether words stand in the body, keys, tag, an id or a user property.
func anywhere(w *message.Words, m *message.Message) bool {
	if w.In(m) || w.Inside([]byte(m.Tag())) || w.Inside([]byte(m.ID())) || w.Inside([]byte(m.OffsetID())) {
		return true
	}
	return slices.ContainsFunc(m.UserProperties(), func(p message.Property) bool {
		return w.Inside([]byte(p.Name)) || w.Inside([]byte(p.Value))
	})
}
