package editor

import (
	"fmt"
	"strings"
	"testing"

	"gantry/gui/find"
)

// texts are what is typed into when the costs are measured.
func texts() map[string]string {
	return map[string]string{
		"lines":   strings.Repeat("  {\"orderId\": \"ORD-20261123-1\", \"amount\": 268.40},\n", 1<<20/51),
		"a line":  strings.Repeat("{\"orderId\":\"ORD-20261123-1\",\"amount\":268.40},", 1<<20/46),
		"Chinese": strings.Repeat("  {\"name\": \"李婷\", \"title\": \"明前龙井\"},\n", 1<<20/51),
		"1 KB":    strings.Repeat("  {\"orderId\": \"ORD-20261123-1\", \"amount\": 268.40},\n", 20),
	}
}

// BenchmarkKey is a key press in the middle of a text of 1 MB, with its drawing.
func BenchmarkKey(b *testing.B) {
	for name, text := range texts() {
		for _, searched := range []string{"", "zzz", "or"} {
			b.Run(fmt.Sprintf("%s/%s", name, searched), func(b *testing.B) {
				r := newRig(b, text)
				if searched != "" {
					r.find.show(false)
					r.find.line.What.SetText(searched)
					r.Window.Canvas().Focus(r.Focus())
				}
				r.m.move(r.m.align(r.m.size/2), false)
				b.ResetTimer()
				for i := range b.N {
					r.page.TypedRune(rune('a' + i%26))
				}
			})
		}
	}
}

// BenchmarkText is what happens to all of 1 MB at once.
func BenchmarkText(b *testing.B) {
	for name, text := range texts() {
		b.Run(name+"/set", func(b *testing.B) {
			r := newRig(b, "")
			b.ResetTimer()
			for range b.N {
				r.m.begin("")
				r.SetText(text)
			}
		})
		b.Run(name+"/find", func(b *testing.B) {
			for range b.N {
				find.Search(text, "amount\":9", false)
			}
		})
		b.Run(name+"/read", func(b *testing.B) {
			r := newRig(b, text)
			for range b.N {
				r.m.cached = false
				r.Text()
			}
		})
	}
}
