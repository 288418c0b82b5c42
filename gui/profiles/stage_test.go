package profiles

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
	"gantry/client/profile"
	"gantry/client/vault"
	"gantry/gui/task"
	"gantry/gui/theme"
	"gantry/gui/widgets"
	"gantry/gui/words"
)

var _ Vault = (*vault.Vault)(nil)

// loop stands in for Fyne's main goroutine: the test runs what is queued.
type loop struct{ queue chan func() }

func newLoop() *loop { return &loop{queue: make(chan func(), 10000)} }

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

// ring is a keyring that may be locked or keep silent.
type ring struct {
	mu      sync.Mutex
	secrets map[string]string
	locked  bool
	silent  bool
	gone    chan struct{} // closed at the end of the test
}

func (r *ring) enter() error {
	r.mu.Lock()
	silent, locked := r.silent, r.locked
	r.mu.Unlock()
	if silent {
		<-r.gone
	}
	if locked {
		return vault.ErrUnavailable
	}
	return nil
}

func (r *ring) Set(_, user, secret string) error {
	if err := r.enter(); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.secrets[user] = secret
	return nil
}

func (r *ring) Get(_, user string) (string, error) {
	if err := r.enter(); err != nil {
		return "", err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	s, ok := r.secrets[user]
	if !ok {
		return "", vault.ErrNotFound
	}
	return s, nil
}

func (r *ring) Delete(_, user string) error {
	if err := r.enter(); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.secrets, user)
	return nil
}

func (r *ring) set(locked, silent bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.locked, r.silent = locked, silent
}

func (r *ring) secret(id string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.secrets[id]
}

// stage is an editor in a window with what it asked for.
type stage struct {
	t       *testing.T
	loop    *loop
	ring    *ring
	vault   *vault.Vault
	editor  *Editor
	window  fyne.Window
	saved   []profile.Profile
	deleted int
	said    []string
	steps   func(context.Context, profile.Profile, profile.Secret, string, func(client.Check))
}

func good() profile.Profile {
	return profile.Profile{
		ID: "p1", Name: "orders", Environment: profile.Test, NameServers: []string{"10.0.0.1:9876"},
		Role: "tester", Mapping: profile.TDMQ,
	}
}

func newStage(t *testing.T, p profile.Profile, isNew bool, change func(*stage)) *stage {
	t.Helper()
	app := test.NewTempApp(t)
	app.Settings().SetTheme(theme.New(theme.Light))
	if err := words.Load(words.English); err != nil {
		t.Fatal(err)
	}
	s := &stage{t: t, loop: newLoop(), ring: &ring{secrets: map[string]string{}, gone: make(chan struct{})}}
	s.vault = vault.NewWith(s.ring)
	tasks := task.New(s.loop.do)
	s.steps = func(context.Context, profile.Profile, profile.Secret, string, func(client.Check)) {}
	if change != nil {
		change(s)
	}
	s.window = test.NewTempWindow(t, widget.NewLabel(""))
	s.editor = New(Params{
		Tasks: tasks, Window: s.window, Vault: s.vault, Profile: p, IsNew: isNew,
		Others: []profile.Profile{{ID: "other", Name: "taken"}},
		Test: func(ctx context.Context, p profile.Profile, sec profile.Secret, topic string, report func(client.Check)) {
			s.steps(ctx, p, sec, topic, report)
		},
		Save:   func(p profile.Profile) { s.saved = append(s.saved, p) },
		Delete: func() { s.deleted++ },
		Cancel: func() {}, Fail: func(err error) { t.Errorf("failed with %v", err) },
		Say: func(text string) { s.said = append(s.said, text) },
	})
	s.window.SetContent(s.editor.Content())
	s.window.Resize(fyne.NewSize(1224, 850))
	t.Cleanup(func() {
		s.editor.Close()
		close(s.ring.gone)
		tasks.Close(5 * time.Second)
	})
	return s
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

// everywhere visits the page and what is open over it.
func (s *stage) everywhere(f func(fyne.CanvasObject)) {
	walk(s.editor.Content(), f)
	for _, o := range s.window.Canvas().Overlays().List() {
		walk(o, f)
	}
}

// texts returns every text that is seen or typed.
func (s *stage) texts() string {
	var b strings.Builder
	s.everywhere(func(o fyne.CanvasObject) {
		switch o := o.(type) {
		case *canvas.Text:
			b.WriteString(o.Text + "\n")
		case *widgets.Entry:
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

// notice presses an action of the sentence above the form.
func (s *stage) notice(text string) {
	s.t.Helper()
	for _, o := range test.WidgetRenderer(s.editor.notice).Objects() {
		if b, ok := o.(*widgets.Button); ok && b.Text() == text {
			test.Tap(b)
			return
		}
	}
	s.t.Fatalf("no action %q in:\n%s", text, s.texts())
}
