package outbox

import (
	"log/slog"
	"slices"
	"testing"
	"time"

	"gantry/client/fault"
	"gantry/client/journal"
	"gantry/client/message"
	"gantry/client/worker"
)

// script writes records to a book.
type script struct {
	t *testing.T
	w *journal.Writer
	b *Book
}

func (x *script) leave(id string, what message.Transaction) uint64 {
	x.t.Helper()
	of := x.w.Next()
	b, err := message.AppendLeave(nil, &message.Leave{At: time.Now(), Row: -1, ID: id, Draft: &message.Draft{
		Topic: "orders", ProducerGroup: "tx", Body: []byte(id), Transaction: what,
	}})
	if err == nil {
		err = x.w.Append(b, 1)
	}
	if err != nil {
		x.t.Fatal(err)
	}
	return of
}

func (x *script) receipt(of uint64, s message.Status) {
	x.add(message.AppendOutcome(nil, &message.Outcome{Of: of, Receipt: message.Receipt{Status: s, SentAt: time.Now(), Broker: "b"}}))
}

func (x *script) step(s message.Step) {
	s.At = time.UnixMilli(1_796_000_000_000 + int64(s.Kind))
	x.add(message.AppendStep(nil, &s))
}

func (x *script) add(b []byte) {
	x.t.Helper()
	if err := x.w.Append(b, 1); err != nil {
		x.t.Fatal(err)
	}
}

