package mask

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"

	"gantry/client/jsonpath"
	"gantry/client/message"
)

var key = bytes.Repeat([]byte{7}, KeySize)

func masker(t testing.TB, r Rules) *Masker {
	t.Helper()
	m, err := New(r, key)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// shape is a text with 0 for each digit, a and A for letters, 中 for China's.
func shape(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9':
			return '0'
		case r >= 'a' && r <= 'z':
			return 'a'
		case r >= 'A' && r <= 'Z':
			return 'A'
		case r >= 0x4e00 && r <= 0x9fa5:
			return '中'
		}
		return r
	}, s)
}

// in masks the numbers of a text.
func in(m *Masker, text string) string {
	if out := m.numbers([]byte(text)); out != nil {
		return string(out)
	}
	return text
}

// TestNumbers: what is a number, and what is none; what it becomes is of the same form, is
// a number of its kind again, and begins with the same three digits.
func TestNumbers(t *testing.T) {
	m := masker(t, All())
	for _, one := range []string{
		"13800138000", "+8613800138000", "+86 138-0013-8000", "008613800138000", "86 13800138000", "138 0013 8000",
		"+1 (555) 123-4567", "+44 20 7946 0958", "+49-30-901820",
		"11010519491231002X", "11010519491231002x", "110105194912310038", "110105 19491231 002X",
		"4111111111111111", "4111 1111 1111 1111", "6222-0212-3456-7890-128", "378282246310005", "3782 822463 10005", "6228480402564890018",
	} {
		for _, around := range [][2]string{{"", ""}, {"手机", "，请"}, {`{"a":"`, `"}`}, {"tel", "."}, {"order_", " of 2024"}, {"a=", "元"}, {"\x0b", "\x12"}} {
			text := around[0] + one + around[1]
			got := in(m, text)
			if got == text || shape(got) != shape(text) || !strings.HasPrefix(got, around[0]) || !strings.HasSuffix(got, around[1]) {
				t.Errorf("%q became %q", text, got)
			}
			inner := got[len(around[0]) : len(got)-len(around[1])]
			if inner != in(m, one) || in(m, inner) == inner {
				t.Errorf("%q became %q alone, and %q in %q", one, in(m, one), inner, text)
			}
			digits := func(s string) string {
				return strings.Map(func(r rune) rune { return map[bool]rune{true: r, false: -1}[r >= '0' && r <= '9'] }, s)
			}
			if digits(inner)[:3] != digits(one)[:3] {
				t.Errorf("%q became %q", one, inner)
			}
		}
	}
	for _, none := range []string{
		"12800138000", "1380013800", "138001380001", "0.13800138000", "13800138000.5", "a13800138000b", "9f13800138000", "138-00138000", "138 0013-8000",
		"+0123456789", "+1234567", "x+1-2",
		"110105194912310021", "110105194913310021", "010105194912310028", "11010518491231002X",
		"4111111111111112", "1700000000000000", "1765432109876543210", "20261130134626000", "1234567812345670",
		"1800000000000", "2026-11-30T13:46:26.123456789+08:00", "3.141592653589793238",
	} {
		if got := in(m, none); got != none {
			t.Errorf("%q became %q", none, got)
		}
	}
	for name, r := range map[string]Rules{"13800138000": {Phone: true}, "110105194912310038": {Identity: true}, "4111111111111111": {Card: true}} {
		other := All()
		other.Phone, other.Identity, other.Card = !r.Phone, !r.Identity, !r.Card
		if on, off := in(masker(t, r), name), in(masker(t, other), name); on == name || off != name {
			t.Errorf("%s: %q with its rule, %q without", name, on, off)
		}
	}
	// However it is written, a number is the same one.
	if a, b := in(m, "13800138000"), in(m, "+86 138-0013-8000"); strings.ReplaceAll(b, "-", "") != "+86 "+a {
		t.Errorf("%q and %q", a, b)
	}
}

