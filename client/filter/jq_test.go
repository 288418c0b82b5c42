package filter

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"gantry/client/fault"
	"gantry/client/message"
)

// odd stands for a judge: expressions of odd length fit, those with "error" give up.
func odd(expression string, bodies [][]byte) ([]Verdict, error) {
	v := Verdict{Fits: len(expression)%2 == 1}
	if strings.Contains(expression, "error") {
		v.Why = &fault.Fault{Code: fault.JqFailed, Raw: "no"}
	}
	return slices.Repeat([]Verdict{v}, len(bodies)), nil
}

// TestJqIsRead: an expression takes the rest of its line, or what is in its parentheses, and is
// written so that it is read again.
func TestJqIsRead(t *testing.T) {
	for text, want := range map[string]struct{ expression, written string }{
		"jq:.a > 3 and .b":              {".a > 3 and .b", "jq:.a > 3 and .b"},
		"tag:a jq: .a OR":               {"", ""}, // OR is no jq
		"tag:a jq:.a  # why":            {".a", "tag:a jq:.a"},
		"jq:.a tag:a":                   {"", ""},
		"(jq:.a) tag:a":                 {".a", "tag:a jq:.a"},
		`(jq:.a | test("\\)")) tag:a`:   {`.a | test("\\)")`, `tag:a jq:.a | test("\\)")`},
		`(jq:"\(.a | "(" + ")")") x`:    {`"\(.a | "(" + ")")"`, `x jq:"\(.a | "(" + ")")"`},
		"(jq:.a) OR x":                  {".a", "((jq:.a) OR x)"},
		"x OR jq:.a":                    {".a", "(x OR (jq:.a))"},
		"(x OR jq:(.a)) y":              {"(.a)", "y (x OR (jq:(.a)))"},
		"-jq:.a":                        {".a", "-(jq:.a)"},
		"JQ：.a ≥ 3 ｜ 。b ！= 1":           {".a >= 3 | .b != 1", "jq:.a >= 3 | .b != 1"},
		`jq:.a == "（全角）＃" # “`:          {`.a == "（全角）＃"`, `jq:.a == "（全角）＃"`},
		"jq:.a\nx":                      {".a", "x jq:.a"},
		"（jq:.a）x":                      {".a", "x jq:.a"},
		"jq:":                           {"", ""},
		"jq: # nothing":                 {"", ""},
		`jq:@base64 "x\(.a)" == "eDE="`: {`@base64 "x\(.a)" == "eDE="`, `jq:@base64 "x\(.a)" == "eDE="`},
	} {
		f, err := Parse(text, noon)
		if want.expression == "" && text != "jq:" && text != "jq: # nothing" {
			if err == nil {
				t.Errorf("%q is read as %q", text, f.String())
			}
			continue
		}
		if err != nil || f.String() != want.written || want.expression != "" && (len(f.jqs) != 1 || f.jqs[0].text != want.expression) {
			t.Errorf("%q: %q, %v", text, f.String(), err)
			continue
		}
		if again, err := Parse(f.String(), noon); err != nil || again.String() != f.String() {
			t.Errorf("%q is read again as %q, %v", f.String(), again.String(), err)
		}
	}
	for text, want := range map[string]bool{"jq:.a | ke": true, "(jq:.a": true, "(jq:.a) ke": false, "x ke": false, "jq:.a |": true, "jq:.a # ": true, "x jq": false} {
		if InJq(text) != want {
			t.Errorf("in jq: %q: %v", text, !want)
		}
	}
}

// TestWrongJq: a wrong expression is marked where jq stops reading.
func TestWrongJq(t *testing.T) {
	for text, marked := range map[string]string{
		"tag:a jq:.a &&& .b":           "&",
		"tag:a jq:.a | | .b":           "|",
		"jq:.a |":                      ".a |",
		"(jq:.a ]) x":                  "]",
		"jq:.a ＞＞ 3":                   "＞",
		`jq:"a`:                        `"a`,
		`jq:import "a" as a; 1`:        `jq:import "a" as a; 1`,
		`tag:路 jq:.["路"] == "路" ) and`: ")",
	} {
		var wrong *WrongError
		if _, err := Parse(text, noon); !errors.As(err, &wrong) || wrong.Why != NoJq || wrong.Detail == "" || wrong.Term != text[wrong.From:wrong.To] || wrong.Term != marked {
			t.Errorf("%q: %+v", text, wrong)
		}
	}
}

