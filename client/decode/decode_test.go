package decode

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"
	"github.com/shamaton/msgpack/v3"
	"google.golang.org/protobuf/encoding/protowire"
)

// unhex reads hex with blanks.
func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestJSON: each form of each format, exact.
func TestJSON(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind     Kind
		in, want string
	}{
		{MessagePack, "82 a1 61 01 a1 61 02", `{"a":1,"a":2}`},
		{MessagePack, "93 7f e0 ff", `[127,-32,-1]`},
		{MessagePack, "94 cc ff cd ffff ce ffffffff cf ffffffffffffffff", `[255,65535,4294967295,18446744073709551615]`},
		{MessagePack, "94 d0 80 d1 8000 d2 80000000 d3 8000000000000000", `[-128,-32768,-2147483648,-9223372036854775808]`},
		{MessagePack, "96 ca 3fc00000 cb 3ff0000000000000 ca 7f800000 cb fff0000000000000 ca 7fc00000 cb 7e37e43c8800759c", `[1.5,1.0,"Infinity","-Infinity","NaN",1e+300]`},
		{MessagePack, "93 c0 c2 c3", `[null,false,true]`},
		{MessagePack, "a4 e5bca0", ``},
		{MessagePack, "a3 610a22", `"a\n\""`},
		{MessagePack, "a2 ff00", `{"bytes":"ff00"}`},
		{MessagePack, "d9 03 e5bca0", `"张"`},
		{MessagePack, "c4 02 0a0b", `{"bytes":"0a0b"}`},
		{MessagePack, "d4 05 00", `{"ext":5,"bytes":"00"}`},
		{MessagePack, "c7 03 fe 010203", `{"ext":-2,"bytes":"010203"}`},
		{MessagePack, "d6 ff 65000000", `{"time":"2023-09-12T06:06:56Z"}`},
		{MessagePack, "83 01 a1 61 c3 02 92 01 02 03", `{"1":"a","true":2,"920102":3}`},
		{MessagePack, "dc 0001 de 0001 a1 6b dd 00000000", `[{"k":[]}]`},
		{CBOR, "a2 61 61 01 61 61 02", `{"a":1,"a":2}`},
		{CBOR, "84 00 1b ffffffffffffffff 20 3b ffffffffffffffff", `[0,18446744073709551615,-1,-18446744073709551616]`},
		{CBOR, "86 f9 3e00 fa 3f800000 fb 3ff8000000000000 f9 7c00 f9 7e00 f9 0001", `[1.5,1.0,1.5,"Infinity","NaN",5.9604645e-08]`},
		{CBOR, "86 f4 f5 f6 f7 f0 f8ff", `[false,true,null,{"simple":23},{"simple":16},{"simple":255}]`},
		{CBOR, "c2 49 010000000000000000", `18446744073709551616`},
		{CBOR, "c3 49 010000000000000000", `-18446744073709551617`},
		{CBOR, "c1 1a 514b67b0", `{"tag":1,"value":1363896240}`},
		{CBOR, "d9d9f7 a1 01 02", `{"1":2}`},
		{CBOR, "5f 42 0102 41 03 ff", `{"bytes":"010203"}`},
		{CBOR, "7f 61 61 62 6263 ff", `"abc"`},
		{CBOR, "bf 61 61 9f 01 02 ff ff", `{"a":[1,2]}`},
		{Protobuf, "08 96 01", `{"1":150}`},
		{Protobuf, "0a 03 616263 10 01 10 02", `{"1":"abc","2":1,"2":2}`},
		{Protobuf, "08 ffffffffffffffffff01", `{"1":-1}`},
		{Protobuf, "12 04 08 01 10 02", `{"2":{"1":1,"2":2}}`},
		{Protobuf, "0d 0000c03f", `{"1":{"float":1.5,"fixed32":1069547520}}`},
		{Protobuf, "09 000000000000f83f", `{"1":{"double":1.5,"fixed64":4609434218613702656}}`},
		{Protobuf, "0b 10 01 0c", `{"1":{"2":1}}`},
		{Protobuf, "0a 02 ff00", `{"1":{"bytes":"ff00"}}`},
		{Protobuf, "0a 00", `{"1":""}`},
	} {
		got, err := JSON(context.Background(), c.kind, unhex(t, c.in))
		if (err != nil) != (c.want == "") || string(got) != c.want || err == nil && !json.Valid(got) {
			t.Errorf("%s %s: %s, %v; want %s", c.kind, c.in, got, err, c.want)
		}
	}
}

