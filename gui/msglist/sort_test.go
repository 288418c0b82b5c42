package msglist

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"gantry/client/fault"
	"gantry/client/filter"
	"gantry/client/journal"
	"gantry/client/message"
	"gantry/client/profile"
	"gantry/client/tail"
	"gantry/gui/stage"
	"gantry/gui/widgets"
)

// mixed is a list whose messages have sizes, tags and retries of their own.
type mixed struct{ *source }

func mixedSample(n uint64) *message.Message {
	m := sample(n)
	m.Body = bytes.Repeat([]byte("x"), int(n*7919%1000))
	m.ReconsumeTimes = int(n % 3)
	m.QueueID = int(n % 4)
	m.Properties[0].Value = fmt.Sprintf("t%d", n%5)
	return m
}

func (s *mixed) Record(n uint64) (*message.Record, error) {
	if n < s.first.Load() {
		return nil, fault.Evicted
	}
	if n%100 == 50 {
		return nil, message.ErrDamaged
	}
	m := mixedSample(n)
	return &message.Record{Kind: message.KindMessage, Broker: m.Broker, Payload: message.AppendStored(nil, m)}, nil
}

func (s *mixed) Sift(ctx context.Context, from, to uint64, keep filter.Filter) ([]uint64, uint64, error) {
	return stage.Sift(ctx, from, to, keep, s.Record)
}

func (s *mixed) Each(ctx context.Context, from, to uint64, do func(uint64, *message.Message)) error {
	return stage.Each(ctx, from, to, do, s.Record)
}

// rows are the numbers of the first rows that the list has.
func (r *rig) rows(count int) (out []uint64) {
	for n := r.list.base; n < r.list.end && len(out) < count; n++ {
		record := n
		if v, ok := r.list.src.(numbered); ok {
			record, _ = v.number(n)
		}
		out = append(out, record)
	}
	return out
}

// TestSort: each column orders the rows, up, down and not at all; what cannot be read is
// last, and nothing is lost or there twice.
func TestSort(t *testing.T) {
	r := newFilterRig(t, 2000)
	r.list.SetSource(&mixed{r.src})
	r.turn()
	size := func(n uint64) int64 { return int64(n * 7919 % 1000) }
	for c, key := range map[column]func(n uint64) int64{
		colTime: func(n uint64) int64 { return int64(n) }, colSize: size, colRetry: func(n uint64) int64 { return int64(n % 3) },
		colTag: func(n uint64) int64 { return int64(n % 5) }, colQueue: func(n uint64) int64 { return int64(n%4*1_000_000 + n) },
	} {
		for turn := range 3 {
			r.list.SortBy(c)
			r.settle()
			r.turn()
			rows := r.rows(2000)
			if got := slices.Compact(slices.Sorted(slices.Values(rows))); len(rows) != 2000 || len(got) != 2000 {
				t.Fatalf("column %d, turn %d: %d rows, %d of them once", c, turn, len(rows), len(got))
			}
			last := slices.IndexFunc(rows, func(n uint64) bool { return n%100 == 50 })
			good := rows
			if c != colTime && turn < 2 { // whose times are known without reading
				if last != 1980 {
					t.Errorf("column %d: a row that cannot be read is at %d", c, last)
				}
				good = rows[:1980]
			}
			sorted := slices.IsSortedFunc(good, func(a, b uint64) int { return int(key(a) - key(b)) })
			down := slices.IsSortedFunc(good, func(a, b uint64) int { return int(key(b) - key(a)) })
			if want := [3]bool{true, false, c == colTime}[turn]; sorted != want || turn == 1 && !down {
				t.Errorf("column %d, turn %d: ascending %v, descending %v", c, turn, sorted, down)
			}
		}
		if r.list.order.on || r.list.sorted != nil {
			t.Error("the order stays")
		}
	}
	r.list.SortBy(colBody)
	if r.list.order.on {
		t.Error("the body orders rows")
	}
}

