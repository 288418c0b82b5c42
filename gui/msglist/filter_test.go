package msglist

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"gantry/client/fault"
	"gantry/client/filter"
	"gantry/client/journal"
	"gantry/client/message"
	"gantry/gui/stage"
	"gantry/gui/theme"
)

// TestFilteredList shows what fits, as it comes, and without the filter the message
// that was chosen among its neighbours.
func TestFilteredList(t *testing.T) {
	r := newFilterRig(t, 100_000)
	r.filter("key:k99")
	if n := r.list.Len(); n != 1_111 || r.last() != "k99999" {
		t.Fatalf("%d rows, last %q", n, r.last())
	}
	if s := r.list.bar.status.Text(); s != "1,111 of 100,000 match" {
		t.Errorf("it says %q", s)
	}
	r.src.next.Store(100_100)
	r.turn()
	if n := r.list.Len(); n != 1_111 || !r.list.Live() {
		t.Errorf("%d rows after others came", n)
	}
	r.src.next.Store(990_001)
	r.filter("key:k9900")
	if n := r.list.Len(); n != 12 || r.last() != "k990000" {
		t.Errorf("%d rows, last %q", n, r.last())
	}
	r.list.view.Select(1)
	r.turn()
	if n, ok := r.list.Selected(); !ok || n != 99_000 || r.got.QueueOffset != int64(n) {
		t.Fatalf("selected %d, got %v", n, r.got)
	}
	want := r.got.QueueOffset
	r.list.escape()
	r.turn()
	if n, ok := r.list.Selected(); !ok || int64(n) != want || r.list.Live() || r.list.bar.field.Text != "" {
		t.Errorf("without the filter: %d selected", n)
	}
	if !slices.Contains(r.lines(), fmt.Sprintf("k%d", want)) || r.list.bar.status.Text() != "" {
		t.Errorf("it is not in sight: %v", r.lines())
	}
}

func TestFilterHidesAll(t *testing.T) {
	r := newFilterRig(t, 312)
	r.filter("tag:nobody")
	if r.list.Len() != 0 || !r.list.bar.cover.Visible() {
		t.Errorf("%d rows", r.list.Len())
	}
	if !strings.Contains(r.list.bar.covers, "312 messages are hidden") {
		t.Errorf("it says %q", r.list.bar.covers)
	}
	r.filter("tag:nobody size>x") // the filter before stays
	if s := r.list.bar.status.Text(); !strings.Contains(s, "size>x") || r.list.Len() != 0 {
		t.Errorf("it says %q", s)
	}
	if got := r.list.bar.field.Wrong(); got != "size>x" {
		t.Errorf("underlined: %q", got)
	}
	r.filter("tag:paid")
	if r.list.Len() != 312 || r.list.bar.cover.Visible() {
		t.Errorf("%d rows", r.list.Len())
	}
	// Another journal under the filter.
	other := &source{}
	other.next.Store(7)
	r.list.SetSource(other)
	r.settle()
	r.turn()
	if r.list.Len() != 7 {
		t.Errorf("%d rows of the other", r.list.Len())
	}
	r.list.SetSource(nil)
	r.turn()
	if r.list.Len() != 0 || r.list.bar.cover.Visible() {
		t.Error("rows of no source")
	}
}

// TestSieveAndEviction: what the journal evicts goes here too, and numbers stay.
func TestSieveAndEviction(t *testing.T) {
	src := &source{}
	src.next.Store(100)
	keep, _ := filter.Parse("key:5", time.Now())
	s := newSieve(src, keep, nil)
	got, err := s.look(context.Background(), s.at)
	if err != nil {
		t.Fatal(err)
	}
	s.take(got)
	if first, next := s.Range(); first != 0 || next != 19 {
		t.Fatalf("%d to %d", first, next)
	}
	src.first.Store(56) // 5, 15, 25, 35, 45, 50 to 55 go
	if first, next := s.Range(); first != 11 || next != 19 {
		t.Errorf("%d to %d", first, next)
	}
	if record, ok := s.number(11); !ok || record != 56 {
		t.Errorf("the first is %d", record)
	}
	for _, n := range []uint64{10, 19} {
		if r, err := s.Record(n); err == nil {
			t.Errorf("%d has %+v", n, r)
		}
	}
	src.first.Store(0)
	src.next.Store(10) // another journal
	s.Range()
	got, err = s.look(context.Background(), s.at)
	if err != nil {
		t.Fatal(err)
	}
	s.take(got)
	if first, next := s.Range(); first != 0 || next != 1 {
		t.Errorf("of the other: %d to %d", first, next)
	}
}