// TestAlsoBesideJq: a term that is added does not become a part of the expression.
func TestAlsoBesideJq(t *testing.T) {
	for typed, want := range map[string]string{
		"jq:.abc":           "tag:x jq:.abc",
		"a jq:.abc # so":    "tag:x a jq:.abc",
		"a OR jq:.abc":      "(a OR (jq:.abc)) tag:x",
		"(a OR jq:.abc":     "(a OR (jq:.abc)) tag:x",
		"(jq:.abc) OR a":    "((jq:.abc) OR a) tag:x",
		"-(jq:.abc) b":      "tag:x b -(jq:.abc)",
		"jq:.abc | test(\"": "jq:.abc | test(\" tag:x", // it cannot be read before either
	} {
		if got := Also(typed, FieldTerm("tag", "x"), false); got != want {
			t.Errorf("%q: %q, want %q", typed, got, want)
		}
	}
}

// TestJqWithoutJudge: where nobody runs jq nothing fits it, and that is told.
func TestJqWithoutJudge(t *testing.T) {
	m := &message.Message{QueueID: 2, QueueOffset: 7, Body: []byte(`{"a":1}`)}
	f, err := Parse("jq:.a", noon)
	if err != nil {
		t.Fatal(err)
	}
	var gave fault.GaveUp
	f = f.Asking(nil, func(g fault.GaveUp) { gave = gave.Also(g) })
	if f.Match(m) || gave != (fault.GaveUp{Count: 1, Queue: 2, Offset: 7, Code: fault.JqStopped}) {
		t.Errorf("%+v", gave)
	}
	if m.Body = []byte("a"); f.Match(m) || gave.Count != 1 {
		t.Errorf("no JSON: %+v", gave)
	}
}

// TestJudgeEnds: what the judge did not come to is decided about by nobody; a judge that tells
// of one body at a time decides about all.
func TestJudgeEnds(t *testing.T) {
	var records []byte
	var starts []int
	var stored [][]byte
	for i := range 1000 {
		body := `{"n":1}`
		if i%3 == 0 {
			body = "none"
		}
		m := &message.Message{Topic: "t", Body: []byte(body)}
		starts = append(starts, len(records))
		records = message.AppendMessage(records, m)
		stored = append(stored, message.AppendStored(nil, m))
	}
	f, err := Parse("jq:.n", noon)
	if err != nil {
		t.Fatal(err)
	}
	yes := Verdict{Fits: true}
	asked := 0
	some := f.Asking(func(_ string, bodies [][]byte) ([]Verdict, error) {
		if asked++; asked == 2 {
			return slices.Repeat([]Verdict{yes}, 10), nil
		}
		return slices.Repeat([]Verdict{yes}, len(bodies)), nil
	}, nil)
	// 266 of JSON are told of: the next one is that at 400.
	got, err := some.SiftAsking(records, starts)
	fit, looked := got.Fit, got.Looked
	if err != nil || looked != 400 || len(fit) != 266 || fit[265] != 398 {
		t.Errorf("%d of %d fit, %v", len(fit), looked, err)
	}
	one := f.Asking(func(string, [][]byte) ([]Verdict, error) { return []Verdict{yes}, nil }, nil)
	all, err := one.Fit(stored)
	if n := len(slices.DeleteFunc(all, func(fits bool) bool { return !fits })); err != nil || n != 666 {
		t.Errorf("%d fit, %v", n, err)
	}
	over := errors.New("cancelled")
	none := f.Asking(func(string, [][]byte) ([]Verdict, error) { return nil, over }, nil)
	if got, err := none.SiftAsking(records, starts); !errors.Is(err, over) || got.Looked != 1 || len(got.Fit) != 0 {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := none.Fit(stored); !errors.Is(err, over) {
		t.Error(err)
	}
}
