package gui

import (
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"fyne.io/fyne/v2/test"
	"github.com/zalando/go-keyring"

	"gantry/client"
	"gantry/client/profile"
	"gantry/client/vault"
	"gantry/gui/stage"
)

// ring is a keyring in memory.
type ring struct {
	mu   sync.Mutex
	kept map[string]string
	err  error // of every call, if set
}

func (r *ring) Set(_, user, secret string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err == nil {
		r.kept[user] = secret
	}
	return r.err
}

func (r *ring) Get(_, user string) (string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if s, ok := r.kept[user]; ok || r.err != nil {
		return s, r.err
	}
	return "", keyring.ErrNotFound
}

func (r *ring) Delete(_, user string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, ok := r.kept[user]; !ok && r.err == nil {
		return keyring.ErrNotFound
	}
	delete(r.kept, user)
	return r.err
}

// rig is a window over a client in a temporary folder.
type rig struct {
	*Window
	t    *testing.T
	loop *stage.Loop
	ring *ring
	dir  string // the client's
}

func someProfiles() []profile.Profile {
	return []profile.Profile{
		{ID: "a", Name: "orders-dev", Environment: profile.Development, NameServers: []string{"127.0.0.1:1"}, Mapping: profile.TDMQ},
		{ID: "b", Name: "orders-test", Environment: profile.Test, NameServers: []string{"127.0.0.1:1", "127.0.0.1:2"}, Mapping: profile.TDMQ},
		{ID: "c", Name: "orders-prod", Environment: profile.Production, NameServers: []string{"127.0.0.1:1"}, Mapping: profile.TDMQ, Role: "tester"},
	}
}

// newRig opens a window with profiles and the first of them chosen. No program is
// there for workers.
func newRig(t *testing.T, saved ...profile.Profile) *rig {
	t.Helper()
	return newRigOf(t, "", saved...)
}

func newRigOf(t *testing.T, executable string, saved ...profile.Profile) *rig {
	t.Helper()
	stage.NoDesktop(t)
	r := &rig{t: t, loop: stage.NewLoop(), ring: &ring{kept: map[string]string{}}, dir: t.TempDir()}
	c, err := client.New(client.Params{Folders: client.FoldersIn(r.dir), Executable: executable, Vault: vault.NewWith(r.ring)})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Settings.Save(profile.Settings{Language: "en", Theme: "light"}); err != nil {
		t.Fatal(err)
	}
	if err := c.Profiles.Save(saved); err != nil {
		t.Fatal(err)
	}
	app := test.NewTempApp(t)
	r.Window = newWindow(Params{App: app, Client: c, Log: slog.New(slog.DiscardHandler), Version: "test"}, r.loop.Do)
	t.Cleanup(func() {
		r.dropEditor()
		for _, s := range r.spaces {
			s.close()
		}
		r.tasks.Close(5 * time.Second)
		r.win.Close()
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

func (r *rig) until(ok func() bool) {
	r.t.Helper()
	r.loop.Until(r.t, "what was to happen", ok)
}

func (r *rig) texts() string { return stage.Texts(r.win) }

func (r *rig) has(text string) bool { return strings.Contains(r.texts(), text) }

// tap presses the last button of that name: of a question before the page's.
func (r *rig) tap(text string) {
	r.t.Helper()
	stage.Tap(r.t, r.win, text)
}

// names are the connections of the sidebar and those on disk.
func (r *rig) names() (shown, stored string) {
	var a, b []string
	for _, row := range r.sidebar.rows[1:] { // the first is the sandbox
		a = append(a, row.View().Name)
	}
	kept, _ := r.client.Profiles.Load()
	for _, p := range kept {
		b = append(b, p.Name)
	}
	return strings.Join(a, " "), strings.Join(b, " ")
}

// untilNames waits until sidebar and disk hold these connections.
func (r *rig) untilNames(want string) {
	r.t.Helper()
	r.until(func() bool {
		shown, stored := r.names()
		return shown == want && stored == want && len(r.tasks.Jobs()) == 0
	})
}
