package widgets

import (
	"math"
	"strconv"
	"strings"
)

// Bytes writes a size as "279 B", "5.5 KB" or "1.2 MB".
func Bytes(n int64) string {
	switch {
	case n < 1024:
		return Count(n) + " B"
	case n < 1024*1024:
		return tenths(float64(n)/1024) + " KB"
	default:
		return tenths(float64(n)/(1024*1024)) + " MB"
	}
}

// tenths writes a number that is not negative with commas and one decimal.
func tenths(f float64) string {
	n := uint64(math.Round(f * 10))
	return Count(n/10) + "." + strconv.FormatUint(n%10, 10)
}

// Count writes a number with commas: "1,204".
func Count[N int | int32 | int64 | uint64](n N) string {
	sign, s := "", strconv.FormatUint(uint64(n), 10)
	if n < 0 {
		sign, s = "-", strconv.FormatUint(-uint64(n), 10)
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return sign + s
}

// Tenths writes a number with commas and, where it is not whole, one decimal: "2,000", "0.5".
func Tenths(f float64) string { return strings.TrimSuffix(tenths(f), ".0") }

// Amount is Count for a narrow column: from ten millions on with one decimal, "12.3 M",
// "1.2 G". It is not longer than 9 characters below 10^14.
func Amount(n uint64) string {
	switch {
	case n < 10_000_000:
		return Count(n)
	case n < 999_950_000:
		return strconv.FormatFloat(float64(n)/1e6, 'f', 1, 64) + " M"
	}
	return strconv.FormatFloat(float64(n)/1e9, 'f', 1, 64) + " G"
}
