package send

import (
	"context"
	"sync"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"gantry/client"
	"gantry/client/message"
	"gantry/client/profile"
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
}

func (c *endpoint) CheckDelivery(_ context.Context, d *message.Draft) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if d.Deliver.Later() {
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

func (c *endpoint) Send(_ context.Context, d *message.Draft) (message.Receipt, error) {
	c.mu.Lock()
	c.sent = append(c.sent, *d)
	n, answer := len(c.sent), c.answer
	c.mu.Unlock()
	if answer != nil {
		return answer(n, d)
	}
	return message.Receipt{
		Status: message.StatusOK, Topic: d.Topic, MessageID: "7F0000013C2A18B4AAC2684F009D1C96", OffsetMessageID: "0A02140700002A9F00000000001BC6FF",
		Broker: "broker-a", QueueID: 2, QueueOffset: int64(1820446 + n), SentAt: time.Now(), Took: 4 * time.Millisecond,
	}, nil
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
}

func newRig(t *testing.T, change func(*rig)) *rig {
	t.Helper()
	s := &rig{Stage: stage.New(t), t: t, cluster: &endpoint{exists: true}}
	s.profile = profile.Profile{ID: "p", Name: "orders", Environment: profile.Development}
	s.form = profile.SendForm{Topic: "orders", Body: "hello"}
	if change != nil {
		change(s)
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
