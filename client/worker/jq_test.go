package worker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"gantry/client/fault"
	"gantry/client/filter"
	"gantry/client/message"
)

// newJq runs jq in real workers: the race detector needs more memory than they have.
func newJq(t testing.TB) *Jq {
	t.Helper()
	j := NewJq(Program{Path: workerProgram(t), Folder: t.TempDir()})
	t.Cleanup(j.Close)
	return j
}

func texts(all ...string) (out [][]byte) {
	for _, s := range all {
		out = append(out, []byte(s))
	}
	return out
}

// told runs an expression on bodies: "yes", "no" or the code of why it gave up.
func told(t *testing.T, j *Jq, expression string, bodies ...string) (out []string) {
	t.Helper()
	all, err := j.Judge(t.Context(), time.Time{})(expression, texts(bodies...))
	if err != nil || len(all) != len(bodies) {
		t.Fatalf("%s: %d verdicts of %d, %v", expression, len(all), len(bodies), err)
	}
	for _, v := range all {
		switch {
		case v.Why != nil:
			if errors.Is(v.Why, fault.WorkerDied) {
				t.Logf("%v", v.Why)
			}
			out = append(out, string(v.Why.Code))
		case v.Fits:
			out = append(out, "yes")
		default:
			out = append(out, "no")
		}
	}
	return out
}

// TestJqTruth: the first result counts, and false and null are the only ones that do not fit.
func TestJqTruth(t *testing.T) {
	j := newJq(t)
	const body = `{"a":3,"b":[1,2],"s":"x","n":null,"f":false,"z":0,"e":"","big":12345678901234567890,"d":1.50}`
	for expression, want := range map[string]bool{
		".a > 2": true, ".a > 3": false, ".n": false, ".f": false, ".z": true, ".e": true, "empty": false, "false, true": false, "true, false": true, "true, error": true,
		".big == 12345678901234567890": true, ".big == 12345678901234567891": false, ".big > 12345678901234567889": true, ".d == 1.5": true,
		`.b | any(. > 1)`: true, `.s | test("^X$"; "i")`: true, ".missing": false, "halt": false,
	} {
		got := told(t, j, expression, body)[0]
		if expression == "halt" {
			if got != string(fault.JqFailed) {
				t.Errorf("halt: %s", got)
			}
			continue
		}
		if (got == "yes") != want || got != "yes" && got != "no" {
			t.Errorf("%s: %s", expression, got)
		}
	}
}

// TestJqReadsNothingElse: no other input, no environment, no file, no module.
func TestJqReadsNothingElse(t *testing.T) {
	j := newJq(t)
	for _, expression := range []string{"env | length > 0", "$ENV | length > 0", "env.PATH", "$ENV.HOME"} {
		if got := told(t, j, expression, "{}"); got[0] != "no" {
			t.Errorf("%s: %s", expression, got)
		}
	}
	for _, expression := range []string{"input", "inputs", "input_filename | error", `import "a" as a; 1`, `include "a"; 1`, `"a" | modulemeta`, `$__prog_args`, "debug(input)", `get_search_list`, `input_line_number | input`} {
		if got := told(t, j, expression, "{}"); got[0] != string(fault.JqFailed) {
			t.Errorf("%s: %s", expression, got)
		}
	}
}

