package profiles

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"gantry/client"
	"gantry/client/fault"
	"gantry/client/profile"
	"gantry/gui/stage"
)

func TestChecksAreShownAsTheyHappen(t *testing.T) {
	var secret profile.Secret
	var topic string
	step := make(chan struct{})
	s := newRig(t, good(), false, func(s *rig) {
		hold(s)
		s.steps = func(_ context.Context, _ profile.Profile, sec profile.Secret, tp string, report func(client.Check)) {
			secret, topic = sec, tp
			report(client.Check{ID: 1, Kind: client.CheckNameServer, Subject: "10.0.0.1:9876", Addr: "10.0.0.1:9876"})
			<-step
			report(client.Check{ID: 1, Kind: client.CheckNameServer, Subject: "10.0.0.1:9876", Addr: "10.0.0.1:9876", Done: true, Took: 2 * time.Millisecond})
			report(client.Check{ID: 2, Kind: client.CheckRoute, Subject: "orders", Done: true, Brokers: 2, Queues: 8})
			report(client.Check{ID: 3, Kind: client.CheckBroker, Subject: "broker-a", Addr: "172.17.0.3:10911", Done: true, Err: fmt.Errorf("%w: dial", fault.Unreachable)})
			report(client.Check{ID: 4, Kind: client.CheckCredentials, Subject: "broker-a", Addr: "a:1", Done: true})
		}
	})
	s.UntilText("Stored")
	s.editor.form.cluster.SetText("c")
	s.editor.checks.topic.SetText("orders")
	s.editor.Primary()
	s.UntilText("Asking the name server")
	close(step)
	s.UntilText("1 of 4 checks failed")
	for _, want := range []string{
		"Name server answers", "2 ms", "Route found", "orders · 2 brokers · 8 queues", "Broker broker-a cannot be reached",
		"The broker tells clients to use 172.17.0.3:10911, which this computer cannot reach. Sends to its queues would fail.", "Sign-in accepted",
	} {
		if !s.Has(want) {
			t.Errorf("%q is not shown:\n%s", want, stage.Texts(s.Window))
		}
	}
	if secret.Reveal() != typedToken || topic != "c%orders" {
		t.Errorf("tested with %q on %q", secret.Reveal(), topic)
	}
	s.Tap("Copy report")
	got := fyne.CurrentApp().Clipboard().Content()
	if !strings.Contains(got, "172.17.0.3:10911") || !strings.Contains(got, "1 of 4") || strings.Contains(got, typedToken) {
		t.Errorf("report:\n%s", got)
	}
	if len(s.saved) > 0 || s.Has(typedToken) {
		t.Error("a test saved something or shows the token")
	}
}

func TestATestIsCancelledAtOnce(t *testing.T) {
	left := make(chan struct{})
	s := newRig(t, good(), true, func(s *rig) {
		s.steps = func(ctx context.Context, _ profile.Profile, _ profile.Secret, _ string, report func(client.Check)) {
			report(client.Check{ID: 1, Kind: client.CheckNameServer, Addr: "10.0.0.1:9876"})
			<-ctx.Done()
			close(left)
		}
	})
	s.editor.Primary()
	s.UntilText("Asking the name server")
	test.Tap(s.editor.checks.actions.Objects[0].(fyne.Tappable))
	<-left
	if !s.Has("Cancelled") || s.Has("Asking the name server") {
		t.Errorf("after Cancel:\n%s", stage.Texts(s.Window))
	}
	s.Settle(200 * time.Millisecond)
	if s.Has("checks") {
		t.Error("a cancelled test still answered")
	}
}

func TestATestUsesTheTypedTokenAndNeedsNoName(t *testing.T) {
	var secret profile.Secret
	s := newRig(t, good(), true, func(s *rig) {
		s.steps = func(_ context.Context, _ profile.Profile, sec profile.Secret, _ string, report func(client.Check)) {
			secret = sec
			report(client.Check{ID: 1, Done: true})
		}
	})
	s.editor.form.name.SetText("")
	s.editor.token.entry.SetText(typedToken)
	s.editor.Primary()
	s.UntilText("The check passed")
	if secret.Reveal() != typedToken {
		t.Error("another token was used")
	}
	s.editor.form.servers.SetText("nowhere")
	s.editor.Primary()
	if s.editor.form.fields[profile.FieldNameServers].Error() == "" {
		t.Error("a bad address was tested")
	}
}

