package replay

import (
	"cmp"
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"gantry/client"
	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/insight"
	"gantry/client/mask"
	"gantry/client/message"
	"gantry/client/outbox"
	"gantry/client/outbox/plan"
	"gantry/client/profile"
	"gantry/client/worker"
	"gantry/gui/msglist"
	"gantry/gui/stage"
)

var _ Connection = (*client.Connection)(nil)

// endpoint is a connection that answers as it is told.
type endpoint struct {
	mu      sync.Mutex
	missing []string // topics that are not there
	creates bool
	failed  error
	// unprepared is why nothing can be sent.
	unprepared error
	// production: it is one; rules are what is masked on the way to it.
	production bool
	rules      mask.Rules
	store      *outbox.Store
	looked     []string
	plans      []*plan.Plan // begun
	agreed     []client.Confirmed
	groups     []string            // that read any topic
	before     *client.Redelivered // what was redelivered
	retries    insight.Retries
	lookedFor  [][]string    // targets that were looked through
	hold       chan struct{} // if set, a look waits for it
	tell       func(func())  // wakes the test's loop
}

func (c *endpoint) Lookup(ctx context.Context, topic string) (exists, creates bool, err error) {
	c.mu.Lock()
	hold := c.hold
	c.looked = append(c.looked, topic)
	defer c.mu.Unlock()
	if hold != nil {
		c.mu.Unlock()
		c.tell(func() {})
		select {
		case <-hold:
		case <-ctx.Done():
		}
		c.mu.Lock()
	}
	return !slices.Contains(c.missing, topic), c.creates, errors.Join(c.failed, ctx.Err())
}

// Prepare masks what leaves production, as a connection does.
func (c *endpoint) Prepare(_ context.Context, p *plan.Plan) error {
	p.Replay.Masks, p.Replay.Key = nil, make([]byte, mask.KeySize)
	c.mu.Lock()
	defer c.mu.Unlock()
	if p.Replay.Production && !p.Replay.Unmasked && !c.production && c.rules.Any() {
		p.Replay.Masks = &c.rules
	}
	return c.unprepared
}

// Begin notes what was agreed to. No worker can be started: the run is there, and ended.
func (c *endpoint) Begin(p *plan.Plan, yes client.Confirmed, fill func(string) error) (*outbox.Run, error) {
	c.mu.Lock()
	c.plans, c.agreed = append(c.plans, p), append(c.agreed, yes)
	c.mu.Unlock()
	return c.store.Begin(outbox.For{Profile: "p"}, p, worker.Access{}, nil, fill)
}

// GroupsOfTopic are the same for any topic.
func (c *endpoint) GroupsOfTopic(context.Context, string) ([]string, cluster.Missing, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.groups, nil, c.failed
}

// RetriesOf are as it was told.
func (c *endpoint) RetriesOf(context.Context, string) (insight.Retries, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.retries, c.failed
}

// Redelivered is as it was told.
func (c *endpoint) Redelivered(_ context.Context, _ string, _ time.Time, targets []string) (*client.Redelivered, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lookedFor = append(c.lookedFor, targets)
	return cmp.Or(c.before, &client.Redelivered{}), nil
}

// confirmed are the agreements that there were.
func (c *endpoint) confirmed() []client.Confirmed {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.agreed)
}

// looksFor tells whether a topic was asked about.
func (c *endpoint) looksFor(topic string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Contains(c.looked, topic)
}

// change makes it answer otherwise.
func (c *endpoint) change(f func(*endpoint)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f(c)
}

// rig is a window in which messages are sent again.
type rig struct {
	*stage.Stage
	t       *testing.T
	dir     string
	store   *outbox.Store
	test    *endpoint
	prod    *endpoint
	targets []Target
	begun   []string
	failed  []error
	said    []string
}

