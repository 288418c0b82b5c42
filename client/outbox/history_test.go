package outbox

import (
	"fmt"
	"log/slog"
	"testing"
	"time"

	"gantry/client/journal"
	"gantry/client/message"
	"gantry/client/worker"
)

// storeOf returns a store in which single messages were sent, so many.
func storeOf(t testing.TB, n int) *Store {
	t.Helper()
	s := New(Params{Program: worker.Program{Path: "no-worker"}, Dir: t.TempDir(), Log: slog.New(slog.DiscardHandler)})
	t.Cleanup(s.Close)
	b, err := s.Book(For{Profile: "p"}, "g", false)
	if err != nil {
		t.Fatal(err)
	}
	w, err := journal.OpenWriter(b.Job.Journal, journal.Options{})
	if err != nil {
		t.Fatal(err)
	}
	begun := time.UnixMilli(1_796_000_000_000)
	for i := 0; i < n; {
		var buf []byte
		records := 0
		for ; i < n && len(buf) < 1<<20; i++ {
			at := begun.Add(time.Duration(i) * time.Millisecond)
			d := &message.Draft{ProducerGroup: "g", Topic: "orders", Tag: "paid", Keys: []string{fmt.Sprint("K-", i)}, Body: fmt.Appendf(nil, `{"n":%d}`, i)}
			of := w.Next() + uint64(records)
			if buf, err = message.AppendLeave(buf, &message.Leave{At: at, Row: -1, ID: fmt.Sprintf("%032X", i), Draft: d}); err != nil {
				t.Fatal(err)
			}
			buf = message.AppendOutcome(buf, &message.Outcome{Of: of, Receipt: message.Receipt{
				Status: message.StatusOK, MessageID: fmt.Sprintf("%032X", i), Broker: "broker-a", QueueID: i % 4, QueueOffset: int64(i / 4), SentAt: at, Took: time.Millisecond,
			}})
			records += 2
		}
		if err := w.Append(buf, records); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	s.Close()
	again := New(s.p)
	t.Cleanup(again.Close)
	return again
}

// whole waits until so many entries are listed.
func whole(t testing.TB, h *History, n int) {
	t.Helper()
	changed := make(chan struct{}, 1)
	h.Watch(func() {
		select {
		case changed <- struct{}{}:
		default:
		}
	})
	for {
		if err := h.Refresh(); err != nil {
			t.Fatal(err)
		}
		if h.Len() == n {
			return
		}
		<-changed
	}
}

// TestHistoryIsWhole: every row is there, the newest first, and each is read as it was.
func TestHistoryIsWhole(t *testing.T) {
	t.Parallel()
	const n = 30_000
	s := storeOf(t, n)
	h := s.History("p")
	defer h.Close()
	whole(t, h, n)
	for _, i := range []int{0, 1, 777, n / 2, n - 1} {
		item := h.At(i)
		sent, err := item.Of.Sent(item.Row)
		if err != nil || sent.Draft == nil || sent.Draft.Keys[0] != fmt.Sprint("K-", n-1-i) || sent.State != Stored || sent.Receipt.QueueID != (n-1-i)%4 {
			t.Fatalf("%d: %+v, %v", i, sent, err)
		}
	}
	if item := h.At(n); item.Of != nil || item.Run != nil {
		t.Errorf("behind the end stands %+v", item)
	}
	if c := h.parts[0].sends.Counts(); c.Stored != n || c.Left() != n {
		t.Errorf("%+v", c)
	}
}

// BenchmarkHistory opens the history of a million messages. Run it with -benchtime 1x.
func BenchmarkHistory(b *testing.B) {
	const n = 1_000_000
	s := storeOf(b, n)
	for b.Loop() {
		begun := time.Now()
		h := s.History("p")
		whole(b, h, n)
		for i := range 40 {
			item := h.At(i)
			if _, err := item.Of.Sent(item.Row); err != nil {
				b.Fatal(err)
			}
		}
		took := time.Since(begun)
		fmt.Printf("the history of %d messages is listed whole after %v\n", n, took.Round(time.Millisecond))
		b.ReportMetric(took.Seconds(), "s/open")
		h.Close()
	}
}
