package profiles

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gantry/client/decode"
	"gantry/client/profile"
)

// TestFormatsOfBodies: they are kept as they are typed, what is wrong stands at the field, and
// a file that is chosen begins a line.
func TestFormatsOfBodies(t *testing.T) {
	file := filepath.Join(t.TempDir(), "order.proto")
	if err := os.WriteFile(file, []byte("syntax = \"proto3\";\npackage shop;\nmessage Order {}\nmessage Line {}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := newRig(t, good(), true, nil)
	f := s.editor.form
	field := f.fields[profile.FieldSchemas]
	f.schemas.entry.SetText("orders = JSON")
	s.editor.SaveNow()
	if want := "orders: needs MessagePack, CBOR, or Protobuf with a message and a file, after ="; field.Error() != want || len(s.saved) != 0 {
		t.Errorf("%q, %d saved", field.Error(), len(s.saved))
	}
	f.schemas.entry.SetText("pay-* = CBOR")
	f.schemas.take(file)
	s.Until(t, "the file's messages are told", func() bool { return strings.Contains(f.schemas.entry.Text, "Protobuf") })
	if want := "pay-* = CBOR\n* = Protobuf shop.Order " + file; f.schemas.entry.Text != want || f.schemas.entry.CursorRow != 1 || f.schemas.entry.CursorColumn != 1 {
		t.Errorf("%q at %d, %d", f.schemas.entry.Text, f.schemas.entry.CursorRow, f.schemas.entry.CursorColumn)
	}
	if !s.Has("shop.Order, shop.Line") {
		t.Error("its messages are not named")
	}
	f.schemas.entry.SetText(strings.Replace(f.schemas.entry.Text, "shop.Order", "shop.Other", 1))
	f.schemas.check()
	s.Until(t, "the wrong message is told", func() bool { return field.Error() != "" })
	if field.Error() != "order.proto has no message shop.Other." {
		t.Errorf("%q", field.Error())
	}
	s.editor.SaveNow() // the file may be another one tomorrow
	want := []profile.Schema{{Topic: "pay-*", Format: decode.CBOR}, {Topic: "*", Format: decode.Protobuf, Type: "shop.Other", File: file}}
	if len(s.saved) != 1 || !slices.Equal(s.saved[0].Schemas, want) {
		t.Fatalf("%+v", s.saved)
	}
	again := newRig(t, s.saved[0], false, nil)
	if again.editor.Dirty() || again.editor.form.schemas.entry.Text != profile.FormatSchemas(want) {
		t.Errorf("%q", again.editor.form.schemas.entry.Text)
	}
}
