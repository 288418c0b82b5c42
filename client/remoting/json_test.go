package remoting

import (
	"encoding/json"
	"errors"
	"reflect"
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
		`{"a":,"b":}`:     `{"a":null,"b":null}`,
		`{,"a":1,,b:2,}`:  `{"a":1,"b":2}`,
		`[,1,,2,]`:        `[1,2]`,
		`{'a"b':'it\'s'}`: `{"a\"b":"it's"}`,
		"\uFEFF{}":        `{}`,
		`[]`:              `[]`,
		`{}`:              `{}`,
	} {
		got, err := StrictJSON([]byte(in))
		if err != nil || string(got) != want || !json.Valid(got) {
			t.Errorf("%s: %s, %v", in, got, err)
		}
	}
	for _, in := range []string{
		``, `{`, `{"a"}`, `{"a":`, `{:1}`, `[1 2]`, `[1,2`, `'a"`, `"a`, `"\x41"`, `"\`, `01`, `{}{}`, `nul`, `{"a":1]`,
		strings.Repeat("[", 1000), strings.Repeat("{", 1000), strings.Repeat(`{"a":`, 1000),
	} {
		if got, err := StrictJSON([]byte(in)); !errors.Is(err, fault.BadAnswer) {
			t.Errorf("%.20s: %s, %v", in, got, err)
		}
	}
}

// fits has one of each kind that values are rewritten for.
type fits struct {
	Long   int64 `json:"long"`
	Int    int32 `json:"int"`
	Bool   bool
	Float  float64
	Text   string
	List   []int64
	Set    map[string]int64
	Inner  *fits
	Kind   ConsumeType
	Model  MessageModel
	From   ConsumeFromWhere
	Raw    json.RawMessage
	Any    any
	Hidden int `json:"-"`
	Told   int `json:",string"`
	embedded
}

type embedded struct{ Deep int64 }

// TestB3Values: numbers in quotes, without their sign or where a name belongs are
// what they mean, as fastjson takes them.
func TestB3Values(t *testing.T) {
	for in, want := range map[string]fits{
		`{"long":"7","int":"8","LONG2":1}`:                    {Long: 7, Int: 8},
		`{"long":18446744073709551615,"int":4294967295}`:      {Long: -1, Int: -1},
		`{"long":"18446744073709551615"}`:                     {Long: -1},
		`{"long":"-9223372036854775808"}`:                     {Long: -1 << 63},
		`{"long":" 5 ","int":1.0}`:                            {Long: 5, Int: 1},
		`{"long":1e3,"int":"","bool":"true"}`:                 {Long: 1000, Bool: true},
		`{"bool":1,"float":"1.5","text":7}`:                   {Bool: true, Float: 1.5, Text: "7"},
		`{"text":{"a":"b"},"float":NaN}`:                      {Text: `{"a":"b"}`},
		`{"text":true,"list":["1",2,"18446744073709551615"]}`: {Text: "true", List: []int64{1, 2, -1}},
		`{"set":{0:"1","b":2}}`:                               {Set: map[string]int64{"0": 1, "b": 2}},
		`{"set":,"list":""}`:                                  {},
		`{"inner":{"inner":{"long":"3"}}}`:                    {Inner: &fits{Inner: &fits{Long: 3}}},
		`{"kind":1,"model":0,"from":"4"}`:                     {Kind: "CONSUME_PASSIVELY", Model: "BROADCASTING", From: "CONSUME_FROM_FIRST_OFFSET"},
		`{"kind":"CONSUME_POP","model":77,"from":null}`:       {Kind: "CONSUME_POP", Model: "77"},
		`{"raw":"7","any":"7","told":"7","Deep":"9"}`:         {Raw: json.RawMessage(`"7"`), Any: "7", Told: 7, embedded: embedded{9}},
		`{"text":"null","long":null,"other":{"x":}}`:          {Text: "null"},
	} {
		var got fits
		if err := DecodeBody([]byte(in), &got); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, %v", in, got, err)
		}
	}
	for _, in := range []string{
		`{"long":"seven"}`, `{"long":1.5}`, `{"long":18446744073709551616}`, `{"int":4294967296}`, `{"bool":"perhaps"}`,
		`{"list":"1,2"}`, `{"set":[1]}`, `{"inner":7}`, `{"float":"x"}`, `{"long":true}`, `{"long":{}}`, `{"long":[1]}`,
	} {
		if err := DecodeBody([]byte(in), &fits{}); !errors.Is(err, fault.BadAnswer) {
			t.Errorf("%s: %v", in, err)
		}
	}
}

// FuzzB3Values: whatever comes, what is read is what encoding/json reads where it
// can, and a number is never another one.
func FuzzB3Values(f *testing.F) {
	f.Add([]byte(`{"long":"7","int":8,"list":[1,"2"],"set":{"a":-1},"inner":{"text":7},"kind":1}`))
	f.Add([]byte(`{"long":18446744073709551615,"any":{1:2},"raw":[,],"bool":"1",}`))
	f.Fuzz(func(t *testing.T, in []byte) {
		var got, want, again fits
		err := DecodeBody(in, &got)
		strictErr := json.Unmarshal(in, &want)
		if strictErr == nil && strings.Count(string(in), "[")+strings.Count(string(in), "{") < 20 && (err != nil || !reflect.DeepEqual(got, want)) {
			t.Fatalf("%q: %+v, want %+v, %v", in, got, want, err)
		}
		if err != nil {
			return
		}
		b, err := json.Marshal(got)
		if err != nil {
			return // NaN never is, but a RawMessage may be empty
		}
		if err := DecodeBody(b, &again); err != nil || again.Long != got.Long || again.Int != got.Int || again.Text != got.Text {
			t.Fatalf("%q: %+v and %+v, %v", in, got, again, err)
		}
	})
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
