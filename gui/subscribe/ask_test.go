package subscribe

import (
	"strings"
	"testing"

	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/insight"
	"gantry/client/profile"
)

// typed is a form in which a group is typed and left as it is.
func typed(t *testing.T, state insight.GroupState) *rig {
	t.Helper()
	one := spec("orders", "", false)
	r := newRig(t, profile.Profile{}, nil, one)
	r.back.set(state)
	r.screen.form.group.SetText("settle")
	return r
}

func (f *fakeBack) set(state insight.GroupState) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.state = state
}

// TestStartShowsMembersFirst: a group that is read by others is joined only once
// that was seen, however fast Start is pressed.
func TestStartShowsMembersFirst(t *testing.T) {
	theirs := []cluster.Wanted{{Topic: "orders", Expression: "paid", Tags: []string{"paid"}}}
	r := typed(t, insight.GroupState{HasPosition: true, Members: []string{"a", "b"}, Theirs: theirs})
	r.screen.Primary()
	r.settle()
	b := r.screen.current
	if r.screen.Running() != 0 {
		t.Fatal("it was joined unseen")
	}
	for _, want := range []string{"2 other members", "Members: a, b.", "They subscribe differently (paid)", "Press Start again"} {
		if l := r.screen.page.drawnBanner; !l.follow || !strings.Contains(l.words, want) {
			t.Errorf("the banner says %+v", l)
		}
	}
	r.back.set(insight.GroupState{HasPosition: true, Members: []string{"a", "b", "we"}, Theirs: []cluster.Wanted{{Topic: "orders", Expression: "*"}}})
	r.screen.Primary()
	r.settle()
	if l := r.screen.page.drawnBanner; r.screen.Running() != 1 || l.follow || !strings.Contains(l.words, "you take messages") || !strings.Contains(l.words, "They subscribe differently (paid)") {
		t.Errorf("running %d, the banner says %+v", r.screen.Running(), l)
	}
	// The broker does not list us yet.
	r.back.set(insight.GroupState{HasPosition: true, Members: []string{"a", "b"}})
	r.screen.askGroup(b)
	r.settle()
	if l := r.screen.page.drawnBanner; !strings.HasPrefix(l.words, "2 other members") {
		t.Errorf("the banner says %+v", l)
	}
	// The one that is left agrees.
	r.back.set(insight.GroupState{HasPosition: true, Members: []string{"c", "we"}, Theirs: []cluster.Wanted{{Topic: "orders", Expression: "*"}}})
	r.screen.askGroup(b)
	r.settle()
	if l := r.screen.page.drawnBanner; !strings.Contains(l.words, "1 other member") || strings.Contains(l.words, "differently") {
		t.Errorf("the banner says %+v", l)
	}
}

// TestBroadcastersLoseNothing: who joins them by clustering takes nothing from them.
func TestBroadcastersLoseNothing(t *testing.T) {
	r := typed(t, insight.GroupState{
		Members: []string{"10.0.0.1@a-very-long-name-of-a-client-1", "b", "c", "d", "e"}, Broadcast: true,
		Theirs: []cluster.Wanted{{Topic: "orders", Expression: "*"}},
	})
	r.screen.askGroup(r.screen.current)
	r.settle()
	l := r.screen.page.drawnBanner
	for _, want := range []string{"5 other members read in this group.", "Members: 10.0.0.1@a-v…ame-of-a-client-1, b, c, +2.", "by broadcasting"} {
		if !strings.Contains(l.words, want) {
			t.Errorf("the banner does not say %q: %+v", want, l)
		}
	}
	if strings.Contains(l.words, "take messages") || strings.Contains(l.words, "differently") {
		t.Errorf("the banner says %+v", l)
	}
}

// TestStartShowsThePositionFirst: where the group's own position holds, Now is not
// what starts.
func TestStartShowsThePositionFirst(t *testing.T) {
	r := typed(t, insight.GroupState{HasPosition: true})
	f := r.screen.form
	if f.from.Selected != "Now" {
		t.Fatalf("%q is chosen", f.from.Selected)
	}
	r.screen.Primary()
	r.settle()
	if l := r.screen.page.drawnBanner; r.screen.Running() != 0 || !strings.Contains(l.words, "its own position") || f.from.Selected != "" {
		t.Errorf("running %d, the banner says %+v, from %q", r.screen.Running(), l, f.from.Selected)
	}
	f.group.SetText("other") // of which nothing is known
	if f.from.Selected != "Now" || r.screen.page.banner.Visible() {
		t.Errorf("for another group: %q, %+v", f.from.Selected, r.screen.page.drawnBanner)
	}
	f.group.SetText("settle")
	r.screen.Primary()
	r.settle()
	if r.screen.Running() != 1 {
		t.Error("a second press does not start")
	}
}

// TestNewGroupStartsAtOnce: where there is nothing to be seen first, or nobody
// tells, one press is enough; Stop ends the question.
func TestNewGroupStartsAtOnce(t *testing.T) {
	r := typed(t, insight.GroupState{})
	r.screen.Primary()
	r.screen.StopRunning()
	r.settle()
	if r.screen.Running() != 0 {
		t.Error("Stop does not end the question")
	}
	r.screen.Primary()
	r.settle()
	if r.screen.Running() != 1 {
		t.Error("a new group is not joined")
	}
	r = newRig(t, profile.Profile{}, &fakeBack{groupErr: fault.Timeout}, spec("orders", "g", false))
	r.screen.Primary()
	r.settle()
	if r.screen.Running() != 1 {
		t.Error("a broker that tells nothing keeps from joining")
	}
}

// TestTypingAsks: the group is asked about once nothing is typed for a moment.
func TestTypingAsks(t *testing.T) {
	r := typed(t, insight.GroupState{Members: []string{"a"}})
	r.Until(t, "the warning", func() bool { return strings.Contains(r.screen.page.drawnBanner.words, "1 other member") })
}
