package send

import (
	"context"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"gantry/client"
	"gantry/client/cluster"
	"gantry/client/message"
	"gantry/client/outbox"
	"gantry/client/outbox/plan"
	"gantry/client/outbox/template"
	"gantry/client/profile"
	"gantry/client/worker"
	"gantry/gui/stage"
)

var _ Connection = (*client.Connection)(nil)

// endpoint is a connection that answers as it is told.
type endpoint struct {
	mu              sync.Mutex
	exists, creates bool
	lookupErr       error
	looked          []string
	sent            []message.Draft
	answer          func(n int, d *message.Draft) (message.Receipt, error)
	delivery        error // why a delayed message cannot be delivered
	store           *outbox.Store
	dir             string // of the store
	prepared        []plan.Plan
	prepare         error
	begun           []client.Confirmed
	decided         []decision
	decide          error // what comes of it
	recalled        []decision
	recall          func(row uint64) error // what comes of taking it back
	hidden          []string               // secret values that were asked for
	groups          []string
	settle          func(context.Context, *outbox.Run, string, func(done, of int64)) (*client.Settled, error)
	profile         profile.Profile
}

// decision is what was decided of a half message.
type decision struct {
	row  uint64
	what message.Transaction
	yes  client.Confirmed
}

func (c *endpoint) Profile() profile.Profile { return c.profile }

func (c *endpoint) CheckDelivery(_ context.Context, d *message.Draft) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if d.Deliver.Later() || d.Reply > 0 {
		return c.delivery
	}
	return nil
}

func (c *endpoint) Lookup(_ context.Context, topic string) (exists, creates bool, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.looked = append(c.looked, topic)
	return c.exists, c.creates, c.lookupErr
}

func (c *endpoint) Prepare(_ context.Context, p *plan.Plan) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.prepared = append(c.prepared, *p)
	return c.prepare
}

// Begin notes what was agreed to. No worker can be started: the run is there, and ended.
func (c *endpoint) Begin(p *plan.Plan, yes client.Confirmed, fill func(string) error) (*outbox.Run, error) {
	c.mu.Lock()
	c.begun = append(c.begun, yes)
	c.mu.Unlock()
	return c.store.Begin(outbox.For{Profile: "p"}, p, worker.Access{}, nil, fill)
}

// Decide notes what was decided.
func (c *endpoint) Decide(_ context.Context, _ *outbox.Sends, row uint64, what message.Transaction, yes client.Confirmed) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.decided = append(c.decided, decision{row, what, yes})
	return c.decide
}

// Recall notes what was taken back.
func (c *endpoint) Recall(_ context.Context, _ *outbox.Sends, row uint64, yes client.Confirmed) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.recalled = append(c.recalled, decision{row, "", yes})
	return c.recall(row)
}

func (c *endpoint) Continue(*outbox.Run, client.Confirmed) error { return nil }

func (c *endpoint) SendAgain(*outbox.Run, []uint64, client.Confirmed) error { return nil }

func (c *endpoint) GroupsOfTopic(context.Context, string) ([]string, cluster.Missing, error) {
	return c.groups, nil, nil
}

func (c *endpoint) Settle(ctx context.Context, r *outbox.Run, group string, tell func(done, of int64)) (*client.Settled, error) {
	return c.settle(ctx, r, group, tell)
}

// Send answers, and writes it down as a worker would.
func (c *endpoint) Send(_ context.Context, d *message.Draft) (message.Receipt, error) {
	c.mu.Lock()
	c.sent = append(c.sent, *d)
	n, answer := len(c.sent), c.answer
	c.mu.Unlock()
	r := message.Receipt{
		Status: message.StatusOK, Topic: d.Topic, MessageID: "7F0000013C2A18B4AAC2684F009D1C96", OffsetMessageID: "0A02140700002A9F00000000001BC6FF",
		Broker: "broker-a", QueueID: 2, QueueOffset: int64(1820446 + n), SentAt: time.Now(), Took: 4 * time.Millisecond,
	}
	if answer != nil {
		var err error
		if r, err = answer(n, d); err != nil {
			return r, err
		}
	}
	if r.SentAt.IsZero() {
		r.SentAt = time.Now()
	}
	return r, c.store.Note(outbox.For{Profile: "p"}, d, r)
}