// TestWhere: what does not fit is told to the byte.
func TestWhere(t *testing.T) {
	t.Parallel()
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	for _, c := range []struct {
		kind Kind
		in   []byte
		at   int
		why  Why
	}{
		{MessagePack, nil, 0, EndsEarly},
		{MessagePack, unhex(t, "82 a1 61 01"), 4, EndsEarly},
		{MessagePack, unhex(t, "82 a1 61 01 c1 01"), 4, BadByte},
		{MessagePack, unhex(t, "81 a1 61 01 02"), 4, Rest},
		{MessagePack, unhex(t, "df ffffffff 01"), 6, EndsEarly},
		{MessagePack, unhex(t, "db ffffffff 01"), 6, EndsEarly},
		{MessagePack, bytes.Repeat([]byte{0x91}, 1000), mostDepth + 1, TooDeep},
		{MessagePack, append([]byte{0xC6, 0, 0x90, 0, 0}, make([]byte, 0x900000)...), 0x900005, TooLong},
		{MessagePack, append([]byte{0xDD, 0, 0, 0x20, 0}, make([]byte, 0x2000)...), 0, TooSlow},
		{CBOR, unhex(t, "a1 61 61 1c"), 3, BadByte},
		{CBOR, unhex(t, "61 ff"), 1, NotText},
		{CBOR, unhex(t, "7f 41 61 ff"), 1, BadByte},
		{CBOR, unhex(t, "9b ffffffffffffffff"), 9, EndsEarly},
		{CBOR, unhex(t, "9f 01"), 2, EndsEarly},
		{CBOR, unhex(t, "ff"), 0, BadByte},
		{CBOR, unhex(t, "f8 10"), 0, BadByte},
		{CBOR, bytes.Repeat([]byte{0xC6}, 1000), mostDepth + 1, TooDeep},
		{Protobuf, unhex(t, "08"), 1, EndsEarly},
		{Protobuf, unhex(t, "0a 05 61"), 3, EndsEarly},
		{Protobuf, unhex(t, "08 01 00 01"), 2, BadByte},
		{Protobuf, unhex(t, "08 01 0f"), 2, BadByte},
		{Protobuf, unhex(t, "0b 08 01"), 3, EndsEarly},
		{Protobuf, unhex(t, "0b 08 01 14"), 3, BadByte},
	} {
		ctx := context.Background()
		if c.why == TooSlow {
			ctx = ended
		}
		_, err := JSON(ctx, c.kind, c.in)
		var e *Error
		if !errors.As(err, &e) || e.Kind != c.kind || e.Why != c.why || c.why != TooSlow && e.At != c.at {
			t.Errorf("%s %.20x: %v; want byte %d: %v", c.kind, c.in, err, c.at, c.why)
		}
	}
}

type order struct {
	ID     int64             `msgpack:"id" cbor:"id"`
	Name   string            `msgpack:"name" cbor:"name"`
	Price  float64           `msgpack:"price" cbor:"price"`
	Items  []string          `msgpack:"items" cbor:"items"`
	Notes  map[string]string `msgpack:"notes" cbor:"notes"`
	Paid   bool              `msgpack:"paid" cbor:"paid"`
	Digest []byte            `msgpack:"digest" cbor:"digest"`
}

// TestWhatLibrariesWrite is read back, and known for what it is.
func TestWhatLibrariesWrite(t *testing.T) {
	t.Parallel()
	in := order{9007199254740993, "张三 \"q\"", 12.5, []string{"a", "b"}, map[string]string{"城市": "北京"}, true, []byte{1, 0xFF}}
	packed, err := msgpack.MarshalAsMap(in)
	if err != nil {
		t.Fatal(err)
	}
	tagged, err := cbor.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"id": json.Number("9007199254740993"), "name": in.Name, "price": json.Number("12.5"), "items": []any{"a", "b"},
		"notes": map[string]any{"城市": "北京"}, "paid": true, "digest": map[string]any{"bytes": "01ff"},
	}
	for kind, b := range map[Kind][]byte{MessagePack: packed, CBOR: tagged} {
		text, err := JSON(context.Background(), kind, b)
		if err != nil {
			t.Fatal(err)
		}
		var got map[string]any
		d := json.NewDecoder(bytes.NewReader(text))
		d.UseNumber()
		if err := d.Decode(&got); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %s, %v", kind, text, err)
		}
		for _, text := range []bool{false, true} { // also where it may be GBK
			if g := Guesses(context.Background(), b, text); len(g) == 0 || g[0] != (Guess{kind, true}) {
				t.Errorf("%s, text %v: %v", kind, text, g)
			}
		}
	}
}

