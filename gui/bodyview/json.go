package bodyview

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
func Pieces(s string) []Piece {
	pieces := make([]Piece, 0, len(s)/6+1)
	for i := 0; i < len(s); {
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
		end, closed := stringEnd(s, i)
		if closed && colonFollows(s, end) {
			return Key, end
		}
		return String, end
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

// stringEnd returns the place after the closing quote of the string at i, or
// the end of its line when it is not closed there.
func stringEnd(s string, i int) (end int, closed bool) {
	for j := i + 1; j < len(s); j++ {
		switch s[j] {
		case '\\':
			j++
		case '"':
			return j + 1, true
		case '\n':
			return j, false
		}
	}
	return len(s), false
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
