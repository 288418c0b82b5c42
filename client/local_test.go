package client_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"gantry/client"
	"gantry/client/fault"
	"gantry/client/journal"
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

// TestD7: where the sandbox cannot start, nothing else is opened in its name, whatever
// its folder says of an address.
func TestD7(t *testing.T) {
	// It stands for a real cluster.
	other, err := sandbox.Open(sandbox.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	for name, spoil := range map[string]func(dir string) error{
		"its messages are a file": func(dir string) error { return os.WriteFile(filepath.Join(dir, "messages"), nil, 0o600) },
		"another process has the folder": func(dir string) error {
			w, err := journal.OpenWriter(filepath.Join(dir, "messages"), journal.Options{})
			if err == nil {
				t.Cleanup(func() { _ = w.Close() })
			}
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			folder := filepath.Join(dir, "data", "sandbox")
			err := os.MkdirAll(folder, 0o700)
			if err == nil {
				err = os.WriteFile(filepath.Join(folder, "address"), []byte(other.NameServer()), 0o600)
			}
			if err == nil {
				err = spoil(folder)
			}
			if err != nil {
				t.Fatal(err)
			}
			c, _ := newClient(t, dir, workerProgram(t))
			if conn, err := c.Open(t.Context(), profile.Sandbox(), ""); err == nil {
				t.Errorf("%v was opened", conn.Profile().NameServers)
			} else if !errors.Is(err, fault.Sandbox) {
				t.Errorf("%v", err)
			}
		})
	}
}
