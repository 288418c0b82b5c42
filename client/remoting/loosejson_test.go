package remoting

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"gantry/client/fault"
)

func TestStrictJSON(t *testing.T) {
	for in, want := range map[string]string{
		`{"a":1}`:                               `{"a":1}`,
		`{0:"x",1:"y"}`:                         `{"0":"x","1":"y"}`,
		`{ "a" : [ 1 , -2.5e3 , true,null ] } `: `{"a":[1,-2.5e3,true,null]}`,
		`{"t":{{"b":"x","q":1}:{"m":2},{"b":"y"}:3}}`: `{"t":{"{\"b\":\"x\",\"q\":1}":{"m":2},"{\"b\":\"y\"}":3}}`,
		`{{0:1}:2}`:       `{"{\"0\":1}":2}`,
		`{name:NaN}`:      `{"name":null}`,
		"\"a\x01\n\"":     `"a\u0001\u000a"`,
		`"{:},\"\u00e9é"`: `"{:},\"\u00e9é"`,
		`[]`:              `[]`,
		`{}`:              `{}`,
	} {
		got, err := StrictJSON([]byte(in))
		if err != nil || string(got) != want || !json.Valid(got) {
			t.Errorf("%s: %s, %v", in, got, err)
		}
	}
	for _, in := range []string{
		``, `{`, `{"a"}`, `{"a":}`, `{"a":1,}`, `{,}`, `[1 2]`, `"a`, `"\x41"`, `"\`, `01`, `{}{}`, `nul`, `{"a":1]`,
		strings.Repeat("[", 1000), strings.Repeat("{", 1000), strings.Repeat(`{"a":`, 1000),
	} {
		if got, err := StrictJSON([]byte(in)); !errors.Is(err, fault.BadAnswer) {
			t.Errorf("%.20s: %s, %v", in, got, err)
		}
	}
}

func FuzzStrictJSON(f *testing.F) {
	f.Add([]byte(`{"offsetTable":{{"brokerName":"a","queueId":1,"topic":"T1"}:{"maxOffset":2}}}`))
	f.Add([]byte(`{"brokerAddrs":{0:"127.0.0.1:10911","1":null},"x":[NaN,1.5,"\u00e9"]}`))
	f.Add([]byte("{\"a\x02\":'}"))
	f.Fuzz(func(t *testing.T, in []byte) {
		got, err := StrictJSON(in)
		if err != nil {
			return
		}
		if !json.Valid(got) {
			t.Fatalf("%q became %q", in, got)
		}
		again, err := StrictJSON(got)
		if err != nil || string(again) != string(got) {
			t.Fatalf("%q is not stable: %q, %v", got, again, err)
		}
	})
}

// What is JSON already keeps its meaning.
func FuzzStrictKeepsJSON(f *testing.F) {
	f.Add([]byte(`{"a":[1,{"b":"\n"}]}`))
	f.Fuzz(func(t *testing.T, in []byte) {
		var want, got any
		if json.Unmarshal(in, &want) != nil || strings.Count(string(in), "[")+strings.Count(string(in), "{") > 20 {
			return
		}
		out, err := StrictJSON(in)
		if err != nil || json.Unmarshal(out, &got) != nil {
			t.Fatalf("%q: %v", in, err)
		}
		a, _ := json.Marshal(want)
		b, _ := json.Marshal(got)
		if string(a) != string(b) {
			t.Fatalf("%q became %q", a, b)
		}
	})
}
