package placeholder

import (
	"strings"
	"testing"
)

// TestComplete: | is the cursor, before and behind a candidate is taken.
func TestComplete(t *testing.T) {
	known := Known{Columns: []string{"name", `na"me`, "age"}, Env: []string{"host"}}
	for _, c := range []struct{ text, labels, take, after string }{
		{"{|", "", "", ""},
		{"a|b", "", "", ""},
		{"{{uuid}}|", "", "", ""},
		{"{{uuid}|}", "", "", ""},
		{"{{|", "uuid seq now rand pick line col env {{", "uuid", "{{uuid}}|"},
		{"{{ |}}", "uuid seq now rand pick line col env {{", "rand", "{{ rand 1 100|}}"},
		{"x{{u|", "uuid", "uuid", "x{{uuid}}|"},
		{"{{U|}}", "uuid", "uuid", "{{uuid|}}"},
		{"{{u|}} {{seq}}", "uuid", "uuid", "{{uuid|}} {{seq}}"},
		{"{{u| {{seq}}", "uuid", "uuid", "{{uuid}}| {{seq}}"},
		{"{{uu|id}}", "uuid", "uuid", "{{uuid|}}"},
		{"{{uuid|}}", "", "", ""},
		{"{{uuid|", "uuid", "uuid", "{{uuid}}|"},
		{"{{x|}}", "", "", ""},
		{"{{pi|", "pick", "pick", "{{pick |a b c}}"},
		{"{{c|", "col", "col", `{{col "|"}}`},
		{`{{"|`, "{{", "{{", `{{"{{"}}|`},
		{`{{"|"}}`, "{{", "{{", `{{"{{"|}}`},
		{"{{col |", `name na"me age`, `na"me`, `{{col "na\"me"}}|`},
		{`{{col "na|"}}`, `name na"me`, "name", `{{col "name"|}}`},
		{`{{col "|`, `name na"me age`, "age", `{{col "age"}}|`},
		{`{{col "n|}} {{col "x"}}`, `name na"me`, "name", `{{col "name"|}} {{col "x"}}`},
		{"{{col a|}}", "age", "age", `{{col "age"|}}`},
		{"{{col “a|”}}", "age", "age", `{{col "age"|}}`},
		{"{{env |}}", "host", "host", `{{env "host"|}}`},
		{"{{col x |}}", "", "", ""},
		{"{{now +|", "+30m", "+30m", "{{now +30m}}|"},
		{"{{now ms |}}", "+30m -1d", "-1d", "{{now ms -1d|}}"},
		{"{{now +1d m|}}", "ms", "ms", "{{now +1d ms|}}"},
		{`{{now "yyyyM|"}}`, "yyyyMMdd yyyyMMddHHmmss", "yyyyMMdd", `{{now "yyyyMMdd"|}}`},
		{"{{a\n{{s|", "seq", "seq", "{{a\n{{seq}}|"},
		{"{{seq\n|", "", "", ""},
	} {
		at := strings.Index(c.text, "|")
		text := c.text[:at] + c.text[at+1:]
		got := Complete(text, at, known)
		var labels []string
		after := ""
		for _, one := range got.Candidates {
			labels = append(labels, one.Label)
			if one.Label == c.take {
				after = text[:got.From] + one.Text[:one.Cursor] + "|" + one.Text[one.Cursor:] + text[got.To:]
			}
		}
		if strings.Join(labels, " ") != c.labels || after != c.after {
			t.Errorf("%s: %q, %s; want %q, %s", c.text, labels, after, c.labels, c.after)
		}
	}
	for _, at := range []int{-1, 99} {
		if got := Complete("{{u", at, known); at > 0 && len(got.Candidates) != 1 || at < 0 && len(got.Candidates) != 0 {
			t.Errorf("at %d: %+v", at, got)
		}
	}
}

// TestHints: each candidate has one of the hints.
func TestHints(t *testing.T) {
	left := map[Hint]bool{}
	for _, h := range Hints() {
		left[h] = true
	}
	for _, text := range []string{"{{", "{{now ", "{{col ", "{{env "} {
		for _, c := range Complete(text, len(text), Known{Columns: []string{"c"}, Env: []string{"e"}}).Candidates {
			delete(left, c.Hint)
			if _, err := Parse(text+c.Text, Plain); err != nil && c.Cursor == len(c.Text) {
				t.Errorf("%s%s: %v", text, c.Text, err)
			}
		}
	}
	if len(left) > 0 {
		t.Errorf("never given: %v", left)
	}
}
