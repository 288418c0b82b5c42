package changes

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"gantry/client"
	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/orders"
	"gantry/client/profile"
	"gantry/gui/stage"
)

// endpoint is a connection that answers as it is told, and a diary.
type endpoint struct {
	mu      sync.Mutex
	asked   []orders.Offsets
	agreed  []client.Confirmed
	preview func(orders.Offsets) (*orders.Preview, error)
	change  func(*orders.Preview, func(orders.Record)) (orders.Record, error)
	records []orders.Record

	setups  []orders.Setup
	look    func(orders.Setup) (*orders.SetupPreview, error)
	set     func(context.Context, *orders.SetupPreview, func(orders.Record)) (orders.Record, error)
	refuses error // orders about topics and groups
	why     error // what is not offered
	verdict *cluster.Verdict
	onces   []orders.Once
	resumes func(orders.Resume) *orders.ResumePreview
	resume  func(*orders.ResumePreview, func(orders.Record)) (orders.Record, error)
}

func (e *endpoint) PreviewOffsets(_ context.Context, o orders.Offsets) (*orders.Preview, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.asked = append(e.asked, o)
	return e.preview(o)
}

func (e *endpoint) ChangeOffsets(_ context.Context, p *orders.Preview, yes client.Confirmed, tell func(orders.Record)) (orders.Record, error) {
	e.mu.Lock()
	e.agreed = append(e.agreed, yes)
	e.mu.Unlock()
	return e.change(p, tell)
}

func (e *endpoint) PreviewSetup(_ context.Context, o orders.Setup) (*orders.SetupPreview, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.setups = append(e.setups, o)
	return e.look(o)
}

func (e *endpoint) ChangeSetup(ctx context.Context, p *orders.SetupPreview, yes client.Confirmed, tell func(orders.Record)) (orders.Record, error) {
	e.mu.Lock()
	e.agreed = append(e.agreed, yes)
	e.mu.Unlock()
	return e.set(ctx, p, tell)
}

func (e *endpoint) OrderBrokers(context.Context, orders.Thing) (names, old []string, missing cluster.Missing, err error) {
	return []string{"broker-a", "broker-b"}, nil, nil, e.refuses
}

func (e *endpoint) List() ([]orders.Record, error) { return e.records, nil }

func (e *endpoint) Export(io.Writer) error { return nil }

func (e *endpoint) last() orders.Offsets {
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.asked) == 0 {
		return orders.Offsets{}
	}
	return e.asked[len(e.asked)-1]
}

// rig is a window in which a group is moved.
type rig struct {
	*stage.Stage
	t      *testing.T
	end    *endpoint
	p      Params
	failed []error
	said   []string
	read   []string
}

func newRig(t *testing.T, of profile.Profile) *rig {
	r := &rig{Stage: stage.New(t), t: t, end: &endpoint{}}
	r.end.preview = func(o orders.Offsets) (*orders.Preview, error) { return preview(o), nil }
	r.end.change = func(p *orders.Preview, tell func(orders.Record)) (orders.Record, error) {
		rec := planned(p)
		rec.ID, rec.Profile = "id", of.ID
		told := rec // which is the caller's
		told.Queues = slices.Clone(rec.Queues)
		tell(told)
		for i := range rec.Queues {
			rec.Queues[i].State = orders.Set
		}
		rec.Ended = rec.At.Add(time.Second)
		return rec, nil
	}
	r.p = Params{
		Tasks: r.Tasks, Window: r.Window, Profile: of, Conn: func() Connection { return r.end }, Changed: func() {},
		Read: func(topic string, q cluster.Queue, from int64, count int) {
			r.read = append(r.read, fmt.Sprint(topic, " ", q, " ", from, " ", count))
		},
		Fail: func(err error) { r.failed = append(r.failed, err) }, Say: func(s string) { r.said = append(r.said, s) },
	}
	r.Window.Resize(fyne.NewSize(1024, 700))
	return r
}

