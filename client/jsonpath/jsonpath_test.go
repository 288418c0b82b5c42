package jsonpath

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"

	"gantry/client/filter"
)

func parse(t testing.TB, text string) *Path {
	t.Helper()
	p, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestParse: what is a path, and that it is kept as it was typed.
func TestParse(t *testing.T) {
	for _, good := range []string{".a", "a", "$.a.b", "a.b[0].c", "[0]", ".[0]", `."a b".c`, "$a", ".a$b", `.x."\u0041"`, "[*].a", `.["a b"]`, `["a.b"]["\u0041"]`, ".订单.号", "a[1][*]", "a-b.c d.e"} {
		if p := parse(t, good); p.String() != good {
			t.Errorf("%q is %q", good, p)
		}
	}
	for _, bad := range []string{"", ".", "a.", "a..b", "a[", "a[]", "a[-1]", "a[+1]", "a[x]", "a[1", "a]", `a["b"`, `a["b]`, `["\x"]`, "a[0]b", "a.[0]", `."a`, `."a"b`, "a[1234567890]", "\xff", strings.Repeat("a", MaxPath+1), "a. b"} {
		if p, err := Parse(bad); !errors.Is(err, BadPath) {
			t.Errorf("%q is taken: %+v, %v", bad, p, err)
		}
	}
}

// TestPathsOfTheView: what the view of a message writes of a line is its path.
func TestPathsOfTheView(t *testing.T) {
	doc := []byte(`[{"a":{"x y":[{"订单-1":{"":7}}]}}]`)
	steps := []filter.Step{{IsIndex: true}, {Name: "a"}, {Name: "x y"}, {IsIndex: true}, {Name: "订单-1"}, {Name: ""}}
	for n := 1; n <= len(steps); n++ {
		text := filter.Path(steps[:n])
		if found, err := parse(t, text).Find(doc); err != nil || len(found) != 1 {
			t.Errorf("%s: %v, %v", text, found, err)
		}
	}
	for _, one := range []string{"a", `a"b`, `a.b[0]`, "$"} {
		text := filter.Path([]filter.Step{{Name: one}})
		body := AppendString([]byte("{"), one)
		if found, err := parse(t, text).Find(append(body, ":1}"...)); err != nil || len(found) != 1 {
			t.Errorf("%s: %v, %v", text, found, err)
		}
	}
}

// TestSetAndRemove: nothing but the place changes.
func TestSetAndRemove(t *testing.T) {
	const doc = "{ \"a\" : 1.10 ,\n\t\"b\": {\"c\":[1e2, {\"d\":\"x\\u0041\"},{\"d\" : null, \"d\":7}]}, \"e\":{} , \"a\":2 }\n"
	tests := []struct {
		path, value, set, removed string
		why, whyRemove            error
	}{
		{path: ".a", value: `"n"`, set: strings.NewReplacer("1.10", `"n"`, `"a":2`, `"a":"n"`).Replace(doc), removed: "{ \"b\": {\"c\":[1e2, {\"d\":\"x\\u0041\"},{\"d\" : null, \"d\":7}]}, \"e\":{} }\n"},
		{path: "b.c[0]", value: "0", set: strings.Replace(doc, "1e2", "0", 1), removed: strings.Replace(doc, "1e2, ", "", 1)},
		{path: "b.c[1].d", value: "{}", set: strings.Replace(doc, `"x\u0041"`, "{}", 1), removed: strings.Replace(doc, `"d":"x\u0041"`, "", 1)},
		{path: "b.c[2].d", value: "1", set: strings.NewReplacer("null", "1", ":7", ":1").Replace(doc), removed: strings.Replace(doc, `"d" : null, "d":7`, "", 1)},
		{path: "e.new", value: "true", set: strings.Replace(doc, `"e":{}`, `"e":{"new":true}`, 1), removed: doc},
		{path: `["a\"b"]`, value: "[]", set: strings.Replace(doc, `"a":2`, `"a":2,"a\"b":[]`, 1), removed: doc},
		{path: "b.c[*]", value: "1", set: strings.Replace(doc, doc[strings.Index(doc, "[1e2"):strings.Index(doc, "]}, \"e")+1], "[1, 1,1]", 1), removed: strings.Replace(doc, doc[strings.Index(doc, "[1e2"):strings.Index(doc, "]}, \"e")+1], "[]", 1)},
		{path: "b.c[*].d", value: "1", why: NotThrough, whyRemove: NotThrough},
		{path: "a.b", value: "1", why: NotThrough, whyRemove: NotThrough},
		{path: "b[0]", value: "1", why: NotThrough, whyRemove: NotThrough},
		{path: "b.c[3]", value: "1", why: Absent, removed: doc},
		{path: "x.y", value: "1", why: Absent, removed: doc},
		{path: "b.c[2].d.z", value: "1", why: Absent, whyRemove: NotThrough},
		{path: "a", value: "nope", why: BadValue, removed: "{ \"b\": {\"c\":[1e2, {\"d\":\"x\\u0041\"},{\"d\" : null, \"d\":7}]}, \"e\":{} }\n"},
	}
	for _, tt := range tests {
		p := parse(t, tt.path)
		got, err := p.Set([]byte(doc), []byte(tt.value))
		if string(got) != tt.set || !errors.Is(err, tt.why) {
			t.Errorf("set %s:\n%q, %v\nwant\n%q, %v", tt.path, got, err, tt.set, tt.why)
		}
		got, err = p.Remove([]byte(doc))
		if string(got) != tt.removed || !errors.Is(err, tt.whyRemove) {
			t.Errorf("remove %s:\n%q, %v\nwant\n%q, %v", tt.path, got, err, tt.removed, tt.whyRemove)
		}
	}
	for _, no := range []string{"", "text", "{", `{"a":1}x`, "\xef\xbb\xbf", strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000)} {
		if _, err := parse(t, "a").Set([]byte(no), []byte("1")); !errors.Is(err, NotJSON) {
			t.Errorf("%.20q: %v", no, err)
		}
	}
	if got, err := parse(t, "a").Set([]byte("\ufeff{}"), []byte("1")); string(got) != "\ufeff{\"a\":1}" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	// In an empty list each element has it, and a null on the way is nothing.
	if got, err := parse(t, "a[*].b").Set([]byte(`{"a":[]}`), []byte("1")); string(got) != `{"a":[]}` || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	if got, err := parse(t, "a.b").Remove([]byte(`{"a":null}`)); string(got) != `{"a":null}` || err != nil {
		t.Errorf("%q, %v", got, err)
	}
}

