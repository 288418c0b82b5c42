package plan

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"gantry/client/decode"
	"gantry/client/encode"
	"gantry/client/message"
	"gantry/client/schema"
)

// coded is a plan of messages of Protobuf with values in them.
func coded(t *testing.T, body string) *Plan {
	t.Helper()
	file := filepath.Join(t.TempDir(), "pay.proto")
	if err := os.WriteFile(file, []byte("syntax = \"proto3\"; package shop; message Pay { string id = 1; int32 sum = 2; string who = 3; }"), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := schema.Load(context.Background(), file, "shop.Pay")
	if err != nil {
		t.Fatal(err)
	}
	return &Plan{
		Texts: Texts{ProducerGroup: "g", Topic: "t", Body: []byte(body), JSON: true, How: message.Typed{As: message.AsProtobuf}, Described: Describe(s)},
		Count: 3, AtOnce: 1, Env: map[string]string{"who": `a "b"`},
	}
}

// TestValuesStandInWhatIsMadeOfJSON: they are filled before the bytes are made, and a plan
// that was written and read makes the same message again, whatever became of its files.
func TestValuesStandInWhatIsMadeOfJSON(t *testing.T) {
	p := coded(t, `{"id": "n-{{seq}}", "sum": {{seq}}, "who": "{{env "who"}}"}`)
	dir := t.TempDir()
	if err := Write(dir, p); err != nil {
		t.Fatal(err)
	}
	read, err := Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, of := range []*Plan{p, read} {
		m, err := of.Maker("", nil)
		if err != nil {
			t.Fatal(err)
		}
		var second Made
		for range 2 {
			if second, err = m.Next(time.Now()); err != nil {
				t.Fatal(err)
			}
		}
		d := second.Draft
		if want := "\x0a\x03n-2\x10\x02\x1a\x05a \"b\""; string(d.Body) != want || d.Text != `{"id": "n-2", "sum": 2, "who": "a \"b\""}` || d.How.As != message.AsProtobuf {
			t.Errorf("%q of %s", d.Body, d.Text)
		}
		again, err := m.Again(&second.Leave)
		if err != nil || string(again.Body) != string(d.Body) || again.Text != d.Text {
			t.Errorf("again: %q, %v", again.Body, err)
		}
	}
}

// TestWhatDoesNotFitIsMarkedWhereItIsTyped though values before it have other lengths.
func TestWhatDoesNotFitIsMarkedWhereItIsTyped(t *testing.T) {
	for body, want := range map[string]message.TypedError{
		`{"id": "{{uuid}}", "total": 1}`:             {At: 19, Coded: &encode.Error{Why: encode.UnknownField}},
		`{"total": "{{uuid}}"}`:                      {At: 1, Coded: &encode.Error{Why: encode.UnknownField}},
		`{"id": "{{uuid}}{{seq}}", "sum": {{uuid}}}`: {At: 33, Coded: &encode.Error{Why: encode.NotJSON}},
		`{"sum": "{{env "who"}}"}`:                   {At: 8, Coded: &encode.Error{Why: encode.WrongType}},
		`{"sum": 1`:                                  {At: 9, Coded: &encode.Error{Why: encode.NotJSON}},
	} {
		m, err := coded(t, body).Maker("", nil)
		if err == nil {
			_, err = m.Next(time.Now())
		}
		at, wrong := (*FieldError)(nil), (*message.TypedError)(nil)
		if !errors.As(err, &at) || at.Field != FieldBody || !errors.As(err, &wrong) || wrong.Coded.Why != want.Coded.Why {
			t.Errorf("%s: %v", body, err)
			continue
		}
		if d := wrong.At - want.At; d < 0 || d > 1 && want.Coded.Why == encode.NotJSON || d != 0 && want.Coded.Why != encode.NotJSON {
			t.Errorf("%s: marked at %d, want %d", body, wrong.At, want.At)
		}
	}
}

// TestHiddenValuesDoNotStopTheMaking: who looks at a message has *** where a number is sent.
func TestHiddenValuesDoNotStopTheMaking(t *testing.T) {
	p := coded(t, `{"id": "a", "sum": {{env "sum"}}}`)
	p.Secret = []string{"sum"}
	for _, secrets := range []map[string]string{nil, {"sum": "12"}} {
		m, err := p.Maker("", secrets)
		if err != nil {
			t.Fatal(err)
		}
		made, err := m.Next(time.Now())
		if err != nil || made.Draft.Hides != (secrets == nil) || secrets != nil && string(made.Draft.Body) != "\x0a\x01a\x10\x0c" {
			t.Errorf("%v: %+v, %v", secrets, made.Draft, err)
		}
	}
}

func TestPlainJSONIsMadeOnce(t *testing.T) {
	for as, want := range map[message.Typing]string{message.AsMessagePack: "\x81\xa1a\x01", message.AsCBOR: "\xa1\x61a\x01"} {
		p := &Plan{Texts: Texts{ProducerGroup: "g", Topic: "t", Body: []byte(`{"a":1}`), JSON: true, How: message.Typed{As: as}}, Count: 1, AtOnce: 1}
		m, err := p.Maker("", nil)
		if err != nil {
			t.Fatal(err)
		}
		made, err := m.Next(time.Now())
		if err != nil || string(made.Draft.Body) != want || made.Draft.Text != `{"a":1}` {
			t.Errorf("%s: %q, %v", as, made.Draft.Body, err)
		}
		if text, err := decode.JSON(context.Background(), as.Coded(), made.Draft.Body); err != nil || string(text) != made.Draft.Text {
			t.Errorf("%s, %v", text, err)
		}
	}
	p := &Plan{Texts: Texts{ProducerGroup: "g", Topic: "t", Body: []byte(`{}`), How: message.Typed{As: message.AsProtobuf}}, Count: 1, AtOnce: 1}
	if _, err := p.Maker("", nil); !errors.Is(err, message.NoSchema) {
		t.Errorf("without a description: %v", err)
	}
}
