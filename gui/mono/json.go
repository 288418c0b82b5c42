// Package mono draws lines of monospace text, for what is read and what is edited: it
// measures them, colours them and finds what is JSON in them.
//
// A Pen and Parts are used on Fyne's main goroutine only; Pieces may be called from
// anywhere.
package mono

// PieceKind says how a piece of a text is coloured.
type PieceKind uint8

// The kinds. Plain is white space and whatever is no JSON.
const (
	Plain PieceKind = iota
	Key
	String
	Number
	Literal // true, false, null
	Mark    // braces, brackets, comma, colon
)

// Piece is a part of a text, text[Start:End], in bytes.
type Piece struct {
	Kind       PieceKind
	Start, End int
}

// Pieces cuts a text into coloured pieces without changing it: the pieces stand
// one after the other and together are the whole text, whatever it holds. It
// colours as far as the text looks like JSON and never fails. A string is a key
// when the next character after white space is a colon.
func Pieces(s string) []Piece { return PiecesFrom(s, Outside) }

// State is where in a string of JSON a text begins, if in one. A string ends with its
// line at the latest.
type State uint8

// The states.
const (
	Outside State = iota
	Inside
	Escaped // inside, after a backslash
)

// Next is the state after a byte.
func (s State) Next(c byte) State {
	switch {
	case c == '\n', s == Inside && c == '"':
		return Outside
	case s == Outside && c == '"', s == Escaped:
		return Inside
	case s == Inside && c == '\\':
		return Escaped
	}
	return s
}

// PiecesFrom is Pieces for a text that begins in the middle of a line.
func PiecesFrom(s string, from State) []Piece {
	pieces := make([]Piece, 0, len(s)/6+1)
	i := 0
	if from != Outside {
		if kind, end := stringFrom(s, 0, from); end > 0 {
			pieces = append(pieces, Piece{Kind: kind, Start: 0, End: end})
			i = end
		}
	}
	for i < len(s) {
		kind, end := pieceAt(s, i)
		if n := len(pieces); n > 0 && kind == Plain && pieces[n-1].Kind == Plain {
			pieces[n-1].End = end
		} else {
			pieces = append(pieces, Piece{Kind: kind, Start: i, End: end})
		}
		i = end
	}
	return pieces
}

// pieceAt returns the kind and the end of the piece that begins at i.
func pieceAt(s string, i int) (PieceKind, int) {
	switch c := s[i]; {
	case c == '"':
		return stringFrom(s, i+1, Inside)
	case c == '-' || isDigit(c):
		return Number, numberEnd(s, i)
	case c == '{' || c == '}' || c == '[' || c == ']' || c == ',' || c == ':':
		return Mark, i + 1
	case isLetter(c):
		end := i + 1
		for end < len(s) && (isLetter(s[end]) || isDigit(s[end])) {
			end++
		}
		switch s[i:end] {
		case "true", "false", "null":
			return Literal, end
		}
		return Plain, end
	}
	return Plain, i + 1
}

// stringFrom returns the kind and the end of a string that goes on at i: after its
// closing quote, or at the end of its line when it is not closed there.
func stringFrom(s string, i int, state State) (PieceKind, int) {
	for ; i < len(s); i++ {
		if s[i] == '\n' {
			return String, i
		}
		if state = state.Next(s[i]); state == Outside {
			if colonFollows(s, i+1) {
				return Key, i + 1
			}
			return String, i + 1
		}
	}
	return String, len(s)
}

func colonFollows(s string, i int) bool {
	for ; i < len(s); i++ {
		switch s[i] {
		case ' ', '\t', '\r', '\n':
			continue
		}
		return s[i] == ':'
	}
	return false
}

// numberEnd takes every character that a number may hold: the text is shown as it
// is, so a wrong number is not worth a word here.
func numberEnd(s string, i int) int {
	for i++; i < len(s); i++ {
		c := s[i]
		if !isDigit(c) && c != '.' && c != 'e' && c != 'E' && c != '+' && c != '-' {
			break
		}
	}
	return i
}

func isDigit(c byte) bool  { return c >= '0' && c <= '9' }
func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' }
