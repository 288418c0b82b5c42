package message

import (
	"encoding/binary"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
)

func utf16Bytes(order binary.AppendByteOrder, text string) string {
	var b []byte
	for _, u := range utf16.Encode([]rune(text)) {
		b = order.AppendUint16(b, u)
	}
	return string(b)
}

// TestB7ByteOrderMarks: a mark is no part of the text, and says how to read it.
func TestB7ByteOrderMarks(t *testing.T) {
	const text = `{"name":"李婷 😀","n":1}`
	for name, c := range map[string]struct {
		body string
		want Charset
		text string
	}{
		"UTF-8":                {markUTF8 + text, UTF8, text},
		"UTF-8 without":        {text, UTF8, text},
		"the mark alone":       {markUTF8, UTF8, ""},
		"UTF-16LE":             {markUTF16LE + utf16Bytes(binary.LittleEndian, text), UTF16LE, text},
		"UTF-16BE":             {markUTF16BE + utf16Bytes(binary.BigEndian, text), UTF16BE, text},
		"UTF-16, a lone half":  {markUTF16LE + "\x00\xD8", "", ""},
		"UTF-16, an odd byte":  {markUTF16LE + "a\x00b", "", ""},
		"binary behind a mark": {markUTF16LE + "\x01\x00\x02\x00", "", ""},
		"empty":                {"", UTF8, ""},
	} {
		got := DetectCharset([]byte(c.body))
		if got != c.want {
			t.Errorf("%s: %q", name, got)
			continue
		}
		if text, ok := got.Text([]byte(c.body)); c.want != "" && (text != c.text || !ok) {
			t.Errorf("%s: %q, %v", name, text, ok)
		}
	}
}

// TestB8DetectsGBK: what Chinese programs write is text; binary and texts of Europe are
// not taken for it.
func TestB8DetectsGBK(t *testing.T) {
	for _, text := range []string{"你好", "订单 42 已支付，金额：￥12.50\r\n", `{"姓名":"李婷","城市":"北京"}`, "镕朱基", strings.Repeat("中文", 100_000)} {
		if got := DetectCharset([]byte(gbk(t, text))); got != GBK {
			t.Errorf("%.20q: %q", text, got)
			continue
		}
		if back, ok := GBK.Text([]byte(gbk(t, text))); back != text || !ok {
			t.Errorf("%.20q: %.20q, %v", text, back, ok)
		}
	}
	four, err := simplifiedchinese.GB18030.NewEncoder().String("中文名字：㐂")
	if err != nil || DetectCharset([]byte(four)) != GBK {
		t.Errorf("a sign of four bytes: %q, %v", DetectCharset([]byte(four)), err)
	}
	for name, body := range map[string]string{
		"Latin-1":     "caf\xE9 au lait, \xE0 c\xF4t\xE9",
		"a byte":      "\xE9",
		"Java's":      "\xAC\xED\x00\x05sr\x00\x0Ejava.util",
		"protobuf":    "\x0A\x05\xC4\xE3\xBA\xC3\x10\x01",
		"random":      "\x9B\x1C\xD2\x7F\x00\xA1\xFE\x03",
		"half a sign": "\xC4\xE3\xBA",
		"Hessian's":   "C0\x10com.example\x91\x03abc\xC4",
	} {
		if got := DetectCharset([]byte(body)); got != "" {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// FuzzDetectCharset: what is detected can be read.
func FuzzDetectCharset(f *testing.F) {
	for _, s := range []string{"a", "\xC4\xE3\xBA\xC3", markUTF8 + "x", markUTF16LE + "a\x00", markUTF16BE + "\x00a", "\x81\x30\x81\x30\xC4\xE3"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		c := DetectCharset(b)
		text, ok := c.Text(b)
		if c != "" && len(b) < looked && (!ok || !utf8.ValidString(text)) {
			t.Errorf("%q as %q: %q", b, c, text)
		}
		if ok && c == UTF8 && strings.HasPrefix(text, markUTF8) && !strings.HasPrefix(string(b), markUTF8+markUTF8) {
			t.Errorf("the mark is still there: %q", text)
		}
	})
}

// TestBig5 is read where it is chosen, and not found out: it would be taken for GBK.
func TestBig5(t *testing.T) {
	const text = "訂單 42 已付款，數量：12"
	b, err := traditionalchinese.Big5.NewEncoder().String(text)
	if got, ok := Big5.Text([]byte(b)); err != nil || got != text || !ok {
		t.Errorf("%q, %v, %v", got, ok, err)
	}
	if got, ok := Big5.Text([]byte(b + "\xA4")); ok {
		t.Errorf("half a sign is exact: %q", got)
	}
	if got := DetectCharset([]byte(b)); got == Big5 {
		t.Error("found out")
	}
}

func gbk(t *testing.T, text string) string {
	t.Helper()
	s, err := simplifiedchinese.GBK.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
