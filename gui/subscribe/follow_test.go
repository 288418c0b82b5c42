package subscribe

import (
	"fmt"
	"strings"
	"testing"

	"gantry/client/fault"
	"gantry/client/insight"
	"gantry/client/profile"
	"gantry/client/session"
	"gantry/gui/widgets"
)

// TestFollowForm: a new form follows, shows nothing of groups, and starts without
// one; a group is taken and left again.
func TestFollowForm(t *testing.T) {
	r := newRig(t, profile.Profile{}, &fakeBack{state: insight.GroupState{Members: []string{"a", "b"}}})
	f, b := r.screen.form, r.screen.current
	if !b.spec.Follow || b.spec.Group != "" || f.rows[1].Visible() {
		t.Fatalf("a new form: %+v, second row %v", b.spec, f.rows[1].Visible())
	}
	f.topic.SetText("orders")
	f.reading.SetSelectedIndex(1)
	r.settle()
	if b.spec.Follow || !b.spec.OwnGroup || !strings.HasPrefix(f.group.Text, "gantry-") || !f.rows[1].Visible() || !f.modelField.Visible() {
		t.Errorf("in a group: %+v", b.spec)
	}
	if l := r.screen.page.drawnBanner; !l.follow || !strings.Contains(l.words, "2 other members") {
		t.Fatalf("the banner says %+v", l)
	}
	r.screen.followInstead()
	if !b.spec.Follow || b.spec.Group != "" || f.rows[1].Visible() || r.screen.page.banner.Visible() {
		t.Errorf("after Follow instead: %+v", b.spec)
	}
	r.screen.Primary()
	r.settle()
	fake := r.back.subs[b.spec.ID]
	if words, dot := stateWords(b.st, b.spec); fake == nil || !fake.Spec().Follow || words != "Following · no group is joined" || dot != widgets.DotOn {
		t.Fatalf("after Start: %q, %+v", words, fake)
	}
	fake.locked(func() { fake.status.Missed = 1204 })
	r.settle()
	if l := r.screen.page.drawnBanner; !strings.HasPrefix(l.words, "1,204 messages were deleted") {
		t.Errorf("the banner says %+v", l)
	}
	r.screen.TogglePause()
	r.settle()
	if words, _ := stateWords(b.st, b.spec); words != "Paused · reading waits" {
		t.Errorf("paused it says %q", words)
	}
}

// TestFollowRefused: where the account may not read as the tools' group, another
// can be named.
func TestFollowRefused(t *testing.T) {
	r := newRig(t, profile.Profile{}, &fakeBack{startErr: fmt.Errorf("%w: group TOOLS_CONSUMER", fault.Refused)})
	f, b := r.screen.form, r.screen.current
	f.topic.SetText("orders")
	r.screen.Primary()
	r.settle()
	if !f.rows[1].Visible() || !f.groupField.Visible() || f.modelField.Visible() || f.newGroup.Visible() || b.failed == nil {
		t.Fatalf("after a refusal: second row %v, %v", f.rows[1].Visible(), b.failed)
	}
	f.group.SetText("mine")
	r.back.subs[b.spec.ID].locked(func() { r.back.subs[b.spec.ID].startErr = nil })
	r.screen.Primary()
	r.settle()
	if got := r.back.subs[b.spec.ID].Spec(); got.Group != "mine" || got.OwnGroup || !got.Follow {
		t.Errorf("started with %+v", got)
	}
}

// TestFollowReadOnly: a read-only connection follows and joins nothing.
func TestFollowReadOnly(t *testing.T) {
	r := newRig(t, profile.Profile{ReadOnly: true}, nil)
	f := r.screen.form
	f.topic.SetText("orders")
	f.reading.SetSelectedIndex(1)
	r.settle()
	if !f.run.Disabled() || !r.screen.page.drawnBanner.follow {
		t.Error("a read-only connection lets join")
	}
	f.reading.SetSelectedIndex(0)
	r.screen.Primary()
	r.settle()
	if r.failed != nil || r.screen.current.st.State != session.Receiving {
		t.Errorf("following: %v, %+v", r.failed, r.screen.current.st)
	}
}
