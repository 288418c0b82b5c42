package browse

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"github.com/google/go-cmp/cmp"

	"gantry/client"
	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/filter"
	"gantry/client/message"
	"gantry/client/profile"
	"gantry/client/search"
	"gantry/gui/stage"
	"gantry/gui/widgets"
)

// fake is a search that does what a test says.
type fake struct {
	make    func(n uint64) *message.Message // nil for an ordinary one
	mu      sync.Mutex
	st      search.Status
	stopped int
	closed  int
}

func (f *fake) Range() (uint64, uint64) { f.mu.Lock(); defer f.mu.Unlock(); return 0, f.st.Kept }

func (f *fake) Record(n uint64) (*message.Record, error) {
	m := &message.Message{Topic: "orders", Broker: "broker-a", QueueOffset: int64(n), Body: []byte("x"), StoredAt: time.UnixMilli(1_800_000_000_000)}
	if f.make != nil {
		m = f.make(n)
	}
	return &message.Record{Kind: message.KindMessage, Broker: m.Broker, Payload: message.AppendStored(nil, m)}, nil
}

func (f *fake) Sift(ctx context.Context, from, to uint64, keep filter.Filter) ([]uint64, uint64, error) {
	return stage.Sift(ctx, from, to, keep, f.Record)
}

func (f *fake) Times(from uint64, dst []int64) (uint64, int) {
	return stage.Times(from, dst, f.Range, f.Record)
}

func (f *fake) Each(ctx context.Context, from, to uint64, do func(uint64, *message.Message)) error {
	return stage.Each(ctx, from, to, do, f.Record)
}

func (f *fake) Status() search.Status { f.mu.Lock(); defer f.mu.Unlock(); return f.st }

func (f *fake) set(st search.Status) { f.mu.Lock(); defer f.mu.Unlock(); f.st = st }

func (f *fake) Stop() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.stopped++
	f.st.Running, f.st.Stopped = false, true
}

func (f *fake) Close() { f.mu.Lock(); defer f.mu.Unlock(); f.closed++ }

// rig is a screen on a stage.
type rig struct {
	*stage.Stage
	screen   *Screen
	conn     *client.Connection
	asked    []cluster.Query
	found    []*fake
	beginErr error
	connects int
	make     func(n uint64) *message.Message
}

func newRig(t *testing.T, p profile.Profile) *rig {
	r := &rig{Stage: stage.New(t), conn: &client.Connection{}}
	p.ID = "p"
	var mu sync.Mutex
	r.screen = newScreen(Params{
		Tasks: r.Tasks, Window: r.Window, Profile: p, Conn: func() *client.Connection { return r.conn },
		Connect: func() { r.connects++ }, Topics: func() []string { return nil }, UseTopic: func(string) {},
		Fail: func(error) {}, Say: func(string) {},
	}, func(_ *client.Connection, q cluster.Query) (searching, error) {
		mu.Lock()
		defer mu.Unlock()
		r.asked = append(r.asked, q)
		if r.beginErr != nil {
			return nil, r.beginErr
		}
		f := &fake{st: search.Status{Running: true}, make: r.make}
		r.found = append(r.found, f)
		return f, nil
	})
	r.screen.queues = func(context.Context, *client.Connection, string) ([]cluster.Queue, error) {
		return nil, fault.NotOffered
	}
	r.Show(r.screen.Content())
	r.screen.SetShown(true)
	t.Cleanup(r.screen.Close)
	r.settle()
	return r
}

// settle runs what comes for a moment, then ticks.
func (r *rig) settle() {
	r.Quiet(30*time.Millisecond, nil)
	r.screen.tick()
	r.screen.update()
}

// last is the search under way.
func (r *rig) last() *fake { return r.found[len(r.found)-1] }

