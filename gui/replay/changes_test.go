package replay

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"gantry/client"
	"gantry/client/mask"
	"gantry/client/message"
	"gantry/client/outbox/change"
	"gantry/client/outbox/plan"
	"gantry/client/profile"
	"gantry/gui/stage"
)

// TestOutOfProduction masks what leaves, and wants a word typed for what is to leave as it is:
// for another target anew.
func TestOutOfProduction(t *testing.T) {
	r := newRig(t)
	from := of(&r.targets[1].Profile, sample("orders", "13800000000"))
	var s *sheet
	r.opened(from, &s)
	looked := func() { r.t.Helper(); r.Until(t, "the look", func() bool { return s.ready != nil }) }
	s.to.SetSelectedIndex(0)
	looked()
	if r.disabled() || !r.Has("Type unmasked to send them as they are instead") || !r.Has("phone numbers, identity numbers, bank cards are masked, as orders-prod says.") {
		t.Fatal(stage.Texts(r.Window))
	}
	// Both stand there, and what will leave is another number.
	if b := string(s.ready.tried.After[0].Body); !r.Has("Body\n13800000000\n→\n"+b) || b == "13800000000" || !strings.HasPrefix(b, "138") {
		t.Errorf("%s\n%s", b, stage.Texts(r.Window))
	}
	r.Tap("Send…")
	if !r.Has("Masked\nphone numbers, identity numbers, bank cards") {
		t.Error(stage.Texts(r.Window))
	}
	r.Tap("Cancel")
	s.typed.SetText("Unmasked")
	if s.ready == nil || s.ready.plan.Replay.Masks == nil {
		t.Error("another word is enough")
	}
	s.typed.SetText("unmasked")
	if s.ready != nil || !r.disabled() {
		t.Error("what leaves unmasked was not looked at")
	}
	looked()
	if p := s.ready.plan.Replay; p.Masks != nil || !p.Unmasked || !r.Has("goes there as it is") || r.Has("are masked, as") {
		t.Errorf("%+v\n%s", p, stage.Texts(r.Window))
	}
	// To production it needs none, and back again it is to be typed anew.
	s.to.SetSelectedIndex(1)
	if s.ready != nil || !r.disabled() {
		t.Error("another target was not looked at")
	}
	looked()
	if p := s.ready.plan.Replay; r.disabled() || r.Has("unmasked") || p.Unmasked || p.Masks != nil || !p.Production {
		t.Error(stage.Texts(r.Window))
	}
	s.to.SetSelectedIndex(0)
	looked()
	if s.typed.Text != "" || s.ready.plan.Replay.Unmasked {
		t.Error("what was typed for another target holds")
	}
	s.typed.SetText("unmasked")
	looked()
	r.Tap("Send…")
	if !r.Has("Masked\nnothing") {
		t.Error(stage.Texts(r.Window))
	}
	r.Tap("Send 1")
	r.Until(t, "the run", func() bool { return len(r.test.confirmed()) == 1 && len(r.Tasks.Jobs()) == 0 })
	if got := r.test.confirmed()[0]; !got.Unmasked || !r.test.plans[0].Replay.Production {
		t.Errorf("%+v, %+v", got, r.test.plans[0].Replay)
	}
}

// TestOutOfProductionWithoutMasks wants the word typed where the profile masks nothing.
func TestOutOfProductionWithoutMasks(t *testing.T) {
	r := newRig(t)
	r.targets[1].Profile.Masks = &mask.Rules{}
	r.test.rules = mask.Rules{}
	var s *sheet
	r.opened(of(&r.targets[1].Profile, sample("orders", "13800000000")), &s)
	s.to.SetSelectedIndex(0)
	r.Until(t, "the look", func() bool { return s.ready != nil })
	if !r.disabled() || !r.Has("Type unmasked to send them as they are") || r.Has("are masked, as") {
		t.Fatal(stage.Texts(r.Window))
	}
	s.ask() // whatever calls it
	if r.Has("Send 1 messages to orders?") {
		t.Fatal("it was asked without the word")
	}
	s.typed.SetText("unmasked")
	r.ready()
	if !s.ready.plan.Replay.Unmasked {
		t.Error("the word is not in the plan")
	}
}