func newRig(t *testing.T) *rig {
	r := &rig{Stage: stage.New(t), t: t, dir: t.TempDir()}
	r.store = outbox.New(outbox.Params{Program: worker.Program{Path: "no-worker", Folder: t.TempDir()}, Dir: filepath.Join(r.dir, "sends"), Log: slog.New(slog.DiscardHandler)})
	t.Cleanup(r.store.Close)
	r.test, r.prod = &endpoint{store: r.store, tell: r.Do, rules: mask.All()}, &endpoint{store: r.store, tell: r.Do, production: true}
	r.targets = []Target{
		{Profile: profile.Profile{ID: "t", Name: "orders-test", Environment: profile.Test}, Conn: r.test, Topics: []string{"orders", "stock"}, Group: "g"},
		{Profile: profile.Profile{ID: "p", Name: "orders-prod", Environment: profile.Production}, Conn: r.prod, Group: "g"},
	}
	r.Window.Resize(fyne.NewSize(1024, 700))
	return r
}

func (r *rig) open(from Source) {
	Open(Params{
		Tasks: r.Tasks, Window: r.Window, Copy: r.store.Copy, Targets: func() []Target { return r.targets },
		Profiles: func() []profile.Profile { return []profile.Profile{{ID: "p", Name: "orders-prod"}} },
		EnvWord:  func(e profile.Environment) string { return strings.ToUpper(string(e)) },
		Begun:    func(id string, _ *outbox.Run) { r.begun = append(r.begun, id) },
		Fail:     func(err error) { r.failed = append(r.failed, err) },
		Say:      func(s string) { r.said = append(r.said, s) },
	}, from)
}

// of are messages of a connection.
func of(p *profile.Profile, all ...*message.Message) Source {
	return Source{Name: "orders", Profile: p, Most: uint64(len(all)), Each: func(_ context.Context, progress func(uint64), do func(*message.Message) error) (s msglist.Skipped, err error) {
		for _, m := range all {
			err = errors.Join(err, do(m))
		}
		return s, err
	}}
}

func sample(topic, body string) *message.Message {
	return &message.Message{Topic: topic, Body: []byte(body), StoredAt: time.UnixMilli(1_800_000_000_000), Properties: []message.Property{{Name: message.PropertyTags, Value: "paid"}}}
}

// ready waits until the target was looked at.
func (r *rig) ready() {
	r.t.Helper()
	r.Until(r.t, "the look", func() bool { b := stage.Button(r.Window, "Send…"); return b != nil && !b.Disabled() })
}

func (r *rig) disabled() bool { return stage.Button(r.Window, "Send…").Disabled() }

// copies are those that lie on the disk and belong to no run.
func (r *rig) copies() int {
	all, _ := filepath.Glob(filepath.Join(r.dir, "sends.copies", "*"))
	return len(all)
}

// idle waits until no job is at work.
func (r *rig) idle() {
	r.t.Helper()
	r.Until(r.t, "the jobs", func() bool { return len(r.Tasks.Jobs()) == 0 })
}

