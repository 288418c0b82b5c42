package msglist

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/data/binding"
	"fyne.io/fyne/v2/test"

	"gantry/client/fault"
	"gantry/client/filter"
	"gantry/client/message"
	"gantry/client/profile"
	"gantry/gui/stage"
	"gantry/gui/task"
	"gantry/gui/theme"
)

// source is a journal in memory: records are made when they are read.
type source struct {
	first, next atomic.Uint64
	reads       atomic.Int64
	binary      atomic.Bool // bodies are no text
}

func (s *source) Range() (first, next uint64) { return s.first.Load(), s.next.Load() }

func (s *source) Record(n uint64) (*message.Record, error) {
	s.reads.Add(1)
	if n < s.first.Load() {
		return nil, fault.Evicted
	}
	m := sample(n)
	if s.binary.Load() {
		m.Body = []byte{0xA0, byte(n)}
	}
	return &message.Record{Kind: message.KindMessage, Broker: m.Broker, Payload: message.AppendStored(nil, m)}, nil
}

func (s *source) Sift(ctx context.Context, from, to uint64, keep filter.Filter) ([]uint64, uint64, error) {
	return stage.Sift(ctx, from, to, keep, s.Record)
}

func (s *source) Times(from uint64, dst []int64) (uint64, int) {
	first, next := s.Range()
	first = max(first, from)
	n, zero := 0, sample(0).StoredAt.UnixMilli()
	for ; n < len(dst) && first+uint64(n) < next; n++ {
		dst[n] = zero + int64(first) + int64(n)
	}
	return first, n
}

func (s *source) Each(ctx context.Context, from, to uint64, do func(uint64, *message.Message)) error {
	return stage.Each(ctx, from, to, do, s.Record)
}

func sample(n uint64) *message.Message {
	return &message.Message{
		Topic: "order-events", Broker: "broker-a", QueueID: 2, QueueOffset: int64(n),
		StoredAt: time.Date(2026, 11, 23, 14, 32, 7, 838e6, time.Local).Add(time.Duration(n) * time.Millisecond),
		Body:     fmt.Appendf(nil, `{"n":%d}`, n),
		Properties: []message.Property{
			{Name: message.PropertyTags, Value: "paid"},
			{Name: message.PropertyKeys, Value: fmt.Sprintf("k%d x y", n)},
			{Name: message.PropertyUniqueID, Value: fmt.Sprintf("ID%d", n)},
		},
	}
}

// rig is a list in a window with a loop that the test turns by hand.
type rig struct {
	t     testing.TB
	queue chan func()
	tasks *task.Runner
	src   *source
	list  *List
	win   fyne.Window
	news  uint64
	got   *message.Message
}

func newRig(t testing.TB, kept uint64) *rig { return newRigOf(t, kept, false) }

func newFilterRig(t testing.TB, kept uint64) *rig { return newRigOf(t, kept, true) }

func newRigOf(t testing.TB, kept uint64, filter bool) *rig {
	test.NewTempApp(t).Settings().SetTheme(theme.New(theme.Light))
	r := &rig{t: t, queue: make(chan func(), 1024), src: &source{}}
	r.tasks = task.New(func(f func()) { r.queue <- f })
	r.src.next.Store(kept)
	r.list = New(Params{
		Tasks: r.tasks, Source: r.src, Filter: filter, OnHeld: func(n uint64) { r.news = n },
		OnSelected: func(m *message.Message) { r.got = m },
	})
	r.win = test.NewTempWindow(t, r.list.Content())
	r.win.Resize(fyne.NewSize(900, 500))
	t.Cleanup(func() { r.list.Close(); r.tasks.Close(time.Second) })
	r.turn()
	return r
}

// turn ticks the list and runs everything that comes of it.
func (r *rig) turn() {
	r.list.tick()
	r.settle()
}

func (r *rig) settle() {
	for slices.ContainsFunc([]string{queryTail, queryRows, queryMessage, queryFilter, queryTimes, querySort, queryGo}, r.list.scope.Running) {
		(<-r.queue)()
	}
}

// filter types a filter and waits until it has looked at everything.
func (r *rig) filter(text string) {
	r.list.bar.field.SetText(text)
	r.settle()
	r.turn()
}

