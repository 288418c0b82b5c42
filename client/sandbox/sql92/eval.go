package sql92

import (
	"cmp"
	"errors"
	"math"
	"strconv"
	"strings"
)

// errValue is what Java throws over a property that is no number where one is
// needed. It ends the evaluation and the message does not match, even below NOT
// (ExpressionMessageFilter.java).
var errValue = errors.New("the property's value does not fit")

// Filter is an expression ready to be evaluated. The zero one matches nothing.
type Filter struct{ eval evaluation }

// Match evaluates it over a message's properties; get returns a property and
// whether it is there.
func (f Filter) Match(get func(name string) (string, bool)) bool {
	if f.eval == nil {
		return false
	}
	v, err := f.eval(get)
	return err == nil && v == true
}

type (
	// lookup looks a property up.
	lookup = func(name string) (string, bool)
	// evaluation gives a node's value: a bool, string, int32 (Integer), int64
	// (Long) or float64 (Double), or nil for unknown.
	evaluation func(get lookup) (any, error)
)

// node is a part of an expression, with what the parser must know of it.
type node struct {
	eval     evaluation
	at       int
	truth    bool   // gives true, false or unknown
	property string // name, if it is nothing else
	literal  bool
	value    any // of a literal
}

// numeric is whether it is a literal number.
func (n *node) numeric() bool {
	switch n.value.(type) {
	case int32, int64, float64:
		return true
	}
	return false
}

func sqlLiteral(v any) evaluation {
	return func(lookup) (any, error) { return v, nil }
}

// sqlProperty gives a string always; what it is compared with says how to read it.
func sqlProperty(name string) evaluation {
	return func(get lookup) (any, error) {
		if s, ok := get(name); ok {
			return s, nil
		}
		return nil, nil
	}
}

// sqlFalse is false whatever a value is, unless it is unknown.
func sqlFalse(e evaluation) evaluation {
	return func(get lookup) (any, error) {
		v, err := e(get)
		if v == nil || err != nil {
			return nil, err
		}
		return false, nil
	}
}

func sqlNot(e evaluation) evaluation {
	return func(get lookup) (any, error) {
		v, err := e(get)
		if b, ok := v.(bool); ok {
			return !b, err
		}
		return nil, err
	}
}

// sqlLogic is OR, which true decides, or AND, which false decides. Unknown
// decides nothing, but leaves the outcome unknown (LogicExpression.java).
func sqlLogic(all []evaluation, decides bool) evaluation {
	return func(get lookup) (any, error) {
		var out any = !decides
		for _, e := range all {
			switch v, err := e(get); {
			case err != nil:
				return nil, err
			case v == decides:
				return decides, nil
			case v == nil:
				out = nil
			}
		}
		return out, nil
	}
}

// sqlNegate is unknown for all but numbers, so "-a" is for each property a
// (UnaryExpression.java).
func sqlNegate(e evaluation) evaluation {
	return func(get lookup) (any, error) {
		switch v, err := e(get); v := v.(type) {
		case int32:
			return -v, err
		case int64:
			return -v, err
		case float64:
			return -v, err
		default:
			return nil, err
		}
	}
}

func sqlIsNull(e evaluation, not bool) evaluation {
	return func(get lookup) (any, error) {
		v, err := e(get)
		return (v == nil) != not, err
	}
}

// sqlEqual knows more than SQL of what is unknown: two such are equal, and on the
// right one differs from all that is known (ComparisonExpression.java). So "a = b"
// is true of a message with neither.
func sqlEqual(left, right evaluation) evaluation {
	return func(get lookup) (any, error) {
		l, err := left(get)
		if err != nil {
			return nil, err
		}
		r, err := right(get)
		switch {
		case err != nil:
			return nil, err
		case l == nil && r == nil:
			return true, nil
		case l == nil:
			return nil, nil
		case r == nil:
			return false, nil
		}
		n, err := sqlCompare(l, r)
		return n == 0, err
	}
}

// sqlOrder is <, <=, > or >=.
func sqlOrder(left evaluation, op string, right evaluation) evaluation {
	return func(get lookup) (any, error) {
		l, err := left(get)
		if l == nil || err != nil {
			return nil, err
		}
		return sqlOrdered(get, l, op, right)
	}
}

// sqlOrdered compares a value known by now. Two strings must both be numbers.
func sqlOrdered(get lookup, l any, op string, right evaluation) (any, error) {
	r, err := right(get)
	if r == nil || err != nil {
		return nil, err
	}
	_, ls := l.(string)
	if s, rs := r.(string); ls && rs {
		if r, err = javaDouble(s); err != nil {
			return nil, err
		}
	}
	n, err := sqlCompare(l, r)
	switch op {
	case "<":
		return n < 0, err
	case "<=":
		return n <= 0, err
	case ">":
		return n > 0, err
	default:
		return n >= 0, err
	}
}

// sqlBetween is two comparisons joined by AND, or for NOT BETWEEN by OR. They
// share the value, or else nested ones would take time without bound.
func sqlBetween(value, low, high evaluation, not bool) evaluation {
	return func(get lookup) (any, error) {
		v, err := value(get)
		if v == nil || err != nil {
			return nil, err
		}
		above, below := ">=", "<="
		if not {
			above, below = "<", ">"
		}
		return sqlLogic([]evaluation{
			func(get lookup) (any, error) { return sqlOrdered(get, v, above, low) },
			func(get lookup) (any, error) { return sqlOrdered(get, v, below, high) },
		}, not)(get)
	}
}

