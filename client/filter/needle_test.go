package filter

import (
	"bytes"
	"strings"
	"testing"
)

// FuzzNeedle: it finds what a search in the lower case of all finds.
func FuzzNeedle(f *testing.F) {
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
		w := newNeedle(needle, false)
		if w == nil || !w.latin {
			return
		}
		all := []byte(text)
		for i := range all {
			all[i] = lower(all[i])
		}
		if got, want := w.quick([]byte(text)) >= 0, bytes.Contains(all, w.utf8); got != want {
			t.Errorf("%q in %q: %v", w.utf8, text, got)
		}
	})
}

// BenchmarkNeedle looks for what is not there in a body of 1 KB.
func BenchmarkNeedle(b *testing.B) {
	body := []byte(strings.Repeat(`{"orderId":"20261128","state":"paid","amount":12.5},`, 20))
	for _, needle := range []string{"no such word", "eee", "已支付"} {
		w := newNeedle(needle, false)
		b.Run(needle, func(b *testing.B) {
			b.SetBytes(int64(len(body)))
			for b.Loop() {
				if w.in(body) {
					b.Fatal("found")
				}
			}
		})
	}
}