// preview moves two of three queues.
func preview(o orders.Offsets) *orders.Preview {
	p := &orders.Preview{Order: o, At: time.UnixMilli(1_800_000_000_000), Way: orders.ByCommit}
	for id, l := range []orders.Line{{From: 100, To: 1304}, {From: 50, To: 20}, {From: 7, To: 7}} {
		l.Queue, l.Max, l.Wanted = cluster.Queue{Broker: "broker-a", ID: id}, 2000, -1
		p.Lines = append(p.Lines, l)
	}
	return p
}

func (r *rig) ready() {
	r.t.Helper()
	r.Until(r.t, "the preview", func() bool { b := stage.Button(r.Window, "Change…"); return b != nil && !b.Disabled() })
}

func (r *rig) wants(all ...string) {
	r.t.Helper()
	for _, want := range all {
		if !r.Has(want) {
			r.t.Errorf("no %q in:\n%s", want, stage.Texts(r.Window))
		}
	}
}

// TestChangeAndPutBack: what is shown is what is agreed to, each queue says what became of
// it, and it is put back to where it was.
func TestChangeAndPutBack(t *testing.T) {
	r := newRig(t, profile.Profile{ID: "t", Name: "orders-test", Environment: profile.Test})
	Offsets(r.p, "settlement", []string{"order-events", "%RETRY%settlement"})
	r.ready()
	r.wants("Change the offsets of settlement", "2 queues change: 1,204 messages are skipped, 30 come again.", "broker-a · 0", "1304", "as it is",
		"What is skipped stays on the brokers; the group does not get it.")
	stage.See(r.Window, func(o fyne.CanvasObject) {
		if _, ok := o.(fyne.Focusable); !ok {
			return
		}
		if a, ok := o.(fyne.Accessible); !ok || a.AccessibilityRole() == "" || a.AccessibilityLabel() == "" {
			t.Errorf("%T says nothing to a screen reader", o)
		}
	})
	if o := r.end.last(); o.Topic != "order-events" || o.Group != "settlement" || o.To.Kind != orders.ToNewest {
		t.Errorf("%+v", o)
	}
	r.Tap("Change…")
	r.wants("Change where settlement goes on?", "the newest", "1,204")
	r.Tap("Change 2 queues")
	r.Until(t, "the result", func() bool { return r.Has("✓ 2 queues") })
	if got := r.end.agreed; len(got) != 1 || got[0] != (client.Confirmed{Topic: "settlement in order-events", Count: 2}) {
		t.Errorf("%+v", got)
	}
	r.wants("✓ set", "100", "1304")
	r.Tap("Put back…")
	r.ready()
	r.wants("Put back the offsets of settlement", "What was processed meanwhile is not undone.")
	if o := r.end.last(); o.To.Back != "id" || len(o.To.Places) != 2 || o.To.Places[0].Offset != 100 || len(o.Queues) != 2 {
		t.Errorf("%+v", o)
	}
}

// TestProductionWantsItsName.
func TestProductionWantsItsName(t *testing.T) {
	r := newRig(t, profile.Profile{ID: "p", Name: "orders-prod", Environment: profile.Production})
	Offsets(r.p, "settlement", []string{"order-events"})
	r.ready()
	r.Tap("Change…")
	r.wants("PRODUCTION", "Type orders-prod to confirm")
	field := r.Window.Canvas().Focused().(interface{ SetText(string) })
	r.Tap("Change 2 queues")
	if len(r.end.agreed) > 0 {
		t.Fatal("it began without the name")
	}
	field.SetText("orders-prod")
	r.Tap("Change 2 queues")
	r.Until(t, "the result", func() bool { return r.Has("✓ 2 queues") })
	if r.end.agreed[0].Name != "orders-prod" {
		t.Errorf("%+v", r.end.agreed)
	}
}

