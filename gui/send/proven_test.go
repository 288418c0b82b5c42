package send

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/storage"

	"gantry/client"
	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/insight"
	"gantry/client/journal"
	"gantry/client/message"
	"gantry/client/outbox"
	"gantry/client/outbox/plan"
)

// ran puts a run into the store of a rig: of its ten messages one failed, one is uncertain
// and was not found, one is another at its place, one is there twice, and two were never made.
func (s *rig) ran() *outbox.Run {
	s.t.Helper()
	dir := filepath.Join(s.cluster.dir, "run")
	p := &plan.Plan{Texts: plan.Texts{ProducerGroup: "g", Topic: "orders", Keys: "K-{{seq}}", Body: []byte("{{seq}}")}, Count: 10, AtOnce: 1, Seed: 1}
	begun := time.Now().Add(-time.Hour)
	w, err := journal.OpenWriter(dir, journal.Options{})
	if err == nil {
		err = errors.Join(plan.Write(dir, p), journal.WriteMeta(dir, map[string]any{
			"version": 1, "profile": "p", "topic": "orders", "begun": begun, "run": true, "planned": p.Count, "phase": outbox.Stopped, "ended": begun.Add(time.Second),
		}))
	}
	if err != nil {
		s.t.Fatal(err)
	}
	var buf []byte
	n := 0
	for i := range int64(8) {
		of := uint64(n)
		if buf, err = message.AppendLeave(buf, &message.Leave{Seq: i, At: begun, Row: -1, ID: fmt.Sprintf("ID-%d", i)}); err != nil {
			s.t.Fatal(err)
		}
		r := message.Receipt{Status: message.StatusOK, Broker: "broker-a", QueueOffset: i, SentAt: begun, Took: time.Millisecond}
		a := message.Arrival{Of: of, Proof: message.ProofArrived, SeenAt: begun, Broker: "broker-a", QueueOffset: i}
		switch i {
		case 1:
			r = message.Receipt{Status: message.StatusFailed, SentAt: begun, Fault: fault.From(fault.Busy)}
		case 2:
			r = message.Receipt{Status: message.StatusUncertain, SentAt: begun, Fault: fault.From(fault.Timeout)}
			a.Proof, a.UpTo = message.ProofNotFound, "broker-a/0:7"
		case 3:
			a.Proof = message.ProofMissing
		case 4:
			a.Copies = 2
		}
		buf = message.AppendOutcome(buf, &message.Outcome{Of: of, Receipt: r})
		n += 2
		if r.Status != message.StatusFailed {
			buf = message.AppendArrival(buf, &a)
			n++
		}
	}
	if err := errors.Join(w.Append(buf, n), w.Close()); err != nil {
		s.t.Fatal(err)
	}
	r, err := s.cluster.store.Open("run")
	if err != nil {
		s.t.Fatal(err)
	}
	s.screen.ShowRun(r)
	s.Until(s.t, "the run", func() bool { return s.screen.sent.shelf().Len() == 8 })
	return r
}

// ids are the ends of what is listed, the newest first.
func (s *rig) ids() (all []string) {
	s.t.Helper()
	p := s.screen.sent
	for i := range p.shelf().Len() {
		s.Until(s.t, "a row", func() bool { e := p.at(i); return e != nil && (e.sent != nil || e.err != nil) })
		all = append(all, p.at(i).sent.Leave.ID)
	}
	return all
}

// TestChoices of a run: what failed, what is uncertain, what was not seen and what is there
// twice is listed by itself.
func TestChoices(t *testing.T) {
	r := newRig(t, nil)
	r.ran()
	v := r.screen.sent.run
	if want := []choice{chooseAll, chooseFailed, chooseUncertain, chooseUnseen, chooseDoubled}; !slices.Equal(v.offered, want) {
		t.Fatalf("offered %v, want %v", v.offered, want)
	}
	for i, want := range [][]string{1: {"ID-1"}, 2: {"ID-2"}, 3: {"ID-3", "ID-2"}, 4: {"ID-4"}} {
		if i == 0 {
			continue
		}
		v.choices.Select(i)
		r.Until(t, "the choice", func() bool { return len(v.shelf.rows) == len(want) })
		if got := r.ids(); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", v.offered[i].words(), got, want)
		}
	}
	v.choices.Select(0)
	if n := r.screen.sent.shelf().Len(); n != 8 {
		t.Errorf("all are %d", n)
	}
	if text := v.counts.Text(); !strings.Contains(text, "1 doubled") || !strings.Contains(text, "2 not seen") {
		t.Errorf("%q", text)
	}
}

