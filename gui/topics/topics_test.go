package topics

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/insight"
	"gantry/client/orders"
	"gantry/client/profile"
	"gantry/gui/overview"
	"gantry/gui/stage"
	"gantry/gui/widgets"
)

// fake is a connection whose answers a test sets.
type fake struct {
	mu        sync.Mutex
	list      insight.TopicList
	listErr   error
	detail    *insight.TopicDetail
	detailErr error
	asked     []string // about
	stands    map[string]insight.TopicStanding
	stood     []string // asked what they keep
	timers    *insight.Timers
	timersErr error
}

func (f *fake) Timers(context.Context, string) (*insight.Timers, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.timers, f.timersErr
}

func (f *fake) TopicStandings(_ context.Context, topics []string) ([]insight.TopicStanding, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.stood = append(f.stood, topics...)
	var out []insight.TopicStanding
	for _, name := range topics {
		stand, ok := f.stands[name]
		if !ok {
			stand.Err = fault.TopicNotFound
		}
		stand.Name = name
		out = append(out, stand)
	}
	return out, nil
}

func (f *fake) TopicList(context.Context) (insight.TopicList, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.list, f.listErr
}

func (f *fake) TopicDetail(_ context.Context, topic string) (*insight.TopicDetail, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked = append(f.asked, topic)
	if f.detail == nil || f.detailErr != nil {
		return nil, f.detailErr
	}
	d := *f.detail
	d.Name = topic
	return &d, nil
}

func (f *fake) set(do func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	do()
}

type rig struct {
	*stage.Stage
	screen            *Screen
	conn              Connection
	followed, browsed string
	opened            string
	ordered           []string
}

func newRig(t *testing.T, p profile.Profile, f *fake) *rig {
	r := &rig{Stage: stage.New(t), conn: f}
	r.screen = New(Params{
		Params: overview.Params[Connection]{
			Tasks: r.Tasks, Window: r.Window, Profile: p, Conn: func() Connection { return r.conn }, Connect: func() {}, Say: func(string) {},
		},
		OpenGroup: func(name string) { r.opened = name }, Follow: func(name string) { r.followed = name }, Browse: func(name string) { r.browsed = name },
		Setup: func(o orders.Setup, shown []string) {
			r.ordered = append(r.ordered, fmt.Sprint(o.Of, " ", o.Act, " ", o.Names, " ", o.Like, " ", shown))
		},
	})
	r.Show(r.screen.Content())
	t.Cleanup(r.screen.Close)
	r.screen.SetShown(true)
	r.settle()
	return r
}

// settle runs what comes until no question is under way.
func (r *rig) settle() {
	r.Quiet(5*time.Millisecond, r.screen.Busy)
}

func (r *rig) names() []string {
	var out []string
	for i := range r.screen.Shown {
		out = append(out, r.screen.At(i).Name)
	}
	return out
}

func (r *rig) text() string { return strings.Join(stage.Cells(r.screen.detail.sheet), "|") }

func someTopics() *fake {
	topic := func(name string, k cluster.TopicKind) cluster.TopicConfig {
		return cluster.TopicConfig{Name: name, Kind: k, Read: 8, Write: 4, Brokers: []string{"broker-a", "broker-b"}}
	}
	last := time.Now()
	return &fake{
		list: insight.TopicList{KindsKnown: true, Topics: []cluster.TopicConfig{
			topic("%DLQ%g", cluster.DeadLetterTopic), topic("%RETRY%g", cluster.RetryTopic), topic("TBW102", cluster.SystemTopic),
			topic("orders", cluster.OrderedTopic), topic("users", cluster.NormalTopic),
		}},
		detail: &insight.TopicDetail{
			Queues:    []cluster.QueueStats{{Queue: cluster.Queue{Broker: "broker-a", ID: 0}, Min: 2, Max: 9, Last: last}, {Queue: cluster.Queue{Broker: "broker-a", ID: 1}}},
			Groups:    []string{"ns%g", "other"},
			Producers: []cluster.Producer{{Group: "CLIENT_INNER_PRODUCER", ID: "a"}, {Group: "_INNER_TRACE_PRODUCER-pg", ID: "b"}, {Group: "pg", ID: "10.0.0.1@7", Addr: "10.0.0.1:4", Language: "JAVA", Version: 513}},
			Route:     cluster.Route{Queues: []cluster.QueueData{{Broker: "broker-a", Read: 2, Write: 2, Perm: 6}}},
		},
	}
}

func TestTypesAndSegments(t *testing.T) {
	r := newRig(t, profile.Profile{}, someTopics())
	if got := r.names(); !slices.Equal(got, []string{"orders", "users"}) || r.screen.Selected != "orders" {
		t.Fatal(got, r.screen.Selected)
	}
	if c := r.screen.cells(r.screen.At(0)); c[columnType].Text != "ordered" || c[columnQueues].Text != "8 / 4" || c[columnBrokers].Text != "2" {
		t.Errorf("%+v", c)
	}
	r.screen.Segments.Select(1)
	if got := r.names(); !slices.Equal(got, []string{"%DLQ%g", "%RETRY%g"}) || r.screen.cells(r.screen.At(0))[columnType].Text != "dead letter" {
		t.Error(got)
	}
	r.screen.Segments.Select(2)
	r.screen.Filter.SetText("tbw")
	if got := r.names(); !slices.Equal(got, []string{"TBW102"}) {
		t.Error(got)
	}
	r.screen.Filter.SetText("none")
	if w := r.screen.words(); w.Title != "No topic matches" {
		t.Error(w.Title)
	}
}