// lines returns what is on the screen: the number of each row in sight by its
// key cell, "" for a row that is blank.
func (r *rig) lines() []string {
	var out []string
	first := r.list.base + uint64(r.list.view.FirstVisible())
	below := r.list.base + uint64((r.list.view.GetScrollOffset()+r.list.view.Size().Height+0.5)/26)
	for n := first; n < min(below, r.list.end); n++ {
		if row := r.list.cache.rows[n]; row != nil {
			out = append(out, row.Key)
		} else {
			out = append(out, "")
		}
	}
	return out
}

func (r *rig) last() string { l := r.lines(); return l[len(l)-1] }

func TestMillionRows(t *testing.T) {
	r := newRig(t, 1_000_000)
	if r.list.Len() != Span || r.last() != "k999999" || !r.list.Live() {
		t.Fatalf("%d rows, last %q, live %v", r.list.Len(), r.last(), r.list.Live())
	}
	if n := r.src.reads.Load(); n > 200 {
		t.Errorf("%d records were read for one screen", n)
	}
	if !r.list.part.Visible() || !strings.Contains(r.list.part.words, "750,001 to 1,000,000 of 1,000,000") {
		t.Errorf("part line %q", r.list.part.words)
	}
	r.list.Home()
	r.turn()
	if l := r.lines(); l[0] != "k0" || r.list.Live() {
		t.Errorf("after Home: %v", l[:3])
	}
	if r.news != 750_000 {
		t.Errorf("%d new below the held list", r.news)
	}
	// The lower edge moves the span, and what is on the screen stays.
	r.list.view.List.ScrollToBottom()
	r.turn()
	if got := r.last(); got != "k249999" || r.list.base != 125_000 {
		t.Errorf("at the lower edge: last %q, base %d", got, r.list.base)
	}
	r.src.next.Store(1_000_002)
	r.list.End()
	r.turn()
	r.turn()
	if r.last() != "k1000001" || !r.list.Live() || r.got == nil || r.got.QueueOffset != 1_000_001 {
		t.Errorf("after End: %q", r.last())
	}
	r.list.Home()
	r.list.page(1)
	r.turn()
	if n, ok := r.list.Selected(); !ok || n != uint64(r.list.view.VisibleRows()-1) {
		t.Errorf("PgDn selected %d", n)
	}
}

func TestLiveAndHeld(t *testing.T) {
	r := newRig(t, 100)
	r.src.next.Store(130)
	r.turn()
	if r.last() != "k129" {
		t.Fatalf("live list ends at %q", r.last())
	}
	for _, s := range r.lines() {
		if s == "" {
			t.Error("a live row was shown before it was decoded")
		}
	}
	r.list.view.ScrollToOffset(r.list.view.GetScrollOffset() - 100)
	r.turn()
	before := r.lines()
	r.src.next.Store(140)
	r.turn()
	if r.list.Live() || r.news != 10 || r.list.Len() != 130 || fmt.Sprint(r.lines()) != fmt.Sprint(before) {
		t.Errorf("held: live %v, %d new, %d rows", r.list.Live(), r.news, r.list.Len())
	}
	if !r.list.pill.Visible() || r.list.pill.Text() != "10 new" {
		t.Errorf("button %q", r.list.pill.Text())
	}
	test.Tap(r.list.pill)
	r.turn()
	if !r.list.Live() || r.news != 0 || r.last() != "k139" || r.list.pill.Visible() {
		t.Errorf("after the button: %q, %d new", r.last(), r.news)
	}
	// Getting lower is no scrolling.
	r.win.Resize(fyne.NewSize(900, 300))
	r.src.next.Store(150)
	r.turn()
	if !r.list.Live() || r.last() != "k149" {
		t.Errorf("after a resize: live %v, last %q", r.list.Live(), r.last())
	}
}

