package widgets

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Cell is the width of one character of mono 12 in Fyne units. A Chinese character is
// narrower than two cells but counts as two.
const Cell float32 = 7.2

// Cells returns how many cells a rune takes in a monospace column: 0 for marks
// that combine, 2 for Chinese, Japanese, Korean, full-width characters and emoji,
// else 1.
func Cells(r rune) int {
	switch {
	case r < 0x300:
		return 1
	case unicode.Is(unicode.Mn, r) || r == 0x200B || r == 0x200D || r >= 0xFE00 && r <= 0xFE0F:
		return 0
	case r >= 0x1100 && r <= 0x115F, r >= 0x2E80 && r <= 0xA4CF, r >= 0xAC00 && r <= 0xD7A3,
		r >= 0xF900 && r <= 0xFAFF, r >= 0xFE30 && r <= 0xFE6F, r >= 0xFF00 && r <= 0xFF60,
		r >= 0xFFE0 && r <= 0xFFE6, r >= 0x1F300 && r <= 0x1FAFF, r >= 0x20000 && r <= 0x3FFFD:
		return 2
	}
	return 1
}

// TextCut cuts s to what fits into a column of mono 12 that is width units wide
// and ends a cut text with "…". Line breaks and other control characters become one
// space. It reads no more of s than it shows, so s may be long.
func TextCut(s string, width float32) string {
	room := int(width / Cell)
	if room <= 0 {
		return ""
	}
	out := make([]byte, 0, min(len(s), room*4)+3)
	used, fits := 0, 0 // fits: bytes of out that leave room for "…"
	for i, r := range s {
		if r < 0x20 || r == 0x7F {
			r = ' '
		}
		n := Cells(r)
		if used+n > room {
			return string(append(out[:fits], "…"...))
		}
		used += n
		if r == utf8.RuneError {
			r = '.'
		}
		out = utf8.AppendRune(out, r)
		if used <= room-1 {
			fits = len(out)
		}
		if n == 0 && i > room*16 { // a text of nothing but combining marks
			return string(append(out[:fits], "…"...))
		}
	}
	return string(out)
}

// TextCutMiddle cuts the middle out of s as TextCut cuts its end: of a path both ends tell
// the most. Of a text that is longer than any line it reads the beginning only.
func TextCutMiddle(s string, width float32) string {
	const most = 2000 // cells
	return CutMiddle(TextCut(s, most*Cell), width, func(s string) float32 {
		n := 0
		for _, r := range s {
			n += Cells(r)
		}
		return float32(n) * Cell
	})
}

// CutMiddle cuts the middle out of s until measure of it is at most width, so
// that a host keeps its first and its last part ("mq-prod…corp:9876").
func CutMiddle(s string, width float32, measure func(string) float32) string {
	if measure(s) <= width {
		return s
	}
	runes := []rune(s)
	low, high := 0, len(runes) // the largest count of kept runes that fits
	shown := func(n int) string {
		head := (n + 1) / 2
		return string(runes[:head]) + "…" + string(runes[len(runes)-(n-head):])
	}
	for low < high {
		mid := (low + high + 1) / 2
		if measure(shown(mid)) <= width {
			low = mid
		} else {
			high = mid - 1
		}
	}
	if low == 0 && measure("…") > width {
		return ""
	}
	return shown(low)
}

// CutLines breaks s into at most so many lines of which measure is at most width: behind a
// space, or anywhere where a line has none. What is left of it ends the last line, cut by
// CutEnd.
func CutLines(s string, width float32, most int, measure func(string) float32) []string {
	var lines []string
	for len(lines) < most-1 && measure(s) > width {
		line := strings.TrimSuffix(CutEnd(s, width, measure), "…")
		if at := strings.LastIndexByte(line, ' '); at > 0 && !strings.HasPrefix(s[len(line):], " ") {
			line = line[:at]
		}
		if line == "" {
			break
		}
		lines, s = append(lines, line), strings.TrimLeft(s[len(line):], " ")
	}
	return append(lines, CutEnd(s, width, measure))
}

// CutEnd cuts the end of s until measure of it is at most width, for
// proportional text. A cut text ends with "…".
func CutEnd(s string, width float32, measure func(string) float32) string {
	if measure(s) <= width {
		return s
	}
	runes := []rune(s)
	low, high := 0, len(runes)
	for low < high {
		mid := (low + high + 1) / 2
		if measure(string(runes[:mid])+"…") <= width {
			low = mid
		} else {
			high = mid - 1
		}
	}
	if low == 0 && measure("…") > width {
		return ""
	}
	return string(runes[:low]) + "…"
}
