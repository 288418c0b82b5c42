package subscribe

import (
	"testing"

	"fyne.io/fyne/v2"

	"gantry/client/fault"
	"gantry/client/profile"
)

// TestListStandsBelowTheForm: whatever comes and goes above the list, it neither
// covers that nor leaves a hole.
func TestListStandsBelowTheForm(t *testing.T) {
	followed := spec("orders", "", false)
	followed.Follow = true
	r := newRig(t, profile.Profile{}, &fakeBack{kept: 50}, followed, spec("pay", "g", true))
	s := r.screen
	check := func(when string) {
		t.Helper()
		top, list := s.page.top, s.beside.Content()
		if want := top.MinSize().Height; top.Size().Height != want || list.Position().Y != want {
			t.Errorf("%s: the form takes %v, it is %v high, the list begins at %v", when, want, top.Size().Height, list.Position().Y)
		}
		if end := list.Position().Y + list.Size().Height; end != s.page.content.Objects[2].Position().Y {
			t.Errorf("%s: the list ends at %v", when, end)
		}
	}
	check("at first")
	for range 2 {
		s.NextSubscription(1)
		check("after " + s.current.spec.Topic)
	}
	s.Primary()
	r.settle()
	check("running")
	if stop, run := s.form.halt, s.form.run; at(stop).X < at(run).X+run.Size().Width {
		t.Errorf("Stop stands at %v, Pause at %v", at(stop), at(run))
	}
	s.StopRunning()
	r.settle()
	s.current.failed = fault.Unreachable
	s.update()
	check("with a banner")
	s.current.failed = nil
	s.update()
	check("without it")
}

func at(o fyne.CanvasObject) fyne.Position {
	return fyne.CurrentApp().Driver().AbsolutePositionForObject(o)
}
