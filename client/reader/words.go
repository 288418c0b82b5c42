package reader

import (
	"bytes"
	"strings"

	"golang.org/x/text/encoding/simplifiedchinese"

	"gantry/client/message"
)

// openLimit bounds how much of a packed body is looked through, in bytes.
const openLimit = 16 << 20

// words finds a text in bodies and keys: upper and lower case are the same, packed
// bodies are opened, and Chinese is found in GBK too.
type words struct {
	text string // lower case
	utf8 []byte
	gbk  []byte // nil where it is the same
}

// newWords returns nil for no words: everything matches.
func newWords(text string) *words {
	text = strings.ToLower(strings.TrimSpace(text))
	if text == "" {
		return nil
	}
	w := &words{text: text, utf8: []byte(text)}
	if gbk, err := simplifiedchinese.GB18030.NewEncoder().Bytes(w.utf8); err == nil && !bytes.Equal(gbk, w.utf8) {
		w.gbk = gbk
	}
	return w
}

// in tells whether the words stand in the message's body or keys.
func (w *words) in(m *message.Message) bool {
	if w == nil || strings.Contains(strings.ToLower(m.Property(message.PropertyKeys)), w.text) || w.inside(m.Body) {
		return true
	}
	if name, plain, _ := message.Open(m.Body, openLimit); name != "" {
		return w.inside(plain)
	}
	return false
}

func (w *words) inside(body []byte) bool {
	return bytes.Contains(body, w.utf8) || bytes.Contains(bytes.ToLower(body), w.utf8) ||
		w.gbk != nil && bytes.Contains(body, w.gbk)
}