// TestSentFromTestToTest: what is shown is what is agreed to, and what begins.
func TestSentFromTestToTest(t *testing.T) {
	r := newRig(t)
	r.open(of(&r.targets[0].Profile, sample("orders", `{"a":1}`), sample("orders", "two"), sample("orders", ""), sample("orders", "four"), sample("orders", "five")))
	r.ready()
	for _, want := range []string{"orders-test · orders", "First sent to", "4", `paid  {"a":1}`, "paid  two", "paid  four", "1 message is left out", "They leave as fast as it goes, 1 under way at most."} {
		if !r.Has(want) {
			t.Errorf("no %q in:\n%s", want, stage.Texts(r.Window))
		}
	}
	if r.Has("paid  five") || r.Has("unmasked") {
		t.Error(stage.Texts(r.Window))
	}
	stage.See(r.Window, func(o fyne.CanvasObject) {
		if _, ok := o.(fyne.Focusable); !ok {
			return
		}
		if a, ok := o.(fyne.Accessible); !ok || a.AccessibilityRole() == "" || a.AccessibilityLabel() == "" {
			t.Errorf("%T says nothing to a screen reader", o)
		}
	})
	r.Tap("Send…")
	if !r.Has("Send 4 messages to orders?") || !r.Has("From\nTEST\norders-test\norders\nTo\nTEST\norders-test\norders\nPace") {
		t.Fatal(stage.Texts(r.Window))
	}
	r.Tap("Cancel")
	if !r.Has("First sent to") || len(r.test.confirmed()) > 0 {
		t.Fatal("a question that was cancelled does not lead back")
	}
	r.Tap("Send…")
	r.Tap("Send 4")
	r.Until(t, "the run", func() bool { return len(r.test.confirmed()) == 1 && len(r.Tasks.Jobs()) == 0 })
	if got := r.test.confirmed()[0]; got != (client.Confirmed{Topic: "orders", Count: 4}) {
		t.Errorf("%+v", got)
	}
	if p := r.test.plans[0]; p.Replay == nil || p.ProducerGroup != "g" || !p.Prove || p.AtOnce != 1 || p.Check() != nil {
		t.Errorf("%+v", p)
	}
	if r.copies() != 0 || r.Window.Canvas().Overlays().Top() != nil {
		t.Errorf("%d copies are left, %v", r.copies(), r.Window.Canvas().Overlays().Top())
	}
}

// opened opens the sheet of a source and waits for its first look.
func (r *rig) opened(from Source, to **sheet) {
	r.t.Helper()
	r.shown(from, to)
	r.Until(r.t, "the look", func() bool { return (*to).ready != nil })
}

// shown opens the sheet of a source.
func (r *rig) shown(from Source, to **sheet) {
	r.t.Helper()
	p := Params{
		Tasks: r.Tasks, Window: r.Window, Targets: func() []Target { return r.targets },
		EnvWord: func(e profile.Environment) string { return strings.ToUpper(string(e)) },
		Begun:   func(id string, _ *outbox.Run) { r.begun = append(r.begun, id) },
		Fail:    func(err error) { r.failed = append(r.failed, err) },
		Say:     func(s string) { r.said = append(r.said, s) },
	}
	var lie lies
	copied, err := r.store.Copy(func(add func(*message.Message) error) error {
		_, err := from.Each(r.t.Context(), func(uint64) {}, func(m *message.Message) error { return lie.add(m, add) })
		return err
	})
	if err != nil {
		r.t.Fatal(err)
	}
	*to = show(p, from, lie, copied, msglist.Skipped{})
}

// TestIntoProduction wants the connection's name, and warns of a high pace.
func TestIntoProduction(t *testing.T) {
	r := newRig(t)
	var s *sheet
	r.opened(of(&r.targets[0].Profile, sample("orders", "x")), &s)
	s.to.SetSelectedIndex(1)
	r.Until(t, "the look", func() bool { return s.ready != nil })
	r.Tap("Send…")
	if !r.Has("PRODUCTION") || !r.Has("Type orders-prod to confirm") || !r.Has("That is more than 100 a second on production.") {
		t.Fatal(stage.Texts(r.Window))
	}
	field := r.Window.Canvas().Focused().(interface {
		SetText(string)
		fyne.Focusable
	})
	r.Tap("Send 1 to production")
	if len(r.prod.confirmed()) > 0 {
		t.Fatal("it began without the name")
	}
	field.SetText("orders-prod")
	r.Tap("Send 1 to production")
	r.Until(t, "the run", func() bool { return len(r.prod.confirmed()) == 1 && len(r.Tasks.Jobs()) == 0 })
	if got := r.prod.confirmed()[0]; got != (client.Confirmed{Topic: "orders", Count: 1, Name: "orders-prod"}) {
		t.Errorf("%+v", got)
	}
}

