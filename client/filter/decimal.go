package filter

import (
	"errors"
	"math"
	"strconv"
	"strings"
)

// decimal is a number as it is written, of any size: 0.digits times ten to the power of
// exp. Zero has no digits.
type decimal struct {
	negative bool
	digits   string // without zeros at either end
	exp      int64
}

// farthest bounds the exponent of a decimal.
const farthest = 1 << 40

// parseDecimal reads a number as JSON writes it; a plus sign, blanks round it and zeros
// before it are taken too.
func parseDecimal(s string) (d decimal, ok bool) {
	s = strings.TrimSpace(s)
	if s != "" && (s[0] == '-' || s[0] == '+') {
		d.negative, s = s[0] == '-', s[1:]
	}
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		e, err := strconv.ParseInt(s[i+1:], 10, 64)
		if err != nil && !errors.Is(err, strconv.ErrRange) {
			return decimal{}, false
		}
		d.exp, s = max(-farthest, min(farthest, e)), s[:i]
	}
	whole, part, _ := strings.Cut(s, ".")
	if whole+part == "" || strings.Trim(whole+part, "0123456789") != "" || strings.HasSuffix(s, ".") {
		return decimal{}, false
	}
	d.exp += int64(len(whole))
	all := strings.TrimRight(whole+part, "0")
	d.digits = strings.TrimLeft(all, "0")
	d.exp -= int64(len(all) - len(d.digits))
	if d.digits == "" {
		return decimal{}, true
	}
	return d, true
}

// compare is below 0 where d is less than o, above where it is more.
func (d decimal) compare(o decimal) int {
	sign := 1
	if d.negative {
		sign = -1
	}
	switch {
	case d.digits == "" && o.digits == "":
		return 0
	case d.digits == "":
		if o.negative {
			return 1
		}
		return -1
	case o.digits == "" || d.negative != o.negative:
		return sign
	case d.exp != o.exp:
		if d.exp > o.exp {
			return sign
		}
		return -sign
	}
	return sign * strings.Compare(d.digits, o.digits)
}

// span is a range of whole numbers, both ends included.
type span struct{ from, to int64 }

// spanOf are the whole numbers that compare with a value.
func spanOf(op, value string) (span, bool) {
	all := span{math.MinInt64, math.MaxInt64}
	below, above, ok := neighbours(value)
	switch {
	case !ok:
		return span{}, false
	case op == ">":
		if below == math.MaxInt64 {
			return span{1, 0}, true
		}
		all.from = below + 1
	case op == ">=":
		all.from = above
	case op == "<":
		if above == math.MinInt64 {
			return span{1, 0}, true
		}
		all.to = above - 1
	case op == "<=":
		all.to = below
	default:
		all = span{above, below} // nothing where it is no whole number
	}
	return all, true
}

// neighbours are the whole numbers next to a value: the largest that is not above it and
// the smallest that is not below.
func neighbours(value string) (below, above int64, ok bool) {
	if n, err := strconv.ParseInt(value, 10, 64); err == nil {
		return n, n, true
	}
	f, err := strconv.ParseFloat(value, 64)
	if err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
		return 0, 0, false
	}
	clip := func(f float64) int64 {
		switch {
		case f >= math.MaxInt64:
			return math.MaxInt64
		case f <= math.MinInt64:
			return math.MinInt64
		}
		return int64(f)
	}
	return clip(math.Floor(f)), clip(math.Ceil(f)), true
}
