package message

import (
	"bytes"
	"compress/gzip"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"
)

func gzipped(t *testing.T, text string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func gbk(t *testing.T, text string) string {
	t.Helper()
	s, err := simplifiedchinese.GBK.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestWords: upper and lower case are the same, in ASCII and elsewhere; packed bodies
// and GBK are read; keys count, tags and topics do not. What is ruled out undecoded is
// never there.
func TestWords(t *testing.T) {
	for _, c := range []struct {
		words, body, keys string
		want              bool
	}{
		{"Order", "my ORDER 1", "", true},
		{"order", "my orde", "", false},
		{"order", "", "a ORDER-1", true},
		{"order", "orde", "r", false},
		{"q", "quick", "", true},
		{"Q", "quick", "", true},
		{"z9", "xyZ9", "", true},
		{"z9", "xyz8", "", false},
		{"aab", "aaab", "", true},
		{`"id":7`, `{"ID":7}`, "", true},
		{"已支付", "订单已支付", "", true},
		{"已支付", gbk(t, "订单已支付"), "", true},
		{"支付OK", gbk(t, "支付ok"), "", true},
		{"支付ok", "支付OK", "", true},
		{"ÉTÉ", "en été", "", true},
		{"été", "en ÉTÉ", "", true},
		{"secret", gzipped(t, "the SECRET"), "", true},
		{"secret", gzipped(t, "the other"), "", false},
		{"topicname", "x", "", false},
		{"tagname", "x", "", false},
		{"longer than the body", "x", "", false},
		{"x", "\xff\xfe\x00X", "", true},
	} {
		m := &Message{Topic: "topicname", Body: []byte(c.body), Properties: []Property{
			{Name: PropertyTags, Value: "tagname"}, {Name: PropertyKeys, Value: c.keys},
		}}
		w := NewWords("  " + c.words + " ")
		if got := w.In(m); got != c.want {
			t.Errorf("%q in %q and %q: %v", c.words, c.body, c.keys, got)
		}
		if stored := AppendStored(nil, m); c.want && !w.MaybeIn(stored) {
			t.Errorf("%q in %q and %q is ruled out", c.words, c.body, c.keys)
		}
	}
	if NewWords(" \t") != nil {
		t.Error("blanks are words")
	}
}

// FuzzFolded: it finds what a search in the lower case of all finds.
func FuzzFolded(f *testing.F) {
	f.Add("my ORDER", "order")
	f.Add("zZzZa", "zza")
	f.Add("订单A", "单a")
	lower := func(b byte) byte {
		if b >= 'A' && b <= 'Z' {
			return b + 'a' - 'A'
		}
		return b
	}
	f.Fuzz(func(t *testing.T, text, needle string) {
		w := NewWords(needle)
		if w == nil || !w.latin {
			return
		}
		all := []byte(text)
		for i := range all {
			all[i] = lower(all[i])
		}
		if got, want := w.folded([]byte(text)), bytes.Contains(all, w.utf8); got != want {
			t.Errorf("%q in %q: %v", w.utf8, text, got)
		}
	})
}

// BenchmarkWords looks for what is not there in a body of 1 KB.
func BenchmarkWords(b *testing.B) {
	body := []byte(strings.Repeat(`{"orderId":"20261128","state":"paid","amount":12.5},`, 20))
	for _, needle := range []string{"no such word", "eee", "已支付"} {
		w := NewWords(needle)
		b.Run(needle, func(b *testing.B) {
			b.SetBytes(int64(len(body)))
			for b.Loop() {
				if w.Inside(body) {
					b.Fatal("found")
				}
			}
		})
	}
}
