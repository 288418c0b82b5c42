package inspect

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gantry/client/decode"
	"gantry/client/message"
	"gantry/client/profile"
	"gantry/client/schema"
	"gantry/gui/stage"
)

const orderProto = "syntax = \"proto3\";\npackage shop;\nenum State { NEW = 0; PAID = 1; }\n" +
	"message Order { string id = 1; int32 qty = 2; State state = 3; }\nmessage Other { int32 n = 1; }\n"

// paid is a shop.Order: its id, 17 of it, paid.
const paid = record + "\x18\x01"

func protoFile(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "order.proto")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// TestBodyHasTheNamesOfItsSchema: names where the profile knows the message, by numbers and
// with the reason where the body or the file does not fit.
func TestBodyHasTheNamesOfItsSchema(t *testing.T) {
	r := newRig(t)
	file := protoFile(t, orderProto)
	says := &profile.Schema{Topic: "order-events", Format: decode.Protobuf, Type: "shop.Order", File: file}
	r.view.p.Formats = Formats{Of: func(topic string) *profile.Schema {
		if topic == "order-events" {
			return says
		}
		return nil
	}, Store: &schema.Store{}}
	for _, c := range []struct{ body, text, info, reason string }{
		{paid, `{"id":"order-17","qty":17,"state":"PAID"}`, "14 B · Order", ""},
		{"\x08\x05", `{"1":5}`, "2 B", "Not shop.Order. The field id at byte 0 (0x0) is no string."},
		{"\x0a\x02\xff\xff", `{"1":{"bytes":"ffff"}}`, "4 B", "Not shop.Order. The text at byte 2 (0x2) is not UTF-8."},
		{"\x0a\x09\xff\xfe", "", "Hex · 4 B", "Not shop.Order. It ends too early, at byte 4 (0x4)."},
		{`{"id":1}`, `{"id":1}`, "JSON · 8 B", "Not shop.Order. It ends too early, at byte 8 (0x8)."},
	} {
		r.view.readTopic = "another"
		r.view.Show(withBody(c.body))
		r.settle()
		got := ""
		if j := r.view.body.json; j != nil {
			got = strings.NewReplacer("\n", "", " ", "").Replace(j.String())
		}
		if got != c.text || r.view.about.Text() != c.info || r.view.reason.Text() != c.reason {
			t.Errorf("%q: %s, %q, %q", c.body, got, r.view.about.Text(), r.view.reason.Text())
		}
	}
	looked := 0
	r.view.p.Formats.Looked = func() { looked++ }
	r.view.p.Formats.Store = &schema.Store{}
	r.view.readTopic = "another"
	r.view.Show(withBody(paid))
	r.settle()
	if looked != 1 || r.view.about.Text() != "14 B · Order" {
		t.Errorf("it is told %d times that files were looked at, %q", looked, r.view.about.Text())
	}
	retry := withBody(paid)
	retry.Topic, retry.Properties = "%RETRY%group", append(retry.Properties, message.Property{Name: "RETRY_TOPIC", Value: "order-events"})
	r.view.Show(retry)
	r.settle()
	if r.view.about.Text() != "14 B · Order" {
		t.Errorf("a retry: %q", r.view.about.Text())
	}
	says = &profile.Schema{Topic: "order-events", Format: decode.Protobuf, Type: "shop.Nothing", File: file}
	r.view.readTopic = "another"
	r.view.Show(withBody(paid))
	r.settle()
	if r.view.reason.Text() != "order.proto has no message shop.Nothing." || r.view.about.Text() != "14 B" {
		t.Errorf("no such message: %q, %q", r.view.reason.Text(), r.view.about.Text())
	}
	says.Type = "shop.Order"
	if b := ReadBody(context.Background(), []byte(paid), r.view.p.Formats.For(withBody(""))); b.Kind != "Protobuf" || !strings.Contains(b.JSON, `"state": "PAID"`) {
		t.Errorf("to compare: %+v", b)
	}
}

