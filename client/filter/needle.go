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

func (n *needle) inText(s string) bool { return n.in([]byte(s)) }

// index is a place in b where the text stands, the first of one of its forms, or -1. Where
// case has changed the length of what stands before it, it is some place in b.
func (n *needle) index(b []byte) int {
	at := -1
	switch {
	case n.exact:
		at = bytes.Index(b, n.utf8)
	case n.latin:
		at = n.folded(b)
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

// folded is the first place where b has the text with letters of ASCII in either case, or
// -1.
func (n *needle) folded(b []byte) int {
	end := len(b) - len(n.utf8) + n.rare + 1 // behind the last place of the seldom byte
	if end <= n.rare {
		return -1
	}
	small := n.utf8[n.rare]
	large := small
	if small >= 'a' && small <= 'z' {
		large -= 'a' - 'A'
	}
	next := func(c byte, from int) int {
		if i := bytes.IndexByte(b[from:end], c); i >= 0 {
			return from + i
		}
		return end
	}
	i, j := next(small, n.rare), end
	if large != small {
		j = next(large, n.rare)
	}
	for i < end || j < end {
		at := min(i, j)
		if equalFolded(b[at-n.rare:], n.utf8) {
			return at - n.rare
		}
		if at == i {
			i = next(small, at+1)
		} else {
			j = next(large, at+1)
		}
	}
	return -1
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
