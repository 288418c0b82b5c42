package gui

import (
	"os"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"gantry/gui/widgets"

	"gantry/client/message"
	"gantry/client/sandbox"
	"gantry/client/worker"
)

// TestMain lets the test program be its own worker.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == worker.Argument {
		os.Exit(worker.Main(os.Stdin, os.Stdout))
	}
	os.Exit(m.Run())
}

// newConnectedRig opens a window that is connected to a server of the test's own.
func newConnectedRig(t *testing.T) (*rig, *sandbox.Server) {
	t.Helper()
	server, err := sandbox.Open(sandbox.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	saved := someProfiles()
	for i := range saved[:2] {
		saved[i].NameServers = []string{server.NameServer()}
	}
	r := newRigOf(t, program, saved...)
	r.connect()
	return r, server
}

// connect opens the connection in sight and waits until all of it is known.
func (r *rig) connect() {
	r.t.Helper()
	r.space().open()
	r.until(func() bool { return r.space().conn != nil && r.space().heard.Facts().Brokers > 0 })
}

// start runs a subscription.
func (r *rig) start(topic string) {
	r.t.Helper()
	s := r.space()
	s.subscribe.Follow(topic)
	r.until(func() bool { return s.subscribe.Running() > 0 })
}

// TestE7PastedTokenIsTrimmed: a token is pasted with its line break, which a field of one
// line turns into a blank.
func TestE7PastedTokenIsTrimmed(t *testing.T) {
	r := newRig(t, someProfiles()...)
	r.choose("c")
	r.space().toggle()
	r.until(func() bool { return r.has("Keep in memory until quit") })
	entry := r.win.Canvas().Focused().(*widgets.Entry)
	entry.SetText(" a-token ")
	entry.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	r.until(func() bool { return r.space().err != nil }) // it went on to connect
	if s, err := r.client.Vault.Secret(t.Context(), "c"); err != nil || s != "a-token" {
		t.Errorf("%d signs are kept, %v", len(string(s)), err)
	}
}

// TestSidebarFollowsTheRate: while a subscription is seen its row tells the rate of now, not
// that of the last question to the servers.
func TestSidebarFollowsTheRate(t *testing.T) {
	r, _ := newConnectedRig(t)
	r.start("hello")
	s := r.space()
	s.tabs.Select(tabSubscribe)
	doing := func() string { return r.sidebar.rows[1].View().Doing[0] }
	r.until(func() bool { return strings.Contains(doing(), " 0.0 /s") })
	s.conn.OnHeard(nil) // an answer of the servers would show it too
	for range 20 {
		if _, err := s.conn.Send(t.Context(), &message.Draft{ProducerGroup: "test", Topic: "hello", Body: []byte("x")}); err != nil {
			t.Fatal(err)
		}
	}
	r.until(func() bool { return strings.Contains(doing(), " /s") && !strings.Contains(doing(), " 0.0 /s") })
}