func TestALockedKeyringIsNoFailedSignIn(t *testing.T) {
	s := newRig(t, good(), false, func(s *rig) {
		hold(s)
		s.steps = func(context.Context, profile.Profile, profile.Secret, string, func(client.Check)) {
			t.Error("tested without the token")
		}
	})
	s.UntilText("Stored")
	s.ring.set(true, false)
	s.editor.Primary()
	s.UntilText("The token could not be read")
}

func TestPrivate(t *testing.T) {
	for addr, want := range map[string]bool{"172.17.0.3:10911": true, "192.168.1.1:1": true, "127.0.0.1:1": true, "8.8.8.8:1": false, "mq.corp:1": false, "[fe80::1]:1": true} {
		if private(addr) != want {
			t.Errorf("private(%s) = %v", addr, !want)
		}
	}
}

func TestAWrongClockIsTold(t *testing.T) {
	s := newRig(t, good(), true, func(s *rig) {
		s.steps = func(_ context.Context, _ profile.Profile, _ profile.Secret, _ string, report func(client.Check)) {
			for i, c := range []client.Check{
				{Addr: "10.0.0.1:1", Version: "5.5.0", Ahead: 1800 * time.Second},
				{Addr: "10.0.0.2:1", Version: "4.9.7", Ahead: -61 * time.Second},
				{Addr: "10.0.0.3:1", Version: "5.3.3", Ahead: time.Second},
				{Addr: "10.0.0.4:1"},
			} {
				c.ID, c.Kind, c.Subject, c.Done = i+1, client.CheckBroker, "broker", true
				report(c)
			}
		}
	})
	s.editor.Primary()
	s.UntilText("All 4 checks passed")
	report := s.editor.checks.report()
	for _, want := range []string{"10.0.0.1:1 · 5.5.0 · its clock is 30m0s behind  ", "10.0.0.2:1 · 4.9.7 · its clock is 1m1s ahead  ", "10.0.0.3:1 · 5.3.3  ", "10.0.0.4:1  "} {
		if !strings.Contains(report, want) {
			t.Errorf("%q is not told:\n%s", want, report)
		}
	}
}

func TestNoBrokerIsACheckThatFailed(t *testing.T) {
	s := newRig(t, good(), true, func(s *rig) {
		s.steps = func(_ context.Context, _ profile.Profile, _ profile.Secret, _ string, report func(client.Check)) {
			report(client.Check{ID: 1, Kind: client.CheckBroker, Done: true, Err: fault.NoBrokers})
		}
	})
	s.editor.Primary()
	s.UntilText("The check failed")
	if !s.Has("No broker is there") || !s.Has("The name server lists no broker.") || s.Has("Map this address…") {
		t.Errorf("it is not said:\n%s", stage.Texts(s.Window))
	}
}

// TestF15StaleResultIsGreyed once the form says something else than what was tested, and
// not for its name.
func TestF15StaleResultIsGreyed(t *testing.T) {
	s := newRig(t, good(), false, func(s *rig) {
		hold(s)
		s.steps = func(_ context.Context, _ profile.Profile, _ profile.Secret, _ string, report func(client.Check)) {
			report(client.Check{ID: 1, Kind: client.CheckNameServer, Subject: "10.0.0.1:9876", Addr: "10.0.0.1:9876", Done: true})
		}
	})
	s.UntilText("Stored")
	const stale = "Tested before the last change"
	s.editor.Primary()
	s.Until(t, "the result", func() bool { return s.editor.checks.ended != "" })
	result := s.editor.checks.title.Text()
	for _, step := range []struct {
		what  string
		edit  func()
		stale bool
	}{
		{"the name", func() { s.editor.form.name.SetText("other") }, false},
		{"a server", func() { s.editor.form.servers.SetText("10.0.0.2:9876") }, true},
		{"the server as it was", func() { s.editor.form.servers.SetText("10.0.0.1:9876") }, false},
		{"the topic", func() { s.editor.checks.topic.SetText("orders") }, true},
		{"the topic as it was", func() { s.editor.checks.topic.SetText("") }, false},
		{"read-only", func() { s.editor.form.readOnly.SetChecked(true) }, false},
		{"the role", func() { s.editor.form.role.SetText("another") }, true},
	} {
		if step.edit(); s.Has(stale) != step.stale || (s.editor.checks.title.Text() == result) == step.stale {
			t.Errorf("after an edit of %s:\n%s", step.what, s.editor.checks.title.Text())
		}
	}
	s.editor.Primary()
	s.Until(t, "the result", func() bool { return s.editor.checks.ended != "" })
	if s.Has(stale) {
		t.Error("a new test is stale")
	}
}
