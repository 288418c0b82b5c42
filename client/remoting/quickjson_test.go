package remoting

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// pullHeader is what 5.5.0 answers to a pull.
const pullHeader = `{"code":0,"extFields":{"nextBeginOffset":"32","suggestWhichBrokerId":"0","minOffset":"0","maxOffset":"25000","topicSysFlag":"0","groupSysFlag":"0"},"flag":1,"language":"JAVA","opaque":-17,"remark":"FOUND","serializeTypeCurrentRPC":"JSON","version":513}`

// TestQuickHeader: it reads what brokers answer to pulls, and leaves the rest.
func TestQuickHeader(t *testing.T) {
	if c, ok := quickHeader([]byte(pullHeader)); !ok || c.Opaque != -17 || c.Version != 513 || c.ExtFields["maxOffset"] != "25000" || c.Remark != "FOUND" {
		t.Errorf("%v, %+v, %v", ok, c, c.ExtFields)
	}
	for _, left := range []string{
		``, `{`, `{}`, `{"code":0`, `{"code":0}x`, `{"code":0,}`, `{"code":01}`, `{"code":1.5}`, `{"code":1234567890}`, `{"Code":0}`, `{"code":0,"code":1}`,
		`{ "code":0}`, `{"remark":null}`, `{"remark":"\ud83d\ude00"}`, `{"remark":"\u+041"}`, `{"remark":"\x"}`, `{"remark":"\u00`, "{\"remark\":\"\xff\"}", "{\"remark\":\"\\n\xff\"}", "{\"remark\":\"\n\"}", `{"extFields":{"a":1}}`, `{"extFields":null}`, `{"extFields":{"a":"b",}}`, `{"new":"x"}`,
	} {
		if _, ok := quickHeader([]byte(left)); ok {
			t.Errorf("%s is read in haste", left)
		}
	}
}

// TestQuickTexts: texts with escapes and beyond ASCII are read too.
func TestQuickTexts(t *testing.T) {
	for in, want := range map[string]string{
		`KEYS\u0001k\u0002TAGS\u0001t\u0002`: "KEYS\x01k\x02TAGS\x01t\x02", `\"\\\/\b\f\n\r\t`: "\"\\/\b\f\n\r\t", `付\u4ed8`: "付付", "付": "付", `\u0000`: "\x00",
	} {
		c, ok := quickHeader([]byte(`{"code":1,"extFields":{"` + in + `":"` + in + `"},"remark":"` + in + `"}`))
		if !ok || c.Remark != want || c.ExtFields[want] != want || c.Code != 1 {
			t.Errorf("%s: %+v, %v", in, c, ok)
		}
	}
}

// FuzzQuickHeader: what it reads, encoding/json reads in the same way.
func FuzzQuickHeader(f *testing.F) {
	f.Add([]byte(pullHeader))
	f.Add([]byte(`{"code":-1,"extFields":{},"remark":""}`))
	f.Add([]byte(`{"extFields":{"a":"b","a":"c"},"flag":0}`))
	f.Add([]byte(`{"extFields":{"i":"KEYS\u0001\u4ed8付\\\"\/\n"},"flag":0}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		quick, ok := quickHeader(b)
		if !ok {
			return
		}
		slow, err := slowHeader(b)
		if err != nil {
			t.Fatalf("%q: %v", b, err)
		}
		for _, d := range []string{
			cmp.Diff(slow.ExtFields, quick.ExtFields, cmpopts.EquateEmpty()), cmp.Diff(slow.Remark, quick.Remark), cmp.Diff(slow.Language, quick.Language),
		} {
			if d != "" {
				t.Errorf("%q: %s", b, d)
			}
		}
		if slow.Code != quick.Code || slow.Version != quick.Version || slow.Opaque != quick.Opaque || slow.Flag != quick.Flag {
			t.Errorf("%q: %v, %v", b, slow, quick)
		}
	})
}

// FuzzAppendQuickHeader: what it writes, encoding/json reads as what was to be written.
func FuzzAppendQuickHeader(f *testing.F) {
	f.Add(11, "GO", "", "topic", "T", "expression", "a || b")
	f.Add(-1, "GO", "why", "a\"b", "\\", "", "付")
	f.Fuzz(func(t *testing.T, code int, language, remark, k1, v1, k2, v2 string) {
		c := &Command{Code: code, Language: language, Remark: remark, Version: 409, Opaque: -7, Flag: 1, ExtFields: map[string]string{k1: v1, k2: v2}}
		b, ok := appendQuickHeader(nil, c)
		if !ok {
			return
		}
		got, err := slowHeader(b)
		if err != nil {
			t.Fatalf("%s: %v", b, err)
		}
		if diff := cmp.Diff(fields(c), fields(got)); diff != "" {
			t.Error(diff)
		}
	})
}

// TestAppendQuickHeader: it leaves what is no UTF-8, and writes what pulls are.
func TestAppendQuickHeader(t *testing.T) {
	for _, c := range []*Command{{Remark: "\xff"}, {Language: "\xff"}, {ExtFields: map[string]string{"\xff": "a"}}, {ExtFields: map[string]string{"a": "\xff"}}} {
		if b, ok := appendQuickHeader(nil, c); ok {
			t.Errorf("%s is written in haste", b)
		}
	}
	b, ok := appendQuickHeader([]byte("x"), &Command{Code: 11, Language: "GO", Version: 409, Opaque: 3, ExtFields: map[string]string{"topic": "a b~!付\x01\"\\\n"}})
	const want = `x{"code":11,"language":"GO","version":409,"opaque":3,"flag":0,"extFields":{"topic":"a b~!付\u0001\"\\\u000a"},"serializeTypeCurrentRPC":"JSON"}`
	if !ok || string(b) != want {
		t.Errorf("%s, %v", b, ok)
	}
}

func BenchmarkHeader(b *testing.B) {
	for name, read := range map[string]func([]byte) (*Command, error){"quick": decodeJSON, "json": slowHeader} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := read([]byte(pullHeader)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