func TestDetails(t *testing.T) {
	f := someTopics()
	r := newRig(t, profile.Profile{Namespace: "ns"}, f)
	d := r.screen.detail
	if facts := d.factsOf(); facts[0].Value != "broker-a" || facts[1].Value != "2 to read · 2 to write · read and write" || !strings.HasPrefix(facts[2].Value, "7 messages · last ") {
		t.Errorf("%+v", facts)
	}
	for _, want := range []string{"Queues|2", "broker-a · 0|2|9|", "broker-a · 1|0|0|—", "Consumer groups|2 · Enter opens one|g|other", "Producers|1 connected|pg|10.0.0.1@7|Java 5.5.0|10.0.0.1:4|Brokers know", "left out"} {
		if !strings.Contains(r.text(), want) {
			t.Errorf("%q is missing from %s", want, r.text())
		}
	}
	at := slices.IndexFunc(d.sheet.Rows(), func(row widgets.SheetRow) bool { return row.Data == groupRow("ns%g") })
	d.sheet.Select(0)
	if d.opener.Visible() {
		t.Error("a title opens no group")
	}
	d.sheet.Select(at)
	d.sheet.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	if r.opened != "ns%g" {
		t.Error("opened", r.opened)
	}
	r.opened = ""
	test.Tap(d.opener)
	if r.opened != "ns%g" {
		t.Error("the button opened", r.opened)
	}
	if test.Tap(d.browse); r.browsed != d.name || r.browsed == "" {
		t.Errorf("browsed %q", r.browsed)
	}
	if test.Tap(d.follow); r.followed != d.name || r.followed == "" {
		t.Errorf("the button follows %q, not %q", r.followed, d.name)
	}
	// A part that is not told says so, the rest stands.
	f.set(func() { f.detail.ProducersErr, f.detail.Producers = fault.NotOffered, nil })
	r.screen.Refresh()
	r.settle()
	if !strings.Contains(r.text(), "Producers|Not offered here") || !strings.Contains(r.text(), "broker-a · 0") {
		t.Error(r.text())
	}
	// A broker that does not answer is named.
	f.set(func() { f.detail.Missing = cluster.Missing{{Broker: "broker-b", Err: fault.Timeout}} })
	r.screen.Refresh()
	r.settle()
	if !d.banner.Visible() {
		t.Error("the broker is not named")
	}
	// The topic vanishes: that is said, what was told stays.
	f.set(func() { f.detailErr = fault.TopicNotFound })
	r.screen.Refresh()
	r.settle()
	if !d.banner.Visible() || !strings.Contains(r.text(), "broker-a · 0") {
		t.Error(r.text())
	}
}

// TestOrders: what can be done to topics is asked for the chosen one, and offers what the list
// shows; RocketMQ's own are left alone.
func TestOrders(t *testing.T) {
	r := newRig(t, profile.Profile{}, someTopics())
	for _, b := range []string{"New topic…", "Change…", "Copy…", "Delete…"} {
		r.Tap(b)
	}
	want := []string{
		"topics create []  [orders users]", "topics change [orders]  [orders users]", "topics create [] orders [orders users]", "topics delete [orders]  [orders users]",
	}
	if !slices.Equal(r.ordered, want) {
		t.Errorf("%q", r.ordered)
	}
	r.ordered = nil
	r.screen.Table.TypedShortcut(&fyne.ShortcutSelectAll{})
	r.Tap("Change 2…")
	r.Tap("Delete 2…")
	if want := []string{"topics change [orders users]  [orders users]", "topics delete [orders users]  [orders users]"}; !slices.Equal(r.ordered, want) {
		t.Errorf("of several: %q", r.ordered)
	}
	r.screen.Segments.Select(2)
	r.screen.Choose(r.screen.At(0))
	r.settle()
	if b := stage.Button(r.Window, "Delete…"); b != nil && r.screen.detail.orders.Visible() {
		t.Error("a system topic can be deleted")
	}
}

func TestAnEndpointThatListsNothing(t *testing.T) {
	f := someTopics()
	f.listErr = fmt.Errorf("topic list: %w", fault.NotOffered)
	r := newRig(t, profile.Profile{Namespace: "ns"}, f)
	if w := r.screen.words(); w.Title != "Not offered here" {
		t.Error(w.Title)
	}
	r.screen.Filter.SetText("typed")
	r.screen.Filter.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	r.settle()
	if !slices.Equal(f.asked, []string{"ns%typed"}) || r.screen.detail.title.Text() != "typed" || !strings.Contains(r.text(), "broker-a · 0") {
		t.Error(f.asked, r.screen.detail.title.Text(), r.text())
	}
}

func TestTenThousandTopics(t *testing.T) {
	f := someTopics()
	for i := range 10_000 {
		f.list.Topics = append(f.list.Topics, cluster.TopicConfig{Name: fmt.Sprintf("t%05d", i)})
	}
	r := newRig(t, profile.Profile{}, f)
	if n := len(r.screen.Shown); n != 10_002 {
		t.Error(n)
	}
	r.screen.Filter.SetText("t09999")
	if got := r.names(); !slices.Equal(got, []string{"t09999"}) {
		t.Error(got)
	}
}

func TestFailuresSayWhatToDo(t *testing.T) {
	f := someTopics()
	f.listErr = fault.Unreachable
	r := newRig(t, profile.Profile{}, f)
	if w := r.screen.words(); !strings.Contains(w.Title, "cannot be reached") || w.Act == nil {
		t.Error(w.Title)
	}
	f.set(func() { f.listErr = nil })
	r.screen.SetShown(true) // it asks again by itself
	r.settle()
	if len(r.names()) != 2 {
		t.Error(r.names())
	}
	r.conn = nil
	r.screen.ConnectionChanged()
	if w := r.screen.words(); w.Title != "Not connected" || len(r.names()) != 0 {
		t.Error(w.Title)
	}
}