// TestSortedList: what comes later is counted and not put in, what is chosen are the rows
// that are seen, a filter is sorted anew, and the selected row is found again without it.
func TestSortedList(t *testing.T) {
	r := newFilterRig(t, 1000)
	r.list.SetSource(&mixed{r.src})
	r.turn()
	r.list.SortBy(colSize)
	r.list.SortBy(colSize)
	r.settle()
	r.turn()
	want := mixedSample(r.rows(1)[0])
	if len(want.Body) != 999 {
		t.Fatalf("the first has %d bytes", len(want.Body))
	}
	r.src.next.Store(1010)
	r.turn()
	if r.list.Len() != 1000 || r.list.bar.status.Text() != "10 newer are not in this order" {
		t.Errorf("%d rows, %q", r.list.Len(), r.list.bar.status.Text())
	}
	rows := r.rows(5)
	r.list.pickRow(1, widgets.PickOne)
	r.list.pickRow(3, widgets.PickTo)
	var got []uint64
	if _, err := r.list.chosen().Each(t.Context(), func(uint64) {}, func(m *message.Message) error {
		got = append(got, uint64(m.QueueOffset))
		return nil
	}); err != nil || !slices.Equal(got, rows[1:4]) {
		t.Errorf("chosen are %v of %v, %v", got, rows, err)
	}
	r.filter("tag:t2")
	r.settle()
	r.turn()
	if n := r.list.Len(); n != 202 || r.list.sorted == nil {
		t.Errorf("%d rows fit, sorted %v", n, r.list.sorted != nil)
	}
	rows = r.rows(202)
	if !slices.IsSortedFunc(rows, func(a, b uint64) int { return int(b*7919%1000) - int(a*7919%1000) }) || rows[0]%5 != 2 {
		t.Errorf("%v", rows[:5])
	}
	r.list.view.Select(7)
	r.settle()
	r.list.Unsort()
	r.filter("")
	r.settle()
	r.turn()
	if n, ok := r.list.Selected(); !ok || n != rows[7] || r.list.sorted != nil {
		t.Errorf("%d is selected, not %d", n, rows[7])
	}
	// Another journal under the same name.
	r.list.SortBy(colSize)
	r.settle()
	r.turn()
	r.src.next.Store(5)
	r.turn()
	r.turn()
	if r.list.Len() != 5 || r.list.order.on {
		t.Errorf("%d rows of another journal, in order %v", r.list.Len(), r.list.order.on)
	}
	// What comes to a list that was cleared, or is another one, is seen.
	for _, anew := range []func(){r.list.Clear, func() { r.list.SetSource(r.src) }} {
		r.list.SortBy(colSize)
		r.settle()
		r.turn()
		_, next := r.src.Range()
		anew()
		r.settle()
		r.src.next.Store(next + 3)
		r.turn()
		if _, end := r.list.src.Range(); r.list.order.on || r.list.end != end || r.list.Len() < 3 {
			t.Errorf("%d rows up to %d", r.list.Len(), r.list.end)
		}
	}
}

// TestColumnsHideAndResize: columns are hidden and resized by the header, which is kept,
// and a click on a title sorts.
func TestColumnsHideAndResize(t *testing.T) {
	r := newFilterRig(t, 100)
	m := &memory{look: profile.ListLook{Hidden: []string{"tag"}}}
	r.list.p.Memory = m
	r.list.SetShown(true)
	r.settle()
	width := r.list.head.Size().Width
	cells := func() [columnCount]cell { return r.list.columnsFor(width).cells }
	if cells()[colTag].w != 0 || cells()[colKey].w != 140 {
		t.Errorf("%+v", cells())
	}
	r.list.toggleColumn(colTag)
	r.list.toggleColumn(colRetry)
	if cells()[colTag].w == 0 || cells()[colRetry].w != 0 || !slices.Equal(m.look.Hidden, []string{"retry"}) {
		t.Errorf("%+v, %v", cells(), m.look)
	}
	at := func(x float32) fyne.PointEvent { return fyne.PointEvent{Position: fyne.NewPos(x, 5)} }
	end := cells()[colKey].x + cells()[colKey].w + gapRoom/2
	h := r.list.head
	h.Dragged(&fyne.DragEvent{PointEvent: at(end + 10), Dragged: fyne.NewDelta(10, 0)})
	h.Dragged(&fyne.DragEvent{PointEvent: at(end + 40), Dragged: fyne.NewDelta(30, 0)})
	if len(m.look.Widths) != 0 {
		t.Error("a width is kept while it is dragged")
	}
	h.DragEnd()
	if cells()[colKey].w != 180 || m.look.Widths["key"] != 180 {
		t.Errorf("%v, %v", cells()[colKey], m.look.Widths)
	}
	h.Dragged(&fyne.DragEvent{PointEvent: at(end + 40 - 9000), Dragged: fyne.NewDelta(-9000, 0)})
	h.DragEnd()
	if cells()[colKey].w != 180 {
		t.Error("a drag that began on no end resizes")
	}
	h.Tapped(&fyne.PointEvent{Position: fyne.NewPos(cells()[colKey].x+20, 5)})
	if !r.list.order.on || r.list.order.by != colKey {
		t.Errorf("%+v", r.list.order)
	}
	r.settle()
	body := cells()[colBody]
	h.Tapped(&fyne.PointEvent{Position: fyne.NewPos(body.x+20, 5)})
	if r.list.order.by != colKey {
		t.Error("a click on the body's title sorts")
	}
	r.list.ShowMenu()
	if r.win.Canvas().Overlays().Top() == nil {
		t.Error("no menu")
	}
}

