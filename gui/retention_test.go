package gui

import (
	"testing"
	"time"

	"gantry/client/message"
	"gantry/client/outbox"
	"gantry/gui/words"
)

// sends writes down a message that was sent over a connection.
func (r *rig) sends(of outbox.For) {
	r.t.Helper()
	d := &message.Draft{ProducerGroup: "g", Topic: "t", Body: []byte("b")}
	if err := r.client.Outbox.Note(of, d, message.Receipt{Status: message.StatusFailed, SentAt: time.Now()}); err != nil {
		r.t.Fatal(err)
	}
}

// TestWhatWasSentIsCountedAndDeleted in the settings, by connection and in one step, with
// the lists that are left.
func TestWhatWasSentIsCountedAndDeleted(t *testing.T) {
	r := newRig(t, someProfiles()...)
	r.sends(outbox.For{Profile: "c", ProfileName: "old name", Production: true})
	r.sends(outbox.For{Profile: "c", ProfileName: "old name", Production: true})
	r.sends(outbox.For{Profile: "gone", ProfileName: "was deleted"})
	r.showSettings()
	r.until(func() bool {
		return r.has("orders-prod") && r.has("2 messages · ") && r.has("was deleted") && r.has("1 message · ")
	})
	r.askDeleteSent("c", func() {})
	r.until(func() bool { return r.has("Delete what was sent over orders-prod from the history?") })
	r.tap("Delete")
	r.until(func() bool {
		all, err := r.client.Outbox.Usages(t.Context())
		return err == nil && len(all) == 1 && all[0].Profile == "gone"
	})
}

// TestExpiredIsSaid: what went by itself, once.
func TestExpiredIsSaid(t *testing.T) {
	r := newRig(t, someProfiles()...)
	r.until(func() bool { return !r.scope.Running("expire") })
	r.client.Outbox.Prune(time.Now().Add(8 * 24 * time.Hour))
	r.sends(outbox.For{Profile: "c", Production: true})
	r.client.Outbox.Prune(time.Now().Add(8 * 24 * time.Hour))
	r.expire()
	r.until(func() bool {
		return r.has("What was sent to production more than 7 days ago was deleted from the history.")
	})
	if words.SentGone(r.client.Outbox.Pruned()) != "" {
		t.Error("it would be said again")
	}
}
