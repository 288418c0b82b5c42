package shape

import (
	"fmt"
	"strings"
	"testing"

	"gantry/client/message"
)

func of(bodies ...string) *Shape {
	s := &Shape{}
	for _, b := range bodies {
		s.Add(&message.Message{Body: []byte(b)})
	}
	return s
}

// written are rows as a person reads them.
func written(rows []Row, all bool) string {
	var b strings.Builder
	side := func(f Field) string {
		var types []string
		for t, n := range f.Types {
			if n > 0 {
				types = append(types, fmt.Sprintf("%s:%d", []string{"text", "int", "dec", "bool", "empty", "null", "obj", "arr", "bin", "large"}[t], n))
			}
		}
		return fmt.Sprintf("%d %s %s", f.Have, strings.Join(types, ","), f.Sample)
	}
	for _, r := range rows {
		if r.Differs || all {
			fmt.Fprintf(&b, "%s | %s | %s\n", r.Name, side(r.Left), side(r.Right))
		}
	}
	return b.String()
}

// TestVersions: v1 of a producer against v2: what is new, gone, or of another type.
func TestVersions(t *testing.T) {
	v1 := of(`{"id":1,"price":2,"items":[{"sku":"a","qty":1}],"note":"x"}`, `{"id":2,"price":2,"items":[],"note":null}`)
	v2 := of(`{"id":"1","price":2.5,"items":[{"sku":"a","qty":1,"gift":true}],"note":null,"a b":{}}`, `{"id":"2","price":2,"items":[{"sku":"b","qty":1},{"qty":2}],"note":"y","a b":{}}`)
	want := `."a b" | 0   | 2 obj:2 {}
.id | 2 int:2 1 | 2 text:2 1
.items[*] | 1 obj:1 {"sku":"a","qty":1} | 2 obj:2 {"sku":"a","qty":1,"gift":true}
.items[*].gift | 0   | 1 bool:1 true
.items[*].qty | 1 int:1 1 | 2 int:2 1
.items[*].sku | 1 text:1 a | 2 text:2 a
.price | 2 int:2 2 | 2 int:1,dec:1 2.5
`
	if got := written(Paths(v1, v2), false); got != want {
		t.Errorf("%s\nnot\n%s", got, want)
	}
	if n := len(Paths(v1, v1)); n != 8 || written(Paths(v1, v1), false) != "" {
		t.Errorf("%d paths; the same differs", n)
	}
}

// TestShares: some messages of many have their chance, but all and not all are two things.
func TestShares(t *testing.T) {
	some := func(n, of int) *Shape {
		s := &Shape{}
		for i := range of {
			body := `{}`
			if i < n {
				body = `{"a":1}`
			}
			s.Add(&message.Message{Body: []byte(body)})
		}
		return s
	}
	for _, c := range []struct {
		left, right *Shape
		differs     bool
	}{
		{some(50, 100), some(55, 100), false},
		{some(50, 100), some(61, 100), true},
		{some(100, 100), some(99, 100), true},
		{some(0, 100), some(1, 100), true},
		{some(100, 100), some(7, 7), false},
		{some(3, 3), &Shape{}, true},
	} {
		if got := strings.Contains(written(Paths(c.left, c.right), false), ".a | "); got != c.differs {
			t.Errorf("%s", written(Paths(c.left, c.right), true))
		}
	}
}

// TestBodiesAndProperties of every kind.
func TestBodiesAndProperties(t *testing.T) {
	s := of("", "plain", "\xff\x00\xfe", "\ufeff[1,2]", "3", `"x"`, strings.Repeat("x", longestBody+1))
	s.Add(&message.Message{Properties: []message.Property{{Name: "n", Value: "12"}, {Name: "n", Value: "x"}, {Name: "e"}, {Name: "d", Value: "1.5"}, {Name: "b", Value: "true"}, {Name: "bad", Value: "\xff"}, {Name: "not", Value: "012"}}})
	if got := written(Paths(s, &Shape{}), true); got != " | 8 text:2,int:1,empty:2,arr:1,bin:1,large:1 plain | 0  \n[*] | 1 int:1 1 | 0  \n" {
		t.Error(got)
	}
	if got := written(Properties(s, &Shape{}), true); got != "b | 1 bool:1 true | 0  \nbad | 1 text:1 \ufffd | 0  \nd | 1 dec:1 1.5 | 0  \ne | 1 empty:1  | 0  \nn | 1 text:1,int:1 12 | 0  \nnot | 1 text:1 012 | 0  \n" {
		t.Error(got)
	}
	if s.LeftOut != 1 {
		t.Errorf("%d are said to be cut", s.LeftOut)
	}
}

// TestBounded: whatever is in bodies, what is kept is bounded, and said to be cut.
func TestBounded(t *testing.T) {
	var many strings.Builder
	for i := range 2 * MostPaths {
		fmt.Fprintf(&many, `"k%d":1,`, i)
	}
	long := strings.Repeat("n", 1<<20)
	for name, body := range map[string]string{
		"many names":  "{" + strings.TrimSuffix(many.String(), ",") + "}",
		"deep":        strings.Repeat(`{"a":`, 5_000) + "1" + strings.Repeat("}", 5_000),
		"many values": "[" + strings.TrimSuffix(strings.Repeat("1,", 2*mostValues), ",") + "]",
	} {
		s := of(body)
		if s.LeftOut != 1 || len(s.paths) > MostPaths {
			t.Errorf("%s: %d paths, %d cut", name, len(s.paths), s.LeftOut)
		}
	}
	s := of(`{"`+long+`":"`+long+`"}`, strings.Repeat("[", 1<<20))
	for path, f := range s.paths {
		if len(path) > 2*longestName || len(f.Sample) > longestSample+3 {
			t.Errorf("a path of %d bytes, a sample of %d", len(path), len(f.Sample))
		}
	}
}

// FuzzAdd: nothing that a body holds breaks it, and what is kept stays within bounds.
func FuzzAdd(f *testing.F) {
	f.Add([]byte(`{"a":[{"b":1}],"c":"\ud800"}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		s := &Shape{}
		for range 2 {
			s.Add(&message.Message{Body: body, Properties: message.ParseProperties(string(body))})
		}
		for _, r := range append(Paths(s, s), Properties(s, s)...) {
			if r.Differs || r.Left.Have != 2 && r.Left.Have != 0 {
				t.Errorf("%+v", r)
			}
		}
	})
}
