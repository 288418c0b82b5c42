package placeholder

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// isoPattern is what {{now}} has without a pattern.
const isoPattern = "yyyy-MM-dd'T'HH:mm:ss.SSSXXX"

// moment is a {{now}}: when, and how it is written.
type moment struct {
	days   int
	by     time.Duration
	pieces []piece // of a pattern, nil for a number
	unit   string  // of the number: "ms" or "s" since 1970
}

// piece is a letter of a pattern, so many times; or a text, where the letter is 0.
type piece struct {
	letter byte
	n      int
	text   string
}

// parse reads an offset and a pattern or unit, in any order, each once at most.
func (m *moment) parse(f found) *Error {
	moved := false
	for _, w := range f.words[1:] {
		shaped := m.unit != "" || m.pieces != nil
		switch {
		case isOffset(w.text):
			if moved || !m.move(w.text) {
				return badWord(f, w)
			}
			moved = true
		case shaped || w.text == "":
			return badWord(f, w)
		case w.text == "ms" || w.text == "s":
			m.unit = w.text
		default:
			var wrong string
			if m.pieces, wrong = parsePattern(w.text); wrong != "" {
				return &Error{Code: BadPattern, At: w.at, Len: w.end - w.at, Name: f.words[0].text, Value: wrong}
			}
		}
	}
	if m.unit == "" && m.pieces == nil {
		m.pieces, _ = parsePattern(isoPattern)
	}
	return nil
}

// isOffset tells whether a word is meant as an offset: a sign and a digit.
func isOffset(word string) bool {
	return len(word) > 1 && (word[0] == '+' || word[0] == '-') && word[1] >= '0' && word[1] <= '9'
}

// move reads an offset as +1h30m: the units w, d, h, m, s and ms, and a hundred years in
// all. A day is one of the calendar: the time of day stays.
func (m *moment) move(offset string) bool {
	const most = 36525 // days
	for rest := offset[1:]; rest != ""; {
		var number, unit string
		number, rest = cutLeft(rest, "0123456789")
		unit, rest = cutLeft(rest, "wdhms")
		n, err := strconv.Atoi(number)
		if err != nil {
			return false
		}
		var one time.Duration
		switch unit {
		case "w", "d":
			if unit == "w" {
				n = 7 * min(n, most)
			}
			m.days += min(n, most+1)
		case "h":
			one = time.Hour
		case "m":
			one = time.Minute
		case "s":
			one = time.Second
		case "ms":
			one = time.Millisecond
		default:
			return false
		}
		if m.days > most || one > 0 && time.Duration(n) > (most*24*time.Hour-m.by)/one {
			return false
		}
		m.by += time.Duration(n) * one
	}
	if offset[0] == '-' {
		m.days, m.by = -m.days, -m.by
	}
	return true
}

// cutLeft cuts off what text begins with of these letters.
func cutLeft(text, letters string) (begin, rest string) {
	rest = strings.TrimLeft(text, letters)
	return text[:len(text)-len(rest)], rest
}

// parsePattern reads a pattern of Java's DateTimeFormatter in the letters that
// SimpleDateFormat has too, with its fraction of a second; names are English. wrong is
// what cannot be read.
func parsePattern(pattern string) (all []piece, wrong string) {
	for i := 0; i < len(pattern); {
		c := pattern[i]
		switch {
		case c == '\'':
			text, size := quotedPattern(pattern[i:])
			if size == 0 {
				return nil, pattern[i:]
			}
			all = append(all, piece{text: text})
			i += size
		case c|0x20 >= 'a' && c|0x20 <= 'z':
			letters, _ := cutLeft(pattern[i:], string(rune(c)))
			n := len(letters)
			if n > mostOf(c) {
				return nil, letters
			}
			all = append(all, piece{letter: c, n: n})
			i += n
		default:
			_, size := utf8.DecodeRuneInString(pattern[i:])
			all = append(all, piece{text: pattern[i : i+size]})
			i += size
		}
	}
	return all, ""
}

// quotedPattern is the text of a pattern that begins with a quote, and its length there, 0
// where the quote is not closed. Two quotes are one.
func quotedPattern(pattern string) (text string, size int) {
	if strings.HasPrefix(pattern, "''") {
		return "'", 2
	}
	for i := 1; i < len(pattern); i++ {
		if pattern[i] != '\'' {
			continue
		}
		if !strings.HasPrefix(pattern[i:], "''") {
			return strings.ReplaceAll(pattern[1:i], "''", "'"), i + 1
		}
		i++
	}
	return "", 0
}

