package placeholder

import (
	"encoding/hex"
	"math/bits"
	"strconv"
	"strings"
)

// bits128 are random bits.
type bits128 struct{ high, low uint64 }

// draw returns the bits of a placeholder in this message. The two halves mix seed, number
// and words in ways of their own, so that UUIDs of runs of any size do not meet.
func (v *Values) draw(id uint64) bits128 {
	seq := uint64(v.Seq)
	return bits128{
		high: mix(mix(mix(v.Seed+0x9E3779B97F4A7C15)^seq) ^ id),
		low:  mix(mix(mix(v.Seed^0xD1B54A32D192ED03)+bits.RotateLeft64(id, 32)) ^ (seq * 0xA0761D6478BD642F)),
	}
}

// mix is the finalizer of SplitMix64: each bit of x bears on each of the result, and no two
// have the same one.
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xBF58476D1CE4E5B9
	x = (x ^ x>>27) * 0x94D049BB133111EB
	return x ^ x>>31
}

// below is a number under n, or any where n is 0.
func (b bits128) below(n uint64) uint64 {
	if n == 0 {
		return b.high
	}
	high, _ := bits.Mul64(b.high, n)
	return high
}

// appendUUID appends the bits as a UUID of version 4.
func appendUUID(dst []byte, b bits128) []byte {
	var raw [16]byte
	for i := range 8 {
		raw[i] = byte(b.high >> (56 - 8*i))
		raw[8+i] = byte(b.low >> (56 - 8*i))
	}
	raw[6] = raw[6]&0x0F | 0x40
	raw[8] = raw[8]&0x3F | 0x80
	dst = append(hex.AppendEncode(dst, raw[:4]), '-')
	dst = append(hex.AppendEncode(dst, raw[4:6]), '-')
	dst = append(hex.AppendEncode(dst, raw[6:8]), '-')
	dst = append(hex.AppendEncode(dst, raw[8:10]), '-')
	return hex.AppendEncode(dst, raw[10:])
}

// span are the numbers of a {{rand}}: from the lowest on, in units of the last place.
type span struct {
	lowest int64
	size   uint64 // how many there are, 0 for all of 64 bits
	places int    // behind the point
}

// parse reads two numbers, and a third, whole one.
func (s *span) parse(f found) *Error {
	if err := atLeast(f, 2); err != nil {
		return err
	}
	args := f.words[1:]
	for _, a := range args[:2] {
		if !isNumber(a.text) {
			return badWord(f, a)
		}
	}
	if len(args) > 2 && !whole(args[2].text) {
		return badWord(f, args[2])
	}
	s.places = max(places(args[0].text), places(args[1].text))
	lowest, ok1 := units(args[0].text, s.places)
	highest, ok2 := units(args[1].text, s.places)
	if !ok1 || !ok2 || lowest > highest {
		from, to := args[0].at, args[1].end
		return &Error{Code: BadRange, At: from, Len: to - from, Name: f.words[0].text}
	}
	s.lowest, s.size = lowest, uint64(highest)-uint64(lowest)+1
	return atMost(f, 3)
}

// isNumber tells whether a word is 12, -3 or 0.50.
func isNumber(word string) bool {
	before, after, point := strings.Cut(strings.TrimPrefix(word, "-"), ".")
	digits := func(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }
	return digits(before) && (!point || digits(after))
}

// places counts the digits behind the point.
func places(number string) int {
	_, after, _ := strings.Cut(number, ".")
	return len(after)
}

// units is a number in units of the last of so many places, false where it has too many
// digits.
func units(number string, places int) (int64, bool) {
	if places > 18 {
		return 0, false
	}
	before, after, _ := strings.Cut(number, ".")
	n, err := strconv.ParseInt(before+after+strings.Repeat("0", places-len(after)), 10, 64)
	return n, err == nil
}

func (s *span) append(dst []byte, b bits128) []byte {
	n := int64(uint64(s.lowest) + b.below(s.size))
	if s.places == 0 {
		return strconv.AppendInt(dst, n, 10)
	}
	u := uint64(n)
	if n < 0 {
		dst, u = append(dst, '-'), -u
	}
	var digits [24]byte
	all := appendPadded(digits[:0], u, s.places+1)
	point := len(all) - s.places
	return append(append(append(dst, all[:point]...), '.'), all[point:]...)
}
