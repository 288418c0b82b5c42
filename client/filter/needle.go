package filter

import (
	"bytes"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"

	"gantry/client/message"
)

// needle finds a text in bytes: upper and lower case are the same unless it is exact,
// and Chinese is found in GBK too. It may be used from any goroutine.
type needle struct {
	text  string // as it was typed
	exact bool
	utf8  []byte // in lower case, unless exact
	// latin says that only letters of ASCII in it have a case.
	latin bool
	// rare is where it has the byte that is seldom in messages.
	rare int
	// gbk are the text as it was typed and in lower case, where they differ from UTF-8:
	// bytes of GBK have no case.
	gbk [][]byte
}

// newNeedle returns nil for no text: everything matches. Blanks round one that is not
// exact do not count.
func newNeedle(text string, exact bool) *needle {
	if !exact {
		text = strings.TrimSpace(text)
	}
	if text == "" {
		return nil
	}
	lower := strings.ToLower(text)
	n := &needle{text: text, exact: exact, utf8: []byte(lower)}
	forms := []string{text, lower, strings.ToUpper(text)}
	if exact {
		n.utf8, forms = []byte(text), forms[:1]
	}
	n.latin = !exact && !strings.ContainsFunc(lower, func(r rune) bool { return r > unicode.MaxASCII && unicode.ToUpper(r) != r })
	for i, c := range n.utf8 {
		if commonness(c) < commonness(n.utf8[n.rare]) {
			n.rare = i
		}
	}
	for _, form := range forms {
		gbk, err := simplifiedchinese.GB18030.NewEncoder().String(form)
		if err == nil && gbk != form && !slices.ContainsFunc(n.gbk, func(b []byte) bool { return string(b) == gbk }) {
			n.gbk = append(n.gbk, []byte(gbk))
		}
	}
	return n
}

// commonness ranks bytes by how often they stand in messages, which are mostly JSON:
// a search looks for the seldom one first.
func commonness(c byte) int {
	const seldomFirst = "zqjxkvbwygpfmcuhdlrsniotae-/.9876543210_:,\" "
	if c >= 0xE0 {
		return len(seldomFirst) // what Chinese begins with
	}
	return strings.IndexByte(seldomFirst, c)
}

// in tells whether the text stands in b.
func (n *needle) in(b []byte) bool { return n.index(b) >= 0 }

// index is a place in b where the text stands, the first of one of its forms, or -1. Where
// case has changed the length of what stands before it, it is some place in b.
func (n *needle) index(b []byte) int {
	at := -1
	switch {
	case n.exact || n.latin:
		at = n.quick(b)
	default:
		if at = bytes.Index(b, n.utf8); at < 0 {
			if at = bytes.Index(bytes.ToLower(b), n.utf8); at >= 0 {
				at = min(at, len(b)-1)
			}
		}
	}
	for _, gbk := range n.gbk {
		if at >= 0 {
			break
		}
		at = bytes.Index(b, gbk)
	}
	return at
}

// maybe tells whether a stored message may have the text in what it says, without
// decoding it: false is certain.
func (n *needle) maybe(stored []byte) bool {
	return strings.ContainsRune(n.text, utf8.RuneError) || n.in(stored) || message.Hides(stored)
}

// quick is the first place where b has the text, with letters of ASCII in either case
// unless it is exact, or -1.
func (n *needle) quick(b []byte) int {
	h := n.hunt(b, n.rare)
	return h.from(0)
}

// hunt looks for a text in bytes by the place of a byte of it that is seldom in them.
type hunt struct {
	n            *needle
	b            []byte
	rare         int
	small, large byte
	end          int // behind the last place of the seldom byte
	i, j         int // where that stands next, small and large
}

func (n *needle) hunt(b []byte, rare int) hunt {
	h := hunt{n: n, b: b, rare: rare, small: n.utf8[rare], i: -1, j: -1, end: len(b) - len(n.utf8) + rare + 1}
	h.large = h.small
	if !n.exact && h.small >= 'a' && h.small <= 'z' {
		h.large -= 'a' - 'A'
	} else {
		h.j = len(b)
	}
	return h
}

// from is the first place from at on where the text stands, or -1. Places only grow from
// call to call: what was looked through once is not again.
func (h *hunt) from(at int) int {
	at += h.rare
	for at < h.end {
		if h.i < at {
			h.i = h.next(h.small, at)
		}
		if h.j < at {
			h.j = h.next(h.large, at)
		}
		if at = min(h.i, h.j); at >= h.end {
			break
		}
		here := h.b[at-h.rare : at-h.rare+len(h.n.utf8)]
		if bytes.Equal(here, h.n.utf8) || !h.n.exact && equalFolded(here, h.n.utf8) {
			return at - h.rare
		}
		at++
	}
	return -1
}

func (h *hunt) next(c byte, from int) int {
	if i := bytes.IndexByte(h.b[from:h.end], c); i >= 0 {
		return from + i
	}
	return len(h.b)
}

// equalFolded tells whether b begins with small, which has no capitals of ASCII.
func equalFolded(b, small []byte) bool {
	for i, c := range small {
		d := b[i]
		if d >= 'A' && d <= 'Z' {
			d += 'a' - 'A'
		}
		if c != d {
			return false
		}
	}
	return true
}
