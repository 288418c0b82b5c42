package gui

import (
	"errors"
	"testing"

	"gantry/client/fault"
	"gantry/client/profile"
)

// TestQuittingAsksWhileAGroupIsRead: not while it is paused or stopped, and never for a
// follow.
func TestQuittingAsksWhileAGroupIsRead(t *testing.T) {
	r, _ := newConnectedRig(t)
	r.start("hello")
	ask := func(want bool, when string) {
		t.Helper()
		r.closing = false
		asks := r.client.Sessions.Receiving() > 0
		if asks {
			r.closeAsked()
			if !r.has("1 subscription stops. Its list stays.") || !r.has("Quit while something is under way?") {
				t.Errorf("%s: it did not ask:\n%s", when, r.texts())
			}
			r.tap("Stay")
		}
		if asks != want || r.closing {
			t.Errorf("%s: asks %v, closing %v", when, asks, r.closing)
		}
	}
	ask(false, "following")
	r.set.setSubscriptions("b", []profile.Subscription{{ID: "s-b", Profile: "b", Topic: "hello", Group: "readers", Expression: "*"}})
	r.choose("b")
	r.connect()
	s := r.space()
	s.subscribe.Primary()
	r.until(func() bool { return r.client.Sessions.Receiving() == 1 })
	ask(true, "receiving")
	s.subscribe.TogglePause()
	r.until(func() bool { return r.client.Sessions.Receiving() == 0 })
	ask(false, "paused")
	s.subscribe.TogglePause()
	r.until(func() bool { return r.client.Sessions.Receiving() == 1 })
	s.subscribe.StopAll()
	r.until(func() bool { return r.client.Sessions.Receiving() == 0 })
	ask(false, "stopped")
}

// TestEndsBySignal: where Fyne's loop does not end, what is saved is saved, what runs is
// stopped, and the process ends; where it does, nothing is done twice.
func TestEndsBySignal(t *testing.T) {
	r, _ := newConnectedRig(t)
	r.start("hello")
	exits := 0
	r.exit = func(int) { exits++ }
	ended := make(chan struct{})
	close(ended)
	if r.endBySignal(ended); exits != 0 || r.space().subscribe.Running() == 0 {
		t.Fatal("it ended what had ended")
	}
	r.set.Selected = "c"
	r.endBySignal(make(chan struct{}))
	if exits != 1 {
		t.Errorf("it ended %d times", exits)
	}
	if saved, _ := r.client.Settings.Load(); saved.Selected != "c" {
		t.Errorf("saved %+v", saved)
	}
	if _, err := r.client.Open(t.Context(), r.profiles[0], ""); !errors.Is(err, fault.NotConnected) {
		t.Error("the client is open:", err)
	}
}
