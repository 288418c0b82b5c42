package message

import (
	"bytes"
	"encoding/binary"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
)

// Charset is how bytes stand for text. Its value is the name that people know.
type Charset string

// The charsets. GBK is read as GB18030, which has all of it and more.
const (
	UTF8    Charset = "UTF-8"
	UTF16LE Charset = "UTF-16LE"
	UTF16BE Charset = "UTF-16BE"
	GBK     Charset = "GBK"
	// GB18030 is told apart from GBK where somebody types.
	GB18030 Charset = "GB18030"
	// Big5 is read where it is chosen and never found out: most of its texts are GBK too.
	Big5 Charset = "Big5"
)

// Byte-order marks.
const (
	markUTF8    = "\xEF\xBB\xBF"
	markUTF16LE = "\xFF\xFE"
	markUTF16BE = "\xFE\xFF"
)

// looked is how much of a body decides its charset, in bytes.
const looked = 64 << 10

// Text reads b as text, without a byte-order mark; ok is false where it is not exact, and
// text is the best that there is then.
func (c Charset) Text(b []byte) (text string, ok bool) {
	switch c {
	case UTF16LE:
		return utf16Text(bytes.TrimPrefix(b, []byte(markUTF16LE)), binary.LittleEndian)
	case UTF16BE:
		return utf16Text(bytes.TrimPrefix(b, []byte(markUTF16BE)), binary.BigEndian)
	case GBK, GB18030:
		out, err := simplifiedchinese.GB18030.NewDecoder().Bytes(b)
		return string(out), err == nil && !bytes.ContainsRune(out, utf8.RuneError)
	case Big5:
		out, err := traditionalchinese.Big5.NewDecoder().Bytes(b)
		return string(out), err == nil && !bytes.ContainsRune(out, utf8.RuneError)
	}
	b = bytes.TrimPrefix(b, []byte(markUTF8))
	return string(b), utf8.Valid(b)
}

func utf16Text(b []byte, order binary.ByteOrder) (string, bool) {
	units := make([]uint16, len(b)/2)
	for i := range units {
		units[i] = order.Uint16(b[2*i:])
	}
	text := string(utf16.Decode(units))
	exact := len(b)%2 == 0 && strings.Count(text, "\uFFFD") == countUnit(units, 0xFFFD)
	return text, exact
}

func countUnit(units []uint16, unit uint16) (n int) {
	for _, u := range units {
		if u == unit {
			n++
		}
	}
	return n
}

// DetectCharset tells as what b is read: by its byte-order mark, as UTF-8 where it is
// that, or as GBK where that is likely, as of what Chinese programs write. "" is for what
// is no text. Of a long body the beginning decides.
func DetectCharset(b []byte) Charset {
	head := b[:min(len(b), looked)]
	for mark, c := range map[string]Charset{markUTF16LE: UTF16LE, markUTF16BE: UTF16BE} {
		if rest, ok := bytes.CutPrefix(head, []byte(mark)); ok && len(rest) > 0 {
			if text, exact := c.Text(rest[:len(rest)&^1]); plain(text) && (exact || len(head) < len(b)) && len(b)%2 == 0 {
				return c
			}
		}
	}
	switch {
	case utf8.Valid(b):
		return UTF8
	case likelyGBK(head, len(head) < len(b)):
		return GBK
	}
	return ""
}

// plain tells whether a text has only such control characters as texts have.
func plain(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r < ' ' && r != '\n' && r != '\r' && r != '\t' || r == 0x7F })
}

// likelyGBK tells whether b is GBK rather than binary or a text of Europe: no control
// characters, nothing but whole signs, and most of them those of GB 2312, in which both
// bytes are high.
func likelyGBK(b []byte, cut bool) bool {
	signs, common := 0, 0
	for i := 0; i < len(b); i++ {
		c := b[i]
		switch {
		case c < 0x80:
			if !plain(string(rune(c))) {
				return false
			}
			continue
		case c == 0x80 || c == 0xFF:
			return false
		case i+1 == len(b):
			return cut && signs > 0 && 2*common >= signs
		}
		signs++
		d := b[i+1]
		if c >= 0xA1 && c <= 0xF7 && d >= 0xA1 && d <= 0xFE {
			common++
		}
		n := 2
		if d >= '0' && d <= '9' { // a sign of four bytes
			n = min(4, len(b)-i)
		}
		if !cut || i+n < len(b) {
			if _, ok := GBK.Text(b[i : i+n]); !ok {
				return false
			}
		}
		i += n - 1
	}
	return signs > 0 && 2*common >= signs
}
