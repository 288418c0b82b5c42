package message

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"encoding/binary"
	"io"
	"slices"
	"testing"

	"github.com/klauspost/compress/snappy"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
)

// packed packs a text in every way.
func packed(t testing.TB, text string) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	for name, make := range map[string]func(io.Writer) io.WriteCloser{
		"gzip":   func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) },
		"zlib":   func(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) },
		"lz4":    func(w io.Writer) io.WriteCloser { return lz4.NewWriter(w) },
		"snappy": func(w io.Writer) io.WriteCloser { return snappy.NewBufferedWriter(w) },
		"zstd": func(w io.Writer) io.WriteCloser {
			z, err := zstd.NewWriter(w)
			if err != nil {
				t.Fatal(err)
			}
			return z
		},
	} {
		var b bytes.Buffer
		w := make(&b)
		if _, err := io.WriteString(w, text); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		out[name] = b.Bytes()
	}
	return out
}

// inJavaFrame is a text as Java's SnappyOutputStream writes it, in blocks of a few bytes.
func inJavaFrame(text string) []byte {
	b := append([]byte(snappyJava), 0, 0, 0, 1, 0, 0, 0, 1)
	for part := range slices.Chunk([]byte(text), 7) {
		block := snappy.Encode(nil, part)
		b = append(binary.BigEndian.AppendUint32(b, uint32(len(block))), block...)
	}
	return b
}

// TestJavaFrame: blocks, and frames behind one another, are opened within bounds.
func TestJavaFrame(t *testing.T) {
	const text = "正文 and the rest of a body that is long enough"
	b := inJavaFrame(text)
	for in, want := range map[string]string{string(b): text, string(b) + string(b): text + text, string(b[:16]): ""} {
		if name, plain, whole := Open([]byte(in), 1000); name != "snappy" || string(plain) != want || !whole {
			t.Errorf("%q: %q, %q, %v", in, name, plain, whole)
		}
	}
	if name, plain, whole := Open(b, 6); name != "snappy" || string(plain) != text[:6] || whole {
		t.Errorf("the beginning: %q, %q, %v", name, plain, whole)
	}
	for name, in := range map[string]string{
		"cut":               string(b[:len(b)-1]),
		"a block too long":  string(b[:16]) + "\xff\xff\xff\xff",
		"a claim of much":   string(b[:16]) + "\x00\x00\x00\x06\xff\xff\xff\xff\x0f\x00",
		"half of a length":  string(b) + "\x00\x00",
		"an earlier header": string(b[:10]),
	} {
		if got, plain, _ := Open([]byte(in), 1000); got != "" && len(plain) > 0 {
			t.Errorf("%s: %q, %q", name, got, plain)
		}
	}
}

func TestOpen(t *testing.T) {
	const text = "正文 and the rest of a body that is long enough"
	for want, b := range packed(t, text) {
		if name, plain, whole := Open(b, 1000); name != want || string(plain) != text || !whole {
			t.Errorf("%s: %q, %q, %v", want, name, plain, whole)
		}
		if name, plain, whole := Open(b, 6); name != want || string(plain) != text[:6] || whole {
			t.Errorf("%s, the beginning: %q, %q, %v", want, name, plain, whole)
		}
		if name, plain, whole := Open(b[:len(b)/2], 1000); name != "" || plain != nil || whole {
			t.Errorf("%s, cut: %q, %q, %v", want, name, plain, whole)
		}
	}
	for _, b := range []string{"", "x", text, "\x1f\x8b\x08", "x\x9c", "(\xb5/\xfd", "\x04\"M\x18", `{"a":1}`} {
		if name, _, _ := Open([]byte(b), 1000); name != "" {
			t.Errorf("%q is taken for %s", b, name)
		}
	}
}

// TestOpenIsBounded: a small body can become a large one.
func TestOpenIsBounded(t *testing.T) {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	for range 1 << 10 {
		if _, err := w.Write(make([]byte, 1<<16)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	name, plain, whole := Open(b.Bytes(), 1<<20)
	if name != "gzip" || len(plain) != 1<<20 || whole || cap(plain) > 4<<20 {
		t.Errorf("%q, %d bytes in %d, %v", name, len(plain), cap(plain), whole)
	}
}

func FuzzOpen(f *testing.F) {
	for _, b := range packed(f, "seed") {
		f.Add(b)
	}
	f.Add(inJavaFrame("a seed of two blocks"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if name, plain, whole := Open(b, 1000); len(plain) > 1000 || name == "" && (plain != nil || whole) {
			t.Errorf("%q, %d bytes, %v", name, len(plain), whole)
		}
	})
}

// TestUnpacked: what the client packed is opened, what the producer packed is not.
func TestUnpacked(t *testing.T) {
	packed := packed(t, "plain")["zlib"]
	for name, c := range map[string]struct {
		m    Message
		want string
		ok   bool
	}{
		"by the client":      {Message{SysFlag: flagCompressed, Body: packed}, "plain", true},
		"by the producer":    {Message{Body: packed}, string(packed), true},
		"opened already":     {Message{SysFlag: flagCompressed, Inflated: true, Body: []byte("plain")}, "plain", true},
		"damaged":            {Message{SysFlag: flagCompressed, Body: packed[:5]}, "", false},
		"of an unknown kind": {Message{SysFlag: flagCompressed, Body: []byte("x")}, "", false},
	} {
		if got, ok := c.m.Unpacked(100); string(got) != c.want || ok != c.ok {
			t.Errorf("%s: %q, %v", name, got, ok)
		}
	}
	large := Message{SysFlag: flagCompressed, Body: packed}
	if got, ok := large.Unpacked(4); ok {
		t.Errorf("more than was to be: %q", got)
	}
}

func zlibbed(t testing.TB, plain []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	if _, err := w.Write(plain); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