// TestProofExport writes the run's table, and says how many messages are in it.
func TestProofExport(t *testing.T) {
	r := newRig(t, nil)
	run := r.ran()
	out := &saved{Buffer: &bytes.Buffer{}}
	r.screen.writeProof(run, nil, out, "run.csv")
	r.Until(t, "the export", func() bool { return len(r.said) > 0 })
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(out.String(), "\ufeff"))).ReadAll()
	if err != nil || len(rows) != 9 || !out.closed {
		t.Fatalf("%d rows, %v, closed %v", len(rows), err, out.closed)
	}
	if want := "Exported 8 messages to run.csv. 2 were never made."; r.said[0] != want {
		t.Errorf("%q, want %q", r.said[0], want)
	}
	r.screen.writeProof(run, nil, &saved{Buffer: &bytes.Buffer{}, full: true}, "run.csv")
	r.Until(t, "the failure", func() bool { return len(r.failed) > 0 })
	if !errors.Is(r.failed[0], os.ErrPermission) {
		t.Error(r.failed[0])
	}
}

// saved is a file in memory.
type saved struct {
	*bytes.Buffer
	closed, full bool
}

func (f *saved) URI() fyne.URI { return storage.NewFileURI("/run.csv") }

func (f *saved) Write(b []byte) (int, error) {
	if f.full {
		return 0, os.ErrPermission
	}
	return f.Buffer.Write(b)
}

func (f *saved) Close() error {
	f.closed = true
	return nil
}

// TestSettled shows what a group did with a run, lists what it has not consumed, and says
// what is not known.
func TestSettled(t *testing.T) {
	r := newRig(t, func(s *rig) { s.cluster.groups = []string{"billing", "stock"} })
	run := r.ran()
	answer := &client.Settled{
		Settlement: &insight.Settlement{Group: "billing", At: time.Now(), Members: 1, Missed: []cluster.Missed{{Subject: "orders broker-b/0", Why: fault.From(fault.Timeout)}}},
		Counts:     map[insight.Fate]int64{insight.FateConsumed: 4, insight.FateDead: 1, insight.FateUnknown: 1}, NotStored: 2,
	}
	asked := ""
	r.cluster.settle = func(_ context.Context, of *outbox.Run, group string, tell func(done, of int64)) (*client.Settled, error) {
		if of != run {
			return nil, errors.New("another run")
		}
		asked = group
		tell(8, 8)
		return answer, nil
	}
	v := r.screen.sent.run
	v.settled.ask()
	r.Until(t, "the question", func() bool { return r.Window.Canvas().Overlays().Top() != nil })
	typeInto(t, r, "billing")
	r.Until(t, "the answer", func() bool { return v.shelf.settled != nil })
	if asked != "billing" || v.settled.counts.Text() != "billing: 4 consumed · 1 dead · 1 not known · 2 never stored" {
		t.Errorf("asked for %q, %q", asked, v.settled.counts.Text())
	}
	if notes := v.settled.notes.Text(); !strings.Contains(notes, "orders broker-b/0") || !strings.Contains(notes, "with 1 member") {
		t.Errorf("%q", notes)
	}
	if v.offered[len(v.offered)-1] != chooseOpen {
		t.Errorf("offered %v", v.offered)
	}
	v.settled.close()
	if v.settled.content.Visible() || slices.Contains(v.offered, chooseOpen) || r.screen.sent.settled() != nil {
		t.Error("the group is still there")
	}
	r.cluster.settle = func(context.Context, *outbox.Run, string, func(done, of int64)) (*client.Settled, error) {
		return nil, fault.NotOffered
	}
	v.settled.look("billing")
	r.Until(t, "the refusal", func() bool { return v.settled.failed != nil })
	if notes := v.settled.notes.Text(); notes != "This endpoint does not tell how far a group is." {
		t.Errorf("%q", notes)
	}
}

// typeInto types a text into the focused field of a sheet, and presses Enter until it goes:
// the first may be for the suggestions.
func typeInto(t *testing.T, r *rig, text string) {
	t.Helper()
	f := r.Window.Canvas().Focused()
	if f == nil {
		t.Fatal("nothing has the focus")
	}
	for _, c := range text {
		f.TypedRune(c)
	}
	for range 2 {
		if r.Window.Canvas().Overlays().Top() != nil {
			press(f, fyne.KeyReturn)
		}
	}
}