// kept is a journal of messages of 1 KB.
func kept(b *testing.B, count int) *tail.Tail {
	b.Helper()
	dir := b.TempDir()
	w, err := journal.OpenWriter(dir, journal.Options{})
	if err != nil {
		b.Fatal(err)
	}
	var rec []byte
	for n := range uint64(count) {
		m := mixedSample(n)
		m.Body = append(m.Body, make([]byte, 500)...)
		rec = message.AppendMessage(rec[:0], m)
		if err := w.Append(rec, 1); err != nil {
			b.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		b.Fatal(err)
	}
	l := tail.New(tail.Params{ID: "kept", Dir: dir, Room: tail.NewRoom(), Log: slog.New(slog.DiscardHandler)})
	if err := l.Open(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(l.Close)
	l.Settle()
	for next := uint64(0); next < uint64(count); _, next = l.Range() {
		l.Settle()
	}
	return l
}

// BenchmarkSort is putting 200,000 messages of a journal into an order, beside the main
// loop: of their sizes, for which all are read, and of their times, which are known.
func BenchmarkSort(b *testing.B) {
	const count = 200_000
	src := kept(b, count)
	for name, by := range map[string]column{"size": colSize, "key": colKey, "time": colTime} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				numbers, err := sortRecords(b.Context(), src, order{by: by, on: true, desc: true}, 0, count, nil)
				if err != nil || len(numbers) != count {
					b.Fatal(len(numbers), err)
				}
			}
		})
	}
}

// BenchmarkCount is counting a million messages of a journal from the start, of which a
// tenth fits, as the chart does after an eviction; beside the main loop.
func BenchmarkCount(b *testing.B) {
	const count = 1_000_000
	src := kept(b, count)
	var fit []uint64
	for n := range uint64(count / 10) {
		fit = append(fit, n*10)
	}
	for b.Loop() {
		var all, some hist
		eachTime(b.Context(), src, 0, count, func(_ uint64, at int64) { all.add(at, 1) })
		eachNumber(b.Context(), src, fit, func(_ uint64, at int64) { some.add(at, 1) })
		if len(all.bars(&some, 200)) == 0 {
			b.Fatal("no bars")
		}
	}
}

// BenchmarkShow is what the main loop does of a chart at a tick: bars of full counts, and
// their picture.
func BenchmarkShow(b *testing.B) {
	r := newFilterRig(b, 1_000_000)
	r.turn()
	r.list.timing.sieve = &sieve{}
	for b.Loop() {
		r.list.chart.bars = nil
		r.list.chart.show(&r.list.timing)
		if img := r.list.chart.paint(1000, 36); img.Bounds().Dx() == 0 {
			b.Fatal("nothing")
		}
	}
}

// BenchmarkTickChart is BenchmarkTick without eviction, with the chart and folded.
func BenchmarkTickChart(b *testing.B) {
	for _, c := range []struct {
		name string
		look profile.ListLook
	}{{"chart", profile.ListLook{}}, {"folded", profile.ListLook{NoChart: true}}} {
		b.Run(c.name, func(b *testing.B) {
			r := newFilterRig(b, 1_000_000)
			r.list.setLook(c.look)
			r.turn()
			for b.Loop() {
				r.src.next.Add(25)
				r.turn()
			}
		})
	}
}

// TestRowsThatAreNone: one that is damaged or evicted stands among the others, and says so.
func TestRowsThatAreNone(t *testing.T) {
	r := newFilterRig(t, 1000)
	r.list.SetSource(&mixed{r.src})
	r.turn()
	drawn := func(n uint64) string {
		v := newRowView(r.list)
		v.Resize(fyne.NewSize(900, widgets.RowHeight))
		r.list.draw(n, v)
		return v.cells[colBody].Text
	}
	r.list.goToRow(955)
	r.turn()
	if got := drawn(950); !strings.Contains(got, "damaged") {
		t.Errorf("a damaged row says %q", got)
	}
	r.list.SortBy(colQueue)
	r.settle()
	r.turn()
	r.src.first.Store(900)
	r.list.cache = newCache()
	r.turn()
	if got := drawn(0); got != "No longer kept." {
		t.Errorf("an evicted row says %q", got)
	}
}

// TestSortedBeyondTheSpan: no row of a sorted list is new, and all of them are reached.
func TestSortedBeyondTheSpan(t *testing.T) {
	r := newFilterRig(t, Span+1000)
	r.turn()
	r.list.SortBy(colTime)
	r.list.SortBy(colTime)
	r.settle()
	r.turn()
	if r.list.Len() != Span || r.list.news != 0 {
		t.Errorf("%d rows, %d of them new", r.list.Len(), r.list.news)
	}
	r.list.End()
	r.settle()
	r.turn()
	if n, ok := r.list.Selected(); !ok || n != 0 {
		t.Errorf("the last is %d", n)
	}
	r.list.Home()
	r.settle()
	r.turn()
	if n, ok := r.list.Selected(); !ok || n != Span+999 {
		t.Errorf("the first is %d", n)
	}
}