// TestTopicIsLent: the topic that was worked with last stands in the form until that has one
// of its own, and what is typed takes its place.
func TestTopicIsLent(t *testing.T) {
	r := newRig(t, profile.Profile{Mapping: profile.TDMQ, ClusterID: "rocketmq-1", Namespace: "shop"})
	last := ""
	r.screen.p.LastTopic = func() string { return last }
	topic := r.screen.form.topic
	again := func(want string) {
		t.Helper()
		r.screen.SetShown(false)
		r.screen.SetShown(true)
		if topic.Text != want || topic.Open() {
			t.Errorf("the topic is %q and not %q, suggestions open %v", topic.Text, want, topic.Open())
		}
	}
	again("")
	last = "rocketmq-1|shop%orders"
	again("orders")
	last = "stock"
	again("stock")
	r.screen.FocusFirst()
	for _, c := range "pay" {
		topic.TypedRune(c)
	}
	last = "orders"
	again("pay")
	topic.SetText("")
	again("orders")
	r.screen.Primary()
	r.settle()
	last = "stock"
	again("orders")
}

// TestQueries: each mode asks for what its fields say, and fill is the reverse.
func TestQueries(t *testing.T) {
	r := newRig(t, profile.Profile{})
	at := func(text string) time.Time {
		v, err := time.ParseInLocation(time.DateTime, text, time.Local)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for _, q := range []cluster.Query{
		{Kind: cluster.ByTime, Topic: "orders", From: at("2026-11-23 14:00:00"), To: at("2026-11-23 14:32:10").Add(5 * time.Millisecond), Tags: []string{"a", "b"}, Filter: "wechat", Limit: 200_000, Most: 100},
		{Kind: cluster.ByTime, Topic: "orders", Limit: 50_000},
		{Kind: cluster.ByKey, Topic: "orders", Key: "ORD 1"},
		{Kind: cluster.ByID, Topic: "orders", Key: "7F00"},
		{Kind: cluster.ByID, Key: "7F00"},
		{Kind: cluster.ByOffset, Topic: "orders", Queue: cluster.Queue{Broker: "broker-b", ID: 3}, Offset: 1820447, Count: 32},
		{Kind: cluster.Newest, Topic: "orders", Count: 1000},
	} {
		r.screen.Find(q)
		r.settle()
		if len(r.asked) == 0 {
			t.Fatalf("%s was not asked: %v", q.Kind, r.screen.form.errs)
		}
		if diff := cmp.Diff(q, r.asked[len(r.asked)-1]); diff != "" {
			t.Errorf("%s: %s", q.Kind, diff)
		}
	}
	for i, f := range r.found {
		if want := min(1, len(r.found)-1-i); f.closed != want {
			t.Errorf("search %d was closed %d times", i, f.closed)
		}
	}
}

// TestFieldsSayWhatIsWrong: nothing is asked, and the words stand at the field.
func TestFieldsSayWhatIsWrong(t *testing.T) {
	r := newRig(t, profile.Profile{})
	f := r.screen.form
	for _, c := range []struct {
		mode  int
		fill  func()
		field fyne.CanvasObject
		want  string
	}{
		{0, func() {}, f.topic, "Enter a topic."},
		{0, func() { f.topic.SetText("a b") }, f.topic, "are allowed"},
		{0, func() { f.topic.SetText("t"); f.from.SetText("some day") }, f.from, "Write the time"},
		{0, func() { f.from.SetText("2026-11-23"); f.to.SetText("2026-11-22 10:00") }, f.to, "before the beginning"},
		{1, func() {}, f.key, "Enter a key."},
		{2, func() {}, f.id, "Enter a message id."},
		{3, func() { f.queue.SetText("broker-a") }, f.queue, "broker-a/0"},
		{3, func() { f.queue.SetText("broker-a · 2"); f.start.SetText("-4") }, f.start, "Enter a number."},
	} {
		f.mode.Select(c.mode)
		c.fill()
		r.screen.Primary()
		r.settle()
		if got := f.fields[c.field].Error(); !strings.Contains(got, c.want) {
			t.Errorf("mode %d: the field says %q, want %q", c.mode, got, c.want)
		}
	}
	if len(r.asked) > 0 {
		t.Errorf("asked %+v", r.asked)
	}
}

// TestSearchIsSaid: how far it is, what is missing, where the limit was, and that
// it can be given up.
func TestSearchIsSaid(t *testing.T) {
	r := newRig(t, profile.Profile{})
	through := time.Date(2026, 11, 23, 14, 3, 22, 5e6, time.Local)
	r.screen.Find(cluster.Query{Kind: cluster.ByTime, Topic: "orders", Limit: 50_000})
	r.settle()
	if got := r.screen.form.run.Text(); got != "Stop" || r.screen.page.drawnEmpty.title != "Searching" {
		t.Errorf("while it runs: %q, %+v", got, r.screen.page.drawnEmpty)
	}
	r.last().set(search.Status{Progress: cluster.Progress{Read: 41200, Total: 52118, Found: 128}, Running: true, Kept: 128, Took: 1240 * time.Millisecond})
	r.settle()
	if l := r.screen.page.drawnFoot; l.read != "Read 41,200 of about 52,118 · Found 128" || l.took != "1.2 s" || !l.meter || l.more {
		t.Errorf("the foot says %+v", l)
	}
	for end := time.Now().Add(5 * time.Second); r.screen.list.Len() == 0 && time.Now().Before(end); { // its own tick
		r.settle()
	}
	if r.screen.list.Len() != 128 {
		t.Errorf("%d rows", r.screen.list.Len())
	}
	r.last().set(search.Status{Progress: cluster.Progress{Read: 50_000, Total: 52118, Found: 130, Limited: true, Through: through, Brokers: 3, Missed: []cluster.Missed{{Subject: "broker-b/3", Why: fault.From(fmt.Errorf("%w: 5 s", fault.Timeout))}, {Subject: "broker-b/4", Why: fault.From(fault.Timeout)}}}, Kept: 130})
	r.settle()
	if l := r.screen.page.drawnFoot; l.state != "Stopped at the limit" || !l.more || !strings.HasSuffix(l.read, "2 of 3 brokers answered · not read: what was stored after 2026-11-23 14:03:22.005") {
		t.Errorf("the foot says %+v", l)
	}
	if b := r.screen.page.drawnBanner; b.words != "Messages of broker-b are missing from this result. The server did not answer in time." || !strings.Contains(b.details, "broker-b/4") {
		t.Errorf("the banner says %+v", b)
	}
	// Nothing found is no word about those who did not answer, or about what was deleted.
	r.last().set(search.Status{Progress: cluster.Progress{Brokers: 2, Missed: []cluster.Missed{{Subject: "broker-b", Why: fault.From(fault.Unreachable)}}}})
	r.settle()
	if e := emptyOf(r.screen); !strings.Contains(e.title, "brokers that answered") {
		t.Errorf("it says %+v", e)
	}
	r.last().set(search.Status{Progress: cluster.Progress{Read: 5, Total: 5, Brokers: 2, Missed: []cluster.Missed{{Subject: "broker-b/1", Why: fault.From(fault.Deleted)}}}})
	r.settle()
	if e, l := emptyOf(r.screen), footOf(r.screen); e.title != "Nothing found" || strings.Contains(l.read, "answered") {
		t.Errorf("it says %+v, %+v", e, l)
	}
	r.last().set(search.Status{Progress: cluster.Progress{Read: 50_000, Total: 52118, Found: 130, Limited: true, Through: through}, Kept: 130})
	r.settle()
	r.screen.readOn()
	r.settle()
	if q := r.asked[len(r.asked)-1]; !q.From.Equal(through) || q.Topic != "orders" {
		t.Errorf("reading on asks for %+v", q)
	}
	test.Tap(r.screen.form.run) // Stop
	r.settle()
	if f := r.last(); f.stopped != 1 || r.screen.form.run.Text() != "Search" || r.screen.page.drawnFoot.state != "Stopped" {
		t.Errorf("after Stop: %d, %+v", f.stopped, r.screen.page.drawnFoot)
	}
}

// TestLocateUnderAFilter: what a receipt leads to is seen, whatever was filtered before.
func TestLocateUnderAFilter(t *testing.T) {
	r := newRig(t, profile.Profile{})
	r.screen.Find(cluster.Query{Kind: cluster.Newest, Topic: "orders", Count: 100})
	r.settle()
	r.last().set(search.Status{Progress: cluster.Progress{Found: 3}, Kept: 3})
	r.Until(t, "three rows", func() bool { return r.screen.list.Len() == 3 })
	r.settle()
	r.screen.FocusFilter()
	filter, ok := r.Window.Canvas().Focused().(*widgets.FilterEntry)
	if !ok {
		t.Fatalf("%T has the focus", r.Window.Canvas().Focused())
	}
	filter.SetText("nothing like that")
	r.UntilText("3 messages are hidden by the filter.")
	r.screen.Locate("orders", "broker-a", 0, 0)
	r.settle()
	r.last().set(search.Status{Progress: cluster.Progress{Found: 1}, Kept: 1})
	r.settle()
	r.UntilText("broker-a · 0 · 0") // in the inspector
	if n, ok := r.screen.list.Selected(); !ok || n != 0 || filter.Text != "" {
		t.Errorf("%d selected (%v) under %q", n, ok, filter.Text)
	}
}

// TestWhatABrokerKeepsIsRead: a message that waits at a broker is shown by its body; what became
// of another one is what is asked.
func TestWhatABrokerKeepsIsRead(t *testing.T) {
	r := newRig(t, profile.Profile{})
	for topic, want := range map[string]bool{"orders": true, message.TimersTopic: false} {
		r.screen.inspect.ShowBody()
		r.screen.Locate(topic, "broker-a", 0, 0)
		r.settle()
		r.last().set(search.Status{Progress: cluster.Progress{Found: 1}, Kept: 1})
		r.settle()
		r.UntilText("broker-a · 0 · 0")
		if got := r.Has("Ask again"); got != want {
			t.Errorf("%s: the timeline is shown: %v", topic, got)
		}
	}
}

// TestNothingFound: each empty result says what it means.
func TestNothingFound(t *testing.T) {
	r := newRig(t, profile.Profile{})
	if got := r.screen.page.drawnEmpty.title; got != "Look messages up" {
		t.Errorf("at first: %q", got)
	}
	for _, c := range []struct {
		q           cluster.Query
		st          search.Status
		empty, says string
	}{
		{cluster.Query{Kind: cluster.ByTime, Topic: "t"}, search.Status{Progress: cluster.Progress{Read: 52118, Total: 52118}}, "52,118 messages were read.", ""},
		{cluster.Query{Kind: cluster.ByKey, Topic: "t", Key: "k"}, search.Status{}, "There is no such message.", ""},
		{cluster.Query{Kind: cluster.ByID, Topic: "t", Key: "k"}, search.Status{}, "Brokers keep messages for some days only", ""},
		{cluster.Query{Kind: cluster.ByKey, Topic: "t", Key: "k"}, search.Status{Err: fault.NotOffered}, "The reason stands above.", "Search a time range instead."},
		{cluster.Query{Kind: cluster.ByTime, Topic: "t"}, search.Status{Err: fault.TopicNotFound}, "The reason stands above.", "The topic does not exist."},
	} {
		r.screen.Find(c.q)
		r.settle()
		r.last().set(c.st)
		r.settle()
		if got := r.screen.page.drawnEmpty.line; !strings.HasPrefix(got, c.empty) {
			t.Errorf("%+v: %q", c.q, got)
		}
		if got := r.screen.page.drawnBanner.words; !strings.Contains(got, c.says) || c.says == "" && got != "" {
			t.Errorf("%+v: the banner says %q", c.q, got)
		}
	}
	r.beginErr = fmt.Errorf("topic: %w", fault.TopicNotFound)
	r.screen.Find(cluster.Query{Kind: cluster.Newest, Topic: "t", Count: 100})
	r.settle()
	if got := r.screen.form.fields[r.screen.form.topic].Error(); got == "" {
		t.Error("an error of the topic does not stand at its field")
	}
}

// TestSearchConnects: without a connection it connects first, and searches then.
func TestSearchConnects(t *testing.T) {
	r := newRig(t, profile.Profile{})
	conn := r.conn
	r.conn = nil
	r.screen.Find(cluster.Query{Kind: cluster.Newest, Topic: "t", Count: 100})
	r.settle()
	if r.connects != 1 || len(r.asked) != 0 || r.screen.form.run.Text() != "Connecting…" {
		t.Fatalf("%d connects, asked %v", r.connects, r.asked)
	}
	r.conn = conn
	r.screen.ConnectionChanged()
	r.settle()
	if len(r.asked) != 1 {
		t.Errorf("asked %v", r.asked)
	}
}