// TestWhatCannotBeDoneIsSaid, and cannot be agreed to.
func TestWhatCannotBeDoneIsSaid(t *testing.T) {
	for want, x := range map[string]struct {
		of     profile.Profile
		change func(*orders.Preview)
		err    error
	}{
		"This connection is read-only.": {of: profile.Profile{ReadOnly: true}},
		"The group broadcasts: each member keeps its positions to itself, and nobody else can change them.": {change: func(p *orders.Preview) { p.Why = fault.Broadcasts }},
		"The group is there already: nothing would change.":                                                 {change: func(p *orders.Preview) { p.Lines = p.Lines[2:] }},
		"Stop the members first.":   {change: func(p *orders.Preview) { p.Why = fault.MembersInTheWay }},
		"The topic does not exist.": {err: fault.TopicNotFound},
		"What lies on broker-b is missing here. No answer within time": {change: func(p *orders.Preview) {
			p.Lines = nil
			p.Missing = cluster.Missing{{Broker: "broker-b", Err: fault.Timeout}}
		}},
	} {
		r := newRig(t, x.of)
		r.end.preview = func(o orders.Offsets) (*orders.Preview, error) {
			p := preview(o)
			if x.change != nil {
				x.change(p)
			}
			return p, x.err
		}
		Offsets(r.p, "settlement", []string{"order-events"})
		want = strings.TrimSuffix(want, " No answer within time")
		r.Until(t, want, func() bool { return strings.Contains(strings.ReplaceAll(stage.Texts(r.Window), "\n", " "), want) })
		if b := stage.Button(r.Window, "Change…"); !b.Disabled() {
			t.Errorf("%s: it can be agreed to", want)
		}
	}
}

// TestStaleIsAskedAnew: the sheet comes back and says why; what failed is tried alone.
func TestStaleIsAskedAnew(t *testing.T) {
	r := newRig(t, profile.Profile{Name: "orders-test"})
	r.end.change = func(p *orders.Preview, _ func(orders.Record)) (orders.Record, error) {
		return orders.Record{}, &orders.ChangedError{Now: p, What: orders.CameOnline}
	}
	Offsets(r.p, "settlement", []string{"order-events"})
	r.ready()
	r.Tap("Change…")
	r.Tap("Change 2 queues")
	r.Until(t, "the note", func() bool { return r.Has("Members have connected meanwhile. Nothing was changed. Look at it again.") })
	r.end.change = func(p *orders.Preview, _ func(orders.Record)) (orders.Record, error) {
		rec := planned(p)
		rec.ID, rec.Ended = "id", time.Now()
		rec.Queues[0].State = orders.Set
		rec.Queues[1].State, rec.Queues[1].Err = orders.Failed, fault.From(fmt.Errorf("x: %w", fault.NoMaster))
		return rec, nil
	}
	r.ready()
	r.Tap("Change…")
	r.Tap("Change 2 queues")
	r.Until(t, "the result", func() bool { return r.Has("1 of 2 failed") })
	r.wants("No master takes the topic's messages now.")
	r.Tap("Try the failed ones again…")
	r.ready()
	if o := r.end.last(); len(o.To.Places) != 1 || o.To.Places[0].Offset != 20 || o.To.Back != "" {
		t.Errorf("%+v", o)
	}
	r.end.change = func(*orders.Preview, func(orders.Record)) (orders.Record, error) {
		return orders.Record{}, fault.DiskFull
	}
	r.Tap("Change…")
	r.Tap("Change 2 queues")
	r.Until(t, "the failure", func() bool { return len(r.failed) == 1 })
	if !errors.Is(r.failed[0], fault.DiskFull) || r.Window.Canvas().Overlays().Top() != nil {
		t.Error(r.failed)
	}
}

