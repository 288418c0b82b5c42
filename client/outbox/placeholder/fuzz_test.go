package placeholder

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

// FuzzParse: nothing panics, places lie in the text, what is literal stays to the byte.
func FuzzParse(f *testing.F) {
	for _, text := range []string{"{{uuid}} {{", `{{"{{"}}`, "{{{{{", `{{now "yyyy 'x'" +1d}}`, `{{pick \"a\" “b”}}`, "{{rand 0.1 5 3}}", "{{col “a", "{{{seq}}}\xff"} {
		f.Add(text, 3)
	}
	f.Fuzz(func(t *testing.T, text string, at int) {
		end := 0
		for _, s := range Spans(text) {
			if s.At < end || s.Len < 2 || s.At+s.Len > len(text) {
				t.Fatalf("%+v in %q", s, text)
			}
			end = s.At + s.Len
			if e := s.Err; e != nil && (e.At < s.At || e.Len < 1 || e.At+e.Len > end) {
				t.Fatalf("%+v outside of %+v", e, s)
			}
		}
		if c := Complete(text, at, Known{}); c.From > c.To || c.From < 0 || c.To > len(text) {
			t.Fatalf("%+v", c)
		}
		v := values()
		if tpl, err := Parse(text, Plain); err == nil {
			got, err := tpl.Append(nil, v)
			again, _ := tpl.Append(nil, values())
			if err == nil && string(got) != string(again) || tpl.Literal() && string(got) != text {
				t.Fatalf("%q: %q, %q", text, got, again)
			}
		} else if spans := Spans(text); !anyWrong(spans) && !errors.Is(err, TooMany) {
			t.Fatalf("%q: %v, %v", text, err, spans)
		}
		for _, format := range []Format{Plain, JSON} {
			if got := render(t, Escape(text), format, v); got != text {
				t.Fatalf("%q escaped gives %q", text, got)
			}
		}
	})
}

func anyWrong(all []Span) bool {
	for _, s := range all {
		if s.Err != nil {
			return true
		}
	}
	return false
}

// FuzzJSON: what is JSON with something in place of values within strings stays JSON.
func FuzzJSON(f *testing.F) {
	f.Add(`{"a":"`, `x","b":[1,"`, `"]}`, "\"\\\n\x00", "yyyy'\"'")
	f.Add(`"\\`, "", `"`, "}}", "")
	f.Fuzz(func(t *testing.T, a, b, c, value, pattern string) {
		if strings.HasSuffix(a, "{") || strings.HasSuffix(b, "{") || !json.Valid([]byte(a+"x"+b+"x"+c)) {
			return
		}
		// Both values stand in strings, for an x is no JSON.
		for _, p := range []string{"{{line}}", "{{col c}}", "{{env e}}", "{{uuid}}", "{{pick " + quoteWord(value) + "}}", "{{now " + quoteWord(pattern) + "}}"} {
			text := Escape(a) + p + Escape(b) + p + Escape(c)
			tpl, err := Parse(text, JSON)
			if err != nil {
				if strings.Contains(p, `"`) {
					continue // a line break, or no pattern
				}
				t.Fatalf("%q: %v", text, err)
			}
			v := values()
			v.Row = fields{"line": value, "c": value}
			got, err := tpl.Append(nil, v)
			if err != nil || !json.Valid(got) {
				t.Fatalf("%q is %q, %v", text, got, err)
			}
		}
	})
}
