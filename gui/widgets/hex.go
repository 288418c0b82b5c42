package widgets

import "strings"

// hexWidth is how many bytes a line of a hex dump shows.
const hexWidth = 16

// HexLines returns how many lines the dump of n bytes has.
func HexLines(n int) int { return (n + hexWidth - 1) / hexWidth }

// HexLine returns line i of the dump of b: the offset in hex, sixteen bytes in
// two groups of eight, and the printable ASCII signs. A line outside b is "".
func HexLine(b []byte, i int) string {
	from := i * hexWidth
	if i < 0 || from >= len(b) {
		return ""
	}
	part := b[from:min(from+hexWidth, len(b))]
	var s strings.Builder
	s.Grow(8 + 2 + 3*hexWidth + 2 + hexWidth)
	for shift := 28; shift >= 0; shift -= 4 {
		s.WriteByte(hexDigit(byte(from >> shift & 15)))
	}
	s.WriteByte(' ')
	for j := range hexWidth {
		if j%8 == 0 {
			s.WriteByte(' ')
		}
		if j < len(part) {
			s.WriteByte(hexDigit(part[j] >> 4))
			s.WriteByte(hexDigit(part[j] & 15))
			s.WriteByte(' ')
		} else {
			s.WriteString("   ")
		}
	}
	s.WriteByte(' ')
	for _, c := range part {
		if c < 0x20 || c > 0x7E {
			c = '.'
		}
		s.WriteByte(c)
	}
	return s.String()
}

func hexDigit(v byte) byte {
	if v < 10 {
		return '0' + v
	}
	return 'a' + v - 10
}

// HexDump returns the hex dump of b, for the clipboard.
func HexDump(b []byte) string {
	var out strings.Builder
	for i := range HexLines(len(b)) {
		if i > 0 {
			out.WriteByte('\n')
		}
		out.WriteString(HexLine(b, i))
	}
	return out.String()
}
