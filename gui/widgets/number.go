package widgets

import "strconv"

// Bytes writes a size as "279 B", "5.5 KB" or "1.2 MB".
func Bytes(n int64) string {
	switch {
	case n < 1024:
		return strconv.FormatInt(n, 10) + " B"
	case n < 1024*1024:
		return strconv.FormatFloat(float64(n)/1024, 'f', 1, 64) + " KB"
	default:
		return strconv.FormatFloat(float64(n)/(1024*1024), 'f', 1, 64) + " MB"
	}
}

// Count writes a number with commas: "1,204".
func Count(n uint64) string {
	s := strconv.FormatUint(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

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
