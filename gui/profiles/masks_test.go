package profiles

import (
	"slices"
	"testing"

	"gantry/client/mask"
	"gantry/client/profile"
)

// TestMasksOfProduction: they are asked for in production only, are all on at first, and are
// kept where they say something else.
func TestMasksOfProduction(t *testing.T) {
	s := newRig(t, good(), true, nil)
	f := s.editor.form
	choose := func(v profile.Environment) { f.env.Select(slices.Index(environments(), v)) }
	if f.masks.content.Visible() {
		t.Error("a profile of development is asked for masks")
	}
	choose(profile.Production)
	if !f.masks.content.Visible() || !f.masks.phone.Checked || !f.masks.identity.Checked || !f.masks.card.Checked {
		t.Error("a profile of production masks nothing")
	}
	s.editor.SaveNow()
	if len(s.saved) != 1 || s.saved[0].Masks != nil || !s.saved[0].MaskRules().Phone {
		t.Fatalf("%+v", s.saved)
	}
	f.masks.card.SetChecked(false)
	f.masks.paths.SetText(".a\n.b[")
	f.masks.properties.SetText(" who \nwho")
	s.editor.SaveNow()
	if got := f.fields[profile.FieldMaskPaths].Error(); got != ".b[: is no path, as .order.items[0].price" || len(s.saved) != 1 {
		t.Errorf("%q, %d saved", got, len(s.saved))
	}
	f.masks.paths.SetText(".a")
	s.editor.SaveNow()
	want := mask.Rules{Phone: true, Identity: true, Paths: []string{".a"}, Properties: []string{"who"}}
	if len(s.saved) != 2 || s.saved[1].Masks == nil || !s.saved[1].Masks.Equal(want) {
		t.Fatalf("%+v", s.saved)
	}
	again := newRig(t, s.saved[1], false, nil)
	if got := again.editor.form.masks; got.card.Checked || got.paths.Text != ".a" || got.properties.Text != "who" || !got.content.Visible() || again.editor.Dirty() {
		t.Errorf("%+v", got)
	}
	choose(profile.Test)
	s.editor.SaveNow()
	if len(s.saved) != 3 || s.saved[2].Masks != nil {
		t.Errorf("%+v", s.saved)
	}
}