// TestEqual: equal in, equal out, by the key; and different numbers stay different.
func TestEqual(t *testing.T) {
	m, again := masker(t, All()), masker(t, All())
	other, err := New(All(), Key(key, "other"))
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{"13800138000", "张三", "a b-C 1", "+15551234567", "\xff"} {
		if a, b := m.Text(s), again.Text(s); a != b || a == other.Text(s) && s != "\xff" {
			t.Errorf("%q became %q, %q, and %q by another key", s, a, b, other.Text(s))
		}
	}
	if bytes.Equal(Key(key, "a"), Key(key, "b")) || len(Key(key, "a")) != KeySize {
		t.Error("two profiles have one key")
	}
	for n := 1; n <= 4; n++ {
		seen := map[string]bool{}
		most := []int{0, 10, 100, 1000, 10_000}[n]
		at := []int{0, 1, 2, 3}[:n]
		for i := range most {
			text := fmt.Appendf(nil, "%0*d", n, i)
			m.permute("x", text, at)
			seen[string(text)] = true
		}
		if len(seen) != most {
			t.Errorf("%d digits: %d of %d", n, len(seen), most)
		}
	}
	if _, err := New(All(), key[1:]); err == nil {
		t.Error("a short key is taken")
	}
}

// TestHans: each is a character of three bytes that China's charsets have, and stands once.
func TestHans(t *testing.T) {
	seen := map[rune]bool{}
	for i, r := range hans {
		if _, err := simplifiedchinese.GBK.NewEncoder().String(string(r)); err != nil || i%hanBytes != 0 || utf8.RuneLen(r) != hanBytes || seen[r] {
			t.Errorf("%c: %v", r, err)
		}
		seen[r] = true
	}
	s := masker(t, All()).stream("text", "x")
	for range 1000 {
		if !seen[s.han()] {
			t.Fatal("a character is none of them")
		}
	}
}

// TestDraft: where masks look, and what stays to the byte.
func TestDraft(t *testing.T) {
	m := masker(t, Rules{Phone: true, Paths: []string{".name", ".list[*].id", ".no.such", ".phone"}, Properties: []string{"who", "KEYS"}})
	const body = `{ "name":"张三 (Li)", "n":1.50,"phone" : 13800138000,"to":"\u0031380013800\u0030 \/", "list":[{"id":-12.5e3},{"id":{"13800138000":[true,"x"]}}],"13800138001":"1\/2" }`
	d := &message.Draft{
		Body: []byte(body), Tag: "13800138000", Keys: []string{"13800138000  order-1"}, ShardingKey: "u13800138000",
		Properties: []message.Property{{Name: "who", Value: "王五"}, {Name: "phone", Value: "13800138000"}, {Name: "a", Value: "1.50"}},
	}
	shared := d.Properties
	if err := m.Draft(d); err != nil {
		t.Fatal(err)
	}
	one := m.Text("13800138000")
	masked := string(m.JSON([]byte(`"张三 (Li)"`)))
	want := strings.NewReplacer(`"张三 (Li)"`, masked, ` 13800138000,`, " "+one+",", `\u0031380013800\u0030 \/`, one+" /",
		"-12.5e3", string(m.number([]byte("-12.5e3"))), `{"13800138000":[true,"x"]}`, `{"`+one+`":[true,`+string(m.JSON([]byte(`"x"`)))+`]}`, "13800138001", in(m, "13800138001")).Replace(body)
	if string(d.Body) != want {
		t.Errorf("\n%s\n%s", d.Body, want)
	}
	if d.Tag != one || d.ShardingKey != "u"+one || d.Keys[0] != m.Text("13800138000")+"  "+m.Text("order-1") || shape(d.Keys[0]) != "00000000000  aaaaa-0" {
		t.Errorf("%+v", d)
	}
	if p := d.Properties; p[0].Value == "王五" || shape(p[0].Value) != "中中" || p[1].Value != one || p[2].Value != "1.50" || shared[0].Value != "王五" {
		t.Errorf("%+v, %+v", p, shared)
	}
	for _, no := range []string{"\x1f\x8b\x08\x00", "1\x003\x008\x00", "\x0a\x0b13800138000"} {
		if err := m.Draft(&message.Draft{Body: []byte(no)}); !errors.Is(err, Unseen) {
			t.Errorf("%q: %v", no, err)
		}
	}
	text := &message.Draft{Body: []byte("call 13800138000\r\n\xd5\xc5")} // GBK
	if err := m.Draft(text); err != nil || string(text.Body) != "call "+one+"\r\n\xd5\xc5" {
		t.Errorf("%q, %v", text.Body, err)
	}
	off := &message.Draft{Body: []byte{0}, Keys: []string{"13800138000"}}
	if err := masker(t, Rules{}).Draft(off); err != nil || off.Keys[0] != "13800138000" {
		t.Errorf("%+v, %v", off, err)
	}
}