// TestChangesCancelTheLook: while something else is looked at nothing can be agreed to, and
// the answer about what stood there before does not count.
func TestChangesCancelTheLook(t *testing.T) {
	r := newRig(t)
	var s *sheet
	r.opened(of(&r.targets[0].Profile, sample("orders", "x"), sample("stock", "y")), &s)
	if s.which.Selected() != toOwn || s.ready.plan.Targets() != "orders, stock" {
		t.Fatalf("%+v", s.ready.plan)
	}
	agreed := s.ready
	hold := make(chan struct{})
	r.test.change(func(c *endpoint) { c.hold = hold })
	s.which.Select(toOne)
	if !r.disabled() {
		t.Error("it can be agreed to before it was looked at")
	}
	s.topic.SetText("others")
	r.Until(t, "the question", func() bool { return r.test.looksFor("others") })
	s.topic.SetText("all")
	s.begin(agreed, client.Confirmed{}) // an agreement to what stood there before
	if len(r.test.confirmed()) > 0 || s.closing {
		t.Fatal("what was agreed to before began")
	}
	close(hold)
	r.Until(t, "the look", func() bool { return s.ready != nil })
	if got := s.ready.plan; got.Topic != "all" || len(got.Replay.Ways) != 0 || r.disabled() {
		t.Errorf("%+v", got)
	}
	r.Window.Canvas().Focus(s.topic)
	s.topic.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
	r.idle()
	if !s.closing || r.copies() != 0 || r.Window.Canvas().Overlays().Top() != nil {
		t.Error("the copy is left")
	}
}

