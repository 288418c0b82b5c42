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

func read(t testing.TB, text string) Doc {
	t.Helper()
	d, err := Read([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

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
	doc := read(t, `[{"a":{"x y":[{"订单-1":{"":7}}]}}]`)
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
		if found, err := parse(t, text).Find(read(t, string(body)+":1}")); err != nil || len(found) != 1 {
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
		got, err := p.Set(read(t, doc), []byte(tt.value))
		if tt.why != nil {
			tt.set = doc
		}
		if string(got.Bytes()) != tt.set || !errors.Is(err, tt.why) {
			t.Errorf("set %s:\n%q, %v\nwant\n%q, %v", tt.path, got.Bytes(), err, tt.set, tt.why)
		}
		got, err = p.Remove(read(t, doc))
		if tt.whyRemove != nil {
			tt.removed = doc
		}
		if string(got.Bytes()) != tt.removed || !errors.Is(err, tt.whyRemove) {
			t.Errorf("remove %s:\n%q, %v\nwant\n%q, %v", tt.path, got.Bytes(), err, tt.removed, tt.whyRemove)
		}
	}
	for _, no := range []string{"", "text", "{", `{"a":1}x`, "\xef\xbb\xbf", strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000)} {
		if _, err := Read([]byte(no)); !errors.Is(err, NotJSON) {
			t.Errorf("%.20q: %v", no, err)
		}
	}
	if got, err := parse(t, "a").Set(read(t, "\ufeff{}"), []byte("1")); string(got.Bytes()) != "\ufeff{\"a\":1}" || err != nil {
		t.Errorf("%q, %v", got.Bytes(), err)
	}
	// In an empty list each element has it, and a null on the way is nothing.
	if got, err := parse(t, "a[*].b").Set(read(t, `{"a":[]}`), []byte("1")); string(got.Bytes()) != `{"a":[]}` || err != nil {
		t.Errorf("%q, %v", got.Bytes(), err)
	}
	if got, err := parse(t, "a.b").Remove(read(t, `{"a":null}`)); string(got.Bytes()) != `{"a":null}` || err != nil {
		t.Errorf("%q, %v", got.Bytes(), err)
	}
}

// TestEach hands over each string, number and name.
func TestEach(t *testing.T) {
	var all []string
	doc := []byte(` {"a\"":[-1.5e3,"x",true,null,{"1":"2"}] ,"b":0}`)
	got := read(t, string(doc)).Each(func(at int, token []byte, name bool) []byte {
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
	if want := []string{`"a\""`, "-1.5e3", `"x"`, `"1"`, `"2"`, `"b"`, "0"}; !reflect.DeepEqual(all, want) || string(got.Bytes()) != strings.Replace(string(doc), `"1"`, `"one"`, 1) {
		t.Errorf("%q, %s", all, got.Bytes())
	}
	for _, s := range []string{`"a"`, "7"} {
		if got := read(t, s).Each(func(int, []byte, bool) []byte { return nil }); string(got.Bytes()) != s {
			t.Errorf("%q is %q", s, got.Bytes())
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
	for _, doc := range []string{`{"a":{"b":[1,{"c":2}]},"a":3}`, "[[1 , 2],[ ]]", `[{}, {"x":1},{"x" : 2, "y":[]}]`, "\ufeff {\"a b\" : \"\\ud800\\\"\" }", `{}`, "1", `{"a":"\xff"}`} {
		for _, path := range []string{"a", "[*].x", "a.b[1].c", "[*][0]", `["a b"]`, "x.y"} {
			f.Add([]byte(doc), path, []byte(`"v"`))
		}
	}
	f.Fuzz(func(t *testing.T, text []byte, path string, value []byte) {
		p, err := Parse(path)
		if err != nil {
			return
		}
		d, err := Read(text)
		if err != nil {
			return
		}
		valid := func(d Doc) bool { _, err := Read(d.Bytes()); return err == nil }
		found, ferr := p.Find(d)
		if set, err := p.Set(d, value); err == nil {
			if !valid(set) || !json.Valid(value) || ferr != nil {
				t.Fatalf("%q is no JSON, or %v", set.Bytes(), ferr)
			}
			same(t, p, d, set, found, strings.Trim(string(value), " \n\t\r"))
		}
		if removed, err := p.Remove(d); err == nil {
			if !valid(removed) || len(found) == 0 && !bytes.Equal(removed.Bytes(), text) {
				t.Fatalf("%q became %q", text, removed.Bytes())
			}
			if left, _ := p.Find(removed); len(left) > 0 && !strings.Contains(path, "[") {
				t.Fatalf("%q is left in %q", path, removed.Bytes())
			}
		}
		if as, err := p.Replace(d, func([]byte) []byte { return nil }); err == nil && !bytes.Equal(as.Bytes(), text) {
			t.Fatal("nothing was replaced, and it is another")
		}
		if got := d.Each(func(_ int, b []byte, _ bool) []byte { return b }); !bytes.Equal(got.Bytes(), text) {
			t.Fatalf("%q became %q", text, got.Bytes())
		}
	})
}

// same holds what stands outside the values that were set against what stood there.
func same(t *testing.T, p *Path, was, is Doc, found []Span, value string) {
	t.Helper()
	doc, set := was.Bytes(), is.Bytes()
	after, _ := p.Find(is)
	if len(found) == 0 {
		// What was added is one piece, unless it stands in several elements.
		if !strings.Contains(p.String(), "[*") && !around(doc, set) {
			t.Fatalf("%q became %q", doc, set)
		}
		return
	}
	if len(after) > len(found) && strings.Contains(p.String(), "[*") {
		return // in an element that had none it was added
	}
	at, now := 0, 0
	for i, s := range found {
		if i >= len(after) || !bytes.Equal(doc[at:s.From], set[now:after[i].From]) || string(set[after[i].From:after[i].To]) != value {
			t.Fatalf("%q became %q", doc, set)
		}
		at, now = s.To, after[i].To
	}
	if len(after) != len(found) || !bytes.Equal(doc[at:], set[now:]) {
		t.Fatalf("%q became %q", doc, set)
	}
}
