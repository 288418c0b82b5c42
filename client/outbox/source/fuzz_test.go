package source

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzCopy: whatever a file is, its copy has the rows that were said, each where it stands
// and fit to be one; and a copy of the copy is the same.
func FuzzCopy(f *testing.F) {
	for _, file := range []string{"", "a,b\n1,\"x\ny\"\n", "a;b\r\n\"1\"\";\"\";2\r\n3", "\xFF\xFEa\x00\n\x00", "\xEF\xBB\xBF{\"a\":1}\n[]\n", "\xd0\xd5\xc3\xfb,b\n\xff", "a\r\r\n\rb\n"} {
		f.Add(file)
	}
	f.Fuzz(func(t *testing.T, file string) {
		for _, kind := range []Kind{Text, JSONL, CSV} {
			var b bytes.Buffer
			info, err := Copy(t.Context(), &b, strings.NewReader(file), kind)
			if err == NoHeader {
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			got := take(t, file, kind)
			if !utf8.ValidString(got.text) {
				t.Fatalf("%q", got.text)
			}
			if strings.HasPrefix(got.text, "\ufeff") {
				continue // it had two marks, and would lose the other
			}
			if second := take(t, got.text, kind); second.text != got.text || second.Broken != 0 {
				t.Fatalf("%q is %q, and that %q, %s", file, got.text, second.text, second.broken())
			}
			if kind == CSV && info.Rows > 0 {
				sameFields(t, got)
			}
		}
	})
}

// sameFields holds the fields of a CSV against those of the standard library, which reads
// "\r\n" in quotes as "\n".
func sameFields(t *testing.T, got taken) {
	r := csv.NewReader(strings.NewReader(got.text))
	r.Comma, r.LazyQuotes = rune(got.Comma[0]), true
	_, err := r.Read()
	for _, row := range got.rows {
		var want []string
		if want, err = r.Read(); err != nil {
			break
		}
		fields := splitRecord(row.Line(), got.Comma[0])
		for i := range fields {
			fields[i] = strings.ReplaceAll(fields[i], "\r\n", "\n")
		}
		if !slices.Equal(fields, want) {
			t.Fatalf("%q: %q, want %q", row.Line(), fields, want)
		}
	}
	if err != nil {
		t.Fatalf("%q: %v", got.text, err)
	}
}

// FuzzField: a name of an object is found, whatever signs it has.
func FuzzField(f *testing.F) {
	for _, name := range []string{"a", "a.b", "@this", "#", "*", `\`, "a|b", "..", "!", "李", "\x00", "{a}", `"`} {
		f.Add(name, "value", "other")
	}
	f.Fuzz(func(t *testing.T, name, value, other string) {
		if !utf8.ValidString(name) || !utf8.ValidString(value) || !utf8.ValidString(other) || name == "" {
			return
		}
		object, err := json.Marshal(map[string]any{name: value, other + "x": 1})
		if err != nil || other+"x" == name {
			return
		}
		if got, ok := field(string(object), name); !ok || got != value {
			t.Fatalf("%q of %s: %q, %v", name, object, got, ok)
		}
		if got, ok := field(`{"x":1}`, name); ok != (name == "x") {
			t.Fatalf("%q: %q", name, got)
		}
	})
}

// BenchmarkCopy and BenchmarkNext: rows of 1 KB.
func BenchmarkCopy(b *testing.B) {
	for kind, file := range files() {
		b.Run(string(kind), func(b *testing.B) {
			b.SetBytes(int64(len(file)))
			for b.Loop() {
				if _, err := Copy(b.Context(), io.Discard, strings.NewReader(file), kind); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkNext(b *testing.B) {
	for kind, file := range files() {
		b.Run(string(kind), func(b *testing.B) {
			var copied bytes.Buffer
			info, err := Copy(b.Context(), &copied, strings.NewReader(file), kind)
			if err != nil {
				b.Fatal(err)
			}
			r := Open(bytes.NewReader(copied.Bytes()), info)
			b.ReportAllocs()
			for b.Loop() {
				row, err := r.Next()
				if err == io.EOF {
					r.From(info.Start)
					continue
				}
				if _, ok := row.Column("name"); ok != (kind != Text) || err != nil {
					b.Fatal(row, err)
				}
			}
		})
	}
}

func files() map[Kind]string {
	fill := strings.Repeat("x", 980)
	return map[Kind]string{
		Text:  strings.Repeat(fill+"\n", 5000),
		JSONL: strings.Repeat(fmt.Sprintf("{\"fill\":%q,\"id\":12,\"name\":\"李婷\"}\n", fill), 5000),
		CSV:   "fill,id,name\n" + strings.Repeat(fmt.Sprintf("%q,12,李婷\n", fill), 5000),
	}
}
