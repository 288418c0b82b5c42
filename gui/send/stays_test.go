package send

import (
	"testing"
	"time"

	"gantry/client/message"
	"gantry/client/outbox"
	"gantry/gui/stage"
)

// TestKeep: what was sent to production says when it goes, and is kept from it.
func TestKeep(t *testing.T) {
	s := newRig(t, nil)
	d := &message.Draft{ProducerGroup: "other", Topic: "orders", Body: []byte("b")}
	r := message.Receipt{Status: message.StatusFailed, SentAt: time.Now().Add(time.Second)}
	if err := s.cluster.store.Note(outbox.For{Profile: "p", Production: true}, d, r); err != nil {
		t.Fatal(err)
	}
	s.screen.sent.stir()
	s.Until(t, "the message", func() bool { return s.screen.sent.shelf().Len() == 1 && s.screen.sent.at(0).sent != nil })
	s.screen.sent.choose(s.screen.sent.at(0))
	goes := "until " + time.Now().Add(outbox.Production).Format(time.DateOnly) + ", then it goes by itself"
	if !s.Has(goes) {
		t.Fatalf("it shows:\n%s", stage.Texts(s.Window))
	}
	s.Tap("Keep its day")
	s.UntilText("until you delete it")
	s.Tap("Keep no longer")
	s.UntilText(goes)
	s.screen.Primary()
	s.done(1)
	s.listed(2)
	if s.Has("Keep its day") || s.Has("then it goes by itself") {
		t.Errorf("a message of development goes:\n%s", stage.Texts(s.Window))
	}
}
