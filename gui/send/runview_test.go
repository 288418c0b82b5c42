package send

import (
	"strings"
	"testing"

	"gantry/client/fault"
	"gantry/client/outbox"
)

// TestWhyWaits: a run that has paused by itself says so, and why; one whose journal is on a
// full disk says that; neither is taken for the other.
func TestWhyWaits(t *testing.T) {
	newRig(t, nil)
	for _, c := range []struct {
		st   outbox.Status
		says []string
	}{
		{outbox.Status{Phase: outbox.Paused, Alike: 1234, Blocked: fault.SignInRefused}, []string{"Paused by itself: 1,234 messages in a row", "refused"}},
		{outbox.Status{Phase: outbox.Pausing, Alike: 20, Blocked: fault.TopicNotFound}, []string{"Paused by itself: 20 messages", "topic"}},
		{outbox.Status{Phase: outbox.Sending, Blocked: fault.DiskFull}, []string{"Nothing is sent while it cannot be written down", "disk"}},
		{outbox.Status{Phase: outbox.Paused}, []string{"until you resume it"}},
		{outbox.Status{Phase: outbox.Sending}, nil},
	} {
		text := whyWaits(&c.st)
		if text != "" && c.says == nil {
			t.Errorf("%+v: %s", c.st, text)
		}
		for _, want := range c.says {
			if !strings.Contains(strings.ToLower(text), strings.ToLower(want)) {
				t.Errorf("%+v: %q does not say %q", c.st, text, want)
			}
		}
	}
}