// TestWhatIsWrongStandsAtItsField.
func TestWhatIsWrongStandsAtItsField(t *testing.T) {
	r := newRig(t)
	var s *sheet
	r.opened(of(&r.targets[0].Profile, sample("orders", "x")), &s)
	says := func(what string, do func()) {
		t.Helper()
		do()
		r.UntilText(what)
		if !r.disabled() {
			t.Errorf("%q and it can be sent", what)
		}
	}
	says("Enter a topic.", func() { s.topic.SetText("") })
	says("are allowed", func() { s.topic.SetText("a b") })
	r.test.change(func(c *endpoint) { c.missing = []string{"none"} })
	says("The topic none does not exist, and the cluster creates none.", func() { s.topic.SetText("none") })
	r.test.change(func(c *endpoint) { c.creates = true })
	s.topic.SetText("orders")
	s.topic.SetText("none")
	r.ready()
	if !r.Has("1 topic does not exist yet: the broker makes it.") {
		t.Error(stage.Texts(r.Window))
	}
	says("Enter a number from 1 to 64.", func() { s.atOne.SetText("65") })
	s.atOne.SetText("")
	s.pace.Select(paceRate)
	says("Enter a number from 1 to 100,000.", func() { s.rate.SetText("x") })
	s.rate.SetText("1,000")
	r.ready()
	if s.ready.plan.PerSecond != 1000 {
		t.Errorf("%+v", s.ready.plan)
	}
	s.pace.Select(paceOriginal)
	r.ready()
	if p := s.ready.plan; !p.Replay.Original || p.Replay.MaxGap != plan.MaxGap || !r.Has("as far apart as they were stored") {
		t.Errorf("%+v", p.Replay)
	}
	r.test.change(func(c *endpoint) { c.failed = fault.NotConnected })
	s.topic.SetText("orders")
	r.Until(t, "the field", func() bool { return s.toField.Error() != "" })
	// A dead letter whose own topic nobody knows has no way.
	var dead *sheet
	s.cancel()
	r.test.change(func(c *endpoint) { c.failed = nil })
	r.idle()
	from := of(&r.targets[0].Profile, sample("%DLQ%g", "x"), sample("orders", "y"))
	copied, err := r.store.Copy(func(add func(*message.Message) error) error {
		_, err := from.Each(t.Context(), nil, add)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	dead = show(Params{Tasks: r.Tasks, Window: r.Window, Targets: func() []Target { return r.targets }, EnvWord: func(profile.Environment) string { return "" }, Say: func(s string) { r.said = append(r.said, s) }, Fail: func(error) {}}, from, lies{}, copied, msglist.Skipped{})
	dead.which.Select(toOwn)
	if dead.which.Selected() != toOne || len(r.said) != 1 {
		t.Errorf("%v", r.said)
	}
}

// TestOwnTopicsByTheTargetsNames: prefixes are those of each connection.
func TestOwnTopicsByTheTargetsNames(t *testing.T) {
	from := profile.Profile{Mapping: profile.TDMQ, ClusterID: "rocketmq-a", Namespace: "ns"}
	to := profile.Profile{Mapping: profile.TDMQ, ClusterID: "rocketmq-b", Namespace: "test"}
	got := ways([]plan.OfTopic{{Topic: "rocketmq-a|ns%orders"}, {Topic: "stock"}}, &from, to)
	if got[0].To != "rocketmq-b|test%orders" || got[0].From != "rocketmq-a|ns%orders" || got[1].To != "rocketmq-b|test%stock" {
		t.Errorf("%+v", got)
	}
}

// TestNothingToSend says so, and leaves nothing behind.
func TestNothingToSend(t *testing.T) {
	r := newRig(t)
	r.open(of(nil))
	r.Until(t, "the word", func() bool { return len(r.said) == 1 })
	r.open(of(nil, sample("t", "")))
	r.Until(t, "the word", func() bool { return len(r.said) == 2 })
	boom := errors.New("boom")
	r.open(Source{Each: func(context.Context, func(uint64), func(*message.Message) error) (msglist.Skipped, error) {
		return msglist.Skipped{}, boom
	}})
	r.Until(t, "the failure", func() bool { return len(r.failed) == 1 })
	r.open(Source{Each: func(ctx context.Context, _ func(uint64), do func(*message.Message) error) (msglist.Skipped, error) {
		_ = do(sample("t", "x"))
		<-ctx.Done()
		return msglist.Skipped{}, context.Canceled
	}})
	r.Until(t, "the job", func() bool { return len(r.Tasks.Jobs()) > 0 })
	for _, j := range r.Tasks.Jobs() {
		j.Cancel()
	}
	r.idle()
	r.targets = nil
	r.open(of(nil, sample("t", "x")))
	if len(r.said) != 3 || !strings.HasPrefix(r.said[2], "No open connection") || !errors.Is(r.failed[0], boom) || len(r.failed) != 1 {
		t.Errorf("%q, %v", r.said, r.failed)
	}
	r.idle()
	if r.copies() != 0 || r.Window.Canvas().Overlays().Top() != nil {
		t.Errorf("%d copies", r.copies())
	}
}

// TestFile reads an export back to the byte; what is no message is counted.
func TestFile(t *testing.T) {
	first := &message.Message{Topic: "orders", Body: []byte("a\u2028\"\x00\r\n"), StoredAt: time.UnixMilli(1_800_000_000_000), Properties: []message.Property{{Name: "地区", Value: "华南"}}}
	second := &message.Message{Topic: "stock", Body: []byte{0xff, 0}, Flag: 3}
	text := "\ufeff"
	for _, m := range []*message.Message{first, second} {
		line, err := m.JSON()
		if err != nil {
			t.Fatal(err)
		}
		text += string(line) + "\r\n\r\n"
	}
	text += "{\"a\":1}\nnothing\n"
	name := filepath.Join(t.TempDir(), "x.jsonl")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	in, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	var got []*message.Message
	skipped, err := File("x.jsonl", in).Each(t.Context(), func(uint64) {}, func(m *message.Message) error { got = append(got, m); return nil })
	if err != nil || skipped.Damaged != 2 || len(got) != 2 {
		t.Fatalf("%d messages, %+v, %v", len(got), skipped, err)
	}
	if string(got[0].Body) != string(first.Body) || string(got[1].Body) != string(second.Body) || got[0].Properties[0] != first.Properties[0] || got[1].Flag != 3 {
		t.Errorf("%+v, %+v", got[0], got[1])
	}
	if _, err := in.Read(make([]byte, 1)); !errors.Is(err, os.ErrClosed) {
		t.Errorf("the file is not closed: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := File("x", io.NopCloser(strings.NewReader(text))).Each(ctx, func(uint64) {}, nil); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