// TestChangesForAll: rows become changes, what is wrong stands at its field, what they come to
// is shown, and what they do not fit is listed with the reason.
func TestChangesForAll(t *testing.T) {
	r := newRig(t)
	var all []*message.Message
	for i := range 5 {
		all = append(all, sample("orders", fmt.Sprintf(`{"n": %d, "status":"WRONG", "k":1}`, i)))
	}
	all[3].Body = []byte("text")
	all[0].Properties = append(all[0].Properties, message.Property{Name: "trace", Value: "x"}, message.Property{Name: "region", Value: "a"})
	var s *sheet
	r.opened(of(&r.targets[0].Profile, all...), &s)
	looked := func() { r.t.Helper(); r.Until(t, "the look", func() bool { return s.ready != nil }) }
	if s.ready.tried.Changed || r.Has("→") {
		t.Error("nothing is changed, and it says so")
	}
	r.Tap("Add a change")
	if !r.disabled() || r.Window.Canvas().Focused() != fyne.Focusable(s.changes.rows[0].name) {
		t.Error("a change that is not typed yet can be agreed to")
	}
	row := s.changes.rows[0]
	row.name.SetText(".status[")
	r.Until(t, "the field", func() bool { return row.nameField.Error() != "" })
	row.name.SetText(".status")
	row.value.SetText("{{nope}}")
	r.Until(t, "the field", func() bool { return row.valueField.Error() != "" && row.nameField.Error() == "" })
	row.value.SetText("RIGHT {{seq}}")
	looked()
	if got := s.ready.plan; got.Count != 4 || len(got.Replay.Changes) != 1 || got.Replay.Changes[0] != (change.Change{What: change.Field, Do: change.Set, Name: ".status", Value: "RIGHT {{seq}}"}) || got.Seed != s.seed {
		t.Errorf("%+v", got.Replay)
	}
	for _, want := range []string{"4 messages leave, 140 B.", "Body\n\"status\":\"WRONG\"\n→\n\"status\":\"RIGHT 1\"", "1 message is left out", "Change 1 (.status): The body is no JSON."} {
		if !r.Has(want) {
			t.Errorf("no %q in:\n%s", want, stage.Texts(r.Window))
		}
	}
	r.Tap("Add a change")
	second := s.changes.rows[1]
	second.what.SetSelectedIndex(slices.Index(whats(), change.Tag))
	if second.nameField.Visible() || !second.valueField.Visible() || len(second.do.Options) != len(change.Dos(change.Tag)) {
		t.Error("a tag is asked for its name")
	}
	second.do.SetSelectedIndex(1)
	looked()
	if second.valueField.Visible() || !r.Has("Tag\npaid\n→\nnone") {
		t.Error(stage.Texts(r.Window))
	}
	s.changes.drop(row)
	looked()
	if got := s.ready.plan.Replay.Changes; len(got) != 1 || got[0] != (change.Change{What: change.Tag, Do: change.Remove}) || s.ready.plan.Count != 5 || r.Has("left out") {
		t.Errorf("%+v", got)
	}
	// A property that is not ticked is not copied.
	r.Tap("all 2 are copied")
	s.ticks.checks[0].SetChecked(false)
	looked()
	if got := s.ready.plan.Replay.Drop; !slices.Equal(got, []string{"region"}) || !r.Has("1 of 2 are copied") || !r.Has("region\na\n→\nnone") {
		t.Errorf("%v\n%s", got, stage.Texts(r.Window))
	}
	r.Tap("Send…")
	if !r.Has("Changes\n1\nNot copied\nregion") {
		t.Error(stage.Texts(r.Window))
	}
	// A change while the question is open takes it away.
	s.to.SetSelectedIndex(1)
	if r.Has("Send 5 messages") || s.asked != nil {
		t.Error("the question is about another target, and stays")
	}
	looked()
	r.Tap("Send…")
	r.targets[1].Profile.Environment = profile.Test
	s.begin(s.ready, client.Confirmed{})
	if len(r.prod.confirmed()) > 0 || s.closing || len(r.said) == 0 {
		t.Error("it began though the target is another")
	}
	looked()
}

