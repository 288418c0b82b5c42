package gui

import (
	"net"
	"strconv"
	"testing"

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
		r.until(func() bool {
			// Else it takes ten seconds; and a round may fall between the ends of two servers.
			s.conn.AskNow()
			_, dot := s.trouble()
			return dot == want && !s.heard.At.IsZero() && r.sidebar.rows[1].View().Problem == problem
		})
		if v := r.sidebar.rows[1].View(); s.state.State() != want || !r.has(words) || v.Dot != want || v.Problem != problem {
			t.Errorf("want %d %q, got %d %d %q:\n%s", want, words, s.state.State(), v.Dot, v.Problem, r.texts())
		}
	}
	look(widgets.DotOn, "Connected · 1 broker", "")
	if v := r.sidebar.rows[1].View(); v.Doing[0] != "1 of 1 broker" {
		t.Errorf("the sidebar says %q in place of the address", v.Doing)
	}
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
	// Out of sight it is heard of as well.
	s.setShown(false)
	if err := server.Close(); err != nil {
		t.Fatal(err)
	}
	look(widgets.DotError, "The name server does not answer", "The name server does not answer")
}

func TestWordsOfTrouble(t *testing.T) {
	r := newRig(t, someProfiles()...)
	s := r.space()
	s.conn = &client.Connection{}
	defer func() { s.conn = nil }()
	at := func(name string, id int64, err error) insight.BrokerState {
		return insight.BrokerState{Name: name, ID: id, Err: err}
	}
	answers, silent := []insight.NameServerState{{Addr: "a:1"}}, []insight.NameServerState{{Addr: "a:1", Err: fault.Unreachable}}
	gone := insight.BrokerState{Name: "b", Gone: true}
	refused := fault.Refusal(&fault.Answer{Code: 16, Remark: "check signature failed.", Addr: "b:1"})
	for _, x := range []struct {
		heard client.Heard
		words string
		dot   widgets.DotState
	}{
		{client.Heard{}, "", widgets.DotOn},                                             // not asked yet
		{client.Heard{Health: insight.Health{NameServers: answers}}, "", widgets.DotOn}, // it lists none
		{client.Heard{Health: insight.Health{NameServers: answers, Listed: true, Brokers: []insight.BrokerState{at("a", 0, nil), at("b", 0, nil)}}}, "", widgets.DotOn},
		{client.Heard{Health: insight.Health{NameServers: answers, Listed: true, Brokers: []insight.BrokerState{at("a", 0, nil), at("b", 0, fault.Timeout)}}}, "1 of 2 brokers answer", widgets.DotWarn},
		{client.Heard{Health: insight.Health{NameServers: answers, Listed: true, Brokers: []insight.BrokerState{at("a", 0, nil), gone}}}, "1 of 2 brokers answer", widgets.DotWarn},
		{client.Heard{Health: insight.Health{NameServers: answers, Listed: true, Brokers: []insight.BrokerState{at("a", 0, fault.Timeout), gone}}}, "No broker answers", widgets.DotError},
		{client.Heard{Health: insight.Health{NameServers: answers, Listed: true, Brokers: []insight.BrokerState{gone}}}, "No broker is there", widgets.DotError},
		{client.Heard{Health: insight.Health{NameServers: answers, Listed: true}}, "No broker is there", widgets.DotError},
		{client.Heard{Health: insight.Health{NameServers: answers, Listed: true, Brokers: []insight.BrokerState{at("a", 0, fault.Timeout), at("a", 1, nil)}}}, "No master of a answers", widgets.DotWarn},
		{client.Heard{Health: insight.Health{NameServers: append(answers, silent...), Listed: true, Brokers: []insight.BrokerState{at("a", 0, nil)}}}, "a:1 does not answer", widgets.DotWarn},
		{client.Heard{Health: insight.Health{NameServers: answers, Listed: true, Brokers: []insight.BrokerState{at("a", 0, refused)}}}, "Sign-in refused", widgets.DotError},
		{client.Heard{Health: insight.Health{NameServers: silent}, Err: fault.Unreachable}, "The name server does not answer", widgets.DotError},
	} {
		s.heard = x.heard
		if words, dot := s.trouble(); words != x.words || dot != x.dot {
			t.Errorf("%+v: %q %d, want %q %d", x.heard, words, dot, x.words, x.dot)
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
