package widgets

import "testing"

func TestBytes(t *testing.T) {
	for n, want := range map[int]string{0: "0 B", 1023: "1023 B", 1024: "1.0 KB", 1258291: "1.2 MB", 4 << 20: "4.0 MB"} {
		if got := Bytes(int64(n)); got != want {
			t.Errorf("Bytes(%d) = %q, want %q", n, got, want)
		}
	}
}

func TestCount(t *testing.T) {
	for n, want := range map[uint64]string{0: "0", 12: "12", 999: "999", 1000: "1,000", 1234567: "1,234,567"} {
		if got := Count(n); got != want {
			t.Errorf("Count(%d) = %q, want %q", n, got, want)
		}
	}
}

func TestAmount(t *testing.T) {
	for n, want := range map[uint64]string{
		0: "0", 1204: "1,204", 9_999_999: "9,999,999", 10_000_000: "10.0 M", 12_345_678: "12.3 M", 999_949_999: "999.9 M", 999_950_000: "1.0 G", 1_234_000_000: "1.2 G",
	} {
		if got := Amount(n); got != want || len(got) > 9 {
			t.Errorf("Amount(%d) = %q, want %q", n, got, want)
		}
	}
}
