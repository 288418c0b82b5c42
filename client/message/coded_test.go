package message

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"gantry/client/encode"
	"gantry/client/fault"
	"gantry/client/schema"
)

func payment(t *testing.T) *schema.Schema {
	t.Helper()
	file := filepath.Join(t.TempDir(), "pay.proto")
	if err := os.WriteFile(file, []byte("syntax = \"proto3\"; message Pay { string id = 1; int32 sum = 2; }"), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := schema.Load(context.Background(), file, "Pay")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestJSONIsMadeToABody(t *testing.T) {
	s := payment(t)
	for _, c := range []struct {
		how        Typed
		text, body string
	}{
		{Typed{As: AsMessagePack}, `{"id": 1}`, "\x81\xa2id\x01"},
		{Typed{As: AsCBOR}, `{"id": 1}`, "\xa1\x62id\x01"},
		{Typed{As: AsProtobuf, Schema: s}, `{"sum": 5, "id": "a"}`, "\x10\x05\x0a\x01a"},
	} {
		body, err := c.how.Body([]byte(c.text))
		if err != nil || string(body) != c.body {
			t.Errorf("%s: %x, %v", c.how.As, body, err)
		}
		if made, err := c.how.Finish([]byte(c.text)); err != nil || string(made) != c.body {
			t.Errorf("%s finished: %x, %v", c.how.As, made, err)
		}
		text, ok := c.how.Retype(body, MaxBody)
		if again, err := c.how.Encode(text); !ok || err != nil || string(again) != c.body {
			t.Errorf("%s: typed again %s, %x, %v", c.how.As, text, again, err)
		}
		packed := c.how
		packed.Gzip = true
		if body, err := packed.Body([]byte(c.text)); err != nil {
			t.Error(err)
		} else if text, ok := packed.Retype(body, MaxBody); !ok {
			t.Errorf("%s: packed, typed again %s", c.how.As, text)
		}
	}
	// What no JSON makes again is not typed.
	for body, how := range map[string]Typed{
		"\x81\x01\x02": {As: AsMessagePack}, "\xa1\x62id\x18\x01": {As: AsCBOR}, "\x10\x85\x00": {As: AsProtobuf, Schema: s}, "\x10\x05": {As: AsProtobuf},
	} {
		if text, ok := how.Text([]byte(body)); ok {
			t.Errorf("%s: %x is typed as %s", how.As, body, text)
		}
	}
}

func TestWhatDoesNotFitHasItsPlace(t *testing.T) {
	s := payment(t)
	for text, want := range map[string]TypedError{
		`{"id":"a","total":1}`: {At: 10, Sign: `"`, Coded: &encode.Error{Why: encode.UnknownField, Name: "total", Want: "Pay"}},
		`{"sum":"é"}`:          {At: 7, Sign: `"`, Coded: &encode.Error{Why: encode.WrongType, Name: "sum", Want: "int32"}},
		`{"sum":99999999999}`:  {At: 7, Sign: "9", Coded: &encode.Error{Why: encode.TooLarge, Name: "sum", Want: "int32"}},
		`{"sum":1`:             {At: 8, Sign: "", Coded: &encode.Error{Why: encode.NotJSON}},
	} {
		_, err := Typed{As: AsProtobuf, Schema: s}.Encode([]byte(text))
		got := (*TypedError)(nil)
		if !errors.As(err, &got) || got.At != want.At || got.Sign != want.Sign || got.Coded.Why != want.Coded.Why || got.Coded.Name != want.Coded.Name || got.Coded.Want != want.Coded.Want {
			t.Errorf("%s: %v", text, err)
			continue
		}
		f := fault.From(err)
		if f.Code != NotTyped || f.Args[ArgField] != want.Coded.Name || f.Args[ArgWhy] != want.Coded.Why.String() || f.Args[ArgType] != want.Coded.Want {
			t.Errorf("%s crosses the pipe as %+v", text, f)
		}
	}
	if _, err := (Typed{As: AsProtobuf}).Encode([]byte("{}")); !errors.Is(err, NoSchema) {
		t.Errorf("without a schema: %v", err)
	}
}