// TestWhatIsNotInTheFormatOfItsTopic is said why, however it is shown then; not where its bytes
// are wanted, nor of another topic.
func TestWhatIsNotInTheFormatOfItsTopic(t *testing.T) {
	r := newRig(t)
	r.view.p.Formats = Formats{Of: func(topic string) *profile.Schema {
		if topic == "order-events" {
			return &profile.Schema{Topic: topic, Format: decode.CBOR}
		}
		return nil
	}}
	const cut = "\xa1\x65order\x19"
	show := func(body, topic string) string {
		m := withBody(body)
		m.Topic = topic
		r.view.Show(m)
		return r.view.reason.Text()
	}
	for body, want := range map[string]string{
		"\xa1\x61a\x01": "", cut: "Not CBOR. It ends too early, at byte 8 (0x8).", `{"a":1}`: "Not CBOR. It ends too early, at byte 7 (0x7).",
	} {
		if got := show(body, "order-events"); !strings.HasPrefix(got, want) || want == "" && got != "" {
			t.Errorf("%q: %q", body, got)
		}
	}
	if got := show(cut, "another"); strings.Contains(got, "CBOR") {
		t.Error("another topic:", got)
	}
	show(cut, "order-events")
	if r.view.pickMode(int(asHex)); strings.Contains(r.view.reason.Text(), "CBOR") {
		t.Error("the bytes are wanted")
	}
}

// TestSchemaIsChosenHere: a file is asked which message it is, and the profile has it then.
func TestSchemaIsChosenHere(t *testing.T) {
	r := newRig(t)
	var says *profile.Schema
	r.view.p.Formats = Formats{Of: func(string) *profile.Schema { return says }, Store: &schema.Store{}}
	r.view.Show(withBody(paid))
	if r.view.schema.Visible() {
		t.Error("offered where nothing can be kept")
	}
	r.view.p.Formats.Save = func(s profile.Schema) error {
		if s.Topic == "" {
			return &profile.FieldError{Field: profile.FieldSchemas, Err: profile.ErrEmpty}
		}
		says = &s
		return nil
	}
	m := withBody(paid)
	r.view.Show(m)
	if !r.view.schema.Visible() {
		t.Fatal("a .proto is not offered for Protobuf")
	}
	file := protoFile(t, orderProto)
	r.view.takeFile(m, file)
	for r.view.scope.Running(queryTypes) {
		(<-r.queue)()
	}
	stage.Tap(t, r.view.p.Window, "Save")
	r.settle()
	want := profile.Schema{Topic: "order-events", Format: decode.Protobuf, Type: "shop.Order", File: file}
	if says == nil || *says != want || r.view.about.Text() != "14 B · Order" {
		t.Errorf("%+v, %q", says, r.view.about.Text())
	}
	r.view.Show(withBody(`{"a":1}`))
	if r.settle(); r.view.schema.Visible() {
		t.Error("offered for JSON")
	}
}

// TestRuleFollowsItsFile: bodies are read by another rule once the file that describes them is
// another one, and by the same after it was only read.
func TestRuleFollowsItsFile(t *testing.T) {
	file, store := protoFile(t, orderProto), &schema.Store{}
	says := &profile.Schema{Topic: "order-events", Format: decode.Protobuf, Type: "shop.Order", File: file}
	f := Formats{Of: func(string) *profile.Schema { return says }, Store: store}
	load := func() {
		if _, err := store.Load(t.Context(), file, "shop.Order"); err != nil {
			t.Fatal(err)
		}
	}
	load()
	began := f.Rule("order-events")
	if load(); f.Rule("order-events") != began {
		t.Error("nothing changed, and it is another rule")
	}
	if err := os.WriteFile(file, []byte(orderProto+"message More { int32 n = 1; }"), 0o600); err != nil {
		t.Fatal(err)
	}
	if load(); f.Rule("order-events") == began {
		t.Error("the file is another one, and the rule is the same")
	}
	if (Formats{}).Rule("order-events") != (Rule{}) {
		t.Error("who knows no format has a rule")
	}
}