// TestClear hides what is there and shows what comes; nothing is gone.
func TestClear(t *testing.T) {
	r := newFilterRig(t, 500)
	r.list.view.Select(490)
	r.list.Clear()
	r.turn()
	if r.list.Len() != 0 || !strings.Contains(r.list.bar.covers, "500 earlier ones are hidden") || !r.list.bar.cover.Visible() {
		t.Fatalf("%d rows, %q", r.list.Len(), r.list.bar.covers)
	}
	r.list.Clear() // of nothing
	r.src.next.Store(502)
	r.turn()
	if l := r.lines(); !slices.Equal(l, []string{"k500", "k501"}) || r.list.bar.cover.Visible() || r.list.bar.status.Text() != "500 earlier ones are hidden" {
		t.Errorf("%v, %q", l, r.list.bar.status.Text())
	}
	r.filter("k501")
	if s := r.list.bar.status.Text(); r.list.Len() != 1 || s != "1 of 2 match" {
		t.Errorf("%d rows, %q", r.list.Len(), s)
	}
	r.list.view.Select(0)
	r.turn()
	r.filter("")
	r.list.ShowAll()
	r.turn()
	if n, ok := r.list.Selected(); r.list.Len() != 502 || !ok || n != 501 || r.list.bar.status.Text() != "" {
		t.Errorf("%d rows, %d selected, %q", r.list.Len(), n, r.list.bar.status.Text())
	}
	r.list.Clear()
	other := &source{}
	other.next.Store(3)
	r.list.SetSource(other)
	r.turn()
	if r.list.Len() != 3 {
		t.Errorf("%d rows of another source", r.list.Len())
	}
}

// file is where an export goes: its disk may be full after some bytes.
type file struct {
	bytes.Buffer
	full   int
	closed bool
}

func (f *file) Write(b []byte) (int, error) {
	if f.full > 0 && f.Len()+len(b) > f.full {
		return 0, errors.New("no space left on device")
	}
	return f.Buffer.Write(b)
}

func (f *file) Close() error { f.closed = true; return nil }

func TestExport(t *testing.T) {
	r := newFilterRig(t, 5_000)
	var said string
	var failed error
	r.list.p.Say = func(s string) { said = s }
	r.list.p.OnError = func(err error) { failed = err }
	run := func(f *file) {
		t.Helper()
		said, failed = "", nil
		r.list.exportLines(r.list.listed(), f, "x.jsonl")
		for len(r.tasks.Jobs()) > 0 {
			(<-r.queue)()
		}
		if !f.closed {
			t.Error("the file is open")
		}
	}
	// The filter counts, whether it has come to all of them or not.
	r.list.bar.field.SetText("key:k49")
	var f file
	run(&f)
	lines := strings.Split(strings.TrimSuffix(f.String(), "\n"), "\n")
	if len(lines) != 111 || said != "Exported 111 messages to x.jsonl." || failed != nil {
		t.Fatalf("%d lines, %q, %v", len(lines), said, failed)
	}
	var got struct {
		Topic, Body string
		QueueOffset int64
	}
	if err := json.Unmarshal([]byte(lines[1]), &got); err != nil || got.Topic != "order-events" || got.QueueOffset != 490 || got.Body != `{"n":490}` {
		t.Errorf("%+v, %v", got, err)
	}
	// What the journal evicts under it is said.
	r.filter("")
	r.list.all = &leaky{r.src}
	f = file{}
	run(&f)
	if said != "Exported 4,990 messages to x.jsonl. 5 were no longer kept. 5 could not be read." {
		t.Errorf("it says %q", said)
	}
	f = file{full: 300_000}
	if run(&f); failed == nil || said != "" {
		t.Errorf("on a full disk it says %q, %v", said, failed)
	}
	f = file{}
	r.list.all = &closed{r.src}
	if run(&f); !errors.Is(failed, journal.ErrNone) || said != "" {
		t.Errorf("of a list that was closed it says %q, %v", said, failed)
	}
	// Cancelled from the list of jobs.
	r.src.next.Store(50_000_000)
	f = file{}
	r.list.exportLines(r.list.listed(), &f, "x.jsonl")
	r.tasks.Jobs()[0].Cancel()
	for len(r.tasks.Jobs()) > 0 {
		(<-r.queue)()
	}
	if !f.closed || !strings.HasPrefix(said, "Stopped after ") {
		t.Errorf("cancelled: %q", said)
	}
}

// leaky has lost some records.
type leaky struct{ *source }

