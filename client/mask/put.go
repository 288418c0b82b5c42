package mask

import (
	"encoding/binary"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"gantry/client/jsonpath"
)

// kept is how many digits of a number stay.
const kept = 3

// put masks a number in a text.
func (m *Masker) put(text []byte, n number) {
	switch n.kind {
	case phone:
		m.permute("phone", text, n.at[kept:])
	case card:
		last := len(n.at) - 1
		m.permute("card", text, n.at[kept:last])
		text[n.at[last]] = luhn(text, n.at[:last])
	case identity:
		m.identity(text, n.at)
	}
}

// permute changes digits, as one number, into another one of as many: different ones become
// different ones. It is a Feistel network over two halves, with the key's HMAC in each round.
func (m *Masker) permute(what string, text []byte, at []int) {
	const rounds = 10
	if len(at) < 2 {
		if len(at) == 1 {
			c := text[at[0]]
			text[at[0]] = '0' + byte((uint64(c-'0')+m.word(what, 0, 1, 0))%10)
		}
		return
	}
	half := [2][]int{at[:len(at)/2], at[len(at)/2:]}
	var v, size [2]uint64
	for h := range half {
		size[h] = 1
		for _, i := range half[h] {
			v[h], size[h] = v[h]*10+uint64(text[i]-'0'), size[h]*10
		}
	}
	for r := range rounds {
		h := r % 2
		v[h] = (v[h] + m.word(what, r, len(at), v[1-h])) % size[h]
	}
	for h := range half {
		for i := len(half[h]) - 1; i >= 0; i-- {
			text[half[h][i]] = '0' + byte(v[h]%10)
			v[h] /= 10
		}
	}
}

// word is 63 bits that follow from the key and what is given.
func (m *Masker) word(what string, round, size int, v uint64) uint64 {
	b := append(m.start(what), byte(round), byte(size))
	b = binary.BigEndian.AppendUint64(b, v)
	return binary.BigEndian.Uint64(m.sum(b)) >> 1
}

// start begins what is summed up.
func (m *Masker) start(what string) []byte {
	return append(append(make([]byte, 0, 64), what...), 0)
}

func (m *Masker) sum(b []byte) []byte {
	m.mac.Reset()
	m.mac.Write(b)
	return m.mac.Sum(nil)
}

// stream gives small numbers that follow from the key and a text.
type stream struct {
	m     *Masker
	seed  []byte
	block []byte
	n     uint32
}

func (m *Masker) stream(what, text string) *stream {
	return &stream{m: m, seed: m.sum(append(m.start(what), text...))}
}

// below is a number below n, which is up to 65,536.
func (s *stream) below(n int) int {
	if len(s.block) < 4 {
		s.block = s.m.sum(binary.BigEndian.AppendUint32(append(s.m.start("stream"), s.seed...), s.n))
		s.n++
	}
	v := binary.BigEndian.Uint32(s.block)
	s.block = s.block[4:]
	return int(uint64(v) * uint64(n) >> 32)
}

// identity masks an identity number: the first three digits stay, the birthday becomes
// another one, and the check sign fits. It is an X only where it was one.
func (m *Masker) identity(text []byte, at []int) {
	old := make([]byte, len(at))
	for i, p := range at {
		old[i] = text[p]
	}
	last := old[17]
	s := m.stream("identity", strings.ToUpper(string(old)))
	set := func(from int, digits string) {
		for i := range len(digits) {
			text[at[from+i]] = digits[i]
		}
	}
	set(kept, fmt.Sprintf("%03d", s.below(1000)))
	set(6, fmt.Sprintf("%04d%02d%02d", 1950+s.below(60), 1+s.below(12), 1+s.below(28)))
	// Of a hundred numbers in a row some have an X and some have none.
	for n, i := s.below(1000), 0; i < 100; i++ {
		set(14, fmt.Sprintf("%03d", (n+i)%1000))
		c := checkSign(text, at)
		if (c == 'X') != (last|0x20 == 'x') {
			continue
		}
		if c != 'X' {
			last = c
		}
		text[at[17]] = last
		return
	}
}