// TestRules: what can be kept.
func TestRules(t *testing.T) {
	all := All()
	if !all.Any() || (Rules{}).Any() || !(Rules{Paths: []string{"a"}}).Any() || !all.Equal(Rules{Phone: true, Identity: true, Card: true}) || all.Equal(Rules{Phone: true}) {
		t.Error("what is on is not told")
	}
	for _, bad := range []Rules{{Paths: []string{"a", "["}}, {Properties: []string{""}}, {Paths: make([]string, MaxNames+1)}, {Properties: []string{strings.Repeat("x", maxName+1)}}} {
		if _, err := New(bad, key); err == nil {
			t.Errorf("%.100v is taken", bad)
		}
	}
}

// FuzzMask: nothing panics, JSON stays JSON and text UTF-8, the form is kept, and the same
// comes out again.
func FuzzMask(f *testing.F) {
	for _, s := range []string{`{"a":"13800138000","b":[11010519491231002]}`, "+1 (555) 123-4567", "4111 1111 1111 1111", "11010519491231002X", "\"\\u0031\"", "", "+", "86-1", "-0.10e7", "110105 19491231 002X"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		m := masker(t, Rules{Phone: true, Identity: true, Card: true, Paths: []string{"a", "[*]"}, Properties: []string{"p"}})
		first := bytes.Clone(b)
		d := &message.Draft{Body: b, Keys: []string{string(b)}, Properties: []message.Property{{Name: "p", Value: string(b)}, {Name: "q", Value: string(b)}}}
		err := m.Draft(d)
		if !bytes.Equal(first, b) {
			t.Fatal("what was given changed")
		}
		valid := func(b []byte) bool { _, err := jsonpath.Read(b); return err == nil }
		if valid(b) && (err != nil || !valid(d.Body)) {
			t.Fatalf("%q became %q: %v", b, d.Body, err)
		}
		if err != nil {
			return
		}
		if got, want := utf8.RuneCountInString(d.Properties[0].Value), utf8.RuneCount(b); got != want {
			t.Fatalf("%q became %q", b, d.Properties[0].Value)
		}
		if q := d.Properties[1].Value; shape(q) != shape(string(b)) || utf8.Valid(b) && !utf8.ValidString(q) {
			t.Fatalf("%q became %q", b, q)
		}
		again := &message.Draft{Body: b, Keys: []string{string(b)}}
		if err := m.Draft(again); err != nil || !bytes.Equal(again.Body, d.Body) || again.Keys[0] != d.Keys[0] {
			t.Fatalf("%q, then %q: %v", d.Body, again.Body, err)
		}
	})
}

// BenchmarkDraft masks messages of 1 KB with three numbers in them.
func BenchmarkDraft(b *testing.B) {
	m := masker(b, All())
	body := []byte(`{"order":"202611301346260001","phone":"13800138000","id":"11010519491231002X","card":"4111111111111111","note":"` + strings.Repeat("text 12345 ", 80) + `"}`)
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		if err := m.Draft(&message.Draft{Body: body}); err != nil {
			b.Fatal(err)
		}
	}
}
