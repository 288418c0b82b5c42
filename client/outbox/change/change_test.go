package change

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gantry/client/jsonpath"
	"gantry/client/mask"
	"gantry/client/message"
	"gantry/client/outbox/placeholder"
)

var key = bytes.Repeat([]byte{1}, mask.KeySize)

func values() *placeholder.Values {
	return &placeholder.Values{Seed: 1, Seq: 7, At: time.UnixMilli(1_800_000_000_000).UTC(), Env: func(name string) (string, bool) { return `a "b"`, name == "host" }}
}

func draft() message.Draft {
	return message.Draft{
		Body: []byte("{ \"a\":1.10, \"n\" : {\"phone\":\"13800138000\"} }\n"), Tag: "paid", Keys: []string{"k1  k2"},
		Properties: []message.Property{{Name: "region", Value: "a"}, {Name: "who", Value: "Bob"}, {Name: "trace", Value: "t"}},
	}
}

// TestChanges: each change does its own, and nothing else.
func TestChanges(t *testing.T) {
	m, err := mask.New(mask.Rules{}, key)
	if err != nil {
		t.Fatal(err)
	}
	body := func(old, now string) func(*message.Draft) {
		return func(d *message.Draft) { d.Body = []byte(strings.Replace(string(d.Body), old, now, 1)) }
	}
	tests := []struct {
		c    Change
		want func(*message.Draft)
	}{
		{Change{Field, Set, ".a", `x "{{seq}}"`}, body("1.10", `"x \"7\""`)},
		{Change{Field, Set, ".new", ""}, body("} }", `},"new":"" }`)},
		{Change{Field, JSON, ".n.phone", `[{{seq}}, "{{env "host"}}"]`}, body(`"13800138000"`, `[7, "a \"b\""]`)},
		{Change{Field, Remove, ".n", "ignored"}, body(`, "n" : {"phone":"13800138000"}`, "")},
		{Change{Field, Remove, ".none", ""}, func(*message.Draft) {}},
		{Change{Field, Mask, ".n", ""}, body("13800138000", m.Text("13800138000"))},
		{Change{Field, Mask, ".none.x", ""}, func(*message.Draft) {}},
		{Change{Property, Set, "region", "{{now s}}"}, func(d *message.Draft) { d.Properties[0].Value = "1800000000" }},
		{Change{Property, Set, "new", "v"}, func(d *message.Draft) {
			d.Properties = append(d.Properties, message.Property{Name: "new", Value: "v"})
		}},
		{Change{Property, Remove, "region", ""}, func(d *message.Draft) { d.Properties = d.Properties[1:] }},
		{Change{Property, Remove, "none", ""}, func(*message.Draft) {}},
		{Change{Property, Mask, "who", ""}, func(d *message.Draft) { d.Properties[1].Value = m.Text("Bob") }},
		{Change{Tag, Set, "", "n{{seq}}"}, func(d *message.Draft) { d.Tag = "n7" }},
		{Change{Tag, Remove, "", ""}, func(d *message.Draft) { d.Tag = "" }},
		{Change{Keys, Set, "", "a {{seq}}"}, func(d *message.Draft) { d.Keys = []string{"a", "7"} }},
		{Change{Keys, Add, "", "k1 k3"}, func(d *message.Draft) { d.Keys = []string{"k1  k2 k3"} }},
		{Change{Keys, Remove, "", "k1 x"}, func(d *message.Draft) { d.Keys = []string{"k2"} }},
		{Change{Keys, Remove, "", "x"}, func(*message.Draft) {}},
		{Change{Keys, Remove, "", ""}, func(d *message.Draft) { d.Keys = nil }},
		{Change{Keys, Mask, "", ""}, func(d *message.Draft) { d.Keys = []string{m.Text("k1") + "  " + m.Text("k2")} }},
	}
	for _, tt := range tests {
		tt.c.json(t)
		c, err := New([]Change{tt.c}, []string{"trace", "none"}, nil, key)
		if err != nil {
			t.Errorf("%+v: %v", tt.c, err)
			continue
		}
		got, want, first := draft(), draft(), draft()
		given := got
		want.Properties = want.Properties[:2]
		tt.want(&want)
		if err := c.Draft(&got, values()); err != nil {
			t.Errorf("%+v: %v", tt.c, err)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%+v: %s", tt.c, d)
		}
		if d := cmp.Diff(first, given); d != "" {
			t.Errorf("%+v changed what was given: %s", tt.c, d)
		}
	}
}

// json holds a change against its form on disk.
func (c Change) json(t *testing.T) {
	t.Helper()
	b, err := json.Marshal(c)
	var back Change
	if err = errors.Join(err, json.Unmarshal(b, &back)); err != nil || back != c {
		t.Errorf("%s is %+v, %v", b, back, err)
	}
}

