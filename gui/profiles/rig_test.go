package profiles

import (
	"context"
	"sync"
	"testing"

	"fyne.io/fyne/v2/test"

	"gantry/client"
	"gantry/client/profile"
	"gantry/client/vault"
	"gantry/gui/stage"
	"gantry/gui/widgets"
)

var _ Vault = (*vault.Vault)(nil)

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

// rig is an editor on a stage with what it asked for.
type rig struct {
	*stage.Stage
	t       *testing.T
	ring    *ring
	vault   *vault.Vault
	editor  *Editor
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

func newRig(t *testing.T, p profile.Profile, isNew bool, change func(*rig)) *rig {
	t.Helper()
	s := &rig{Stage: stage.New(t), t: t, ring: &ring{secrets: map[string]string{}, gone: make(chan struct{})}}
	s.vault = vault.NewWith(s.ring)
	s.steps = func(context.Context, profile.Profile, profile.Secret, string, func(client.Check)) {}
	if change != nil {
		change(s)
	}
	s.editor = New(Params{
		Tasks: s.Tasks, Window: s.Window, Vault: s.vault, Profile: p, IsNew: isNew,
		Others: []profile.Profile{{ID: "other", Name: "taken"}},
		Test: func(ctx context.Context, p profile.Profile, sec profile.Secret, topic string, report func(client.Check)) {
			s.steps(ctx, p, sec, topic, report)
		},
		Save:   func(p profile.Profile) { s.saved = append(s.saved, p) },
		Delete: func() { s.deleted++ },
		Cancel: func() {}, Fail: func(err error) { t.Errorf("failed with %v", err) },
		Say: func(text string) { s.said = append(s.said, text) },
	})
	s.Show(s.editor.Content())
	t.Cleanup(func() {
		s.editor.Close()
		close(s.ring.gone)
	})
	return s
}

// notice presses an action of the sentence above the form.
func (s *rig) notice(text string) {
	s.t.Helper()
	for _, o := range test.WidgetRenderer(s.editor.notice).Objects() {
		if b, ok := o.(*widgets.Button); ok && b.Text() == text {
			test.Tap(b)
			return
		}
	}
	s.t.Fatalf("no action %q in:\n%s", text, stage.Texts(s.Window))
}