// TestGuesses: what is beyond doubt is chosen, the rest is offered.
func TestGuesses(t *testing.T) {
	t.Parallel()
	record := protowire.AppendTag(nil, 1, protowire.BytesType)
	record = protowire.AppendString(record, "order-17")
	record = protowire.AppendTag(record, 2, protowire.VarintType)
	record = protowire.AppendVarint(record, 17)
	for _, c := range []struct {
		name string
		in   []byte
		want []Guess
	}{
		{"a small map", unhex(t, "81 a1 61 01"), []Guess{{MessagePack, true}}},
		{"an array of maps", unhex(t, "92 81 a1 61 01 81 a1 61 02"), []Guess{{MessagePack, true}}},
		{"a map that may be Chinese", unhex(t, "81 a1 69 64"), []Guess{{MessagePack, false}}},
		{"an array of numbers", unhex(t, "92 cd 0100 02"), []Guess{{MessagePack, false}}},
		{"keys that are numbers", unhex(t, "81 01 c3"), []Guess{{MessagePack, false}}},
		{"a map of CBOR", unhex(t, "a1 61 61 01"), []Guess{{CBOR, true}}},
		{"fields with a text", record, []Guess{{Protobuf, true}}},
		{"one field", unhex(t, "08 96 01"), []Guess{{Protobuf, false}}},
		{"nothing", nil, nil},
		{"noise", unhex(t, "ff 00 01"), nil},
		{"JSON", []byte(`{"a":1}`), nil},
		{"a text that Protobuf would take", []byte("\n\n0123456789"), nil},
	} {
		if got := Guesses(context.Background(), c.in, false); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestName(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]Named{
		"\xAC\xED\x00\x05sr\x00\x11com.example.Order":      {"Java serialization", "com.example.Order"},
		"\xAC\xED\x00\x05t\x00\x01a":                       {"Java serialization", ""},
		"\xAC\xED\x00\x05sr\xff\xff":                       {"Java serialization", ""},
		"Obj\x01\x04\x14avro":                              {"Avro", ""},
		"\xC3\x01ABCDEFGH\x02":                             {"Avro", ""},
		"H\x02\x00C\x11com.example.Order\x92":              {"Hessian 2", "com.example.Order"},
		"C\x11com.example.Order\x92\x02id":                 {"Hessian 2", "com.example.Order"},
		"C0\x26com.example.order.model.OrderSubmitted\x91": {"Hessian 2", "com.example.order.model.OrderSubmitted"},
		"\xDA\xBB\xC2\x00":                                 {"Dubbo", ""},
		"C\x05hello\x00":                                   {}, // no class
		"Object\n":                                         {},
		"Call me":                                          {},
		"":                                                 {},
		"\xC3\x01":                                         {},
	} {
		if got := Name([]byte(in)); got != want {
			t.Errorf("%q: %+v, want %+v", in, got, want)
		}
	}
}

// TestSoonOver: what is made to cost most is over soon, and bounded.
func TestSoonOver(t *testing.T) {
	t.Parallel()
	nested := []byte{0xFF}
	for range mostDepth {
		nested = protowire.AppendBytes(protowire.AppendTag(nil, 1, protowire.BytesType), append(nested, 0x10, 1))
	}
	keys := bytes.Repeat([]byte{0x81}, mostDepth) // keys within keys
	keys = append(keys, bytes.Repeat([]byte{1}, mostDepth+1)...)
	for name, c := range map[string]struct {
		kind Kind
		in   []byte
	}{
		"nested fields": {Protobuf, bytes.Repeat(nested, 4000)},
		"many fields":   {Protobuf, bytes.Repeat([]byte{0x0A, 0}, 8<<20)},
		"empty texts":   {MessagePack, append([]byte{0xDD, 0, 0x7F, 0, 0}, bytes.Repeat([]byte{0xA0}, 0x7F0000)...)},
		"keys":          {MessagePack, keys},
		"signs":         {CBOR, append([]byte{0x7A, 0, 0x7F, 0, 0}, make([]byte, 0x7F0000)...)},
	} {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute) // it takes 0.6 s, and 25 with the race detector on a busy machine
		got, err := JSON(ctx, c.kind, c.in)
		cancel()
		var e *Error
		if errors.As(err, &e) && e.Why == TooSlow || len(got) > 6*mostText+1024 {
			t.Errorf("%s: %d bytes, %v", name, len(got), err)
		}
	}
}
