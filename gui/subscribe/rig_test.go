package subscribe

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"gantry/client"
	"gantry/client/filter"
	"gantry/client/insight"
	"gantry/client/message"
	"gantry/client/profile"
	"gantry/client/session"
	"gantry/gui/stage"
)

// fake is one subscription of fakeBack.
type fake struct {
	mu       sync.Mutex
	spec     profile.Subscription
	status   session.Status
	startErr error
	kept     uint64
	stops    int
	told     func()
	skipped  int
}

// Skip goes past the message at which it ended.
func (f *fake) Skip(context.Context, *client.Connection) error {
	f.locked(func() { f.skipped, f.status.Err = f.skipped+1, nil })
	return nil
}

// OnChange makes it one that tells of changes, as a session does.
func (f *fake) OnChange(told func()) { f.locked(func() { f.told = told }) }

// change changes it and tells of that.
func (f *fake) change(do func()) {
	var told func()
	f.locked(func() { do(); told = f.told })
	told()
}

func (f *fake) locked(do func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	do()
}

func (f *fake) Range() (uint64, uint64) { f.mu.Lock(); defer f.mu.Unlock(); return 0, f.kept }

func (f *fake) Record(n uint64) (*message.Record, error) {
	m := &message.Message{
		Topic: "orders", Broker: "broker-a", QueueOffset: int64(n), Body: []byte(`{"a":1}`),
		StoredAt: time.UnixMilli(1_800_000_000_000), Properties: []message.Property{{Name: "KEYS", Value: fmt.Sprint("k", n)}},
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

func (f *fake) Spec() profile.Subscription { return f.spec }

func (f *fake) Status() session.Status {
	f.mu.Lock()
	defer f.mu.Unlock()
	st := f.status
	st.Received, st.Kept, st.CapBytes = f.kept, f.kept, 2<<30
	return st
}

func (f *fake) Start(_ context.Context, _ *client.Connection, spec profile.Subscription) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.startErr != nil {
		f.status = session.Status{Err: f.startErr}
		return f.startErr
	}
	f.spec, f.status = spec, session.Status{State: session.Receiving, Later: spec.Later}
	return nil
}

func (f *fake) gate(closed bool) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.status.Paused, f.status.State = closed, session.Receiving
	if closed {
		f.status.State = session.Paused
	}
	return nil
}

func (f *fake) Pause() error  { return f.gate(true) }
func (f *fake) Resume() error { return f.gate(false) }

func (f *fake) AnswerLater(later bool) error {
	f.locked(func() { f.status.Later = later })
	return nil
}

func (f *fake) Stop() { f.locked(func() { f.status = session.Status{}; f.stops++ }) }

// fakeBack is the client. Its fields are set before the screen is made, or
// under mu.
type fakeBack struct {
	mu       sync.Mutex
	subs     map[string]*fake
	startErr error
	kept     uint64
	state    insight.GroupState
	groupErr error
	left     []session.Leftover
	gone     []session.Leftover
	closed   []string // id=name
}

func (f *fakeBack) open(spec profile.Subscription) (subscription, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.subs[spec.ID] == nil {
		f.subs[spec.ID] = &fake{spec: spec, startErr: f.startErr, kept: f.kept}
	}
	return f.subs[spec.ID], nil
}

func (f *fakeBack) close(s subscription, keepAs string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closed = append(f.closed, s.Spec().ID+"="+keepAs)
	return nil
}

func (f *fakeBack) leave(s subscription) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closed = append(f.closed, s.Spec().ID+" left")
}

func (f *fakeBack) group(context.Context, *client.Connection, string, string) (insight.GroupState, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.state, f.groupErr
}
func (f *fakeBack) saved() ([]string, bool)                        { return nil, true }
func (f *fakeBack) leftovers([]string) ([]session.Leftover, error) { return f.left, nil }

func (f *fakeBack) expire([]string, time.Time) ([]session.Leftover, error) {
	gone := f.gone
	f.gone = nil
	return gone, nil
}
func (f *fakeBack) keep(string, string) error { return nil }
func (f *fakeBack) remove(string) error       { return nil }

// rig is a screen on a stage.
type rig struct {
	*stage.Stage
	back      *fakeBack
	screen    *Screen
	conn      *client.Connection
	saved     []profile.Subscription
	failed    error
	said      string
	connects  int
	saveCount int
}

func newRig(t *testing.T, p profile.Profile, back *fakeBack, subs ...profile.Subscription) *rig {
	if back == nil {
		back = &fakeBack{}
	}
	back.subs = map[string]*fake{}
	r := &rig{Stage: stage.New(t), back: back, conn: &client.Connection{}}
	p.ID, p.Name = "p", "orders-dev"
	r.screen = newScreen(Params{
		Tasks: r.Tasks, Window: r.Window, Profile: p, Conn: func() *client.Connection { return r.conn },
		Connect: func() { r.connects++ }, Subscriptions: subs,
		Save:   func(s []profile.Subscription) { r.saved = s; r.saveCount++ },
		Topics: func() []string { return nil }, UseTopic: func(string) {},
		Fail: func(err error) { r.failed = err }, Say: func(s string) { r.said = s },
	}, back)
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