func (l *leaky) Record(n uint64) (*message.Record, error) {
	switch {
	case n >= 100 && n < 105:
		return nil, fault.Evicted
	case n >= 200 && n < 204:
		return nil, message.ErrDamaged
	case n == 204:
		return &message.Record{Kind: message.KindMessage, Payload: []byte("no message")}, nil
	}
	return l.source.Record(n)
}

func (l *leaky) Sift(ctx context.Context, from, to uint64, keep filter.Filter) ([]uint64, uint64, error) {
	return stage.Sift(ctx, from, to, keep, l.Record)
}

// closed is a list that is no more.
type closed struct{ *source }

func (c *closed) Record(n uint64) (*message.Record, error) {
	if n < 100 {
		return c.source.Record(n)
	}
	return nil, journal.ErrNone
}

func (c *closed) Sift(ctx context.Context, from, to uint64, keep filter.Filter) ([]uint64, uint64, error) {
	return stage.Sift(ctx, from, to, keep, c.Record)
}

// TestHide: what is hidden is not shown and not handed over, with a filter and without, until
// all is shown again.
func TestHide(t *testing.T) {
	r := newFilterRig(t, 10)
	gone := map[string]bool{}
	for n := range uint64(9) {
		m, err := readMessage(r.src, n)
		if err != nil {
			t.Fatal(err)
		}
		gone[m.Place()] = true
	}
	shown := 0
	r.list.p.OnUnhidden = func() { shown++ }
	r.list.Hide(gone)
	r.settle()
	r.turn()
	if r.list.Len() != 1 || r.last() != "k9" {
		t.Errorf("%v", r.lines())
	}
	left := 0
	if _, err := r.list.Shown().Each(t.Context(), func(uint64) {}, func(*message.Message) error { left++; return nil }); err != nil || left != 1 {
		t.Errorf("%d are handed over, %v", left, err)
	}
	r.filter("key:k8")
	if r.list.Len() != 0 || shown != 0 {
		t.Errorf("%v", r.lines())
	}
	r.list.ClearFilter()
	r.settle()
	r.turn()
	if r.list.Len() != 10 || shown != 1 {
		t.Errorf("%d rows", r.list.Len())
	}
}

// TestClearIsForWhatComes: a list to which nothing comes is not cleared, and does not offer it.
func TestClearIsForWhatComes(t *testing.T) {
	for _, stands := range []bool{false, true} {
		r := newFilterRig(t, 10)
		r.list.p.Clears = true
		if stands {
			r.list.Stand()
		}
		r.list.SetSource(r.src)
		r.win.Resize(fyne.NewSize(1400, 500))
		r.list.bar.content.Refresh()
		r.settle()
		if offered := stage.Button(r.win, "Clear list") != nil; offered == stands {
			t.Errorf("stands %v: offered %v", stands, offered)
		}
		r.list.Clear()
		r.settle()
		r.turn()
		if n := r.list.Len(); n != map[bool]int{false: 0, true: 10}[stands] {
			t.Errorf("stands %v: %d rows are left", stands, n)
		}
	}
}

// TestWordsBeforeButtons: where there is little room, buttons give way to how many fit, and to
// what is wrong with a filter.
func TestWordsBeforeButtons(t *testing.T) {
	r := newFilterRig(t, 20_000)
	r.list.p.Clears, r.list.p.SendAll, r.list.p.Keep = true, func(Listed) {}, func(Listed) {}
	r.win.Resize(fyne.NewSize(780, 500))
	shown := func() (names []string) {
		for _, text := range []string{"Clear list", "Keep…", "Send all again…", "Export…"} {
			if b := stage.Button(r.win, text); b != nil && b.Visible() {
				names = append(names, text)
			}
		}
		return names
	}
	for _, c := range []struct {
		filter, words string
		buttons       int
	}{
		{"", "", 4},
		{"key:k77", "111 of 20,000 match", 3},
		{"size>x", "“size>x” is no size: write size>10k or size<1M", 1},
		{"", "", 4},
	} {
		r.filter(c.filter)
		s := r.list.bar.status
		wide := fyne.MeasureText(c.words, theme.SizeCaption, fyne.TextStyle{}).Width
		if s.Text() != c.words || c.words != "" && (!s.Visible() || s.Size().Width < wide) {
			t.Errorf("%q: it says %q in %v, of %v", c.filter, s.Text(), s.Size().Width, wide)
		}
		if got := shown(); len(got) != c.buttons || got[len(got)-1] != "Export…" {
			t.Errorf("%q: buttons %q", c.filter, got)
		}
	}
}
