package msglist

import (
	"slices"
	"strconv"
	"strings"
	"unicode"

	"gantry/client/message"
)

// filter is what the field above a list says: a message is shown if all of it fits.
type filter struct {
	words []*message.Words // stand in the body, keys, tag, id or a user property
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
		name, value, _ := strings.Cut(t.text, ":")
		switch name = strings.ToLower(name); {
		case t.quoted || value == "" && name != "key" && name != "tag" && !strings.HasPrefix(name, "size"):
			f.words = add(f.words, t.text)
		case name == "key":
			f.keys = add(f.keys, value)
		case name == "tag":
			f.tags = add(f.tags, value)
		case strings.HasPrefix(name, "size>"), strings.HasPrefix(name, "size<"):
			n, ok := parseSize(name[len("size>"):])
			if value != "" || !ok {
				return f, t.text
			}
			if n < 0 {
				break // to be typed yet
			}
			if name[len("size")] == '>' {
				f.over = append(f.over, n)
			} else {
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

// term is a part of a filter without its quotes; quoted says that it began with one.
type term struct {
	text   string
	quoted bool
}

// terms cuts a filter at its blanks, but for those between quotes.
func terms(text string) []term {
	var (
		all  []term
		now  strings.Builder
		t    term
		open bool
	)
	end := func() {
		if t.text = now.String(); t.text != "" {
			all = append(all, t)
		}
		now.Reset()
		t = term{}
	}
	for _, r := range text {
		switch {
		case r == '"' || r == '“' || r == '”':
			t.quoted = t.quoted || now.Len() == 0
			if open = !open; !open {
				end()
			}
		case unicode.IsSpace(r) && !open:
			end()
		case !open && !t.quoted:
			now.WriteRune(narrow(r))
		default:
			now.WriteRune(r)
		}
	}
	end()
	return all
}

// narrow takes the signs of a filter as a Chinese keyboard types them.
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

// parseSize reads a number of bytes, "10k" or "1.5M"; below 0 for no text.
func parseSize(s string) (n float64, ok bool) {
	s = strings.TrimSuffix(strings.ToLower(s), "b")
	unit := 1.0
	switch {
	case s == "":
		return -1, true
	case strings.HasSuffix(s, "k"):
		unit = 1 << 10
	case strings.HasSuffix(s, "m"):
		unit = 1 << 20
	}
	n, err := strconv.ParseFloat(strings.TrimRight(s, "km"), 64)
	return n * unit, err == nil && n >= 0
}

// empty tells whether every message fits.
func (f *filter) empty() bool {
	return len(f.words)+len(f.keys)+len(f.tags)+len(f.over)+len(f.under) == 0
}

// fits tells whether the message in r is to be shown. What cannot be decoded is not.
func (f *filter) fits(r *message.Record) bool {
	for _, w := range f.words {
		if !w.MaybeIn(r.Payload) {
			return false
		}
	}
	m, err := r.Message()
	if err != nil {
		return false
	}
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

// anywhere tells whether words stand in what a list or the inspector shows of a
// message.
func anywhere(w *message.Words, m *message.Message) bool {
	if w.In(m) || w.Inside([]byte(m.Tag())) || w.Inside([]byte(m.Property(message.PropertyUniqueID))) {
		return true
	}
	return slices.ContainsFunc(m.UserProperties(), func(p message.Property) bool {
		return w.Inside([]byte(p.Name)) || w.Inside([]byte(p.Value))
	})
}