// TestEach hands over each string, number and name.
func TestEach(t *testing.T) {
	var all []string
	doc := []byte(` {"a\"":[-1.5e3,"x",true,null,{"1":"2"}] ,"b":0}`)
	got := Each(doc, func(at int, token []byte, name bool) []byte {
		if !bytes.HasPrefix(doc[at:], token) {
			t.Errorf("%s does not stand at %d", token, at)
		}
		all = append(all, string(token))
		if string(token) == `"1"` {
			if !name {
				t.Error("a name is said to be none")
			}
			return []byte(`"one"`)
		}
		return nil
	})
	if want := []string{`"a\""`, "-1.5e3", `"x"`, `"1"`, `"2"`, `"b"`, "0"}; !reflect.DeepEqual(all, want) || string(got) != strings.Replace(string(doc), `"1"`, `"one"`, 1) {
		t.Errorf("%q, %s", all, got)
	}
	for _, s := range []string{`"a"`, "7", "x", ""} {
		if got := Each([]byte(s), func(int, []byte, bool) []byte { return nil }); string(got) != s {
			t.Errorf("%q is %q", s, got)
		}
	}
}

// around tells whether the second text is the first with one piece in it.
func around(a, b []byte) bool {
	at := 0
	for at < len(a) && at < len(b) && a[at] == b[at] {
		at++
	}
	return len(b) >= len(a) && bytes.HasSuffix(b, a[at:])
}

// FuzzSplice: what was JSON stays JSON, what is read at the path is what was set, and all
// bytes but those of the values found are as they were.
func FuzzSplice(f *testing.F) {
	for _, doc := range []string{`{"a":{"b":[1,{"c":2}]},"a":3}`, "[[1 , 2],[ ]]", "\ufeff {\"a b\" : \"\\ud800\\\"\" }", `{}`, "1", `{"a":"\xff"}`} {
		for _, path := range []string{"a", "a.b[1].c", "[*][0]", `["a b"]`, "x.y"} {
			f.Add([]byte(doc), path, []byte(`"v"`))
		}
	}
	f.Fuzz(func(t *testing.T, doc []byte, path string, value []byte) {
		p, err := Parse(path)
		if err != nil {
			return
		}
		valid := Valid(doc)
		set, err := p.Set(doc, value)
		if err == nil && (!Valid(set) || !valid || !json.Valid(value)) {
			t.Fatalf("%q is no JSON", set)
		}
		found, ferr := p.Find(doc)
		if (err == nil || ferr == nil) && !valid {
			t.Fatal("found in what is no JSON")
		}
		if err == nil {
			after, _ := p.Find(set)
			if len(found) > 0 && len(after) != len(found) {
				t.Fatalf("%q: %d values, then %d", set, len(found), len(after))
			}
			at, now := 0, 0
			for i, s := range found {
				if string(doc[at:s.From]) != string(set[now:after[i].From]) || string(set[after[i].From:after[i].To]) != strings.Trim(string(value), " \n\t\r") {
					t.Fatalf("%q became %q", doc, set)
				}
				at, now = s.To, after[i].To
			}
			if len(found) > 0 && string(doc[at:]) != string(set[now:]) {
				t.Fatalf("%q became %q", doc, set)
			}
			// What was added is one piece, unless it stands in several elements.
			if len(found) == 0 && !strings.Contains(path, "[*") && !around(doc, set) {
				t.Fatalf("%q became %q", doc, set)
			}
		}
		removed, err := p.Remove(doc)
		if err == nil {
			if !Valid(removed) || len(found) == 0 && string(removed) != string(doc) {
				t.Fatalf("%q became %q", doc, removed)
			}
			if left, _ := p.Find(removed); len(left) > 0 && !strings.Contains(path, "[") {
				t.Fatalf("%q is left in %q", path, removed)
			}
		}
		same, err := p.Replace(doc, func([]byte) []byte { return nil })
		if err == nil && string(same) != string(doc) {
			t.Fatal("nothing was replaced, and it is another")
		}
		if got := Each(doc, func(_ int, b []byte, _ bool) []byte { return b }); string(got) != string(doc) {
			t.Fatalf("%q became %q", doc, got)
		}
	})
}
