package send

import (
	"errors"
	"slices"
	"testing"
	"time"

	"gantry/client"
	"gantry/client/fault"
	"gantry/client/message"
	"gantry/client/outbox"
	"gantry/client/profile"
	"gantry/gui/theme"
)

// later has the rig answer that what is sent waits for its time.
func later(in time.Duration) func(*rig) {
	return func(s *rig) {
		s.form = profile.SendForm{Topic: "orders", Body: "hello", Kind: profile.DelayedMessage, Deliver: "1 h"}
		s.cluster.answer = func(_ int, d *message.Draft) (message.Receipt, error) {
			return message.Receipt{
				Status: message.StatusOK, Topic: d.Topic, MessageID: "7F0000013C2A18B4AAC2684F009D1C96", OffsetMessageID: "0A02140700002A9F00000000001BC6FF",
				Broker: "broker-a", SentAt: time.Now(), Due: time.Now().Add(in),
			}, nil
		}
	}
}

// TestTakeBack: what waits for its time is taken back after a question, and then says so.
func TestTakeBack(t *testing.T) {
	s := newRig(t, later(time.Hour))
	var of *outbox.Sends
	s.cluster.recall = func(row uint64) error {
		return s.cluster.store.NoteStep(t.Context(), of, &message.Step{Of: 0, Kind: message.StepRecalled, At: time.Now()})
	}
	s.screen.Primary()
	s.done(1)
	s.listed(1)
	of = s.screen.sent.look().key.of
	s.Tap("Take back")
	s.UntilText("Take back one message to orders?")
	if len(s.cluster.recalled) > 0 {
		t.Error("nobody agreed")
	}
	s.Tap("Take back")
	s.UntilText("The broker has taken it back: no consumer gets it.")
	if got, want := s.cluster.recalled, []decision{{0, "", client.Confirmed{Topic: "orders", Count: 1}}}; !slices.Equal(got, want) {
		t.Errorf("%+v", got)
	}
	if s.screen.sent.detail.recall.Visible() {
		t.Error("it can be taken back twice")
	}
}

// TestTakeBackNot: what the broker does not do is said; what is due meanwhile is too late.
func TestTakeBackNot(t *testing.T) {
	s := newRig(t, later(time.Hour))
	s.cluster.recall = func(uint64) error { return fault.RecallOff }
	s.screen.Primary()
	s.done(1)
	s.listed(1)
	s.Tap("Take back")
	s.UntilText("Take back one message to orders?")
	s.Tap("Take back")
	s.Until(t, "the refusal", func() bool { return len(s.failed) == 1 })
	if !errors.Is(s.failed[0], fault.RecallOff) || !s.screen.sent.detail.recall.Visible() {
		t.Errorf("%v", s.failed)
	}
	e := *s.screen.sent.look()
	sent := *e.sent
	r := *sent.Receipt
	r.Due = time.Now().Add(-time.Second)
	sent.Receipt, e.sent = &r, &sent
	if s.screen.recall(&e); len(s.failed) != 2 || !errors.Is(s.failed[1], fault.TooLate) || len(s.cluster.recalled) != 1 {
		t.Errorf("%v, %+v", s.failed, s.cluster.recalled)
	}
}

// TestRecallStates: each outcome has words of its own, and only what surely waits is offered.
func TestRecallStates(t *testing.T) {
	now := time.Now()
	due := now.Add(time.Hour)
	x := func(change func(*outbox.Sent)) *outbox.Sent {
		x := &outbox.Sent{
			State: outbox.Stored, Draft: &message.Draft{Topic: "orders"},
			Receipt: &message.Receipt{Status: message.StatusOK, Broker: "a", OffsetMessageID: "0A02140700002A9F00000000001BC6FF", Due: due},
		}
		change(x)
		return x
	}
	back := &outbox.Recall{At: now}
	arrival := func(p message.Proof) *message.Arrival { return &message.Arrival{Proof: p, SeenAt: now} }
	for name, c := range map[string]struct {
		change func(*outbox.Sent)
		word   string
		token  theme.Token
		offers bool
	}{
		"it waits":        {func(*outbox.Sent) {}, "Sent", theme.OK, true},
		"it is due":       {func(x *outbox.Sent) { x.Receipt.Due = now.Add(-time.Second) }, "Sent", theme.OK, false},
		"it waits not":    {func(x *outbox.Sent) { x.Receipt.Due = time.Time{} }, "Sent", theme.OK, false},
		"nobody knows":    {func(x *outbox.Sent) { x.State, x.Receipt.Status = outbox.Uncertain, message.StatusUncertain }, "Uncertain", theme.Warn, false},
		"taken back":      {func(x *outbox.Sent) { x.Recall = back }, "Taken back", theme.Muted, false},
		"it did not come": {func(x *outbox.Sent) { x.Recall, x.Arrival = back, arrival(message.ProofNotFound) }, "Taken back", theme.Muted, false},
		"it came":         {func(x *outbox.Sent) { x.Recall, x.Arrival = back, arrival(message.ProofArrived) }, "Arrived after all", theme.Warn, false},
		"no answer":       {func(x *outbox.Sent) { x.Recall = &outbox.Recall{At: now, Fault: fault.From(fault.Timeout)} }, "Taking back not confirmed", theme.Warn, true},
		"no answer, it came": {func(x *outbox.Sent) {
			x.Recall, x.Arrival = &outbox.Recall{At: now, Fault: fault.From(fault.Timeout)}, arrival(message.ProofArrived)
		}, "Arrived after all", theme.Warn, false},
	} {
		got := x(c.change)
		if st := stateOf(got); st.word != c.word || st.token != c.token || got.Recallable(now) != c.offers {
			t.Errorf("%s: %+v, %v", name, st, got.Recallable(now))
		}
	}
}
