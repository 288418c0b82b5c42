package subscribe

import (
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"gantry/client/fault"
	"gantry/client/insight"
	"gantry/client/profile"
	"gantry/client/session"
)

// TestF9ChipsSayHowTheyRead tells two subscriptions of one topic apart.
func TestF9ChipsSayHowTheyRead(t *testing.T) {
	at := time.Date(2026, 11, 23, 14, 32, 0, 0, time.Local)
	r := newRig(t, profile.Profile{}, nil,
		profile.Subscription{ID: "s1", Topic: "orders", Follow: true, Expression: "*"},
		profile.Subscription{ID: "s2", Topic: "orders", Follow: true, Expression: "*", From: profile.FromEarliest},
		profile.Subscription{ID: "s3", Topic: "orders", Follow: true, Expression: "*", From: profile.FromTime, FromTime: at},
		profile.Subscription{ID: "s4", Topic: "orders", Group: "billing", Expression: "*"})
	for _, want := range []string{"follow · now", "follow · earliest", "follow · 11-23 14:32:00", "billing"} {
		if !r.Has("\n" + want + "\n") {
			t.Errorf("no chip says %q", want)
		}
	}
}

// TestF10PausedFollowCounts says how many messages wait, and the form stands still.
func TestF10PausedFollowCounts(t *testing.T) {
	r := newRig(t, profile.Profile{}, nil, profile.Subscription{ID: "s1", Topic: "orders", Follow: true, Expression: "*"})
	f := r.back.subs["s1"]
	f.locked(func() { f.status.State = session.Receiving })
	r.settle()
	place := func() [2]fyne.Position {
		return [2]fyne.Position{r.screen.form.fromField.Position(), r.screen.form.run.Position()}
	}
	wide := r.screen.form.run.Size()
	before := place()
	f.locked(func() { f.status.State, f.status.Paused, f.status.Waiting = session.Paused, true, 128 })
	r.settle()
	if !r.Has("Paused · 128 or more wait") {
		t.Errorf("no count in:\n%s", r.screen.status.state)
	}
	if place() != before || r.screen.form.run.Size() != wide {
		t.Errorf("the form moved from %v to %v", before, place())
	}
}

// TestF18FormFolds gives the list the form's room while it runs in a narrow window.
func TestF18FormFolds(t *testing.T) {
	r := newRig(t, profile.Profile{}, nil, profile.Subscription{ID: "s1", Topic: "orders", Group: "billing", Expression: "*"})
	r.screen.SetNarrow(true)
	r.Window.Resize(fyne.NewSize(968, 596))
	f := r.back.subs["s1"]
	form, fold := r.screen.form, r.screen.form.fold
	if !form.content.Visible() || fold.content.Visible() {
		t.Fatal("a stopped form is folded")
	}
	f.locked(func() { f.status.State = session.Receiving })
	r.settle()
	if form.content.Visible() || !fold.content.Visible() || !r.Has("orders · billing") || fold.content.Size().Height > 40 {
		t.Errorf("the form is not one line (%v)", fold.content.Size())
	}
	r.Tap("Pause")
	r.Until(t, "the pause", func() bool { r.settle(); return r.Has("Resume") })
	form.unfolded = true // as its button does
	r.settle()
	if !form.content.Visible() || fold.content.Visible() {
		t.Error("the form cannot be seen while it runs")
	}
	r.Tap("Stop")
	r.Until(t, "the end", func() bool { r.settle(); return f.status.State == session.Stopped })
	f.locked(func() { f.status.State = session.Receiving })
	r.settle()
	if form.content.Visible() {
		t.Error("the next run is not folded")
	}
	r.screen.SetNarrow(false)
	if !form.content.Visible() {
		t.Error("it stays folded in a wide window")
	}
}

// TestChipSaysThatItsRateFits: the chip words the rate as the line below the list does.
func TestChipSaysThatItsRateFits(t *testing.T) {
	r := newRig(t, profile.Profile{}, nil, profile.Subscription{ID: "s1", Topic: "orders", Follow: true, Any: true, Expression: "tag:paid"})
	f := r.back.subs["s1"]
	f.locked(func() { f.status.State, f.status.Sifts = session.Receiving, true })
	r.settle()
	if chip := r.screen.current.chip.AccessibilityLabel(); !strings.Contains(chip, "0.0 /s fit") || r.screen.status.rate != "0.0 /s fit" {
		t.Errorf("the chip says %q, the line %q", chip, r.screen.status.rate)
	}
}

// TestF15ClearedRowsStayCleared after a restart, until all are shown again.
func TestF15ClearedRowsStayCleared(t *testing.T) {
	one := profile.Subscription{ID: "s1", Topic: "orders", Follow: true, Expression: "*"}
	r := newRig(t, profile.Profile{}, &fakeBack{kept: 5}, one)
	r.screen.ClearList()
	r.Until(t, "the save", func() bool { r.settle(); return len(r.saved) == 1 && r.saved[0].Cleared == 5 })
	again := newRig(t, profile.Profile{}, &fakeBack{kept: 7}, r.saved...)
	if n := again.screen.current.list.Len(); n != 2 {
		t.Errorf("%d messages are shown after a restart, not the 2 that came", n)
	}
	again.screen.ShowAll()
	again.Until(t, "the save", func() bool { again.settle(); return len(again.saved) == 1 && again.saved[0].Cleared == 0 })
	if n := again.screen.current.list.Len(); n != 7 {
		t.Errorf("%d of 7 messages are shown", n)
	}
	// Of a list that was made anew under the same name nothing is hidden.
	anew := newRig(t, profile.Profile{}, &fakeBack{kept: 3}, r.saved[0])
	if n := anew.screen.current.list.Len(); n != 3 {
		t.Errorf("%d of 3 messages are shown", n)
	}
}

// TestA8TopicThatMayNotBeRead says so at the topic.
func TestA8TopicThatMayNotBeRead(t *testing.T) {
	r := newRig(t, profile.Profile{}, &fakeBack{startErr: fault.NotReadable}, profile.Subscription{ID: "s1", Topic: "orders", Follow: true, Expression: "*"})
	r.screen.Primary()
	r.Until(t, "the end", func() bool { r.settle(); return r.screen.current.errs.topic != "" })
	if got := r.screen.form.topicField.Error(); !strings.Contains(got, "may not be read") || r.failed != nil {
		t.Errorf("at the topic: %q, %v", got, r.failed)
	}
}

// TestC1StaticTopicOffersFollow: members of a group cannot take logical queues, so none
// is joined, and following takes one press.
func TestC1StaticTopicOffersFollow(t *testing.T) {
	r := newRig(t, profile.Profile{}, &fakeBack{state: insight.GroupState{Static: true}}, profile.Subscription{ID: "s1", Topic: "orders", Group: "billing", Expression: "*"})
	r.screen.Primary()
	r.Until(t, "the banner", func() bool { r.settle(); return r.Has("static topic") && !r.screen.current.starting })
	r.screen.Primary()
	r.settle()
	if st := r.back.subs["s1"].Status(); st.State != session.Stopped {
		t.Fatalf("it was started: %v", st.State)
	}
	r.Tap("Follow instead")
	r.screen.Primary()
	r.Until(t, "the follow", func() bool { r.settle(); return r.back.subs["s1"].Status().State == session.Receiving })
	if r.Has("static topic") || !r.back.subs["s1"].Spec().Follow {
		t.Error("the follow is no follow, or is warned of")
	}
}
