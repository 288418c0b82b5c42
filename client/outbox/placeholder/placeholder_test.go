package placeholder

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
)

// fields are a row.
type fields map[string]string

func (f fields) Line() string { return f["line"] }

func (f fields) Column(name string) (string, bool) { v, ok := f[name]; return v, ok }

// values are those of a message at a time that shows all there is to see of one.
func values() *Values {
	return &Values{
		Seed: 42, Seq: 7,
		At:  time.Date(2026, 3, 5, 15, 4, 9, 81_000_000, time.FixedZone("CST", 8*3600)),
		Row: fields{"line": "a,\"b\"\tc\\", "name": "李婷", "a b": "{{uuid}}", "empty": "", "ctl": "\x01\n\r\x7f"},
		Env: func(name string) (string, bool) { return "<" + name + `"`, name != "missing" },
	}
}

func render(t *testing.T, text string, f Format, v *Values) string {
	t.Helper()
	tpl, err := Parse(text, f)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	got, err := tpl.Append([]byte("<"), v)
	if err != nil || got[0] != '<' {
		t.Fatalf("%s: %q, %v", text, got, err)
	}
	return string(got[1:])
}

// TestValues: what each placeholder stands for.
func TestValues(t *testing.T) {
	for text, want := range map[string]string{
		"":                                    "",
		"plain } } { text":                    "plain } } { text",
		"{{seq}}":                             "7",
		"a{{ seq }}b{{\tseq\u3000}}c":         "a7b7c",
		"{{{seq}}}":                           "{7}",
		"{{now}}":                             "2026-03-05T15:04:09.081+08:00",
		"{{now ms}}":                          "1772694249081",
		"{{now s}}":                           "1772694249",
		`{{now "+30m" ms}}`:                   "1772696049081",
		"{{now +30m s}}":                      "1772696049",
		"{{now ms +30m}}":                     "1772696049081",
		"{{now -1d}}":                         "2026-03-04T15:04:09.081+08:00",
		"{{now +1w1d1h1m1s1ms}}":              "2026-03-13T16:05:10.082+08:00",
		`{{now "-2h" "yyyy-MM-dd HH:mm:ss"}}`: "2026-03-05 13:04:09",
		`{{now “yyyy-MM-dd HH:mm:ss” “+1s”}}`:                  "2026-03-05 15:04:10",
		`{{now ”yyyy“}}`:                                       "2026",
		`{{now \"yyyy-MM-dd\"}}`:                               "2026-03-05",
		"{{now yyyyMMdd'T'HHmmss}}":                            "20260305T150409",
		`{{now "y yy u M MM MMM MMMM d dd D DDD"}}`:            "2026 26 2026 3 03 Mar March 5 05 64 064",
		`{{now "E EEE EEEE a H HH h hh k K m mm s ss"}}`:       "Thu Thu Thursday PM 15 15 3 03 15 3 4 04 9 09",
		`{{now "S SS SSS SSSSSS SSSSSSSSS"}}`:                  "0 08 081 081000 081000000",
		`{{now "z Z ZZZZ ZZZZZ X XX XXX x xx xxx"}}`:           "CST +0800 GMT+08:00 +08:00 +08 +0800 +08:00 +08 +0800 +08:00",
		`{{now "'o''clock' '' 年"}}`:                            "o'clock ' 年",
		"{{rand 5 5}}":                                         "5",
		"{{rand -3 -3}}":                                       "-3",
		"{{rand 1.50 1.5}}":                                    "1.50",
		"{{rand -0.05 -0.05}}":                                 "-0.05",
		"{{rand -9.223372036854775808 -9.223372036854775808}}": "-9.223372036854775808",
		`{{pick "light blue"}}`:                                "light blue",
		`{{pick “light "blue"”}}`:                              `light "blue"`,
		`{{pick "a \"b\" \\ \n }}"}}`:                          `a "b" \ \n }}`,
		`{{pick \"a\\b"c\"}}`:                                  `a\b"c`,
		`{{pick"a"}}`:                                          "a",
		"{{line}}":                                             "a,\"b\"\tc\\",
		`{{col "name"}}{{col name}}`:                           "李婷李婷",
		`{{col "a b"}}`:                                        "{{uuid}}", // never expanded again
		`{{col empty}}`:                                        "",
		"{{env host}}":                                         `<host"`,
		`{{"{{"}}uuid}}`:                                       "{{uuid}}",
		`{{ “{{” }}`:                                           "{{",
		`{{""}}`:                                               "",
		"{{\"{{seq}}\"}}":                                      "{{seq}}",
		"\xff{{seq}}\xfe":                                      "\xff7\xfe",
	} {
		if got := render(t, text, Plain, values()); got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

// TestMoments: hours around noon and midnight, and zones.
func TestMoments(t *testing.T) {
	for _, c := range []struct {
		at            time.Time
		pattern, want string
	}{
		{time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), "H h k K a D", "0 12 24 0 AM 1"},
		{time.Date(2026, 12, 31, 12, 0, 0, 0, time.UTC), "H h k K a D", "12 12 12 0 PM 365"},
		{time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), "z Z ZZZZ ZZZZZ X XX XXX x xxx", "UTC +0000 GMT Z Z Z Z +00 +00:00"},
		{time.Date(2026, 1, 1, 0, 0, 0, 0, time.FixedZone("", -(3*3600+30*60))), "z Z ZZZZ X XXX x", "-03:30 -0330 GMT-03:30 -0330 -03:30 -0330"},
		{time.Date(99, 1, 1, 0, 0, 0, 0, time.UTC), "y yy yyyy", "99 99 0099"},
		{time.Date(-5, 1, 1, 0, 0, 0, 0, time.UTC), "y yyyy", "-5 -0005"},
		{time.Date(12026, 1, 1, 0, 0, 0, 0, time.UTC), "yyyy", "12026"},
	} {
		v := values()
		v.At = c.at
		if render(t, `{{now "`+c.pattern+`"}}`, Plain, v) != c.want {
			t.Errorf("%s of %s: %q, want %q", c.pattern, c.at, render(t, `{{now "`+c.pattern+`"}}`, Plain, v), c.want)
		}
	}
}

