package subscribe

import (
	"strings"
	"testing"

	"gantry/client/fault"
	"gantry/client/profile"
	"gantry/client/session"
)

// TestE1ASkipIsAskedFor: a subscription that ended at a message too large says which, and
// goes past it only when that was confirmed.
func TestE1ASkipIsAskedFor(t *testing.T) {
	r := newRig(t, profile.Profile{}, &fakeBack{}, profile.Subscription{ID: "a", Topic: "orders", Group: "g"})
	one, b := r.back.subs["a"], r.screen.current
	one.locked(func() {
		one.status = session.Status{State: session.Stopped, Err: &fault.Fault{Code: fault.UnpacksTooLarge, Args: map[string]string{
			fault.ArgTopic: "orders", fault.ArgQueue: "broker-a/2", fault.ArgOffset: "1304", fault.ArgSize: "1048576",
		}}}
	})
	b.read()
	r.screen.update()
	l := r.screen.page.drawnBanner
	if !l.skip || !strings.Contains(l.words, "broker-a/2") || !strings.Contains(l.words, "1304") || !strings.Contains(l.words, "1.0 MB") {
		t.Fatalf("%+v", l)
	}
	r.screen.askSkip()
	r.Tap("Cancel")
	if one.skipped != 0 {
		t.Error("skipped unasked")
	}
	r.screen.askSkip()
	r.Tap("Skip it")
	r.settle()
	if one.skipped != 1 {
		t.Errorf("skipped %d times", one.skipped)
	}
	b.read()
	r.screen.update()
	if l := r.screen.page.drawnBanner; l.skip {
		t.Errorf("%+v", l)
	}
}
