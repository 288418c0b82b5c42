package send

import (
	"strings"
	"testing"
	"time"

	"gantry/client"
	"gantry/client/fault"
	"gantry/client/message"
	"gantry/client/outbox"
	"gantry/client/profile"
	"gantry/gui/stage"
	"gantry/gui/theme"
)

// transactional is a form for a transactional message.
func transactional(what message.Transaction) func(*rig) {
	return func(s *rig) { s.form.Kind, s.form.Transaction = profile.TransactionMessage, what }
}

func TestTransactionKinds(t *testing.T) {
	for kept, want := range map[message.Transaction]message.Transaction{
		message.NoTransaction: message.Commit, message.Rollback: message.Rollback, message.Undecided: message.Undecided,
	} {
		s := newRig(t, transactional(kept))
		s.screen.Primary()
		s.done(1)
		if d := s.cluster.drafts()[0]; d.Transaction != want || d.OneWay || d.Deliver.Later() {
			t.Errorf("%q sends %+v", kept, d)
		}
		if got := s.screen.form.read(); got.Kind != profile.TransactionMessage || got.Transaction != kept {
			t.Errorf("%q is read as %+v", kept, got)
		}
		s.screen.form.delivery.kinds.Select(0)
		s.screen.Primary()
		s.done(2)
		if d := s.cluster.drafts()[1]; d.Transaction != message.NoTransaction {
			t.Errorf("a normal message: %+v", d)
		}
	}
}

// TestHalfWaits: what waits says so, can be listed alone, and is decided of in its detail.
func TestHalfWaits(t *testing.T) {
	s := newRig(t, transactional(message.Undecided))
	s.screen.Primary()
	s.done(1)
	s.listed(1)
	s.screen.form.delivery.kinds.Select(0)
	s.screen.Primary()
	s.done(2)
	s.listed(2)
	if stage.Button(s.Window, "Commit") != nil {
		t.Error("a normal message can be committed")
	}
	s.UntilText("1 undecided")
	s.Tap("1 undecided")
	p := s.screen.sent
	if p.shelf().Len() != 1 {
		t.Errorf("%d rows", p.shelf().Len())
	}
	p.list.Select(0)
	s.UntilText("Half, waiting")
	s.Tap("Commit")
	s.Until(t, "the decision", func() bool { return len(s.decisions()) == 1 })
	if got, want := s.decisions()[0], (decision{0, message.Commit, client.Confirmed{Topic: "orders", Count: 1}}); got != want {
		t.Errorf("%+v", got)
	}
	s.cluster.decide = fault.NotWaiting
	s.Tap("Roll back")
	s.Until(t, "what is wrong", func() bool { return len(s.failed) == 1 })
	s.Tap("Show all")
	if p.shelf().Len() != 2 {
		t.Errorf("%d rows", p.shelf().Len())
	}
}

// TestHalfOfProduction: nothing is decided before the connection's name is typed.
func TestHalfOfProduction(t *testing.T) {
	s := newRig(t, nil)
	if _, err := s.cluster.Send(t.Context(), &message.Draft{ProducerGroup: "g", Topic: "orders", Body: []byte("x"), Transaction: message.Undecided}); err != nil {
		t.Fatal(err)
	}
	s.listed(1)
	production := s.profile
	production.Environment = profile.Production
	s.screen.SetProfile(production)
	s.Tap("Roll back")
	s.UntilText("Type orders to confirm")
	if len(s.decisions()) > 0 {
		t.Errorf("%+v", s.decisions())
	}
}

func (s *rig) decisions() []decision {
	s.cluster.mu.Lock()
	defer s.cluster.mu.Unlock()
	return append([]decision(nil), s.cluster.decided...)
}