// TestJSON: values are escaped within strings of JSON, and only there.
func TestJSON(t *testing.T) {
	for text, want := range map[string]string{
		`{"a":"{{line}}","b":{{rand 7 7}},"c":"{{seq}}"}`: `{"a":"a,\"b\"\tc\\","b":7,"c":"7"}`,
		`{"a":{{line}}}`:                         `{"a":a,"b"` + "\tc\\}",
		`{"\"{{col ctl}}":"\\{{env e}}"}`:        `{"\"` + `\u0001\n\r` + "\x7f" + `":"\\<e\""}`,
		`{"a":"{{pick "q\"q"}}{{"\""}}"}`:        `{"a":"q\"q\""}`,
		`{"a":"{{now "'\"'yyyy"}}"}`:             `{"a":"\"2026"}`,
		`{"a":"{{now \"yyyy\"}}","b":"{{seq}}"}`: `{"a":"2026","b":"7"}`,
		`{{"\""}}`:                               `"`,
	} {
		if got := render(t, text, JSON, values()); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

// TestRandom: a placeholder has one value in a message, and others elsewhere. Which one is
// held to the byte: records count on it.
func TestRandom(t *testing.T) {
	v := values()
	for _, name := range []string{"{{uuid}}", "{{uuid 2}}", "{{rand 1 1000000}}", "{{rand 1 1000000 2}}", "{{rand 0.000 999.999}}"} {
		two := render(t, name+" "+strings.ReplaceAll(name, "{{", "{{ "), Plain, v)
		first, second, _ := strings.Cut(two, " ")
		other, again := values(), values()
		other.Seq++
		seed := values()
		seed.Seed++
		if first != second || first == render(t, name, Plain, other) || first == render(t, name, Plain, seed) || first != render(t, name, Plain, again) {
			t.Errorf("%s: %s", name, two)
		}
	}
	if a, b := render(t, "{{uuid}}", Plain, v), render(t, "{{uuid 2}}", Plain, v); a == b {
		t.Error("the number makes no other UUID")
	}
	for text, want := range map[string]string{
		"{{uuid}}": "e5e941c4-f6c6-4602-bc8d-d6210a72066f", "{{uuid 2}}": "8a6ea795-d130-401c-8800-b8179f283010", "{{rand 1 1000000}}": "322626", "{{rand 1 1000000 2}}": "695960",
		"{{rand 0 99.99}}": "52.62", "{{rand -9223372036854775808 9223372036854775807}}": "410069905772999796", "{{pick a b c}}": "c",
	} {
		if got := render(t, text, Plain, v); got != want {
			t.Errorf("%s has become %s, was %s: old messages cannot be made again", text, got, want)
		}
	}
}

// TestSpread: random values are spread over all that there are.
func TestSpread(t *testing.T) {
	v, seen := values(), map[string]int{}
	tpl, err := Parse("{{rand -2 2}} {{pick a b c}}", Plain)
	if err != nil {
		t.Fatal(err)
	}
	uuids, uuid := map[string]bool{}, "{{uuid}}"
	const n = 15_000
	for v.Seq = range n {
		b, _ := tpl.Append(nil, v)
		seen[string(b)]++
		if v.Seq < 100 {
			one := render(t, uuid, Plain, v)
			if uuids[one] || one[14] != '4' || !strings.Contains("89ab", one[19:20]) {
				t.Fatalf("%s", one)
			}
			uuids[one] = true
		}
	}
	for pair, times := range seen {
		if times < n/15*8/10 || times > n/15*12/10 {
			t.Errorf("%s came %d times in %d", pair, times, n)
		}
	}
	if len(seen) != 15 {
		t.Errorf("%d of 15 pairs", len(seen))
	}
}

// TestNeeds: what a run must have is known before it begins.
func TestNeeds(t *testing.T) {
	tpl, err := Parse(`{{env b}}{{col y}}{{env "a"}}{{col "x"}}{{env a}}{{seq}}`, Plain)
	if err != nil {
		t.Fatal(err)
	}
	n := tpl.Needs()
	if want := (Needs{true, []string{"x", "y"}, []string{"a", "b"}}); !reflect.DeepEqual(n, want) || tpl.Literal() {
		t.Errorf("%+v", n)
	}
	n.Join(Needs{Columns: []string{"a", "y"}})
	if want := []string{"a", "x", "y"}; !reflect.DeepEqual(n.Columns, want) {
		t.Errorf("%v", n.Columns)
	}
	for text, literal := range map[string]bool{"": true, "{ } }}": true, `{{"{{"}}`: false, "{{seq}}": false} {
		tpl, err := Parse(text, Plain)
		if err != nil || tpl.Literal() != literal || !reflect.DeepEqual(tpl.Needs(), Needs{}) {
			t.Errorf("%s: %v %+v %v", text, tpl.Literal(), tpl.Needs(), err)
		}
	}
	if tpl, _ := Parse("{{line}}", Plain); !tpl.Needs().Row {
		t.Error("a line needs a row")
	}
}

// BenchmarkAppend: a body of 1 KB with ten placeholders.
func BenchmarkAppend(b *testing.B) {
	var text strings.Builder
	for _, p := range []string{"{{uuid}}", "{{seq}}", "{{now}}", `{{now "yyyy-MM-dd HH:mm:ss"}}`, "{{rand 1 1000}}", "{{rand 0.00 99.99}}", `{{pick a b "c d"}}`, "{{line}}", `{{col "name"}}`, "{{env host}}"} {
		fmt.Fprintf(&text, `{"name":"%s","fill":"%s"}`, p, strings.Repeat("x", 70))
	}
	tpl, err := Parse(text.String(), JSON)
	if err != nil {
		b.Fatal(err)
	}
	v, dst := values(), make([]byte, 0, 4<<10)
	v.Env = func(string) (string, bool) { return "10.0.0.1", true }
	b.ReportAllocs()
	for b.Loop() {
		v.Seq++
		if dst, err = tpl.Append(dst[:0], v); err != nil {
			b.Fatal(err)
		}
	}
	b.SetBytes(int64(len(dst)))
}

// BenchmarkSpans: what an editor asks at each key, of 1 MB.
func BenchmarkSpans(b *testing.B) {
	text := strings.Repeat(strings.Repeat("x", 9<<10)+"{{uuid}}", 100)
	for b.Loop() {
		Spans(text)
	}
}
