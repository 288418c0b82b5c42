package encode_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"math/big"
	"reflect"
	"testing"

	"github.com/fxamacker/cbor/v2"
	"github.com/shamaton/msgpack/v3"

	"gantry/client/decode"
	"gantry/client/encode"
)

func TestBodies(t *testing.T) {
	for _, c := range []struct {
		kind       decode.Kind
		text, body string
	}{
		{decode.MessagePack, ` { "b" : 1 , "a" : [ -1, 128, 65536, -129, 1.5, true, false, null ], "b": "é" } `, "\x83\xa1b\x01\xa1a\x98\xff\xcc\x80\xce\x00\x01\x00\x00\xd1\xff\x7f\xcb\x3f\xf8\x00\x00\x00\x00\x00\x00\xc3\xc2\xc0\xa1b\xa2\xc3\xa9"},
		{decode.MessagePack, `{"bytes":"0aff"}`, "\xc4\x02\x0a\xff"},
		{decode.MessagePack, `{"bytes":"no hex"}`, "\x81\xa5bytes\xa6no hex"},
		{decode.MessagePack, `{"ext":5,"bytes":"01"}`, "\xd4\x05\x01"},
		{decode.MessagePack, `{"time":"1970-01-01T00:00:01Z"}`, "\xd6\xff\x00\x00\x00\x01"},
		{decode.MessagePack, `18446744073709551615`, "\xcf\xff\xff\xff\xff\xff\xff\xff\xff"},
		{decode.CBOR, `{"a":[1,-1,1.5,null],"b":{"tag":1,"value":{"bytes":"00"}}}`, "\xa2\x61a\x84\x01\x20\xfb\x3f\xf8\x00\x00\x00\x00\x00\x00\xf6\x61b\xc1\x41\x00"},
		{decode.CBOR, `[18446744073709551616,-18446744073709551617,{"simple":99},"\u00e9"]`, "\x84\xc2\x49\x01\x00\x00\x00\x00\x00\x00\x00\x00\xc3\x49\x01\x00\x00\x00\x00\x00\x00\x00\x00\xf8\x63\x62\xc3\xa9"},
	} {
		got, err := encode.Body(c.kind, nil, []byte(c.text))
		if err != nil || string(got) != c.body {
			t.Errorf("%s: %s: %x, %v, want %x", c.kind, c.text, got, err, c.body)
		}
	}
}

// What the formats' own libraries read is what was typed.
func TestLibrariesReadIt(t *testing.T) {
	text := []byte(`{"id":9007199254740993,"rate":0.1,"neg":-70000,"list":["` + string(bytes.Repeat([]byte("x"), 300)) + `",{"deep":true}],"none":null}`)
	want := map[string]any{"id": uint64(9007199254740993), "rate": 0.1, "neg": int64(-70000), "list": []any{string(bytes.Repeat([]byte("x"), 300)), map[any]any{"deep": true}}, "none": nil}
	packed, err := encode.Body(decode.MessagePack, nil, text)
	if err != nil {
		t.Fatal(err)
	}
	var m map[string]any
	if err := msgpack.Unmarshal(packed, &m); err != nil {
		t.Fatal(err)
	}
	same(t, "MessagePack", m, want)
	packed, err = encode.Body(decode.CBOR, nil, text)
	if err != nil {
		t.Fatal(err)
	}
	m = nil
	if err := cbor.Unmarshal(packed, &m); err != nil {
		t.Fatal(err)
	}
	same(t, "CBOR", m, want)
}

// same compares what a library made with what was typed, whatever types it takes for
// numbers and maps.
func same(t *testing.T, kind string, got, want any) {
	t.Helper()
	if a, b := plain(got), plain(want); !reflect.DeepEqual(a, b) {
		t.Errorf("%s: %v, want %v", kind, a, b)
	}
}

