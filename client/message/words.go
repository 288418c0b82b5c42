package message

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// openLimit bounds how much of a packed body is looked through, in bytes.
const openLimit = 16 << 20

// Words find a text in messages: upper and lower case are the same, packed bodies are
// opened, and Chinese is found in GBK too. They may be used from any goroutine.
type Words struct {
	utf8 []byte // in lower case
	// latin says that only letters of ASCII in them have a case.
	latin bool
	// rare is where they have the byte that is seldom in messages.
	rare int
	// gbk are the text as it was typed and in lower case, where they differ from UTF-8:
	// bytes of GBK have no case.
	gbk [][]byte
}

// NewWords returns nil for no words: everything matches.
func NewWords(text string) *Words {
	typed := strings.TrimSpace(text)
	if typed == "" {
		return nil
	}
	lower := strings.ToLower(typed)
	w := &Words{utf8: []byte(lower)}
	w.latin = !strings.ContainsFunc(lower, func(r rune) bool { return r > unicode.MaxASCII && unicode.ToUpper(r) != r })
	for i, c := range w.utf8 {
		if commonness(c) < commonness(w.utf8[w.rare]) {
			w.rare = i
		}
	}
	for _, form := range []string{typed, lower, strings.ToUpper(typed)} {
		if gbk, err := simplifiedchinese.GB18030.NewEncoder().String(form); err == nil && gbk != form {
			w.gbk = append(w.gbk, []byte(gbk))
		}
	}
	return w
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

// In tells whether the words stand in the message's body or keys. Of a packed body
// the first 16 MB count. UTF-16 is read where the body begins with its mark. A message that
// holds several, see Unwrap, has what one of them has.
func (w *Words) In(m *Message) bool {
	if m.Wrapped() {
		for in, err := range inner(m, openLimit) {
			if err == nil && w.In(in) {
				return true
			}
		}
	}
	if w.Inside([]byte(m.Property(PropertyKeys))) || w.Inside(m.Body) {
		return true
	}
	body, _ := m.Unpacked(openLimit)
	if name, plain, _ := Open(body, openLimit); name != "" {
		body = plain // the producer packed it
	}
	for mark, c := range map[string]Charset{markUTF16LE: UTF16LE, markUTF16BE: UTF16BE} {
		if bytes.HasPrefix(body, []byte(mark)) {
			text, _ := c.Text(body)
			return w.Inside([]byte(text))
		}
	}
	return len(body) > 0 && w.Inside(body)
}

// MaybeIn is In for a stored message, without decoding it: false is certain.
func (w *Words) MaybeIn(stored []byte) bool {
	body, ok := StoredBody(stored)
	return !ok || w.Inside(stored) || hides(stored, body)
}

// hides tells whether a stored message may have text that does not stand in its bytes.
func hides(stored, body []byte) bool {
	flags := binary.BigEndian.Uint32(stored[sysFlagAt:])
	return flags&flagCompressed != 0 || flags&innerBatch == innerBatch || Packed(body) ||
		bytes.HasPrefix(body, []byte(markUTF16LE)) || bytes.HasPrefix(body, []byte(markUTF16BE))
}

// Inside tells whether the words stand in b.
func (w *Words) Inside(b []byte) bool {
	found := w.latin && w.folded(b)
	if !w.latin {
		found = bytes.Contains(b, w.utf8) || bytes.Contains(bytes.ToLower(b), w.utf8)
	}
	return found || slices.ContainsFunc(w.gbk, func(gbk []byte) bool { return bytes.Contains(b, gbk) })
}

// folded tells whether b contains the words with letters of ASCII in either case.
func (w *Words) folded(b []byte) bool {
	end := len(b) - len(w.utf8) + w.rare + 1 // behind the last place of the seldom byte
	if end <= w.rare {
		return false
	}
	small := w.utf8[w.rare]
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
	i, j := next(small, w.rare), end
	if large != small {
		j = next(large, w.rare)
	}
	for i < end || j < end {
		at := min(i, j)
		if equalFolded(b[at-w.rare:], w.utf8) {
			return true
		}
		if at == i {
			i = next(small, at+1)
		} else {
			j = next(large, at+1)
		}
	}
	return false
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
