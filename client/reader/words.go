package reader

import (
	"bytes"
	"slices"
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
	// gbk are the text as it was typed and in lower case, where they differ from UTF-8:
	// bytes of GBK have no case.
	gbk [][]byte
}

// newWords returns nil for no words: everything matches.
func newWords(text string) *words {
	typed := strings.TrimSpace(text)
	if typed == "" {
		return nil
	}
	w := &words{text: strings.ToLower(typed)}
	w.utf8 = []byte(w.text)
	for _, form := range []string{typed, w.text, strings.ToUpper(typed)} {
		if gbk, err := simplifiedchinese.GB18030.NewEncoder().String(form); err == nil && gbk != form {
			w.gbk = append(w.gbk, []byte(gbk))
		}
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
		slices.ContainsFunc(w.gbk, func(gbk []byte) bool { return bytes.Contains(body, gbk) })
}
