package send

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"gantry/client"
	"gantry/client/message"
	"gantry/client/profile"
	"gantry/gui/task"
	"gantry/gui/theme"
	"gantry/gui/widgets"
	"gantry/gui/words"
)

var _ Connection = (*client.Connection)(nil)

// loop stands in for Fyne's main goroutine: the test runs what is queued.
type loop struct{ queue chan func() }

func (l *loop) do(f func()) { l.queue <- f }

// until runs the queue until cond holds.
func (l *loop) until(t *testing.T, what string, cond func() bool) {
	t.Helper()
	limit := time.After(10 * time.Second)
	for !cond() {
		select {
		case f := <-l.queue:
			f()
		case <-limit:
			t.Fatalf("waited for %s in vain", what)
		}
	}
}

// settle runs what is queued for a while.
func (l *loop) settle(d time.Duration) {
	limit := time.After(d)
	for {
		select {
		case f := <-l.queue:
			f()
		case <-limit:
			return
		}
	}
}

// cluster is a connection that answers as it is told.
type cluster struct {
	mu              sync.Mutex
	exists, creates bool
	lookupErr       error
	looked          []string
	sent            []message.Draft
	answer          func(n int, d *message.Draft) (message.Receipt, error)
}

func (c *cluster) Lookup(_ context.Context, topic string) (exists, creates bool, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.looked = append(c.looked, topic)
	return c.exists, c.creates, c.lookupErr
}

func (c *cluster) Send(_ context.Context, d *message.Draft) (message.Receipt, error) {
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

func (c *cluster) drafts() []message.Draft {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]message.Draft(nil), c.sent...)
}

// stage is a screen in a window with what it asked for.
type stage struct {
	more    func(*Params) // what a test adds to them
	t       *testing.T
	loop    *loop
	cluster *cluster
	offline bool
	profile profile.Profile
	form    profile.SendForm
	screen  *Screen
	window  fyne.Window
	tasks   *task.Runner
	forms   []profile.SendForm
	used    []string
	splits  []float64
	failed  []error
	said    []string
}

func newStage(t *testing.T, change func(*stage)) *stage {
	t.Helper()
	app := test.NewTempApp(t)
	app.Settings().SetTheme(theme.New(theme.Light))
	if err := words.Load(words.English); err != nil {
		t.Fatal(err)
	}
	s := &stage{t: t, loop: &loop{queue: make(chan func(), 10000)}, cluster: &cluster{exists: true}}
	s.profile = profile.Profile{ID: "p", Name: "orders", Environment: profile.Development}
	s.form = profile.SendForm{Topic: "orders", Body: "hello"}
	if change != nil {
		change(s)
	}
	s.tasks = task.New(s.loop.do)
	s.window = test.NewTempWindow(t, widget.NewLabel(""))
	p := s.params()
	if s.more != nil {
		s.more(&p)
	}
	s.screen = New(p)
	s.window.SetContent(s.screen.Content())
	s.window.Resize(fyne.NewSize(1224, 790))
	t.Cleanup(func() {
		s.screen.Close()
		s.tasks.Close(5 * time.Second)
	})
	return s
}

func (s *stage) params() Params {
	return Params{
		Tasks: s.tasks, Window: s.window, Profile: s.profile, Form: s.form,
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

// walk visits every object of a tree that can be seen.
func walk(o fyne.CanvasObject, f func(fyne.CanvasObject)) {
	if o == nil || !o.Visible() {
		return
	}
	f(o)
	switch o := o.(type) {
	case *fyne.Container:
		for _, c := range o.Objects {
			walk(c, f)
		}
	case fyne.Widget:
		for _, c := range test.WidgetRenderer(o).Objects() {
			walk(c, f)
		}
	}
}

func (s *stage) everywhere(f func(fyne.CanvasObject)) {
	walk(s.screen.Content(), f)
	for _, o := range s.window.Canvas().Overlays().List() {
		walk(o, f)
	}
}

// texts returns every text that is seen.
func (s *stage) texts() string {
	var b strings.Builder
	s.everywhere(func(o fyne.CanvasObject) {
		switch o := o.(type) {
		case *canvas.Text:
			b.WriteString(o.Text + "\n")
		case *widget.RichText:
			b.WriteString(o.String() + "\n")
		}
	})
	return b.String()
}

func (s *stage) has(text string) bool { return strings.Contains(s.texts(), text) }

func (s *stage) button(text string) *widgets.Button {
	var found *widgets.Button
	s.everywhere(func(o fyne.CanvasObject) {
		if b, ok := o.(*widgets.Button); ok && b.Text() == text {
			found = b
		}
	})
	return found
}

func (s *stage) tap(text string) {
	s.t.Helper()
	b := s.button(text)
	if b == nil {
		s.t.Fatalf("no button %q in:\n%s", text, s.texts())
	}
	test.Tap(b)
}

func (s *stage) until(text string) {
	s.t.Helper()
	s.loop.until(s.t, "the text "+text, func() bool { return s.has(text) })
}

// done waits until so many drafts were sent and answered.
func (s *stage) done(n int) {
	s.t.Helper()
	s.loop.until(s.t, "the send", func() bool { return len(s.cluster.drafts()) >= n && s.screen.Sending() == 0 })
}

// quiet tells whether nothing is sent in a while.
func (s *stage) quiet(n int) {
	s.t.Helper()
	s.loop.settle(100 * time.Millisecond)
	if got := len(s.cluster.drafts()); got != n {
		s.t.Errorf("%d messages were sent, want %d", got, n)
	}
}

func press(o fyne.Focusable, names ...fyne.KeyName) {
	for _, n := range names {
		o.TypedKey(&fyne.KeyEvent{Name: n})
	}
}