// TestManyProperties: no more than a bounded number has a tick, and the rest is copied.
func TestManyProperties(t *testing.T) {
	r := newRig(t)
	m := sample("orders", "x")
	for i := range plan.MaxProperties + 7 {
		m.Properties = append(m.Properties, message.Property{Name: fmt.Sprintf("p%03d", i), Value: "1"})
	}
	var s *sheet
	r.opened(of(&r.targets[0].Profile, m), &s)
	r.Tap("all 207 are copied")
	if len(s.ticks.checks) != plan.MaxProperties || !r.Has("and 7 more, which are copied") || s.ticks.list.MinSize().Height > mostTicks {
		t.Errorf("%d ticks, %v high", len(s.ticks.checks), s.ticks.list.MinSize())
	}
	for _, c := range s.ticks.checks {
		c.SetChecked(false)
	}
	r.Until(t, "the look", func() bool { return s.ready != nil })
	if got := s.ready.plan; len(got.Replay.Drop) != plan.MaxProperties || len(s.ready.tried.After[0].Properties) != 7 || !r.Has("7 of 207 are copied") || !r.Has("and 194 more differences") {
		t.Errorf("%+v\n%s", got.Replay, stage.Texts(r.Window))
	}
}

// TestNothingFits: where a change fits none, nothing can be sent.
func TestNothingFits(t *testing.T) {
	r := newRig(t)
	var s *sheet
	r.opened(of(&r.targets[0].Profile, sample("orders", "text")), &s)
	row := s.changes.put()
	row.name.SetText("a")
	row.value.SetText("b")
	r.UntilText("None of the messages is left to be sent.")
	if !r.disabled() || !r.Has("1 message is left out") {
		t.Error(stage.Texts(r.Window))
	}
	row.value.SetText(`{{env "host"}}`)
	row.what.SetSelectedIndex(slices.Index(whats(), change.Tag))
	r.UntilText("The connection has no value “host”.")
	r.targets[0].Profile.Env = map[string]string{"host": "x"}
	s.targets = r.targets
	row.value.SetText(`{{env "host"}} `)
	r.ready()
}

// TestExportOfProduction: messages that say themselves that they are of production leave it
// masked, whether their profile is still there or not.
func TestExportOfProduction(t *testing.T) {
	r := newRig(t)
	r.targets = r.targets[:1]
	lines := func(profile string) io.ReadCloser {
		var text strings.Builder
		for i, from := range []message.Export{{}, {Profile: profile, Production: true}, {Profile: "t"}} {
			line, err := sample("orders", fmt.Sprint("1380013800", i)).ExportJSON(from)
			if err != nil {
				t.Fatal(err)
			}
			text.WriteString(string(line) + "\n")
		}
		return io.NopCloser(strings.NewReader(text.String()))
	}
	for profile, name := range map[string]string{"p": "orders-prod", "gone": "x.jsonl"} {
		r.open(File("x.jsonl", lines(profile)))
		r.ready()
		if !r.Has("From\nPROD\n") || !r.Has("bank cards are masked, as "+name+" says.") {
			t.Errorf("%s: %s", profile, stage.Texts(r.Window))
		}
		r.Tap("Send…")
		r.Tap("Send 3")
		r.idle()
	}
	for i, p := range r.test.plans {
		if p.Replay.Masks == nil || !p.Replay.Production || !slices.Contains([]string{"p", "gone"}, p.Replay.From) {
			t.Errorf("%d: %+v", i, p.Replay)
		}
	}
	if len(r.test.plans) != 2 {
		t.Errorf("%d runs", len(r.test.plans))
	}
}