func plain(v any) any {
	switch v := reflect.ValueOf(v); v.Kind() {
	case reflect.Map:
		out := map[string]any{}
		for _, k := range v.MapKeys() {
			out[plain(k.Interface()).(string)] = plain(v.MapIndex(k).Interface())
		}
		return out
	case reflect.Slice:
		var out []any
		for i := range v.Len() {
			out = append(out, plain(v.Index(i).Interface()))
		}
		return out
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return big.NewInt(v.Int()).String()
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return new(big.Int).SetUint64(v.Uint()).String()
	case reflect.Invalid:
		return nil
	}
	return v
}

func TestPlaceOfWhatIsWrong(t *testing.T) {
	deep := string(bytes.Repeat([]byte("["), 200)) + string(bytes.Repeat([]byte("]"), 200))
	for _, c := range []struct {
		text string
		at   int
		why  encode.Why
	}{
		{``, 0, encode.NotJSON},
		{`{"a":1`, 6, encode.NotJSON},
		{`{"a":tru}`, 8, encode.NotJSON},
		{`[1] 2`, 4, encode.NotJSON},
		{"[\"\xff\"]", 2, encode.NotJSON},
		{`["\ud800"]`, 1, encode.NotJSON},
		{`[1, 18446744073709551616]`, 4, encode.TooLarge},
		{`[-9223372036854775809]`, 1, encode.TooLarge},
		{`{"a": 1e999}`, 6, encode.TooLarge},
		{deep, 128, encode.TooDeep},
	} {
		_, err := encode.Body(decode.MessagePack, nil, []byte(c.text))
		if e := (*encode.Error)(nil); !errors.As(err, &e) || e.At != c.at || e.Why != c.why {
			t.Errorf("%s: %v", c.text, err)
		}
	}
}

// fuzz checks that what is written is read as what was typed.
func fuzz(f *testing.F, kind decode.Kind) {
	for _, s := range []string{
		`{"b":1,"a":[-1,128,1.5,true,null],"b":"é"}`, `{"bytes":"0aff"}`, `{"ext":5,"bytes":"01"}`, `{"time":"1970-01-01T00:00:01.5Z"}`,
		`{"tag":1,"value":{"tag":2,"value":"x"}}`, `[18446744073709551616,{"simple":99}]`, ` [ "\u0041\n" , { } , [] ] `, `1e400`, `-0`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		body, err := encode.Body(kind, nil, text)
		e := (*encode.Error)(nil)
		if err != nil {
			if !errors.As(err, &e) || e.At < 0 || e.At > len(text) {
				t.Fatalf("%q: %v", text, err)
			}
			if (e.Why == encode.NotJSON) == json.Valid(text) && e.Why == encode.NotJSON && !bytes.Contains(text, []byte(`\u`)) && bytes.Equal(text, bytes.ToValidUTF8(text, nil)) {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		got, err := decode.JSON(context.Background(), kind, body)
		if err != nil {
			t.Fatalf("%q: %x: %v", text, body, err)
		}
		again, err := encode.Body(kind, nil, got)
		if err != nil {
			t.Fatalf("%q: %s: %v", text, got, err)
		}
		twice, err := decode.JSON(context.Background(), kind, again)
		if err != nil || !bytes.Equal(twice, got) {
			t.Fatalf("%q: %s becomes %s, %v", text, got, twice, err)
		}
		if !alike(text, got) {
			t.Fatalf("%q is read as %s", text, got)
		}
	})
}

// alike tells whether two texts are the same JSON, but for how numbers with a point are
// written and what a tag of CBOR makes of a value.
func alike(a, b []byte) bool {
	if bytes.Contains(a, []byte(`tag`)) || bytes.Contains(a, []byte(`\u`)) || bytes.Contains(a, []byte(`bytes`)) || bytes.Contains(a, []byte(`simple`)) {
		return true
	}
	var x, y any
	return json.Unmarshal(a, &x) != nil || json.Unmarshal(b, &y) == nil && reflect.DeepEqual(x, y)
}

func FuzzMessagePack(f *testing.F) { fuzz(f, decode.MessagePack) }

func FuzzCBOR(f *testing.F) { fuzz(f, decode.CBOR) }
