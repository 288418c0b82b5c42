package outbox

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"gantry/client/fault"
	"gantry/client/journal"
	"gantry/client/message"
	"gantry/client/outbox/plan"
	"gantry/client/worker"
)

// at is when the messages of these runs leave.
var at = time.UnixMilli(1_796_000_000_000)

// runOf returns a run whose journal holds what write appends; the number of the first
// record is 0.
func runOf(t testing.TB, count int64, write func(dst []byte) (buf []byte, records int)) *Run {
	t.Helper()
	s := New(Params{Program: worker.Program{Path: "no-worker"}, Dir: t.TempDir(), Log: slog.New(slog.DiscardHandler)})
	t.Cleanup(s.Close)
	p := &plan.Plan{
		Texts: plan.Texts{ProducerGroup: "g", Topic: "-orders", Keys: "=1+1 K-{{seq}}", Body: []byte("{{seq}}")}, Count: count, AtOnce: 1, Seed: 1,
	}
	dir := s.dir("run")
	m := meta{Profile: "p", Topic: p.Topic, Begun: at, Run: true, Planned: count, Phase: Stopped}
	w, err := journal.OpenWriter(dir, journal.Options{})
	if err == nil {
		err = errors.Join(plan.Write(dir, p), m.save(dir))
	}
	if err != nil {
		t.Fatal(err)
	}
	buf, n := write(nil)
	if err := errors.Join(w.Append(buf, n), w.Close()); err != nil {
		t.Fatal(err)
	}
	r, err := s.Open("run")
	if err != nil {
		t.Fatal(err)
	}
	r.list.Settle()
	return r
}

// note is a run's journal that is made record by record.
type note struct {
	t   testing.TB
	buf []byte
	n   int
}

func (w *note) leave(seq int64, attempt int) (of uint64) {
	w.t.Helper()
	var err error
	w.buf, err = message.AppendLeave(w.buf, &message.Leave{Seq: seq, Attempt: attempt, At: at.Add(time.Duration(seq) * time.Second), Row: -1, ID: fmt.Sprintf("ID%d-%d", seq, attempt)})
	if err != nil {
		w.t.Fatal(err)
	}
	w.n++
	return uint64(w.n - 1)
}

func (w *note) receipt(of uint64, status message.Status, why error) {
	r := message.Receipt{Status: status, SentAt: at, Took: 1500 * time.Microsecond}
	if status.Stored() {
		r.Broker, r.QueueID, r.QueueOffset = "broker-a", 1, int64(of)
	}
	if why != nil {
		r.Fault = fault.From(why)
	}
	w.buf = message.AppendOutcome(w.buf, &message.Outcome{Of: of, Receipt: r})
	w.n++
}

func (w *note) arrival(a message.Arrival) {
	a.SeenAt, a.Broker, a.QueueID, a.QueueOffset = at.Add(12*time.Millisecond), "broker-a", 1, int64(a.Of)
	w.buf = message.AppendArrival(w.buf, &a)
	w.n++
}

