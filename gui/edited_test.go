package gui

import (
	"testing"

	"gantry/client/profile"
	"gantry/client/sandbox"
	"gantry/client/testserver"
)

func TestReconnects(t *testing.T) {
	t.Parallel()
	was := profile.Profile{ID: "a", Name: "n", Environment: profile.Test, NameServers: []string{"h:1"}, Role: "r", Mapping: profile.TDMQ}
	for name, x := range map[string]struct {
		change func(*profile.Profile)
		want   bool
	}{
		"nothing":      {func(*profile.Profile) {}, false},
		"name":         {func(p *profile.Profile) { p.Name = "other" }, false},
		"environment":  {func(p *profile.Profile) { p.Environment = profile.Production }, false},
		"no addresses": {func(p *profile.Profile) { p.Addresses = map[string]string{} }, false},
		"name server":  {func(p *profile.Profile) { p.NameServers = []string{"h:2"} }, true},
		"cluster":      {func(p *profile.Profile) { p.ClusterID = "c" }, true},
		"namespace":    {func(p *profile.Profile) { p.Namespace = "n" }, true},
		"role":         {func(p *profile.Profile) { p.Role = "s" }, true},
		"mapping":      {func(p *profile.Profile) { p.Mapping = profile.OpenSource }, true},
		"TLS":          {func(p *profile.Profile) { p.TLS.On = true }, true},
		"address":      {func(p *profile.Profile) { p.Addresses = map[string]string{"a": "b"} }, true},
		"read-only":    {func(p *profile.Profile) { p.ReadOnly = true }, true},
		"formats":      {func(p *profile.Profile) { p.Schemas = []profile.Schema{{Topic: "a", Format: "CBOR"}} }, false},
	} {
		now := was
		x.change(&now)
		if got := reconnects(was, now); got != x.want {
			t.Errorf("%s: %v, want %v", name, got, x.want)
		}
	}
}

// save opens the editor of the first connection, changes it, and presses Save.
func (r *rig) save(change func(*profile.Profile), token bool) {
	r.t.Helper()
	e := &edited{shell: r.Window, win: r.win}
	p := r.profiles[0]
	change(&p)
	r.edit(r.profiles[0], false)
	e.ask(p, token, func() { e.save(p) })
}

// TestRenamingKeepsAllRunning: the connection, what runs over it, and the receipts.
func TestRenamingKeepsAllRunning(t *testing.T) {
	r, _ := newConnectedRig(t)
	r.start("hello")
	s, conn := r.space(), r.space().conn
	r.edit(r.profiles[0], false)
	r.name("orders-renamed")
	r.saveEditor()
	r.until(func() bool { return r.editing == nil })
	if r.space() != s || s.conn != conn || s.subscribe.Running() != 1 || r.has("Save and reconnect") {
		t.Errorf("not kept: connection %v, running %d", s.conn == conn, s.subscribe.Running())
	}
	if s.name.Text() != "orders-renamed" || s.profile.Name != "orders-renamed" || r.sidebar.rows[1].View().Name != "orders-renamed" {
		t.Errorf("the name is not shown:\n%s", r.texts())
	}
	r.save(func(p *profile.Profile) { p.Environment = profile.Production }, false)
	r.until(func() bool { return r.editing == nil })
	if r.space() != s || s.conn != conn || !r.has("PRODUCTION") || !r.has("Send to production") && !showsSend(r) {
		t.Errorf("production is not shown:\n%s", r.texts())
	}
}

func showsSend(r *rig) bool {
	r.space().tabs.Select(tabSend)
	return r.has("Send to production")
}

// TestSavingAsksBeforeItReconnects where something would stop, and connects again.
func TestSavingAsksBeforeItReconnects(t *testing.T) {
	r, _ := newConnectedRig(t)
	s := r.space()
	r.start("hello")
	readOnly := func(p *profile.Profile) { p.ReadOnly = true }
	r.save(readOnly, false)
	if !r.has("Save and reconnect orders-dev?") || !r.has("1 subscription stops. Its list stays.") {
		t.Fatalf("it did not ask:\n%s", r.texts())
	}
	r.tap("Cancel")
	if s.conn == nil || s.subscribe.Running() != 1 || r.editing == nil || r.profiles[0].ReadOnly {
		t.Fatal("Cancel did not cancel")
	}
	r.closeEditor()
	r.save(readOnly, false)
	r.tap("Save and reconnect")
	r.until(func() bool { return r.editing == nil && r.space() != s && r.space().conn != nil })
	if p := r.space().conn.Profile(); !p.ReadOnly || s.conn != nil || r.space().subscribe.Running() != 0 {
		t.Errorf("after it: %+v", p)
	}
	// Where nothing would stop there is no question. Another token is a reason too.
	s = r.space()
	r.save(func(*profile.Profile) {}, true)
	r.until(func() bool { return r.editing == nil && r.space() != s && r.space().conn != nil })
}

// TestSavingWhileConnecting goes on connecting, with what was changed.
func TestSavingWhileConnecting(t *testing.T) {
	server, err := sandbox.Open(sandbox.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = server.Close() }()
	silent := testserver.Serve(t, testserver.Silent)
	r := newRig(t, profile.Profile{ID: "a", Name: "a", NameServers: []string{silent}, Mapping: profile.TDMQ})
	r.space().open()
	r.save(func(p *profile.Profile) { p.NameServers = []string{server.NameServer()} }, false)
	r.until(func() bool { return r.editing == nil && r.space().conn != nil })
}