// TestTransactionRefused: what the endpoint does not take is said at the choice.
func TestTransactionRefused(t *testing.T) {
	s := newRig(t, func(s *rig) {
		transactional(message.NoTransaction)(s)
		s.cluster.answer = func(int, *message.Draft) (message.Receipt, error) {
			return message.Receipt{Status: message.StatusFailed, Fault: fault.From(fault.Refusal(&fault.Answer{
				Code: 16, Remark: "the broker[127.0.0.1] sending transaction message is forbidden", Addr: "a broker",
			}))}, nil
		}
	})
	s.screen.Primary()
	s.done(1)
	s.UntilText("takes no transactional messages")
	field := s.screen.form.delivery.decisionField
	if !strings.Contains(field.Error(), "takes no transactional messages") {
		t.Errorf("%q", field.Error())
	}
	s.screen.form.delivery.decision.Select(1)
	if field.Error() != "" {
		t.Errorf("after another choice: %q", field.Error())
	}
}

// TestRunDecides: a run leaves nothing undecided.
func TestRunDecides(t *testing.T) {
	s := newRig(t, transactional(message.Undecided))
	f := s.screen.form
	f.repeat.fold(true)
	s.screen.Primary()
	if !strings.Contains(f.delivery.decisionField.Error(), "A run commits each message") || len(s.cluster.begins()) > 0 {
		t.Errorf("%q, %+v", f.delivery.decisionField.Error(), s.cluster.begins())
	}
	f.delivery.decision.Select(0)
	s.screen.Primary()
	s.UntilText("Each is sent as a half message and committed.")
	s.cluster.mu.Lock()
	defer s.cluster.mu.Unlock()
	if p := s.cluster.prepared; len(p) != 1 || p[0].Transaction != message.Commit {
		t.Errorf("%+v", p)
	}
}

// TestHalfStates: each stand has words of its own, and no row of one that nobody gets
// claims an arrival.
func TestHalfStates(t *testing.T) {
	s := newRig(t, nil)
	at := time.Now()
	for _, c := range []struct {
		half  outbox.Half
		text  string
		token theme.Token
	}{
		{outbox.Half{Stand: outbox.Waiting}, "Half, waiting", theme.Accent},
		{outbox.Half{Stand: outbox.Waiting, Checks: 3, Asked: at}, "Half, waiting · asked 3×, " + at.Format(time.TimeOnly), theme.Accent},
		{outbox.Half{Stand: outbox.Committing, Fault: fault.From(fault.Timeout)}, "Commit not confirmed", theme.Warn},
		{outbox.Half{Stand: outbox.RollingBack, Checks: 1, Asked: at}, "Rollback not confirmed · asked 1×, " + at.Format(time.TimeOnly), theme.Warn},
		{outbox.Half{Stand: outbox.RolledBack, Checks: 1, Asked: at}, "Rolled back", theme.Muted},
		{outbox.Half{Stand: outbox.Committed}, "", theme.OK},
	} {
		x := &outbox.Sent{
			State: outbox.Stored, Half: &c.half, Draft: &message.Draft{Topic: "orders", ProducerGroup: "tx", Transaction: message.Undecided},
			Receipt: &message.Receipt{Status: message.StatusOK, Broker: "b", SentAt: at},
		}
		if got := halfText(x, at); got != c.text {
			t.Errorf("%+v: %q", c.half, got)
		}
		if st := stateOf(x); st.token != c.token || st.word == "" {
			t.Errorf("%+v: %+v", c.half, st)
		}
		e := &entry{sent: x}
		if over := c.half.Stand == outbox.RolledBack; e.settled(at.Add(time.Hour)) != (over || c.half.Stand == outbox.Committed) {
			t.Errorf("%+v: settled %v", c.half, !over)
		}
		w := newReceiptRow(s.screen.sent)
		w.set(e, false)
		for _, cell := range w.cells(600) {
			if c.text != "" && (strings.Contains(cell.text, "not read") || cell.text == "…") {
				t.Errorf("%+v: the row says %q", c.half, cell.text)
			}
		}
		if got := halfFacts(x, at); len(got) < 2 || got[len(got)-1].Value != "tx" {
			t.Errorf("%+v: %+v", c.half, got)
		}
	}
}
