package bodyview

import (
	"strings"

	"gantry/gui/widgets"
)

// hexWidth is how many bytes a line of a hex dump has, hexNarrow where the room is
// too small for it.
const (
	hexWidth  = 16
	hexNarrow = 8
)

// hexFor is how many bytes a line has in a view of that width.
func hexFor(width float32) int {
	columns := float32(len(hexLine(make([]byte, hexWidth), 0, hexWidth)))
	if width < columns*widgets.Cell+2*bodyMargin+8 {
		return hexNarrow
	}
	return hexWidth
}

// hexCount returns how many lines of per bytes the dump of n bytes has.
func hexCount(n, per int) int { return (n + per - 1) / per }

// hexLine returns line i of the dump of b with per bytes a line: the offset in hex,
// the bytes in groups of eight, and the printable ASCII characters. A line outside b is "".
func hexLine(b []byte, i, per int) string {
	from := i * per
	if i < 0 || from >= len(b) {
		return ""
	}
	part := b[from:min(from+per, len(b))]
	var s strings.Builder
	s.Grow(8 + 2 + 3*per + 2 + per)
	for shift := 28; shift >= 0; shift -= 4 {
		s.WriteByte(hexDigit(byte(from >> shift & 15)))
	}
	s.WriteByte(' ')
	for j := range per {
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
	for i := range hexCount(len(b), hexWidth) {
		if i > 0 {
			out.WriteByte('\n')
		}
		out.WriteString(hexLine(b, i, hexWidth))
	}
	return out.String()
}