// TestForm: what is typed becomes the order, and what is wrong stands at its field.
func TestForm(t *testing.T) {
	stage.New(t)
	now := time.Date(2026, 11, 30, 14, 0, 0, 0, time.Local)
	p := profile.Profile{Mapping: profile.TDMQ, ClusterID: "rocketmq-x", Namespace: "ns"}
	for _, x := range []struct {
		kind          orders.Kind
		value, queues string
		ok            bool
		want          orders.Target
		field         string
	}{
		{kind: orders.ToNewest, ok: true, want: orders.Target{Kind: orders.ToNewest}},
		{kind: orders.ToTime, value: "15 min", ok: true, want: orders.Target{Kind: orders.ToTime, At: now.Add(-15 * time.Minute)}},
		{kind: orders.ToTime, value: "2026-11-30 13:00", ok: true, want: orders.Target{Kind: orders.ToTime, At: now.Add(-time.Hour)}},
		{kind: orders.ToTime, value: "soon", field: "Write 15 min or 2026-11-30 14:00:00."},
		{kind: orders.ToTime},
		{kind: orders.ToOffset, value: "1,304", ok: true, want: orders.Target{Kind: orders.ToOffset, Count: 1304}},
		{kind: orders.ToOffset, value: "-1", field: "Enter a number from 0 on."},
		{kind: orders.ByCount, value: "+5", ok: true, want: orders.Target{Kind: orders.ByCount, Count: 5}},
		{kind: orders.ByCount, value: "-5", ok: true, want: orders.Target{Kind: orders.ByCount, Count: -5}},
		{kind: orders.ByCount, value: "0", field: "Enter a number such as +1 or -100."},
		{kind: orders.LikeGroup, value: "other", ok: true, want: orders.Target{Kind: orders.LikeGroup, Group: p.FullName("other")}},
		{kind: orders.ToEarliest, queues: "0, broker-a/3", ok: true, want: orders.Target{Kind: orders.ToEarliest}},
		{kind: orders.ToEarliest, queues: "first"},
	} {
		f := newForm(p, orders.Offsets{Group: p.FullName("g"), Topic: p.FullName("t"), To: orders.Target{Kind: x.kind}}, nil, func() {})
		f.value.SetText(x.value)
		f.queues.SetText(x.queues)
		o, ok := f.read(now)
		if ok != x.ok || ok && (!o.To.At.Equal(x.want.At) || o.To.Kind != x.want.Kind || o.To.Count != x.want.Count || o.To.Group != x.want.Group || o.Topic != p.FullName("t")) {
			t.Errorf("%s %q: %+v, %v", x.kind, x.value, o, ok)
		}
		if f.valueField.Error() != x.field {
			t.Errorf("%s %q: %q", x.kind, x.value, f.valueField.Error())
		}
		if x.queues != "" && ok && (len(o.Queues) != 2 || o.Queues[0] != (cluster.Queue{ID: 0}) || o.Queues[1] != (cluster.Queue{Broker: "broker-a", ID: 3})) {
			t.Errorf("%+v", o.Queues)
		}
		if x.queues == "first" && f.queueField.Error() == "" {
			t.Error("no word about the queues")
		}
		// An order that comes back to the form is the same.
		if again, ok := newForm(p, o, nil, func() {}).read(now); x.ok && (!ok || again.To.Kind != o.To.Kind || again.To.Count != o.To.Count || len(again.Queues) != len(o.Queues)) {
			t.Errorf("%+v comes back as %+v", o, again)
		}
	}
}

// TestList: the changes of this profile, sifted, and put back from there.
func TestList(t *testing.T) {
	r := newRig(t, profile.Profile{ID: "t", Name: "orders-test"})
	at := time.Date(2026, 11, 30, 14, 0, 0, 0, time.Local)
	rec := func(id, of, group string, state orders.State) orders.Record {
		return orders.Record{ID: id, At: at, Ended: at.Add(time.Second), Who: orders.Who{User: "wang", Profile: of}, Order: orders.Offsets{Group: group, Topic: "order-events", To: orders.Target{Kind: orders.ToEarliest}}, Queues: []orders.Done{{Broker: "a", From: 9, To: 0, State: state}, {Broker: "a", Queue: 1, From: -1, To: 0, State: orders.Set}}}
	}
	r.end.records = []orders.Record{rec("1", "t", "settlement", orders.Set), rec("2", "t", "audit", orders.Failed), rec("3", "p", "elsewhere", orders.Set)}
	List(r.p, r.end)
	r.Until(t, "the list", func() bool { return r.Has("2 changes") })
	r.wants("settlement", "audit", "wang", "the earliest", "9 → 0, — → 0", "1 of 2 failed", "✓ 2 queues", "2026-11-30 14:00:00")
	if r.Has("elsewhere") {
		t.Error("another connection's change is listed")
	}
	if !stage.Button(r.Window, "Put back…").Disabled() {
		t.Error("nothing is chosen")
	}
	r.Window.Canvas().Focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeyDown})
	r.Tap("Put back…")
	r.ready()
	r.wants("1 queue had no position before: it stays where it is.")
	if o := r.end.last(); o.To.Back != "1" || o.To.Places[0].Offset != 9 {
		t.Errorf("%+v", o)
	}
}

