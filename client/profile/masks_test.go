package profile

import (
	"encoding/json"
	"errors"
	"slices"
	"testing"

	"gantry/client/jsonpath"
	"gantry/client/mask"
)

// TestMasks: production masks each pattern unless it is told otherwise, and nothing else
// masks.
func TestMasks(t *testing.T) {
	prod, test := Profile{Environment: Production}, Profile{Environment: Test, Masks: &mask.Rules{Phone: true}}
	if r := prod.MaskRules(); !r.Equal(mask.All()) {
		t.Errorf("%+v", r)
	}
	if r := test.MaskRules(); r.Any() {
		t.Errorf("%+v", r)
	}
	none := mask.Rules{}
	prod.Masks = &none
	prod.Clean()
	if r := prod.MaskRules(); r.Any() || prod.Masks == nil {
		t.Errorf("what was switched off is on: %+v", r)
	}
	b, err := json.Marshal(prod)
	var back Profile
	if err = errors.Join(err, json.Unmarshal(b, &back)); err != nil || back.MaskRules().Any() {
		t.Errorf("%s is %+v, %v", b, back, err)
	}
	all := mask.All()
	prod.Masks = &all
	prod.Clean()
	test.Clean()
	if prod.Masks != nil || test.Masks != nil {
		t.Error("what would hold anyway is kept")
	}
	rules := mask.Rules{Paths: ParseNames(" .a \n\n.b[\n.a\n"), Properties: []string{"KEYS"}}
	if !slices.Equal(rules.Paths, []string{".a", ".b["}) {
		t.Errorf("%q", rules.Paths)
	}
	bad := Profile{Name: "x", NameServers: []string{"h:1"}, Environment: Production, Masks: &rules}
	if errs := bad.Validate(nil); len(errs) != 1 || errs[0].Field != FieldMaskPaths || errs[0].Text != ".b[" || !errors.Is(errs[0], jsonpath.BadPath) {
		t.Errorf("%v", errs)
	}
	bad.Masks = &mask.Rules{Properties: make([]string, mask.MaxNames+1)}
	if errs := bad.Validate(nil); len(errs) != 1 || !errors.Is(errs[0], mask.TooMany) {
		t.Errorf("%v", errs)
	}
	copied := Duplicate(bad, nil, "id")
	copied.Masks.Properties[0] = "x"
	if bad.Masks.Properties[0] == "x" {
		t.Error("a copy shares its masks")
	}
}
