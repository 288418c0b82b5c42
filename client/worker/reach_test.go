package worker

import (
	"errors"
	"strings"
	"testing"
	"time"

	"gantry/client/engine"
	"gantry/client/fault"
	"gantry/client/message"
	"gantry/client/relay"
	"gantry/client/remoting"
	"gantry/client/testserver"
)

// reachOf makes a job's way to its cluster, for one test.
func reachOf(t *testing.T, job *Job) *reach {
	t.Helper()
	r, err := newReach(job)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if r.relay != nil {
			_ = r.relay.Close()
		}
	})
	return r
}

func TestReachGoesThroughARelayWhereTheLibraryCannot(t *testing.T) {
	for name, c := range map[string]struct {
		job   Job
		relay bool
	}{
		"one name server":  {Job{NameServers: []string{"a:1"}}, false},
		"two name servers": {Job{NameServers: []string{"a:1", "b:1"}}, true},
		"TLS":              {Job{NameServers: []string{"a:1"}, TLS: &remoting.TLS{}}, true},
		"addresses":        {Job{NameServers: []string{"a:1"}, Addresses: remoting.AddressMap{"10.0.0.1": "127.0.0.1"}}, true},
	} {
		c.job.AccessKey, c.job.SecretKey, c.job.Instance = "user", "secret", "i"
		r := reachOf(t, &c.job)
		got := r.access()
		if got.AccessKey != "user" || got.SecretKey != "secret" || got.Instance != "i" {
			t.Errorf("%s: %+v", name, got)
		}
		switch {
		case (r.relay != nil) != c.relay:
			t.Errorf("%s: relay %v", name, r.relay != nil)
		case !c.relay && got.NameServers[0] != "a:1":
			t.Errorf("%s: the library asks %v", name, got.NameServers)
		case c.relay && (len(got.NameServers) != 1 || got.NameServers[0] != r.relay.NameServer()):
			t.Errorf("%s: the library asks %v", name, got.NameServers)
		}
	}
	if _, err := newReach(&Job{TLS: &remoting.TLS{Authorities: []byte("none")}}); !errors.Is(err, fault.NoAuthority) {
		t.Errorf("without a certificate in it: %v", err)
	}
}

// TestReachShowsTheClusterAndNoSecret: texts of the library hold the relay's
// address, and those of brokers the access key.
func TestReachShowsTheClusterAndNoSecret(t *testing.T) {
	r := reachOf(t, &Job{NameServers: []string{"a:1", "b:2"}, Hide: "token-of-tdmq"})
	got := r.words("dial " + r.relay.NameServer() + ": AK token-of-tdmq refused")
	if got != "dial a:1, b:2: AK *** refused" {
		t.Error(got)
	}
}

func TestReachSaysWhatNoServerSaid(t *testing.T) {
	for _, c := range []struct {
		code, shown   int
		sent, receipt message.Status
	}{
		{26, 26, message.StatusFailed, message.StatusFailed},
		{relay.CodeUnreachable, 0, message.StatusFailed, message.StatusFailed},
		{relay.CodeUnanswered, 0, message.StatusFailed, message.StatusUncertain},
	} {
		r := reachOf(t, &Job{NameServers: []string{"a:1"}})
		if got := r.problem(engine.Problem{Code: c.code, Text: "x"}); got.Kind != Trouble || got.Code != c.shown || got.Text != "x" {
			t.Errorf("a failed pull with code %d: %+v", c.code, got)
		}
		got := r.receipt(message.Receipt{Code: c.code, Status: c.sent, Error: "x"})
		if got.Code != c.shown || got.Status != c.receipt || got.Error != "x" {
			t.Errorf("a receipt with code %d: %+v", c.code, got)
		}
	}
}

// TestReachKnowsWhyThereIsNoRoute: the library says of name servers that are
// gone what it says of topics that do not exist.
func TestReachKnowsWhyThereIsNoRoute(t *testing.T) {
	noRoute := errors.New("the topic=t " + engine.NoRoute)
	r := reachOf(t, &Job{NameServers: []string{testserver.Nowhere(t), testserver.Nowhere(t)}})
	begun := time.Now()
	if got := r.why(noRoute, begun); got != noRoute.Error() {
		t.Errorf("before any question: %s", got)
	}
	conn, err := remoting.Dial(t.Context(), r.relay.NameServer(), remoting.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	resp, err := conn.Call(t.Context(), &remoting.Command{Code: remoting.RouteByTopic, ExtFields: map[string]string{"topic": "t"}})
	if err != nil || resp.Code != relay.CodeUnreachable {
		t.Fatalf("name servers that are gone answered %+v, %v", resp, err)
	}
	receipt := func(at time.Time) string {
		return r.receipt(message.Receipt{Status: message.StatusFailed, Error: noRoute.Error(), SentAt: at}).Error
	}
	for name, text := range map[string]string{"an error": r.why(noRoute, begun), "a receipt": receipt(begun)} {
		for _, server := range r.job.NameServers {
			if !strings.Contains(text, server) {
				t.Errorf("%s does not name %s: %s", name, server, text)
			}
		}
	}
	later := time.Now().Add(time.Second)
	for name, text := range map[string]string{"an error": r.why(noRoute, later), "a receipt": receipt(later)} {
		if text != noRoute.Error() {
			t.Errorf("%s of something later: %s", name, text)
		}
	}
	if got := r.why(errors.New("another"), begun); got != "another" {
		t.Error(got)
	}
}