// TestJqIsEnded: what never ends, grows, fails or panics is told of its message alone; others
// beside it are decided about.
func TestJqIsEnded(t *testing.T) {
	j := newJq(t)
	bodies := []string{`{"n":1}`, `{"n":0}`, `{"n":2}`, `not JSON`, `{"n":3}`}
	// What takes all memory may take all its time first; Go's runtime may break where it gets
	// none, and not say why.
	ends, grows, fails := []fault.Code{fault.JqSlow}, []fault.Code{fault.JqSlow, fault.OutOfMemory, fault.WorkerDied}, []fault.Code{fault.JqFailed}
	for bad, codes := range map[string][]fault.Code{
		"def f: f; f":                   ends,
		"last(repeat(1))":               ends,
		"[range(1e12)]":                 grows,
		"def f: [f]; f":                 grows,
		`"xxxxxxxx" * 4e7 | . + . + .`:  grows,
		`"x" * 1e9`:                     grows,
		`"h" | capture("^" * 78888880)`: grows,
		`error("no")`:                   fails,
		".n.x":                          fails,
	} {
		begun := time.Now()
		got := told(t, j, "if .n == 0 then ("+bad+") else .n > 1 end", bodies...)
		if !slices.Contains(codes, fault.Code(got[1])) || got[0] != "no" || got[2] != "yes" || got[3] != string(fault.JqFailed) || got[4] != "yes" {
			t.Errorf("%s: %q", bad, got)
		}
		t.Log(bad, got[1], time.Since(begun))
	}
	if got := told(t, j, "nosuch", "{}"); got[0] != string(fault.JqFailed) {
		t.Errorf("a function that is none: %s", got)
	}
}

// TestJqGivesUp: an expression that has one process after the other ended is not tried for ever.
func TestJqGivesUp(t *testing.T) {
	j := newJq(t)
	r := j.record(".")
	for r.ended.Allow() {
	}
	if got := told(t, j, ".", "1", "2"); got[0] != string(fault.JqStopped) || got[1] != got[0] {
		t.Errorf("%s", got)
	}
	if got := told(t, j, ". == 1", "1"); got[0] != "yes" {
		t.Errorf("another expression: %s", got)
	}
}

// TestJqIsCancelled: a question ends with its context, whatever the expression does.
func TestJqIsCancelled(t *testing.T) {
	j := newJq(t)
	told(t, j, ".", "1")
	ctx, cancel := context.WithCancel(t.Context())
	begun := make(chan time.Time, 1)
	time.AfterFunc(100*time.Millisecond, func() { begun <- time.Now(); cancel() })
	_, err := j.Judge(ctx, time.Time{})(`def f: f; f`, texts(slices.Repeat([]string{"{}"}, 1000)...))
	if took := time.Since(<-begun); !errors.Is(err, context.Canceled) {
		t.Errorf("%v after %v", err, took)
	} else {
		t.Log("cancelled in", took)
	}
	// A time that is up is no error: what was told until then stays.
	all, err := j.Judge(t.Context(), time.Now())(`.`, texts("1", "2"))
	if err != nil || len(all) == 0 {
		t.Errorf("%v, %v", all, err)
	}
}

