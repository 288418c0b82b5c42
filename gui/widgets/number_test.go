package widgets

import (
	"math"
	"testing"
)

func TestBytes(t *testing.T) {
	for n, want := range map[int]string{0: "0 B", 1023: "1,023 B", 1024: "1.0 KB", 1024*1024 - 1: "1,024.0 KB", 1258291: "1.2 MB", 4 << 20: "4.0 MB", 4 << 30: "4,096.0 MB"} {
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

// TestNumbersOfAllKinds: those that are below zero, and those that are not whole.
func TestNumbersOfAllKinds(t *testing.T) {
	for want, got := range map[string]string{
		"-1,204": Count(-1204), "-9,223,372,036,854,775,808": Count(int64(math.MinInt64)), "2,000": Tenths(2000), "0.5": Tenths(0.5), "1,000,000": Tenths(1e6), "1,234.6": Tenths(1234.55),
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
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
