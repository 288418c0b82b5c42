// Package find is what finding within a text is made of, in the editor and where a body is
// read: the search, the way from one place found to the next, and the line that one types
// into.
//
// The search may be called from anywhere; the Line is used on Fyne's main goroutine only.
package find

import (
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Hit is a place that was searched for, in bytes.
type Hit struct{ From, To int }

// Most is how many places are found in one text.
const Most = 1_000_000

// Search returns the places of what in s, from left to right, none over another, the first
// Most of them. Without exact, capital and small letters are the same; those of ASCII are so
// among themselves only. It reads 1 MB in some 2 ms.
func Search(s, what string, exact bool) []Hit {
	var hits []Hit
	switch {
	case what == "":
	case exact:
		for at := 0; len(hits) < Most; {
			n := strings.Index(s[at:], what)
			if n < 0 {
				return hits
			}
			hits = append(hits, Hit{at + n, at + n + len(what)})
			at += n + len(what)
		}
	case ascii(what):
		return searchASCII(s, strings.ToLower(what))
	default:
		first, _ := utf8.DecodeRuneInString(what)
		first = lower(first)
		for at := 0; at < len(s) && len(hits) < Most; {
			r, n := rune(s[at]), 1
			if r >= utf8.RuneSelf {
				r, n = utf8.DecodeRuneInString(s[at:])
			}
			if lower(r) == first {
				if end := alike(s, at, what); end >= 0 {
					hits = append(hits, Hit{at, end})
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
func searchASCII(s, what string) []Hit {
	var hits []Hit
	for at := 0; at+len(what) <= len(s) && len(hits) < Most; {
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
		hits = append(hits, Hit{at, at + n})
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

// From is the first hit at or behind a place, or else the first of all; -1 for none.
func From(hits []Hit, at int) int {
	if len(hits) == 0 {
		return -1
	}
	return sort.Search(len(hits), func(i int) bool { return hits[i].From >= at }) % len(hits)
}

// Next is the hit that follows what is selected, or the one before it, beginning again at
// the end; -1 for none.
func Next(hits []Hit, selected Hit, forward bool) int {
	n := len(hits)
	if n == 0 {
		return -1
	}
	i := From(hits, selected.From)
	switch {
	case !forward:
		i = sort.Search(n, func(i int) bool { return hits[i].From >= selected.From }) + n - 1
	case hits[i] == selected:
		i++
	default:
		i = From(hits, selected.To)
	}
	return i % n
}