func TestEvictionMovesNothing(t *testing.T) {
	r := newRig(t, 1000)
	r.list.view.ScrollToOffset(500 * 26)
	r.turn()
	r.list.view.Select(505)
	r.turn()
	before := r.lines()
	if before[0] != "k500" || r.got == nil || string(r.got.Body) != `{"n":505}` {
		t.Fatalf("%v, selected %v", before[0], r.got)
	}
	r.src.first.Store(300)
	r.turn()
	if fmt.Sprint(r.lines()) != fmt.Sprint(before) || r.list.Len() != 700 {
		t.Errorf("rows moved: %v", r.lines()[0])
	}
	if n, ok := r.list.Selected(); !ok || n != 505 || r.list.view.Selected() != 205 {
		t.Errorf("selection %d at row %d", n, r.list.view.Selected())
	}
	r.got = nil
	r.src.first.Store(600)
	r.turn()
	if _, ok := r.list.Selected(); ok || r.list.view.Selected() != -1 || r.got != nil {
		t.Error("the evicted row is still selected, or something else was reported")
	}
	if r.lines()[0] != "k600" {
		t.Errorf("top row %q", r.lines()[0])
	}
	r.src.next.Store(2000)
	r.src.first.Store(2000)
	r.turn()
	if r.list.Len() != 0 || !r.list.Live() {
		t.Errorf("%d rows of an empty journal", r.list.Len())
	}
}

func TestSelectionFollowsWhileLive(t *testing.T) {
	r := newRig(t, Span)
	r.list.view.Select(Span - 2)
	r.turn()
	r.src.next.Store(Span + 1)
	r.src.first.Store(1)
	r.turn()
	if n, _ := r.list.Selected(); n != Span-2 || r.list.view.Selected() != Span-3 || !r.list.Live() {
		t.Errorf("selected %d at row %d, live %v", n, r.list.view.Selected(), r.list.Live())
	}
}

// TestHomeWhileRowsAreRead: a list that is held while its first rows are read draws
// them all the same.
func TestHomeWhileRowsAreRead(t *testing.T) {
	r := newRig(t, 0)
	drawn := false
	r.list.feed.AddListener(binding.NewDataListener(func() { drawn = r.list.cache.rows[0] != nil }))
	r.src.next.Store(3)
	r.list.tick()
	r.list.Home()
	for r.list.scope.Running(queryTail) {
		(<-r.queue)()
	}
	r.turn()
	if !drawn {
		t.Error("nothing was published once the rows were decoded")
	}
}

func TestPaceAndHidden(t *testing.T) {
	r := newRig(t, 10)
	r.list.SetShown(true)
	r.src.next.Store(500)
	r.turn()
	if !r.list.slow {
		t.Error("more than a screenful a tick did not slow the ticker")
	}
	r.src.next.Store(502)
	r.turn()
	if r.list.slow {
		t.Error("the ticker stayed slow")
	}
	r.list.SetShown(false)
	if r.list.watch.On() {
		t.Error("a hidden list ticks")
	}
}

func TestColumns(t *testing.T) {
	for _, c := range []struct {
		width  float32
		hidden string
	}{
		{1200, ""},
		{968, ""},
		{808, "Topic"},
		{680, "Topic Size"},
		{600, "Topic Retry Size"},
		{520, "Topic Tag Retry Size"},
		{440, "Topic Tag Queue · offset Retry Size"},
		{372, "Topic Tag Queue · offset Retry Size"},
		{330, "Topic Tag Key Queue · offset Retry Size"},
	} {
		cols := layoutColumns(c.width, true, profile.ListLook{})
		var hidden []string
		for i := range columnCount {
			if cols.cells[i].w <= 0 {
				hidden = append(hidden, columnTitle(i))
			}
		}
		if got := strings.Join(hidden, " "); got != c.hidden {
			t.Errorf("%v wide: hidden %q, want %q", c.width, got, c.hidden)
		}
	}
}

