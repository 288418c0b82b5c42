package send

import (
	"strings"
	"testing"
	"time"

	"gantry/client/fault"
	"gantry/client/message"
	"gantry/client/outbox"
	"gantry/client/profile"
	"gantry/gui/theme"
)

// TestRequestKind: the draft waits as long as it is typed, also beside dynamic values.
func TestRequestKind(t *testing.T) {
	for typed, want := range map[string]time.Duration{"": usualReply, "2 min": 2 * time.Minute, "1 s": time.Second} {
		s := newRig(t, func(s *rig) { s.form.Kind, s.form.Reply, s.form.Tag = profile.RequestMessage, typed, "{{seq}}" })
		s.screen.Primary()
		s.done(1)
		if d := s.cluster.drafts()[0]; d.Reply != want || d.Tag != "1" {
			t.Errorf("%q sends %+v", typed, d)
		}
		if got := s.screen.form.read(); got.Kind != profile.RequestMessage || got.Reply != typed {
			t.Errorf("%q is read as %+v", typed, got)
		}
	}
	for _, typed := range []string{"soon", "11 min", "1 ms"} {
		s := newRig(t, func(s *rig) { s.form.Kind, s.form.Reply = profile.RequestMessage, typed })
		s.screen.Primary()
		if !strings.Contains(s.screen.form.delivery.replyField.Error(), "up to 10 min") {
			t.Errorf("%q: %q", typed, s.screen.form.delivery.replyField.Error())
		}
		s.quiet(0)
	}
}

// TestRequestRefused: an endpoint that hands no replies over is said at the field, and so is
// that runs wait for none.
func TestRequestRefused(t *testing.T) {
	s := newRig(t, func(s *rig) {
		s.form.Kind = profile.RequestMessage
		s.cluster.delivery = fault.NoReplies
	})
	s.screen.Primary()
	s.UntilText("This endpoint hands no replies over.")
	s.quiet(0)
	s.screen.form.delivery.reply.SetText("3 s")
	s.screen.form.repeat.fold(true)
	s.screen.Primary()
	if !strings.Contains(s.screen.form.delivery.replyField.Error(), "A run waits for no replies.") || len(s.cluster.begins()) > 0 {
		t.Errorf("%q", s.screen.form.delivery.replyField.Error())
	}
}

func TestReplyTexts(t *testing.T) {
	newRig(t, nil)
	at := time.Now()
	for _, c := range []struct {
		reply *message.Reply
		now   time.Time
		want  string
		token theme.Token
		over  bool
	}{
		{nil, at.Add(time.Second), "waits for a reply", theme.Muted, false},
		{nil, at.Add(time.Minute), "reply not known", theme.Warn, true},
		{&message.Reply{At: at.Add(3 * time.Second), Fault: fault.From(fault.Timeout)}, at.Add(4 * time.Second), "no reply in 3 s", theme.Warn, true},
		{&message.Reply{At: at.Add(12 * time.Millisecond), From: "127.0.0.1:9", Body: []byte("abc")}, at.Add(time.Second), "reply +12 ms", theme.OK, true},
	} {
		x := &outbox.Sent{
			State: outbox.Stored, Draft: &message.Draft{Topic: "orders", Reply: 3 * time.Second}, Reply: c.reply,
			Receipt: &message.Receipt{Status: message.StatusOK, SentAt: at}, Arrival: &message.Arrival{Proof: message.ProofArrived, SeenAt: at},
		}
		if got, token := replyText(x, c.now); got != c.want || token != c.token {
			t.Errorf("%+v: %q, %v", c.reply, got, token)
		}
		if got := (&entry{sent: x}).settled(c.now); got != c.over {
			t.Errorf("%q: settled %v", c.want, got)
		}
		if n := len(replyFacts(x, c.now)); n != 1 && !replied(x) || n != 4 && replied(x) {
			t.Errorf("%q: %d facts", c.want, n)
		}
	}
}