// TestJqFilter: the terms beside jq are asked first, what is no JSON does not fit, and what jq
// gave up at is counted.
func TestJqFilter(t *testing.T) {
	j := newJq(t)
	bodies := []string{`{"n":1}`, `{"n":5}`, `{"n":"x"}`, `no JSON`, `{"n":7}`, ``, `{"n":0}`}
	var records []byte
	var starts []int
	var stored [][]byte
	for i, b := range bodies {
		tag := "a"
		if i%2 == 1 {
			tag = "b"
		}
		m := &message.Message{Topic: "t", QueueID: 1, QueueOffset: int64(i), Body: []byte(b), Properties: []message.Property{{Name: message.PropertyTags, Value: tag}}}
		starts = append(starts, len(records))
		records = message.AppendMessage(records, m)
		stored = append(stored, message.AppendStored(nil, m))
	}
	for text, c := range map[string]struct {
		fit  []int
		gave int64
		runs int
	}{
		"jq:.n > 3":                   {[]int{1, 2, 4}, 0, 5},
		"tag:b jq:.n > 3":             {[]int{1}, 0, 1},
		"-jq:.n > 3":                  {[]int{0, 3, 5, 6}, 0, 5},
		"tag:b OR jq:.n > 6":          {[]int{1, 2, 3, 4, 5}, 0, 4},
		"jq:.n | . - 1 > 3":           {[]int{1, 4}, 1, 5},
		"-(jq:.n | . - 1 > 3) tag:a":  {[]int{0, 6}, 1, 4},
		"(tag:b OR jq:.n - 1 > 3) n":  {[]int{1, 3, 4}, 1, 4},
		"(jq:.n > 3) (jq:.n != 5)":    {[]int{2, 4}, 0, 10},
		"(jq:.n < 1) OR (jq:.n == 7)": {[]int{4, 6}, 0, 10},
	} {
		f, err := filter.Parse(text, time.Now())
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		var gave fault.GaveUp
		runs := 0
		judge := func(expression string, bodies [][]byte) ([]filter.Verdict, error) {
			runs += len(bodies)
			return j.Judge(t.Context(), time.Time{})(expression, bodies)
		}
		f = f.Asking(judge, func(g fault.GaveUp) { gave = gave.Also(g) })
		got, err := f.SiftAsking(records, starts)
		got.Tell(&f, got.Looked)
		fit, looked := got.Fit, got.Looked
		if err != nil || looked != len(bodies) || !slices.Equal(fit, c.fit) || gave.Count != c.gave || runs != c.runs {
			t.Errorf("%s: %v of %d, %d given up (%+v), %d runs, %v", text, fit, looked, gave.Count, gave, runs, err)
		}
		if c.gave > 0 && (gave.Offset != 2 || gave.Queue != 1 || gave.Code != fault.JqFailed || gave.Said == "") {
			t.Errorf("%s: named %+v", text, gave)
		}
		all, err := f.Fit(stored)
		for i := range bodies {
			want := slices.Contains(c.fit, i)
			if err != nil || all[i] != want || f.MatchStored(stored[i]) != want || want && !f.Hopes(stored[i]) {
				t.Errorf("%s: %d alone: %v, %v", text, i, all[i], err)
			}
		}
	}
}

// FuzzVerdicts: whatever a process answers, nothing is told of more bodies than it was asked
// about, and each that it gave up at has a reason.
func FuzzVerdicts(f *testing.F) {
	f.Add([]byte(`{"told":"AAEC","why":[{"fault":"jq failed","raw":"no"}]}`), 3)
	f.Add([]byte(`{"told":"Ag==","why":[null]}`), 1)
	f.Add([]byte(`{"told":"AgI="}`), 1)
	f.Add([]byte(`null`), 0)
	f.Fuzz(func(t *testing.T, answer []byte, most int) {
		var j *Judged
		if json.Unmarshal(answer, &j) != nil {
			return
		}
		all, err := j.verdicts(most)
		if err == nil && (len(all) == 0 || len(all) > most) {
			t.Errorf("%d verdicts of %d", len(all), most)
		}
		for i, v := range all {
			if (v.Why != nil) != (j.Told[i] == toldFailed) || v.Fits && v.Why != nil {
				t.Errorf("%d: %+v", i, v)
			}
		}
	})
}

// BenchmarkJq: bodies of 1 KB a second through jq, against .path, in one run.
func BenchmarkJq(b *testing.B) {
	j := newJq(b)
	var records []byte
	var starts []int
	for i := range 1000 {
		body := fmt.Sprintf(`{"id":%d,"qty":%d,"items":[{"sku":"a-%d","n":%d}],"pad":"%s"}`, i, i%20, i, i, strings.Repeat("x", 940))
		starts = append(starts, len(records))
		records = message.AppendMessage(records, &message.Message{Topic: "t", Body: []byte(body)})
	}
	for _, text := range []string{".qty>18", "jq:.qty > 18"} {
		b.Run(text, func(b *testing.B) {
			f, err := filter.Parse(text, time.Now())
			if err != nil {
				b.Fatal(err)
			}
			f = f.Asking(j.Judge(b.Context(), time.Time{}), nil)
			for b.Loop() {
				if got, _ := f.SiftAsking(records, starts); len(got.Fit) != 50 {
					b.Fatal(len(got.Fit))
				}
			}
			b.ReportMetric(float64(b.N*len(starts))/b.Elapsed().Seconds(), "messages/s")
		})
	}
}
