package client_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"gantry/client"
	"gantry/client/profile"
	"gantry/client/sandbox"
	"gantry/client/session"
)

// These tests do not run side by side: they share the ports that RocketMQ's programs
// expect.

// TestSandboxConnection: the sandbox starts when it is connected to, ends with the
// client, and has kept everything when it is there again.
func TestSandboxConnection(t *testing.T) {
	dir := t.TempDir()
	names := ""
	for round := range 2 {
		c, _ := newClient(t, dir, workerProgram(t))
		conn, err := c.Open(t.Context(), profile.Sandbox(), "")
		if err != nil {
			t.Fatal(err)
		}
		if again, err := c.Open(t.Context(), profile.Sandbox(), ""); err != nil || again.Profile().NameServers[0] != conn.Profile().NameServers[0] {
			t.Errorf("a second connection goes elsewhere: %v, %v", again, err)
		}
		if names = conn.Profile().NameServers[0]; !strings.HasPrefix(names, "127.0.0.1:") {
			t.Errorf("it listens on %s", names)
		}
		d := &desk{t: t, dir: dir, client: c, conn: conn, profile: conn.Profile()}
		d.send("hello", "", "one")
		sub := d.subscribe(profile.Subscription{
			ID: session.NewGroupName(), Profile: profile.SandboxID, Topic: "hello", Group: session.NewGroupName(), OwnGroup: true, From: profile.FromEarliest,
		})
		wait(t, sub, round+1, 20*time.Second)
		if topics, err := conn.Topics(t.Context()); err != nil || !slices.Contains(topics, "hello") {
			t.Errorf("%v, %v", topics, err)
		}
		begin := time.Now()
		if err := c.Close(); err != nil {
			t.Error(err)
		}
		if took := time.Since(begin); took > 5*time.Second {
			t.Errorf("closing took %v", took)
		}
		if addr := sandbox.Address(dir + "/data/sandbox"); addr != "" {
			t.Errorf("%s is left", addr)
		}
	}
}

// TestSandboxThatRunsAlready: one that runs by itself is as good.
func TestSandboxThatRunsAlready(t *testing.T) {
	dir := t.TempDir()
	alone, err := sandbox.Open(sandbox.Options{Dir: dir + "/data/sandbox"})
	if err != nil {
		t.Fatal(err)
	}
	defer alone.Close()
	c, _ := newClient(t, dir, workerProgram(t))
	conn, err := c.Open(t.Context(), profile.Sandbox(), "")
	if err != nil || conn.Profile().NameServers[0] != alone.NameServer() {
		t.Fatalf("%v, %v", conn, err)
	}
}

// TestSandboxThatDies is started again by the next connection, where it was.
func TestSandboxThatDies(t *testing.T) {
	c, _ := newClient(t, t.TempDir(), workerProgram(t))
	var first string
	for range 2 {
		conn, err := c.Open(t.Context(), profile.Sandbox(), "")
		if err != nil {
			t.Fatal(err)
		}
		d := &desk{t: t, client: c, conn: conn, profile: conn.Profile()}
		d.send("hello", "", "one")
		if first == "" {
			first = conn.Profile().NameServers[0]
			if err := client.KillSandbox(c); err != nil {
				t.Fatal(err)
			}
			_ = conn.Close()
		} else if got := conn.Profile().NameServers[0]; got != first {
			t.Errorf("it is at %s now, not at %s", got, first)
		}
	}
}
