package words

import (
	"strings"
	"unicode/utf8"
)

// Sentences puts sentences one after the other, with a space between them where the
// script has one: none follows a full-width mark. Empty ones are left out.
func Sentences(all ...string) string {
	var b strings.Builder
	last := ""
	for _, s := range all {
		s = strings.TrimSpace(s)
		if s == "" {
			continue
		}
		if r, _ := utf8.DecodeLastRuneInString(last); last != "" && !strings.ContainsRune("。！？；：，、）」』”", r) {
			b.WriteByte(' ')
		}
		b.WriteString(s)
		last = s
	}
	return b.String()
}