// TestReadWhatIsSkipped: the first and the last of a queue that is chosen.
func TestReadWhatIsSkipped(t *testing.T) {
	r := newRig(t, profile.Profile{Name: "orders-test"})
	for _, x := range []struct {
		row  int
		tap  string
		want string
	}{{0, "Read the first", "order-events broker-a/0 100 32"}, {0, "Read the last", "order-events broker-a/0 1272 32"}, {1, "Read the last", "order-events broker-a/1 20 32"}} {
		s := show(r.p, orders.Offsets{Group: "settlement", Topic: "order-events", To: orders.Target{Kind: orders.ToNewest}}, nil, "")
		r.ready()
		if !stage.Button(r.Window, x.tap).Disabled() {
			t.Error("no queue is chosen")
		}
		s.table.Select(2)
		if !stage.Button(r.Window, x.tap).Disabled() {
			t.Error("nothing of it is skipped")
		}
		s.table.Select(x.row)
		r.Tap(x.tap)
		if n := len(r.read); n == 0 || r.read[n-1] != x.want || r.Window.Canvas().Overlays().Top() != nil {
			t.Errorf("%v, want %s", r.read, x.want)
		}
	}
}

// TestItGoesOnBehind: what was begun goes on when its pane is closed, and how it ended is
// said.
func TestItGoesOnBehind(t *testing.T) {
	for _, failed := range []error{nil, fault.DiskFull} {
		r := newRig(t, profile.Profile{Name: "orders-test"})
		hold := make(chan struct{})
		usual := r.end.change
		r.end.change = func(p *orders.Preview, tell func(orders.Record)) (orders.Record, error) {
			<-hold
			rec, _ := usual(p, tell)
			return rec, failed
		}
		Offsets(r.p, "settlement", []string{"order-events"})
		r.ready()
		r.Tap("Change…")
		r.Tap("Change 2 queues")
		r.wants("Changing. It goes on when this is closed.", "waiting")
		if b := stage.Button(r.Window, "Put back…"); b != nil && b.Visible() {
			t.Error("what is not done can be put back")
		}
		r.Tap("Close")
		close(hold)
		r.Until(t, "the word", func() bool { return len(r.said)+len(r.failed) == 1 })
		if (failed == nil) != (len(r.said) == 1) || failed == nil && r.said[0] != "Change the offsets of settlement: ✓ 2 queues" {
			t.Errorf("%v, %v", r.said, r.failed)
		}
	}
}

// TestMembersAreWaitedFor: where every queue is changed and the members are not there yet, it
// is not said that there is more to change.
func TestMembersAreWaitedFor(t *testing.T) {
	r := newRig(t, profile.Profile{Name: "orders-test"})
	hold := make(chan struct{})
	usual := r.end.change
	r.end.change = func(p *orders.Preview, tell func(orders.Record)) (orders.Record, error) {
		rec, err := usual(p, func(orders.Record) {})
		told := rec
		told.Ended = time.Time{}
		told.Queues = slices.Clone(rec.Queues)
		for i := range told.Queues {
			told.Queues[i].State = orders.Told
		}
		tell(told)
		<-hold
		return rec, err
	}
	Offsets(r.p, "settlement", []string{"order-events"})
	r.ready()
	r.Tap("Change…")
	r.Tap("Change 2 queues")
	r.Until(t, "the wait", func() bool {
		return r.Has("All are changed. The members are waited for, also when this is closed.") && r.Has("waiting for the members")
	})
	close(hold)
	r.Until(t, "the end", func() bool { return r.Has("✓ 2 queues") })
}
