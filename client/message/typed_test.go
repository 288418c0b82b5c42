package message

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

// TestTyped: what is typed gives these bytes, and these bytes are typed so again.
func TestTyped(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		how  Typed
		text string
		want string
	}{
		"utf-8":     {Typed{}, "中€😀", "\xE4\xB8\xAD\xE2\x82\xAC\xF0\x9F\x98\x80"},
		"gbk":       {Typed{Charset: GBK}, "a中文€b", "a\xD6\xD0\xCE\xC4\xA2\xE3b"},
		"gb18030":   {Typed{Charset: GB18030}, "中😀€", "\xD6\xD0\x94\x39\xFC\x36\xA2\xE3"},
		"utf-16le":  {Typed{Charset: UTF16LE}, "中😀", "\x2D\x4E\x3D\xD8\x00\xDE"},
		"utf-16be":  {Typed{Charset: UTF16BE}, "\uFEFF中", "\xFE\xFF\x4E\x2D"},
		"hex":       {Typed{As: AsHex}, "00 ff 0a", "\x00\xFF\n"},
		"base64":    {Typed{As: AsBase64}, "AP8K", "\x00\xFF\n"},
		"base64, =": {Typed{As: AsBase64}, "AA==", "\x00"},
	} {
		body, err := c.how.Body([]byte(c.text))
		if err != nil || string(body) != c.want {
			t.Errorf("%s: %q, %v", name, body, err)
			continue
		}
		packed := c.how
		packed.Gzip = true
		for _, how := range []Typed{c.how, packed} {
			b, err := how.Body([]byte(c.text))
			again, ok := how.Retype(b, 1000)
			if err != nil || !ok || string(again) != c.text {
				t.Errorf("%s: %q becomes %q, %v, %v", name, b, again, ok, err)
			}
		}
		if b, _ := packed.Body([]byte(c.text)); !bytes.HasPrefix(b, []byte{0x1F, 0x8B}) {
			t.Errorf("%s: packed to %q", name, b)
		}
	}
	for text, want := range map[string]string{" 0a\n0B\t0c": "\n\v\f", "": ""} {
		if got, err := (Typed{As: AsHex}).Encode([]byte(text)); err != nil || string(got) != want {
			t.Errorf("%q is %q, %v", text, got, err)
		}
	}
	if got, err := (Typed{As: AsBase64}).Encode([]byte("AP\n8 K AA")); err != nil || string(got) != "\x00\xFF\n\x00" {
		t.Errorf("%q, %v", got, err)
	}
}

// TestTypedWrong: the place of what stands for no bytes.
func TestTypedWrong(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		how  Typed
		text string
		at   int
		sign string
	}{
		{Typed{Charset: GBK}, "中a😀b", 4, "😀"},
		{Typed{Charset: GBK}, "€€😀", 6, "😀"},
		{Typed{Charset: UTF16LE}, "ab\xFFc", 2, "\xFF"},
		{Typed{As: AsHex}, "0a 0x", 4, "x"},
		{Typed{As: AsHex}, "0a 0 a", 4, " "},
		{Typed{As: AsHex}, "0a0", 3, ""},
		{Typed{As: AsHex}, "0a中", 2, "中"},
		{Typed{As: AsBase64}, "AP-K", 2, "-"},
		{Typed{As: AsBase64}, "AA==AA", 4, "A"},
		{Typed{As: AsBase64}, "AAAAA", 5, ""},
		{Typed{As: AsBase64}, "AAA==", 4, "="},
	} {
		_, err := c.how.Body([]byte(c.text))
		var wrong *TypedError
		if !errors.As(err, &wrong) || wrong.At != c.at || wrong.Sign != c.sign {
			t.Errorf("%+v %q: %+v", c.how, c.text, wrong)
		}
	}
}

// TestNoText: bytes that no text gives.
func TestNoText(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		how Typed
		b   string
	}{
		"half a sign": {Typed{}, "\xE4\xB8"}, "odd": {Typed{Charset: UTF16LE}, "abc"}, "lone": {Typed{Charset: UTF16BE}, "\xD8\x00"},
		"microsoft": {Typed{Charset: GBK}, "\x80"}, "no gbk": {Typed{Charset: GBK}, "\xFF\xFF"}, "no gzip": {Typed{Gzip: true}, "abc"},
		"another's gzip": {Typed{Gzip: true}, string(bytes.Replace(Gzip([]byte("abc")), []byte{0xFF}, []byte{3}, 1))},
	} {
		if text, ok := c.how.Retype([]byte(c.b), 1000); ok {
			t.Errorf("%s: %q", name, text)
		}
	}
	if _, ok := (Typed{Gzip: true}).Retype(Gzip([]byte(strings.Repeat("a", 2000))), 1000); ok {
		t.Error("more than may be opened")
	}
	for body, want := range map[string]Typed{
		"abc": {}, "\xD6\xD0\xCE\xC4": {Charset: GBK}, "\xFF\xFE\x2D\x4E": {Charset: UTF16LE}, "\xD6\xD0\xCE\xC4\x94\x39\xFC\x36": {Charset: GB18030},
	} {
		if got, ok := HowTyped([]byte(body)); !ok || got != want {
			t.Errorf("%q: %+v, %v", body, got, ok)
		}
	}
}

func FuzzTyped(f *testing.F) {
	f.Add("0a ff", byte(0))
	f.Add("中€", byte(1))
	f.Add("AP8K", byte(2))
	f.Fuzz(func(t *testing.T, text string, which byte) {
		all := []Typed{{As: AsHex}, {Charset: GBK}, {As: AsBase64}, {Charset: GB18030}, {Charset: UTF16LE}, {Charset: UTF16BE}}
		how := all[int(which)%len(all)]
		if b, err := how.Encode([]byte(text)); err == nil {
			if again, ok := how.Text(b); ok {
				if c, err := how.Encode([]byte(again)); err != nil || !bytes.Equal(b, c) {
					t.Errorf("%+v: %q is %q, then %q", how, text, b, c)
				}
			}
		}
		if s, ok := how.Text([]byte(text)); ok {
			if b, err := how.Encode([]byte(s)); err != nil || string(b) != text {
				t.Errorf("%+v: %q from %q: %v", how, b, text, err)
			}
		}
	})
}