// TestTopics: they take room once a row is of another one than expected.
func TestTopics(t *testing.T) {
	r := newRig(t, 10)
	r.win.Resize(fyne.NewSize(1200, 500))
	if cols := r.list.columnsFor(1200); !r.list.topics || cols.cells[colTopic].w == 0 {
		t.Error("no topics where none is expected")
	}
	r.list.p.Topic = func() string { return "order-events" }
	r.list.SetSource(r.src)
	r.turn()
	if cols := r.list.columnsFor(1200); r.list.topics || cols.cells[colTopic].w > 0 {
		t.Error("topics of one")
	}
	r.list.p.Topic = func() string { return "other" }
	r.src.next.Store(11)
	r.turn()
	if cols := r.list.columnsFor(1200); !r.list.topics || cols.cells[colTopic].w == 0 {
		t.Error("another topic is not shown")
	}
	rows := 0
	stage.See(r.win, func(o fyne.CanvasObject) {
		if v, ok := o.(*rowView); ok && v.row != nil {
			rows++
			if got := v.cells[colTopic].Text; got == "" || v.cells[colTag].Position().X < v.cells[colTopic].Position().X {
				t.Errorf("row %d shows %q as its topic", v.n, got)
			}
		}
	})
	if rows != 11 {
		t.Errorf("%d rows are seen", rows)
	}
}

func TestRow(t *testing.T) {
	m := sample(1820447)
	m.ReconsumeTimes = 2
	m.Topic = message.RetryTopic("MQ_INST|ns%g")
	row := NewRow(m, func(s string) string { return strings.TrimPrefix(s, "MQ_INST|ns%") })
	if row.Topic != "retry:g" || row.Queue != "a2 · 1820447" || row.Key != "k1820447" || row.More != " +2" || row.Retry != "2" {
		t.Errorf("%+v", row)
	}
	m.Broker, m.QueueOffset = "broker-0", 18204470000
	if got := queueCell(m); got != "18204470000" {
		t.Errorf("long offset: %q", got)
	}
	for in, want := range map[string]string{
		"a\r\n  b": "a b", "\xff\x00": "hex ff 00", "\x1f\x8b\x08": "hex 1f 8b 08",
		gzipped("订\n单"): "gzip 订 单", gzipped("\xff\xfe"): "gzip hex ff fe", gzipped(strings.Repeat("订", 1000)): "gzip " + strings.Repeat("订", previewBytes/3),
		strings.Repeat("界", 200): strings.Repeat("界", 133),
	} {
		if got := preview([]byte(in)); got != want {
			t.Errorf("preview(%q) = %q", in, got)
		}
	}
	m = sample(7)
	m.Properties[0].Value = "a\tb"
	want := "2026-11-23 14:32:07.845\torder-events\ta b\tk7 x y\tbroker-a/2\t7\t0\t7\tID7"
	if got := Text(m); got != want {
		t.Errorf("Text = %q", got)
	}
}

func TestMenuCopiesRow(t *testing.T) {
	r := newRig(t, 3)
	r.list.copy(1, Text)
	for r.list.scope.Running(queryMenu) {
		(<-r.queue)()
	}
	if got := fyne.CurrentApp().Clipboard().Content(); got != Text(sample(1)) {
		t.Errorf("clipboard %q", got)
	}
}

// BenchmarkTick is one tick of a live list of a full span, with 25 new rows and
// as many evicted.
func BenchmarkTick(b *testing.B) {
	r := newRig(b, Span)
	b.ResetTimer()
	for b.Loop() {
		r.src.next.Add(25)
		r.src.first.Add(25)
		r.turn()
	}
}

func gzipped(text string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write([]byte(text))
	_ = w.Close()
	return b.String()
}

func FuzzRow(f *testing.F) {
	f.Add("orders", "tag", "k1 k2", "broker-a", []byte("{\"a\":1}\n\n x"), 3, int64(1820447))
	f.Add("%RETRY%g", "\x01", "\t", "", []byte(gzipped("订单")), -1, int64(-1))
	f.Fuzz(func(t *testing.T, topic, tag, keys, broker string, body []byte, queue int, offset int64) {
		m := &message.Message{
			Topic: topic, Broker: broker, QueueID: queue, QueueOffset: offset, Body: body,
			Properties: []message.Property{{Name: "TAGS", Value: tag}, {Name: "KEYS", Value: keys}},
		}
		r := NewRow(m, func(s string) string { return s })
		if strings.ContainsAny(r.Body, "\x00\x01\t\r\n") || len(r.Body) > 3*previewBytes {
			t.Errorf("the body's line is %q", r.Body)
		}
		if text := Text(m); strings.Count(text, "\t") != 8 || strings.ContainsAny(text, "\r\n\x00") {
			t.Errorf("%q", text)
		}
	})
}