// TestMisfits: a message that a change does not fit is told, with which and why; what is wrong
// with a value is no misfit.
func TestMisfits(t *testing.T) {
	for _, tt := range []struct {
		body string
		c    Change
		why  error
	}{
		{"text", Change{Field, Set, ".a", "x"}, jsonpath.NotJSON},
		{"text", Change{Field, Remove, ".a", "x"}, jsonpath.NotJSON},
		{"[1]", Change{Field, Set, ".a", "x"}, jsonpath.NotThrough},
		{"{}", Change{Field, Set, ".a.b", "x"}, jsonpath.Absent},
		{"{}", Change{Field, JSON, ".a", "{{pick x}}"}, jsonpath.BadValue},
		{`{"a":"x"}`, Change{Field, Mask, ".a.b", ""}, jsonpath.NotThrough},
	} {
		c, err := New([]Change{{Tag, Remove, "", ""}, tt.c}, nil, nil, key)
		if err != nil {
			t.Fatal(err)
		}
		d := draft()
		d.Body = []byte(tt.body)
		at := (*Misfit)(nil)
		if err := c.Draft(&d, values()); !errors.As(err, &at) || at.Index != 1 || at.Name != tt.c.Name || !errors.Is(err, tt.why) {
			t.Errorf("%+v on %q: %v", tt.c, tt.body, err)
		}
	}
	rules := mask.All()
	c, err := New(nil, nil, &rules, key)
	if err != nil {
		t.Fatal(err)
	}
	d := draft()
	d.Body = []byte{0}
	at := (*Misfit)(nil)
	if err := c.Draft(&d, values()); !errors.As(err, &at) || at.Index != -1 || !errors.Is(err, mask.Unseen) {
		t.Error(err)
	}
	if c, err = New([]Change{{Tag, Set, "", `{{env "none"}}`}}, nil, nil, nil); err != nil {
		t.Fatal(err)
	}
	if err := c.Draft(&d, values()); errors.As(err, &at) && at.Index != -1 || !errors.Is(err, placeholder.NoEnv) {
		t.Error(err)
	}
}

// TestMasksBeforeChanges: what somebody sets is not masked.
func TestMasksBeforeChanges(t *testing.T) {
	rules := mask.All()
	c, err := New([]Change{{Field, Set, ".own", "13900139000"}}, nil, &rules, key)
	if err != nil {
		t.Fatal(err)
	}
	d := draft()
	if err := c.Draft(&d, values()); err != nil || !strings.Contains(string(d.Body), `"own":"13900139000"`) || strings.Contains(string(d.Body), "13800138000") {
		t.Errorf("%s, %v", d.Body, err)
	}
}

// TestCheck: what is no change is refused where it enters.
func TestCheck(t *testing.T) {
	for _, tt := range []struct {
		c    Change
		part Part
		why  error
	}{
		{Change{Tag, Mask, "", ""}, OfName, Unknown},
		{Change{"x", Set, "", ""}, OfName, Unknown},
		{Change{Field, Set, "a..b", ""}, OfName, jsonpath.BadPath},
		{Change{Field, JSON, "a", "{"}, OfValue, jsonpath.BadValue},
		{Change{Field, JSON, "a", ""}, OfValue, NoValue},
		{Change{Property, Set, " ", "x"}, OfName, NoName},
		{Change{Property, Remove, message.PropertyKeys, ""}, OfName, NoName},
		{Change{Property, Set, "a", ""}, OfValue, NoValue},
		{Change{Tag, Set, "", " "}, OfValue, NoValue},
		{Change{Tag, Set, "", "{{nope}}"}, OfValue, placeholder.NoSuch},
		{Change{Tag, Set, "", `{{col "a"}}`}, OfValue, placeholder.NoSource},
	} {
		at := (*Error)(nil)
		if err := Check([]Change{{Tag, Remove, "", ""}, tt.c}); !errors.As(err, &at) || at.Index != 1 || at.Part != tt.part || !errors.Is(err, tt.why) {
			t.Errorf("%+v: %v", tt.c, err)
		}
	}
	if err := Check(slices.Repeat([]Change{{Tag, Remove, "", ""}}, MaxChanges)); err != nil {
		t.Error(err)
	}
	for _, many := range [][]Change{slices.Repeat([]Change{{Tag, Remove, "", ""}}, MaxChanges+1), {{Tag, Set, "", strings.Repeat("x", MaxBytes+1)}}} {
		if err := Check(many); !errors.Is(err, TooMany) {
			t.Error(err)
		}
	}
	needs, err := Needs([]Change{{Tag, Set, "", `{{env "b"}}`}, {Field, JSON, "a", `"{{env "a"}}"`}})
	if err != nil || !slices.Equal(needs.Env, []string{"a", "b"}) {
		t.Errorf("%+v, %v", needs, err)
	}
	if _, err := New([]Change{{Keys, Mask, "", ""}}, nil, nil, nil); err == nil {
		t.Error("it masks without a key")
	}
}
