package gui

import (
	"net"
	"strconv"
	"testing"
	"time"

	"gantry/client"
	"gantry/client/fault"
	"gantry/client/insight"
	"gantry/client/profile"
	"gantry/client/sandbox"
	"gantry/gui/widgets"
)

// TestHeaderFollowsTheServers: green, red once they are gone, green again by itself.
func TestHeaderFollowsTheServers(t *testing.T) {
	dir := t.TempDir()
	server, err := sandbox.Open(sandbox.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	ports := [2]string{server.NameServer(), server.Broker()}
	r := newRig(t, profile.Profile{ID: "a", Name: "a", NameServers: []string{ports[0]}, Mapping: profile.TDMQ})
	r.connect()
	s := r.space()
	look := func(want widgets.DotState, words, problem string) {
		t.Helper()
		s.life.at = time.Now().Add(-aliveEvery)
		asked := s.life.at
		s.askAlive()
		r.until(func() bool { return s.life.at != asked })
		if v := r.sidebar.rows[1].View(); s.state.State() != want || !r.has(words) || v.Dot != want || v.Problem != problem {
			t.Errorf("want %d %q, got %d %d %q:\n%s", want, words, s.state.State(), v.Dot, v.Problem, r.texts())
		}
	}
	look(widgets.DotOn, "Connected · 1 broker", "")
	if err := server.Close(); err != nil {
		t.Fatal(err)
	}
	look(widgets.DotError, "The name server does not answer", "The name server does not answer")
	server, err = sandbox.Open(sandbox.Options{Dir: dir, NameServer: port(t, ports[0]), Broker: port(t, ports[1])})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = server.Close() }()
	if server.NameServer() != ports[0] {
		t.Skip("the port was taken meanwhile")
	}
	look(widgets.DotOn, "Connected · 1 broker", "")
	// Out of sight nothing is asked.
	s.shown, s.life.at = false, time.Time{}
	if s.askAlive(); s.scope.Running(queryAlive) {
		t.Error("asked out of sight")
	}
	s.shown = true
	if s.askAlive(); !s.scope.Running(queryAlive) {
		t.Error("not asked in sight")
	}
}

func TestWordsOfTrouble(t *testing.T) {
	r := newRig(t, someProfiles()...)
	s := r.space()
	s.conn = &client.Connection{}
	defer func() { s.conn = nil }()
	for _, x := range []struct {
		alive insight.Alive
		err   error
		words string
		dot   widgets.DotState
	}{
		{insight.Alive{}, nil, "", widgets.DotOn}, // it lists none
		{insight.Alive{Listed: true, Brokers: 2, Answering: 2, Facts: insight.Facts{Brokers: 2}}, nil, "", widgets.DotOn},
		{insight.Alive{Listed: true, Brokers: 2, Answering: 1, Facts: insight.Facts{Brokers: 2}}, nil, "1 of 2 brokers answer", widgets.DotWarn},
		{insight.Alive{Listed: true, Brokers: 2, Facts: insight.Facts{Brokers: 1}}, nil, "No broker answers", widgets.DotError},
		{insight.Alive{Listed: true, Brokers: 1}, nil, "No broker is there", widgets.DotError},
		{insight.Alive{Listed: true}, nil, "No broker is there", widgets.DotError},
		{insight.Alive{}, fault.Unreachable, "The name server does not answer", widgets.DotError},
		{insight.Alive{}, fault.Refused, "Sign-in refused", widgets.DotError},
	} {
		s.life = life{alive: x.alive, err: x.err}
		if words, dot := s.trouble(); words != x.words || dot != x.dot {
			t.Errorf("%+v: %q %d, want %q %d", x.alive, words, dot, x.words, x.dot)
		}
	}
}

func port(t *testing.T, addr string) int {
	t.Helper()
	_, p, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.Atoi(p)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