func halves(t *testing.T) (*Store, *script) {
	t.Helper()
	s := New(Params{Program: worker.Program{Path: "no-worker"}, Dir: t.TempDir(), Log: slog.New(slog.DiscardHandler)})
	t.Cleanup(s.Close)
	b, err := s.Book(For{Profile: "p"}, "tx", true)
	if err != nil {
		t.Fatal(err)
	}
	if !b.Job.Called {
		t.Error("the worker is not told")
	}
	w, err := journal.OpenWriter(b.Job.Journal, journal.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	return s, &script{t, w, b}
}

// TestStands: how each half message stands, by what was written down of it.
func TestStands(t *testing.T) {
	_, x := halves(t)
	steps := map[string]struct {
		what   message.Transaction
		status message.Status
		steps  []message.Step
		want   Stand
		state  State
	}{
		"plain":        {message.NoTransaction, message.StatusOK, nil, NoHalf, Stored},
		"waiting":      {message.Undecided, message.StatusOK, nil, Waiting, Stored},
		"asked":        {message.Undecided, message.StatusUncertain, []message.Step{{Kind: message.StepAsked, Choice: message.Undecided}}, Waiting, Stored},
		"uncertain":    {message.Undecided, message.StatusUncertain, nil, Waiting, Uncertain},
		"refused":      {message.Undecided, message.StatusFailed, nil, NoHalf, Failed},
		"committing":   {message.Commit, message.StatusOK, nil, Committing, Stored},
		"committed":    {message.Commit, message.StatusOK, []message.Step{{Kind: message.StepEnded, Choice: message.Commit}}, Committed, Stored},
		"taken back":   {message.Rollback, message.StatusOK, []message.Step{{Kind: message.StepEnded, Choice: message.Rollback}}, RolledBack, Stored},
		"not told":     {message.Undecided, message.StatusOK, []message.Step{{Kind: message.StepDecided, Choice: message.Rollback}, {Kind: message.StepUntold, Choice: message.Rollback, Fault: &fault.Fault{Code: fault.Timeout}}}, RollingBack, Stored},
		"told in time": {message.Undecided, message.StatusOK, []message.Step{{Kind: message.StepDecided, Choice: message.Commit}, {Kind: message.StepUntold, Choice: message.Commit, Fault: &fault.Fault{Code: fault.Timeout}}, {Kind: message.StepAsked, Choice: message.Commit}, {Kind: message.StepEnded, Choice: message.Commit}}, Committed, Stored},
	}
	rows := map[string]uint64{}
	for name, c := range steps {
		rows[name] = uint64(len(rows))
		of := x.leave(name, c.what)
		x.receipt(of, c.status)
		for _, s := range c.steps {
			s.Of = of
			x.step(s)
		}
	}
	x.step(message.Step{Of: 1 << 20, Kind: message.StepEnded}) // of nothing that is there
	x.b.Sends.wake()
	x.b.Sends.list.Settle()
	want := Counts{}
	for name, c := range steps {
		got, err := x.b.Sends.Sent(rows[name])
		if err != nil {
			t.Fatal(err)
		}
		if (got.Half == nil) != (c.what == message.NoTransaction) || got.Half != nil && got.Half.Stand != c.want || got.State != c.state {
			t.Errorf("%s: %+v, state %d", name, got.Half, got.State)
		}
		*want.of(c.state)++
		*want.ofStand(c.want)++
	}
	if got := x.b.Sends.Counts(); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	told, err := x.b.Sends.Sent(rows["told in time"])
	if h := told.Half; err != nil || h.Checks != 1 || h.Answer != message.Commit || h.Fault != nil || h.Decided.IsZero() || h.Asked.IsZero() || h.Ended.IsZero() {
		t.Errorf("%+v, %v", h, err)
	}
	not, err := x.b.Sends.Sent(rows["not told"])
	if h := not.Half; err != nil || h.Fault == nil || h.Fault.Code != fault.Timeout || !h.Ended.IsZero() || h.Checks != 0 {
		t.Errorf("%+v, %v", h, err)
	}
	var wait []uint64
	for _, name := range []string{"waiting", "asked", "uncertain"} {
		wait = append(wait, rows[name])
	}
	slices.Sort(wait)
	slices.Reverse(wait)
	if got := x.b.Sends.Undecided(10); !slices.Equal(got, wait) {
		t.Errorf("%v wait, want %v", got, wait)
	}
	if got := x.b.Sends.Undecided(1); !slices.Equal(got, wait[:1]) {
		t.Errorf("%v, the newest is %d", got, wait[0])
	}
}

// TestUndecidedAreKeptTogether: a day later half messages go on in the journal in which
// others wait, and in a new one where none does.
func TestUndecidedAreKeptTogether(t *testing.T) {
	s, x := halves(t)
	of := x.leave("a", message.Undecided)
	x.receipt(of, message.StatusOK)
	var m meta
	dir := x.b.Job.Journal
	if err := journal.ReadMeta(dir, &m); err != nil {
		t.Fatal(err)
	}
	m.Begun = m.Begun.Add(-25 * time.Hour)
	if err := m.save(dir); err != nil {
		t.Fatal(err)
	}
	if waits, err := s.Unfinished(For{Profile: "p"}, "tx"); !waits || err != nil {
		t.Errorf("%v, %v", waits, err)
	}
	if b, err := s.Book(For{Profile: "p"}, "tx", true); err != nil || b.Job.Journal != dir {
		t.Errorf("%+v, %v", b, err)
	}
	h := s.History("p")
	defer h.Close()
	if err := h.Refresh(); err != nil {
		t.Fatal(err)
	}
	if got := h.Undecided(10); len(got) != 1 || got[0].Of != x.b.Sends || got[0].Row != 0 {
		t.Errorf("%+v", got)
	}
	x.step(message.Step{Of: of, Kind: message.StepDecided, Choice: message.Commit})
	if waits, err := s.Unfinished(For{Profile: "p"}, "tx"); !waits || err != nil { // for its broker to hear of it
		t.Errorf("%v, %v", waits, err)
	}
	x.step(message.Step{Of: of, Kind: message.StepEnded, Choice: message.Commit})
	x.b.Sends.wake()
	if waits, err := s.Unfinished(For{Profile: "p"}, "tx"); waits || err != nil {
		t.Errorf("%v, %v", waits, err)
	}
	if b, err := s.Book(For{Profile: "p"}, "tx", true); err != nil || b.Job.Journal == dir {
		t.Errorf("%+v, %v", b, err)
	}
	if waits, err := s.Unfinished(For{Profile: "p"}, "another"); waits || err != nil {
		t.Errorf("%v, %v", waits, err)
	}
}