func sqlIn(e evaluation, list map[string]bool, not bool) evaluation {
	return func(get lookup) (any, error) {
		v, err := e(get)
		if s, ok := v.(string); ok {
			return list[s] != not, err
		}
		return nil, err
	}
}

// sqlSearch looks for part in a string. Of what is no string or missing it is
// false, not unknown, with NOT as without. So it is of all for an empty part, even
// of what would fail (ComparisonExpression.java).
func sqlSearch(e evaluation, op, part string, not bool) evaluation {
	found := map[string]func(s, part string) bool{
		"CONTAINS": strings.Contains, "STARTSWITH": strings.HasPrefix, "ENDSWITH": strings.HasSuffix,
	}[op]
	if part == "" {
		return sqlLiteral(false)
	}
	return func(get lookup) (any, error) {
		v, err := e(get)
		s, ok := v.(string)
		return ok && found(s, part) != not, err
	}
}

// sqlCompare orders two known values as __compare does (ComparisonExpression.java).
// A string is read as what it is compared with, only that a boolean on the left
// throws. Other unlike values are less, so never equal.
func sqlCompare(l, r any) (int, error) {
	var err error
	if s, ok := l.(string); ok {
		l, err = sqlConvert(s, r)
	} else if s, ok := r.(string); ok {
		if _, ok := l.(bool); ok {
			return 0, errValue
		}
		r, err = sqlConvert(s, l)
	}
	if err != nil {
		return 0, err
	}
	i, whole := sqlLong(l)
	if j, both := sqlLong(r); whole && both {
		return cmp.Compare(i, j), nil
	}
	f, number := sqlDouble(l)
	g, both := sqlDouble(r)
	switch {
	case number && both:
		return compareDoubles(f, g), nil
	case l == r:
		return 0, nil
	default:
		return -1, nil
	}
}

// sqlNumeral measures a number. "007" is the number 0 and what follows, and so is
// "0L"; "00.5" is one number.
func sqlNumeral(s string) (n int, kind string) {
	n, kind = sqlSpan(s, sqlDigit), sqlInteger
	if strings.HasPrefix(s[n:], ".") {
		n, kind = n+1+sqlSpan(s[n+1:], sqlDigit), sqlFloat
	}
	if e := s[n:]; e != "" && e[0]|0x20 == 'e' {
		sign := 1
		if len(e) > 1 && (e[1] == '+' || e[1] == '-') {
			sign = 2
		}
		if digits := sqlSpan(e[sign:], sqlDigit); digits > 0 {
			return n + sign + digits, sqlFloat
		}
	}
	switch {
	case kind == sqlFloat:
	case s[0] == '0':
		n = 1
	case n < len(s) && s[n]|0x20 == 'l':
		n++
	}
	return n, kind
}

// sqlNumber is a literal's value: an Integer where one fits, and else a Long; of
// floats a Double. No float below the smallest positive one is taken, so there is
// no 0.0 (ConstantExpression.java).
func sqlNumber(text string, float bool) (any, bool) {
	if float {
		f, err := strconv.ParseFloat(text, 64)
		return f, err == nil && f > 0
	}
	n, err := strconv.ParseInt(strings.TrimRight(text, "lL"), 10, 64)
	if n <= math.MaxInt32 {
		return int32(n), err == nil
	}
	return n, err == nil
}

// sqlConvert reads a string as a value of like's type. An Integer takes neither a
// longer number nor one with a point: "a > 1" fails on a = "1.5".
func sqlConvert(s string, like any) (any, error) {
	bits := 64
	switch like.(type) {
	case bool:
		return strings.EqualFold(s, "true"), nil
	case float64:
		return javaDouble(s)
	case int32:
		bits = 32
	case int64:
	default:
		return s, nil
	}
	n, err := strconv.ParseInt(s, 10, bits)
	if err != nil {
		return nil, errValue
	}
	return n, nil
}

func sqlLong(v any) (int64, bool) {
	switch v := v.(type) {
	case int32:
		return int64(v), true
	case int64:
		return v, true
	}
	return 0, false
}

func sqlDouble(v any) (float64, bool) {
	if f, ok := v.(float64); ok {
		return f, true
	}
	n, ok := sqlLong(v)
	return float64(n), ok
}

// javaDouble is Double.valueOf: blanks around and a "d" or "f" behind are taken,
// and what is out of range is infinite. Go takes more spellings than Java does.
func javaDouble(s string) (float64, error) {
	s = strings.TrimFunc(s, func(r rune) bool { return r <= ' ' })
	unsigned := s
	if s != "" && (s[0] == '+' || s[0] == '-') {
		unsigned = s[1:]
	}
	switch {
	case unsigned == "NaN":
		return math.NaN(), nil
	case unsigned == "Infinity":
	case strings.ContainsAny(s, "_iInN"):
		return 0, errValue
	case s != "" && strings.IndexByte("dDfF", s[len(s)-1]) >= 0:
		s = s[:len(s)-1]
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return 0, errValue
	}
	return f, nil
}

// compareDoubles is Double.compareTo: -0 is less than 0, and NaN is the greatest
// and equal to itself.
func compareDoubles(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	case math.IsNaN(a) || math.IsNaN(b):
		return cmp.Compare(b, a) // Go has NaN the least
	}
	return -cmp.Compare(math.Float64bits(a), math.Float64bits(b)) // only a zero's sign
}
