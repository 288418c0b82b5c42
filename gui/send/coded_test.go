package send

import (
	"os"
	"path/filepath"
	"testing"

	"gantry/client/message"
	"gantry/client/profile"
	"gantry/client/schema"
	"gantry/gui/inspect"
)

const payProto = "syntax = \"proto3\"; package shop; message Pay { string id = 1; int32 sum = 2; }"

// described has the profile name a .proto for the topic orders, and CBOR for stock.
func (s *rig) described() (file string) {
	file = filepath.Join(s.t.TempDir(), "pay.proto")
	if err := os.WriteFile(file, []byte(payProto), 0o600); err != nil {
		s.t.Fatal(err)
	}
	s.profile.Schemas = profile.ParseSchemas("orders = Protobuf shop.Pay " + file + "\nstock = CBOR")
	s.more = func(p *Params) {
		p.Formats = inspect.Formats{Of: s.profile.Schema, Store: &schema.Store{}}
	}
	return file
}

// TestJSONFollowsTheTopic: it becomes what the topic's bodies are, unless that was chosen.
func TestJSONFollowsTheTopic(t *testing.T) {
	s := newRig(t, func(s *rig) { s.described(); s.form.Body = `{"id":"a"}` })
	b, form := s.screen.body, s.screen.form
	want := func(as message.Typing) {
		t.Helper()
		if b.how.As != as || b.choose.Text() != howWords(b.how) {
			t.Errorf("on %s it is %q, the button says %s", form.topic.Text, b.how.As, b.choose.Text())
		}
	}
	want(message.AsProtobuf)
	s.UntilText("Valid JSON · 3 B")
	form.topic.SetText("stock")
	want(message.AsCBOR)
	form.topic.SetText("other")
	want(message.AsText)
	form.topic.SetText("orders")
	want(message.AsProtobuf)
	s.how("Text, UTF-8")
	want(message.AsText)
	form.topic.SetText("stock")
	want(message.AsText)
	s.how("JSON as MessagePack")
	form.topic.SetText("other")
	want(message.AsMessagePack)
	s.how("JSON as Protobuf")
	s.UntilText("No .proto describes the messages of this topic.")
	s.screen.Primary()
	s.quiet(0)
	plain := newRig(t, func(s *rig) { s.described() }) // no JSON
	if plain.screen.body.how != (message.Typed{}) {
		t.Errorf("a text became %+v", plain.screen.body.how)
	}
}

// TestSentAsWhatTheSchemaSays: values are filled first, and the history types the same text
// again, to the byte.
func TestSentAsWhatTheSchemaSays(t *testing.T) {
	s := newRig(t, func(s *rig) { s.described(); s.form.Body = "{\n \"sum\": {{seq}},  \"id\": \"n-{{seq}}\"}" })
	s.screen.Primary()
	s.done(1)
	d := s.cluster.drafts()[0]
	if want := "\x10\x01\x0a\x03n-1"; string(d.Body) != want || d.How.As != message.AsProtobuf {
		t.Fatalf("%q as %+v was sent", d.Body, d.How)
	}
	s.listed(1)
	s.screen.form.fill(profile.SendForm{Topic: "other"})
	s.screen.edit(s.screen.sent.look())
	s.Until(t, "the question", func() bool { return s.screen.asking || s.screen.form.topic.Text == "orders" })
	if s.screen.asking {
		s.Tap("Replace it")
	}
	s.typed(message.Typed{As: message.AsProtobuf}, "{\n \"sum\": 1,  \"id\": \"n-1\"}")
	s.screen.Primary()
	s.done(2)
	if again := s.cluster.drafts()[1]; string(again.Body) != string(d.Body) {
		t.Errorf("%q was sent again", again.Body)
	}
}

// TestWhatTheSchemaDoesNotHaveIsMarked, and nothing leaves.
func TestWhatTheSchemaDoesNotHaveIsMarked(t *testing.T) {
	s := newRig(t, func(s *rig) { s.described(); s.form.Body = "{\"id\": \"{{uuid}}\",\n \"total\": 1}" })
	b := s.screen.body
	s.UntilText("shop.Pay has no field total. Line 2, column 2")
	s.screen.Primary()
	s.Until(t, "the mark", func() bool { return cursor(b) == [2]int{2, 2} })
	b.editor.SetText(`{"id": "a", "sum": "many"}`)
	s.UntilText("sum takes a value of int32. Line 1, column 20")
	s.quiet(0)
	b.editor.SetText(`{"id": "a", "sum": 1}`)
	s.UntilText("Valid JSON")
	file := s.profile.Schemas[0].File
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	s.screen.form.repeat.fold(true)
	s.screen.Primary() // a run asks the file too
	s.UntilText("pay.proto cannot be read")
	if n := len(s.cluster.begins()); n != 0 {
		t.Errorf("%d runs were begun", n)
	}
}

// TestReceivedIsTypedAgain: as JSON where that gives the same bytes, else as it is; a text of
// a topic that has a schema stays a text.
func TestReceivedIsTypedAgain(t *testing.T) {
	for body, want := range map[string]message.Typed{
		"\x0a\x01a\x10\x05": {As: message.AsProtobuf},
		"\x0a\x01a\x18\x05": {As: message.AsIs}, // a field that nobody knows
		`{"id":"a"}`:        {Charset: message.UTF8},
	} {
		s := newRig(t, func(s *rig) { s.described(); s.form.Body = "" })
		s.screen.Again(&message.Message{Topic: "orders", Body: []byte(body)})
		s.Until(t, "the message", func() bool { return s.screen.body.how == want && len(s.screen.body.bytes()) > 0 })
		s.screen.Primary()
		s.done(1)
		if d := s.cluster.drafts()[0]; string(d.Body) != body {
			t.Errorf("%q left as %q", body, d.Body)
		}
	}
}