// SendMade answers as Send does.
func (c *endpoint) SendMade(ctx context.Context, p *plan.Plan, _ int64, _ time.Time, shown *message.Draft) (message.Receipt, error) {
	c.mu.Lock()
	c.hidden = append(c.hidden, p.Hidden()...)
	c.mu.Unlock()
	return c.Send(ctx, shown)
}

// begins are what was agreed to for each run that was begun.
func (c *endpoint) begins() []client.Confirmed {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]client.Confirmed(nil), c.begun...)
}

func (c *endpoint) drafts() []message.Draft {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]message.Draft(nil), c.sent...)
}

// rig is a screen on a stage with what it asked for.
type rig struct {
	*stage.Stage
	more    func(*Params) // what a test adds to them
	t       *testing.T
	cluster *endpoint
	offline bool
	profile profile.Profile
	form    profile.SendForm
	screen  *Screen
	forms   []profile.SendForm
	used    []string
	splits  []float64
	failed  []error
	said    []string

	templates *template.Store
	folders   []string
}

func newRig(t *testing.T, change func(*rig)) *rig {
	t.Helper()
	s := &rig{Stage: stage.New(t), t: t, cluster: &endpoint{exists: true}}
	s.profile = profile.Profile{ID: "p", Name: "orders", Environment: profile.Development}
	s.form = profile.SendForm{Topic: "orders", Body: "hello"}
	s.cluster.dir = t.TempDir()
	s.cluster.store = outbox.New(outbox.Params{Program: worker.Program{Path: "no-worker", Folder: t.TempDir()}, Dir: s.cluster.dir, Log: slog.New(slog.DiscardHandler)})
	t.Cleanup(s.cluster.store.Close)
	s.templates = template.New(filepath.Join(t.TempDir(), "templates"))
	if change != nil {
		change(s)
	}
	s.cluster.profile = s.profile
	if len(s.profile.NameServers) == 0 { // as of the sandbox
		s.cluster.profile.NameServers = []string{"127.0.0.1:9876"}
	}
	p := s.params()
	if s.more != nil {
		s.more(&p)
	}
	s.screen = New(p)
	s.Show(s.screen.Content())
	s.screen.SetShown(true)
	t.Cleanup(s.screen.Close)
	return s
}

func (s *rig) params() Params {
	return Params{
		Tasks: s.Tasks, Window: s.Window, Profile: s.profile, Form: s.form,
		Templates: s.templates, TemplateFolders: func() []string { return s.folders },
		SaveTemplateFolders: func(all []string) { s.folders = all },
		History:             s.cluster.store.History("p"), OpenRun: s.cluster.store.Open, DeleteRun: s.cluster.store.Delete, KeepSent: s.cluster.store.Keep,
		Conn: func() Connection {
			if s.offline {
				return nil
			}
			return s.cluster
		},
		SaveForm:  func(f profile.SendForm) { s.forms = append(s.forms, f) },
		Topics:    func() []string { return []string{"orders", "stock"} },
		UseTopic:  func(topic string) { s.used = append(s.used, topic) },
		SaveSplit: func(f float64) { s.splits = append(s.splits, f) },
		Fail:      func(err error) { s.failed = append(s.failed, err) },
		Say:       func(text string) { s.said = append(s.said, text) },
	}
}

// done waits until so many drafts were sent and answered.
func (s *rig) done(n int) {
	s.t.Helper()
	s.Until(s.t, "the send", func() bool { return len(s.cluster.drafts()) >= n && s.screen.Sending() == 0 })
}

// listed waits until so many entries are listed, the newest of them selected.
func (s *rig) listed(n int) {
	s.t.Helper()
	p := s.screen.sent
	s.Until(s.t, "the list", func() bool {
		e := p.look()
		return p.shelf().Len() == n && e != nil && (e.sent != nil || e.run != nil) && e.key == keyOf(p.shelf().At(0))
	})
}

// quiet tells whether nothing is sent in a while.
func (s *rig) quiet(n int) {
	s.t.Helper()
	s.Settle(100 * time.Millisecond)
	if got := len(s.cluster.drafts()); got != n {
		s.t.Errorf("%d messages were sent, want %d", got, n)
	}
}

func press(o fyne.Focusable, names ...fyne.KeyName) {
	for _, n := range names {
		o.TypedKey(&fyne.KeyEvent{Name: n})
	}
}
