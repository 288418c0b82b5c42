package words

import "testing"

// BenchmarkLoad is what stands before the first window.
func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		if err := Load(Chinese); err != nil {
			b.Fatal(err)
		}
	}
}
