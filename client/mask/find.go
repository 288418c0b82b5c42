package mask

import "bytes"

// kind is what a number is.
type kind int

const (
	none kind = iota
	phone
	identity
	card
)

// number is one that was found: where its digits stand that are masked, and its end. The last
// sign of an identity number may be an X.
type number struct {
	kind kind
	at   []int
	end  int
}

// numbers masks the numbers in a text by the rules; nil says that there are none.
func (m *Masker) numbers(text []byte) []byte {
	if !m.rules.Phone && !m.rules.Identity && !m.rules.Card {
		return nil
	}
	var out []byte
	for i := 0; i < len(text); i++ {
		if !digit(text[i]) && text[i] != '+' {
			continue
		}
		n := match(text, i, m.rules.Phone, m.rules.Identity, m.rules.Card)
		if n.kind == none {
			for digit(text[i]) && i+1 < len(text) && digit(text[i+1]) {
				i++
			}
			continue
		}
		if out == nil {
			out = bytes.Clone(text)
		}
		m.put(out, n)
		i = n.end - 1
	}
	return out
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

// match returns the number that begins at a place, where a digit or a plus sign is.
func match(text []byte, at int, phones, identities, cards bool) number {
	if !begins(text, at) {
		return number{}
	}
	if phones {
		if n := mobile(text, at); n.kind != none {
			return n
		}
		if n := international(text, at); n.kind != none {
			return n
		}
	}
	if identities {
		for _, groups := range [][]int{{18}, {6, 8, 4}} {
			if d := grouped(text, at, groups); d != nil && ends(text, d[17]+1) && isIdentity(text, d) {
				return number{identity, d, d[17] + 1}
			}
		}
	}
	if cards {
		return cardAt(text, at)
	}
	return number{}
}

// begins tells whether a number can begin at a place: not within digits, behind a decimal
// point, or in a word of hexadecimal digits, as ids have them.
func begins(text []byte, at int) bool {
	if at > 0 && digit(text[at-1]) || at > 1 && text[at-1] == '.' && digit(text[at-2]) {
		return false
	}
	return text[at] == '+' || !hexWord(text, at)
}

// ends tells whether a number can end before a place.
func ends(text []byte, at int) bool {
	return at >= len(text) || !digit(text[at]) && (text[at] != '.' || at+1 >= len(text) || !digit(text[at+1]))
}

// nearby is how far a word is looked at, in bytes to each side.
const nearby = 40

// hexWord tells whether the word around a place is one of hexadecimal digits with letters
// among them.
func hexWord(text []byte, at int) bool {
	letters := false
	// within tells whether a sign is one of a word; other: it is none of such a word.
	within := func(c byte) (in, other bool) {
		c |= 0x20
		letter := c >= 'a' && c <= 'z'
		letters = letters || letter
		return letter || digit(c), letter && c > 'f'
	}
	for i := at - 1; i >= max(at-nearby, 0); i-- {
		if in, other := within(text[i]); other {
			return false
		} else if !in {
			break
		}
	}
	for _, c := range text[at:min(at+nearby, len(text))] {
		if in, other := within(c); other {
			return false
		} else if !in {
			break
		}
	}
	return letters
}

// grouped returns where digits stand in groups, with the same blank or hyphen between them;
// the last of 18 may be an X. nil is none.
func grouped(text []byte, at int, groups []int) (d []int) {
	sign := byte(0)
	for i, size := range groups {
		if i > 0 {
			if at >= len(text) || text[at] != ' ' && text[at] != '-' || sign != 0 && text[at] != sign {
				return nil
			}
			sign = text[at]
			at++
		}
		for range size {
			if at >= len(text) || !digit(text[at]) && (len(d) != 17 || text[at]|0x20 != 'x') {
				return nil
			}
			d = append(d, at)
			at++
		}
	}
	return d
}

// mobile is a mobile number of China, with or without its country's.
func mobile(text []byte, at int) number {
	rest := text[at:]
	for _, country := range []string{"+86", "0086", "86", ""} {
		if !bytes.HasPrefix(rest, []byte(country)) {
			continue
		}
		from := at + len(country)
		if country != "" && from < len(text) && (text[from] == ' ' || text[from] == '-') {
			from++
		}
		if from+1 >= len(text) || text[from] != '1' || text[from+1] < '3' || text[from+1] > '9' {
			continue
		}
		for _, groups := range [][]int{{11}, {3, 4, 4}} {
			if d := grouped(text, from, groups); d != nil && ends(text, d[10]+1) {
				return number{phone, d, d[10] + 1}
			}
		}
	}
	return number{}
}

// Digits of a number with its country's, ITU's E.164, at least and at most.
const (
	leastPhone = 8
	mostPhone  = 15
)

// international is a number with a plus sign before it.
func international(text []byte, at int) number {
	if text[at] != '+' || at+1 >= len(text) || text[at+1] < '1' || text[at+1] > '9' {
		return number{}
	}
	var d, whole []int // whole ends with a group
	for i, gap := at+1, 0; i < len(text); i++ {
		c := text[i]
		if digit(c) {
			d, gap = append(d, i), 0
			if len(d) > mostPhone {
				break
			}
			if i+1 == len(text) || !digit(text[i+1]) {
				whole = d
			}
			continue
		}
		if gap++; gap > 2 || !bytes.ContainsRune([]byte(" -.()"), rune(c)) {
			break
		}
	}
	if len(whole) < leastPhone {
		return number{}
	}
	return number{phone, whole, whole[len(whole)-1] + 1}
}

// cardAt is a bank card: one piece, or in fours.
func cardAt(text []byte, at int) number {
	size := 0
	for at+size < len(text) && digit(text[at+size]) {
		size++
	}
	all := [][]int{{size}}
	if size == 4 {
		all = [][]int{{4, 4, 4, 4, 3}, {4, 4, 4, 4, 2}, {4, 4, 4, 4}, {4, 6, 5}, {4, 6, 4}}
	}
	for _, groups := range all {
		if d := grouped(text, at, groups); len(d) >= 14 && len(d) <= 19 && ends(text, d[len(d)-1]+1) && isCard(text, d) {
			return number{card, d, d[len(d)-1] + 1}
		}
	}
	return number{}
}

// isCard tells whether digits are a bank card's: of one of the issuers that there are, which
// leaves times and most ids out, and with the check digit that fits.
func isCard(text []byte, d []int) bool {
	head := 0
	for _, i := range d[:4] {
		head = head*10 + int(text[i]-'0')
	}
	if (head < 3000 || head > 6999) && (head < 2221 || head > 2720) && head != 9558 {
		return false
	}
	last := len(d) - 1
	return text[d[last]] == luhn(text, d[:last])
}

// luhn is the check digit behind digits.
func luhn(text []byte, d []int) byte {
	sum := 0
	for i := range d {
		v := int(text[d[len(d)-1-i]] - '0')
		if i%2 == 0 {
			if v *= 2; v > 9 {
				v -= 9
			}
		}
		sum += v
	}
	return '0' + byte((10-sum%10)%10)
}

// isIdentity tells whether 18 signs are an identity number: a region, a birthday, a number,
// and the check sign that fits (GB 11643).
func isIdentity(text []byte, d []int) bool {
	n := func(from, to int) (v int) {
		for _, i := range d[from:to] {
			v = v*10 + int(text[i]-'0')
		}
		return v
	}
	year, month, day := n(6, 10), n(10, 12), n(12, 14)
	if text[d[0]] == '0' || year < 1900 || year > 2099 || month < 1 || month > 12 || day < 1 || day > 31 {
		return false
	}
	return text[d[17]]&^0x20 == checkSign(text, d)&^0x20
}

// checkSign is the check sign of an identity number.
func checkSign(text []byte, d []int) byte {
	sum := 0
	for i, weight := range [17]int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2} {
		sum += int(text[d[i]]-'0') * weight
	}
	return "10X98765432"[sum%11]
}