// TestProof: each message has its row, and each row says what is known and nothing more.
func TestProof(t *testing.T) {
	t.Parallel()
	refused := errors.New("=cmd|' /C calc'!A0")
	r := runOf(t, 20, func(dst []byte) ([]byte, int) {
		w := &note{t: t, buf: dst}
		stored := func(proof message.Proof, copies int) {
			of := w.leave(w.seq(), 0)
			if w.receipt(of, message.StatusOK, nil); proof != 0 {
				w.arrival(message.Arrival{Of: of, Proof: proof, StoredAt: at.Add(5 * time.Millisecond), Copies: copies})
			}
		}
		for _, p := range []message.Proof{message.ProofArrived, message.ProofDiffers, message.ProofMissing, 0} { // 1 to 4
			stored(p, 0)
		}
		w.receipt(w.leave(w.seq(), 0), message.StatusFailed, refused) // 5
		of := w.leave(w.seq(), 0)                                     // 6
		w.receipt(of, message.StatusUncertain, fault.Timeout)
		w.arrival(message.Arrival{Of: of, Proof: message.ProofArrived})
		of = w.leave(w.seq(), 0) // 7
		w.receipt(of, message.StatusUncertain, fault.Timeout)
		w.arrival(message.Arrival{Of: of, Proof: message.ProofNotFound, UpTo: "broker-a/0:120 broker-a/1:98"})
		w.receipt(w.leave(w.seq(), 0), message.StatusUncertain, fault.Timeout) // 8
		of = w.leave(w.seq(), 0)                                               // 9: it was there, and was sent again
		w.receipt(of, message.StatusUncertain, fault.Timeout)
		again := w.leave(8, 1)
		w.receipt(again, message.StatusOK, nil)
		w.arrival(message.Arrival{Of: again, Proof: message.ProofArrived})
		w.arrival(message.Arrival{Of: of, Proof: message.ProofArrived})
		stored(message.ProofArrived, 2)                               // 10
		w.receipt(w.leave(w.seq(), 0), message.StatusHandedOver, nil) // 11
		of = w.leave(w.seq(), 0)                                      // 12
		w.receipt(of, message.StatusOK, nil)
		w.arrival(message.Arrival{Of: of, Proof: message.ProofUnread, Fault: fault.From(fault.Unreachable)})
		w.leave(w.seq(), 0) // 13: nobody waits for its receipt any more
		return w.buf, w.n
	})
	rows := proofOf(t, r, &ProofColumn{Head: "group g", Cell: func(row uint64) string { return fmt.Sprint("fate ", row) }})
	var states []string
	for i, row := range rows {
		states = append(states, row["state"])
		if row["number"] != fmt.Sprint(i+1) || row["topic"] != "-orders" || row["keys"] != fmt.Sprintf(" =1+1 K-%d", i+1) {
			t.Errorf("row %d: %v", i, row)
		}
		if row["group g"] != fmt.Sprint("fate ", i) {
			t.Errorf("row %d: the group is %q", i, row["group g"])
		}
		for _, cell := range row {
			if strings.HasPrefix(cell, "=") || strings.HasPrefix(cell, "+") || strings.HasPrefix(cell, "@") {
				t.Errorf("row %d: %q is a formula", i, cell)
			}
		}
	}
	want := []string{"arrived", "differs", "missing", "acknowledged", "failed", "stored", "not found", "uncertain", "doubled", "doubled", "handed over", "unread", "uncertain"}
	if !slices.Equal(states, want) {
		t.Errorf("%v, want %v", states, want)
	}
	for i, note := range map[int]string{4: " " + refused.Error(), 6: "not found up to broker-a/0:120 broker-a/1:98", 2: "looked for at broker-a/1:6", 9: "2 messages have its id"} {
		if rows[i]["note"] != note {
			t.Errorf("row %d notes %q, want %q", i, rows[i]["note"], note)
		}
	}
	a := rows[0]
	if a["id"] != "ID0-0" || a["broker"] != "broker-a" || a["queue"] != "1" || a["offset"] != "0" || a["answered ms"] != "1.5" || a["arrived ms"] != "12" || a["attempt"] != "1" {
		t.Errorf("%v", a)
	}
	if sent, err := time.Parse(time.RFC3339, a["sent"]); err != nil || !sent.Equal(at) {
		t.Errorf("sent %q", a["sent"])
	}
	if b := rows[8]; b["attempt"] != "2" || b["id"] != "ID8-1" {
		t.Errorf("%v", b)
	}
	if c := r.Counts(); c.Doubled != 2 || c.Arrived != 4 || c.Uncertain != 4 || c.Left() != 13 {
		t.Errorf("%+v", c)
	}
	if d, u := r.Doubled(9), r.Unseen(9); !slices.Equal(d, []uint64{8, 9}) || !slices.Equal(u, []uint64{1, 2, 6}) {
		t.Errorf("doubled %v, unseen %v", d, u)
	}
}

// seq is the place of the next message that leaves for the first time.
func (w *note) seq() int64 {
	n := int64(0)
	for rest := w.buf; len(rest) > 0; {
		rec, size, err := message.ParseRecord(rest)
		if err != nil {
			w.t.Fatal(err)
		}
		if rest = rest[size:]; rec.Kind == message.KindDraft {
			if l, err := rec.LeaveHead(); err == nil && l.Attempt == 0 {
				n++
			}
		}
	}
	return n
}

// proofOf are the rows of a proof, by the names of their columns.
func proofOf(t testing.TB, r *Run, more *ProofColumn) (rows []map[string]string) {
	t.Helper()
	var out bytes.Buffer
	did, err := r.WriteProof(t.Context(), &out, more, func(int64, int64) {})
	if err != nil {
		t.Fatal(err)
	}
	text, marked := strings.CutPrefix(out.String(), "\ufeff")
	all, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil || !marked || int64(len(all)-1) != did.Rows {
		t.Fatalf("%d rows of %+v, %v", len(all), did, err)
	}
	for _, cells := range all[1:] {
		row := map[string]string{}
		for i, head := range all[0] {
			row[head] = cells[i]
		}
		rows = append(rows, row)
	}
	return rows
}

// TestProofEnds when it is told to, and where nothing can be written.
func TestProofEnds(t *testing.T) {
	t.Parallel()
	r := runOf(t, 5000, func(dst []byte) ([]byte, int) {
		w := &note{t: t, buf: dst}
		for i := range int64(5000) {
			w.leave(i, 0)
		}
		return w.buf, w.n
	})
	ctx, cancel := context.WithCancel(t.Context())
	told := int64(0)
	_, err := r.WriteProof(ctx, &bytes.Buffer{}, nil, func(n, _ int64) {
		if told = n; n == 2000 {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) || told != 2000 {
		t.Errorf("%v behind %d rows", err, told)
	}
	full := errors.New("full")
	if _, err := r.WriteProof(t.Context(), failing{full}, nil, func(int64, int64) {}); !errors.Is(err, full) {
		t.Error(err)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

// BenchmarkProof writes the proof of a run, a row at a time.
func BenchmarkProof(b *testing.B) {
	const n = 20_000
	r := runOf(b, n, func(dst []byte) ([]byte, int) {
		w := &note{t: b, buf: dst}
		for i := range int64(n) {
			of := w.leave(i, 0)
			w.receipt(of, message.StatusOK, nil)
			w.arrival(message.Arrival{Of: of, Proof: message.ProofArrived, StoredAt: at})
		}
		return w.buf, w.n
	})
	for b.Loop() {
		var out bytes.Buffer
		if did, err := r.WriteProof(b.Context(), &out, nil, func(int64, int64) {}); err != nil || did.Rows != n {
			b.Fatal(did, err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/n, "us/row")
}
