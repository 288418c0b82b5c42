package schema_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/dynamicpb"

	"gantry/client/decode"
	"gantry/client/encode"
	"gantry/client/schema"
)

// order is a message of each kind of field; it imports what lies in a folder above.
const order = `syntax = "proto3";
package shop;
import "common/money.proto";
import "google/protobuf/timestamp.proto";
enum State { NEW = 0; PAID = 1; OLD_PAID = -3; }
message Order {
  int64 id = 1;
  string buyer = 2;
  State state = 3;
  repeated Line lines = 4;
  map<string, int32> stock = 5;
  map<int64, Line> by_id = 6;
  oneof payment { string card = 7; common.Money cash = 8; }
  bytes sign = 9;
  repeated sint32 codes = 10;
  repeated State past = 11 [packed = false];
  optional bool gift = 12;
  double rate = 13;
  float share = 14;
  fixed32 f32 = 15;
  sfixed64 sf64 = 16;
  uint64 huge = 17;
  google.protobuf.Timestamp at = 18;
  sint64 zig = 19;
  message Line { string sku = 1; uint32 qty = 2; Order inner = 3; }
}
`

const money = `syntax = "proto3";
package common;
message Money { string currency = 1; int64 units = 2; }
`

// written lays files out in a folder of their own.
func written(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func orders(t testing.TB) *schema.Schema {
	t.Helper()
	dir := written(t, map[string]string{"shop/v1/order.proto": order, "common/money.proto": money})
	s, err := schema.Load(context.Background(), filepath.Join(dir, "shop", "v1", "order.proto"), "shop.Order")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// full is an order with everything in it, in the order of its typing.
const full = `{"buyer":"王芳","id":9007199254740993,"state":"PAID","lines":[{"sku":"a","qty":2},{"sku":"b","inner":{"id":1}}],` +
	`"stock":{"a":1,"b":-2},"by_id":{"-5":{"sku":"x"}},"cash":{"currency":"CNY","units":12},"sign":{"bytes":"00ff"},` +
	`"codes":[1,-2,3],"past":["NEW","OLD_PAID"],"gift":false,"rate":0.1,"share":0.25,"f32":4294967295,"sf64":-1,"huge":18446744073709551615,` +
	`"at":{"seconds":1700000000,"nanos":5},"zig":-9223372036854775808}`

func TestMessageIsReadAndWrittenWithItsNames(t *testing.T) {
	s := orders(t)
	body, err := s.Encode([]byte(full))
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.JSON(context.Background(), body)
	if err != nil || string(got) != full {
		t.Errorf("read back: %v\n%s\nwant\n%s", err, got, full)
	}
	// What golang's own library makes of the same text, with its form for bytes and times.
	plain := strings.NewReplacer(`{"bytes":"00ff"}`, `"AP8="`, `{"seconds":1700000000,"nanos":5}`, `"2023-11-14T22:13:20.000000005Z"`).Replace(full)
	other, ours := dynamicpb.NewMessage(s.Message()), dynamicpb.NewMessage(s.Message())
	if err := protojson.Unmarshal([]byte(plain), other); err != nil {
		t.Fatal(err)
	}
	if err := proto.Unmarshal(body, ours); err != nil || !proto.Equal(ours, other) {
		t.Errorf("the library reads %v, %v", ours, err)
	}
	theirs, err := proto.MarshalOptions{Deterministic: true}.Marshal(other)
	if err != nil {
		t.Fatal(err)
	}
	again, err := s.JSON(context.Background(), theirs)
	if err != nil || !bytes.Contains(again, []byte(`"lines":[{"sku":"a","qty":2},{"sku":"b","inner":{"id":1}}]`)) || !bytes.Contains(again, []byte(`"codes":[1,-2,3],"past":["NEW","OLD_PAID"]`)) {
		t.Errorf("theirs is read as %s, %v", again, err)
	}
	// The same schema from a set of descriptors.
	from, err := schema.Parse(s.Set(), "shop.Order")
	if err != nil {
		t.Fatal(err)
	}
	if b, err := from.Encode([]byte(full)); err != nil || !bytes.Equal(b, body) {
		t.Errorf("from the set: %x, %v", b, err)
	}
}

func TestWhatTheSchemaDoesNotHaveStandsByNumber(t *testing.T) {
	s := orders(t)
	// id 5, field 99 with a text, codes apart from each other with gift between them, an
	// unknown value of the enum, an entry of a map without its value.
	body := []byte("\x08\x05\x9a\x06\x02hi\x52\x01\x02\x60\x01\x50\x04\x18\x09\x2a\x03\x0a\x01k")
	got, err := s.JSON(context.Background(), body)
	if want := `{"id":5,"99":"hi","codes":[1],"gift":true,"codes":[2],"state":9,"stock":{"k":0}}`; err != nil || string(got) != want {
		t.Errorf("%s, %v", got, err)
	}
}

func TestMisfitSaysWhere(t *testing.T) {
	s := orders(t)
	for body, want := range map[string]decode.Error{
		"\x08\x05\x12\x03a\xffb":   {At: 5, Why: decode.NotText, Field: "buyer", Want: "string"},
		"\x08\x05\x10\x01":         {At: 2, Why: decode.WrongType, Field: "buyer", Want: "string"},
		"\x0a\x01x":                {At: 0, Why: decode.WrongType, Field: "id", Want: "int64"},
		"\x08\x05\x22\x02\x08\x01": {At: 4, Why: decode.WrongType, Field: "sku", Want: "string"},
		"\x08\x05\x22\x7f":         {At: 4, Why: decode.EndsEarly},
		"\x08":                     {At: 1, Why: decode.EndsEarly},
	} {
		want.Kind = decode.Protobuf
		_, err := s.JSON(context.Background(), []byte(body))
		if got := (*decode.Error)(nil); !errors.As(err, &got) || *got != want {
			t.Errorf("%x: %v, want %v", body, err, &want)
		}
	}
}

func TestRequiredFieldsAndGroups(t *testing.T) {
	dir := written(t, map[string]string{"old.proto": `syntax = "proto2"; message Old { required int32 n = 1; repeated group Part = 2 { optional string s = 3; } }`})
	s, err := schema.Load(context.Background(), filepath.Join(dir, "old.proto"), "Old")
	if err != nil {
		t.Fatal(err)
	}
	body, err := s.Encode([]byte(`{"n":1,"part":[{"s":"a"},{}]}`))
	if err != nil || string(body) != "\x08\x01\x13\x1a\x01a\x14\x13\x14" {
		t.Fatalf("%x, %v", body, err)
	}
	if got, err := s.JSON(context.Background(), body); err != nil || string(got) != `{"n":1,"part":[{"s":"a"},{}]}` {
		t.Errorf("%s, %v", got, err)
	}
	_, err = s.JSON(context.Background(), body[2:])
	if got := (*decode.Error)(nil); !errors.As(err, &got) || got.Why != decode.Lacks || got.Field != "n" || got.At != 7 {
		t.Errorf("without the field: %v", err)
	}
}

func TestWrongFilesSayWhere(t *testing.T) {
	dir := written(t, map[string]string{
		"syntax.proto":  "syntax = \"proto3\";\nmessage A {\n  int32 = 1;\n}\n",
		"type.proto":    "syntax = \"proto3\";\nmessage A {\n  Nowhere n = 1;\n}\n",
		"import.proto":  "syntax = \"proto3\";\nimport \"b/none.proto\";\nmessage A {}\n",
		"far.proto":     "syntax = \"proto3\";\nimport \"b/bad.proto\";\nmessage A {}\n",
		"b/bad.proto":   "syntax = \"proto3\";\nmessage {}\n",
		"cycle.proto":   "syntax = \"proto3\";\nimport \"cycle.proto\";\nmessage A {}\n",
		"out.proto":     "syntax = \"proto3\";\nimport \"../../x.proto\";\nmessage A {}\n",
		"deep.proto":    strings.Repeat("message A{", 200_000),
		"comment.proto": "// {{{{ \n/* " + strings.Repeat("{", 300) + " */ syntax = \"proto3\"; message A { string s = 1 [json_name = \"((((\"]; }",
		"set.pb":        "no set at all",
		"empty.pb":      "",
	})
	for name, want := range map[string]schema.Error{
		"syntax.proto": {Line: 3, Why: schema.Syntax}, "type.proto": {Line: 3, Why: schema.Syntax}, "import.proto": {Line: 2, Why: schema.Syntax},
		"far.proto": {File: filepath.Join(dir, "b", "bad.proto"), Line: 2, Why: schema.Syntax}, "cycle.proto": {Line: 2, Why: schema.Syntax},
		"out.proto": {Line: 2, Why: schema.Syntax}, "deep.proto": {Line: 1, Why: schema.TooDeep}, "set.pb": {Why: schema.NoSet}, "empty.pb": {Why: schema.NoSet},
		"gone.proto": {Why: schema.Unread}, "comment.proto": {Why: schema.NoMessage},
	} {
		_, err := schema.Load(context.Background(), filepath.Join(dir, name), "B")
		got := (*schema.Error)(nil)
		if want.File == "" {
			want.File = filepath.Join(dir, name)
		}
		if !errors.As(err, &got) || got.File != want.File || got.Line != want.Line || got.Why != want.Why {
			t.Errorf("%s: %v, want %v", name, err, &want)
		}
	}
	if names, err := schema.Types(context.Background(), filepath.Join(dir, "comment.proto")); err != nil || !slices.Equal(names, []string{"A"}) {
		t.Errorf("%q, %v", names, err)
	}
}

func TestFilesAreBounded(t *testing.T) {
	dir := t.TempDir()
	large := filepath.Join(dir, "large.proto")
	if err := os.WriteFile(large, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(large, schema.MaxBytes+1); err != nil {
		t.Fatal(err)
	}
	_, err := schema.Load(context.Background(), large, "A")
	if got := (*schema.Error)(nil); !errors.As(err, &got) || got.Why != schema.TooLarge {
		t.Error(err)
	}
}

func TestSetFileIsRead(t *testing.T) {
	s := orders(t)
	dir := written(t, map[string]string{"all.desc": string(s.Set())})
	file := filepath.Join(dir, "all.desc")
	names, err := schema.Types(context.Background(), file)
	if want := []string{"common.Money", "shop.Order", "shop.Order.Line"}; err != nil || !slices.Equal(names, want) {
		t.Errorf("%q, %v", names, err)
	}
	if other, err := schema.Load(context.Background(), file, "shop.Order.Line"); err != nil || other.Name() != "shop.Order.Line" {
		t.Error(err)
	}
}

func TestStoreReadsAgainWhatChanged(t *testing.T) {
	dir := written(t, map[string]string{"a.proto": "syntax = \"proto3\"; import \"b.proto\"; message A { B b = 1; }", "b.proto": "syntax = \"proto3\"; message B { int32 old = 1; }"})
	file := filepath.Join(dir, "a.proto")
	var store schema.Store
	if _, _, ok := store.Ready(file, "A"); ok {
		t.Fatal("an empty store has something ready")
	}
	first, err := store.Load(context.Background(), file, "A")
	if err != nil {
		t.Fatal(err)
	}
	if again, err := store.Load(context.Background(), file, "A"); err != nil || again != first {
		t.Errorf("read twice: %v", err)
	}
	if ready, err, ok := store.Ready(file, "A"); !ok || err != nil || ready != first {
		t.Errorf("%v, %v", err, ok)
	}
	b := filepath.Join(dir, "b.proto")
	if err := os.WriteFile(b, []byte("syntax = \"proto3\"; message B { int32 young = 1; }"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(b, time.Time{}, time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	of := schema.Ref{File: file, Name: "A"}
	if n := store.Turns()[of]; n != 0 {
		t.Errorf("it changed %d times", n)
	}
	next, err := store.Load(context.Background(), file, "A")
	if err != nil || next == first {
		t.Fatalf("not read again: %v", err)
	}
	if n := store.Turns()[of]; n != 1 {
		t.Errorf("it changed %d times", n)
	}
	if got, err := next.JSON(context.Background(), []byte("\x0a\x02\x08\x01")); err != nil || string(got) != `{"b":{"young":1}}` {
		t.Errorf("%s, %v", got, err)
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	for range 2 { // it is missed once
		if _, err := store.Load(context.Background(), file, "A"); err == nil || store.Turns()[of] != 2 {
			t.Errorf("%v, %d", err, store.Turns()[of])
		}
	}
	if err := os.WriteFile(file, []byte("syntax = \"proto3\"; message A { int32 n = 1; }"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Load(context.Background(), file, "A"); err != nil || store.Turns()[of] != 3 {
		t.Errorf("%v, %d", err, store.Turns()[of])
	}
}

func FuzzMessage(f *testing.F) {
	s := orders(f)
	body, err := s.Encode([]byte(full))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(body)
	f.Add([]byte("\x08\x05\x9a\x06\x02hi\x52\x01\x02\x60\x01\x50\x04\x18\x09\x2a\x03\x0a\x01k"))
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := s.JSON(context.Background(), b)
		if e := (*decode.Error)(nil); err != nil && (!errors.As(err, &e) || e.At < 0 || e.At > len(b)) {
			t.Fatal(err)
		}
		if err != nil {
			return // the library panics where the key of a map is of another type
		}
		if theirs := proto.Unmarshal(b, dynamicpb.NewMessage(s.Message())); theirs != nil {
			t.Fatalf("%x is read as %s, the library says %v", b, got, theirs)
		}
		if bytes.Contains(got, []byte("[]")) {
			return // nothing may stand for that
		}
		// What is read can be written, unless it has what no description names.
		again, err := s.Encode(got)
		if err != nil {
			return
		}
		twice, err := s.JSON(context.Background(), again)
		if err != nil || !bytes.Equal(twice, got) {
			t.Fatalf("%s becomes %s, %v", got, twice, err)
		}
	})
}

func FuzzProto(f *testing.F) {
	f.Add(order)
	f.Add(money)
	f.Fuzz(func(t *testing.T, text string) {
		file := filepath.Join(t.TempDir(), "a.proto")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := schema.Types(context.Background(), file)
		if e := (*schema.Error)(nil); err != nil && !errors.As(err, &e) {
			t.Fatal(err)
		}
	})
}

// FuzzEncode: what is made of any JSON is what golang's own library reads of it, and is read
// as it was typed.
func FuzzEncode(f *testing.F) {
	s := orders(f)
	f.Add([]byte(full))
	f.Add(large())
	f.Add([]byte(`{"lines":[{"inner":{"lines":[{"sku":"` + strings.Repeat("x", 200) + `"}]}}],"byId":{"1":{}},"at":"2026-11-30T00:00:00Z"}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		body, err := s.Encode(text)
		if e := (*encode.Error)(nil); err != nil {
			if !errors.As(err, &e) || e.At < 0 || e.At > len(text) {
				t.Fatal(err)
			}
			return
		}
		m := dynamicpb.NewMessage(s.Message())
		if err := proto.Unmarshal(body, m); err != nil {
			t.Fatalf("%s: the library says %v", text, err)
		}
		got, err := s.JSON(context.Background(), body)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		again, err := s.Encode(got)
		if err != nil || !bytes.Contains(got, []byte("[]")) && !bytes.Equal(again, body) {
			t.Fatalf("%s is read as %s: %x and %x, %v", text, got, body, again, err)
		}
	})
}