// mostOf is how often a letter may stand in a row, 0 where it says nothing here. Y is
// left out: it is the year of the week, and nearly always typed in place of y.
func mostOf(letter byte) int {
	switch letter {
	case 'y', 'u', 'S':
		return 9
	case 'M', 'L', 'E', 'z':
		return 4
	case 'd', 'H', 'h', 'K', 'k', 'm', 's':
		return 2
	case 'D', 'X', 'x':
		return 3
	case 'Z':
		return 5
	case 'a':
		return 1
	}
	return 0
}

// escape makes the texts of the pattern such that they can stand in a string of JSON.
func (m *moment) escape(escape bool) {
	for i := range m.pieces {
		m.pieces[i].text = string(appendText(nil, m.pieces[i].text, escape))
	}
}

func (m *moment) append(dst []byte, at time.Time, escape bool) []byte {
	if m.days != 0 {
		at = at.AddDate(0, 0, m.days)
	}
	at = at.Add(m.by)
	switch m.unit {
	case "ms":
		return strconv.AppendInt(dst, at.UnixMilli(), 10)
	case "s":
		return strconv.AppendInt(dst, at.Unix(), 10)
	}
	c := clock{Time: at}
	c.year, c.month, c.day = at.Date()
	c.hour, c.minute, c.second = at.Clock()
	for i := range m.pieces {
		if p := &m.pieces[i]; p.letter == 0 {
			dst = append(dst, p.text...)
		} else {
			dst = c.append(dst, p.letter, p.n, escape)
		}
	}
	return dst
}

// clock is a time and its fields.
type clock struct {
	time.Time
	year, day, hour, minute, second int
	month                           time.Month
}

func (c *clock) append(dst []byte, letter byte, n int, escape bool) []byte {
	number := func(v int) []byte { return appendPadded(dst, uint64(v), n) }
	switch letter {
	case 'y', 'u':
		year := c.year
		if year < 0 {
			dst, year = append(dst, '-'), -year
		}
		if n == 2 {
			year %= 100
		}
		return number(year)
	case 'M', 'L':
		return appendName(dst, c.month.String(), int(c.month), n)
	case 'd':
		return number(c.day)
	case 'D':
		return number(c.YearDay())
	case 'E':
		return appendName(dst, c.Weekday().String(), 0, max(n, 3))
	case 'a':
		return append(dst, "AMPM"[c.hour/12*2:][:2]...)
	case 'H':
		return number(c.hour)
	case 'k':
		return number((c.hour+23)%24 + 1)
	case 'h':
		return number((c.hour+11)%12 + 1)
	case 'K':
		return number(c.hour % 12)
	case 'm':
		return number(c.minute)
	case 's':
		return number(c.second)
	case 'S':
		var digits [9]byte
		return append(dst, appendPadded(digits[:0], uint64(c.Nanosecond()), 9)[:n]...)
	case 'z':
		if name, _ := c.Zone(); name != "" {
			return appendText(dst, name, escape)
		}
		return c.appendOffset(dst, 'x', 3)
	}
	return c.appendOffset(dst, letter, n)
}

// appendName appends a name, its first three letters, or a number, as Java has it for four,
// three and fewer letters of a pattern.
func appendName(dst []byte, name string, number, n int) []byte {
	switch n {
	case 4:
		return append(dst, name...)
	case 3:
		return append(dst, name[:3]...)
	}
	return appendPadded(dst, uint64(number), n)
}

// appendOffset appends how far the zone is from UTC, for X, x and Z; its seconds, of
// times long ago, are left out.
func (c *clock) appendOffset(dst []byte, letter byte, n int) []byte {
	_, seconds := c.Zone()
	minutes := seconds / 60
	if minutes == 0 && (letter == 'X' || letter == 'Z' && n == 5) {
		return append(dst, 'Z')
	}
	if letter == 'Z' && n == 4 {
		if dst = append(dst, "GMT"...); minutes == 0 {
			return dst
		}
	}
	sign := byte('+')
	if minutes < 0 {
		sign, minutes = '-', -minutes
	}
	dst = appendPadded(append(dst, sign), uint64(minutes/60), 2)
	if letter != 'Z' && n == 1 && minutes%60 == 0 {
		return dst
	}
	if n >= 3 && (letter != 'Z' || n > 3) {
		dst = append(dst, ':')
	}
	return appendPadded(dst, uint64(minutes%60), 2)
}