// Text masks a whole text: a number as everywhere, else each letter and digit; other signs
// stay. It needs no rule.
func (m *Masker) Text(text string) string {
	if text == "" {
		return ""
	}
	b := []byte(text)
	if digit(b[0]) || b[0] == '+' {
		if n := match(b, 0, true, true, true); n.kind != none && n.end == len(b) {
			m.put(b, n)
			return string(b)
		}
	}
	s := m.stream("text", text)
	out := make([]byte, 0, len(text))
	for len(text) > 0 {
		r, size := utf8.DecodeRuneInString(text)
		if r == utf8.RuneError && size == 1 {
			out = append(out, 'x')
		} else {
			out = utf8.AppendRune(out, s.other(r))
		}
		text = text[size:]
	}
	return string(out)
}

// other is what becomes of a sign.
func (s *stream) other(r rune) rune {
	switch {
	case r >= '0' && r <= '9':
		return '0' + rune(s.below(10))
	case r >= 'a' && r <= 'z':
		return 'a' + rune(s.below(26))
	case r >= 'A' && r <= 'Z':
		return 'A' + rune(s.below(26))
	case unicode.Is(unicode.Han, r):
		return s.han()
	case unicode.IsLetter(r) || unicode.IsNumber(r):
		return 'x'
	}
	return r
}

// hans are what becomes of Chinese characters: those of which names are made, so that no two of
// them say something that nobody meant.
const hans = "安柏彬波博才昌超晨辰成诚承驰春聪丹德东栋恩芳菲丰峰枫福刚歌冠光广贵国海涵翰航豪浩和恒红宏洪鸿虹华欢辉慧佳嘉建健江杰洁金锦晶京景静敬菊娟君俊" +
	"凯康可坤兰磊莉丽莲亮琳灵玲凌龙璐伦洛梅萌蒙孟敏名明铭墨木娜南宁鹏平萍琪奇启谦倩强乔青清晴庆秋然仁荣蓉儒锐瑞润森珊尚韶深诗石时世书舒淑双水顺思松苏" +
	"涛天田庭婷桐彤伟文雯武西希夏贤献香祥翔向潇晓欣新馨信星兴雄秀旭轩雪勋雅言妍炎彦艳阳洋瑶叶怡宜义艺逸毅英莹颖永勇友宇羽雨玉钰裕元园远月悦云芸韵泽展" +
	"哲珍真振正之芝知志中忠竹卓子紫宗祖"

// hanBytes is what each of them takes.
const hanBytes = 3

// han is one of them.
func (s *stream) han() rune {
	at := s.below(len(hans)/hanBytes) * hanBytes
	r, _ := utf8.DecodeRuneInString(hans[at:])
	return r
}

// token masks a string or a number of JSON whole.
func (m *Masker) token(token []byte) []byte {
	if token[0] != '"' {
		return m.number(token)
	}
	text, ok := jsonpath.Text(token)
	if !ok {
		text = string(token[1 : len(token)-1])
	}
	return jsonpath.AppendString(nil, m.Text(text))
}

// number masks a number of JSON: sign, point and exponent stay, and so does a zero before
// the point.
func (m *Masker) number(token []byte) []byte {
	if n := match(token, 0, true, true, true); digit(token[0]) && n.kind != none && n.end == len(token) {
		out := append([]byte(nil), token...)
		m.put(out, n)
		return out
	}
	s := m.stream("text", string(token))
	out := append([]byte(nil), token...)
	first := true
	for i, c := range out {
		switch {
		case c == 'e' || c == 'E':
			return out
		case !digit(c):
		case first:
			if first = false; c != '0' {
				out[i] = '1' + byte(s.below(9))
			}
		default:
			out[i] = '0' + byte(s.below(10))
		}
	}
	return out
}

// JSON masks all strings and numbers of a value of JSON whole.
func (m *Masker) JSON(value []byte) []byte {
	doc, err := jsonpath.Read(value)
	if err != nil {
		return value
	}
	return doc.Each(func(_ int, token []byte, name bool) []byte {
		if name {
			return nil
		}
		return m.token(token)
	}).Bytes()
}
