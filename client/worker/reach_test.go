package worker

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

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
		_ = r.relay.Close()
	})
	return r
}

// TestC4ReachGoesThroughARelay: the library is told of no route that was not checked.
func TestC4ReachGoesThroughARelay(t *testing.T) {
	for name, job := range map[string]Job{
		"one name server":  {Access: Access{NameServers: []string{"a:1"}}},
		"two name servers": {Access: Access{NameServers: []string{"a:1", "b:1"}}},
		"TLS":              {Access: Access{NameServers: []string{"a:1"}, TLS: &remoting.TLS{}}},
		"addresses":        {Access: Access{NameServers: []string{"a:1"}, Addresses: remoting.AddressMap{"10.0.0.1": "127.0.0.1"}}},
	} {
		job.AccessKey, job.SecretKey, job.Instance = "user", "secret", "i"
		r := reachOf(t, &job)
		got := r.access()
		if got.AccessKey != "user" || got.SecretKey != "secret" || got.Instance != "i" {
			t.Errorf("%s: %+v", name, got)
		}
		if len(got.NameServers) != 1 || got.NameServers[0] != r.relay.NameServer() {
			t.Errorf("%s: the library asks %v", name, got.NameServers)
		}
	}
	if _, err := newReach(&Job{Access: Access{TLS: &remoting.TLS{Authorities: []byte("none")}}}); !errors.Is(err, fault.NoAuthority) {
		t.Errorf("without a certificate in it: %v", err)
	}
}

// TestReachShowsTheClusterAndNoSecret: texts of the library hold the relay's
// address, and those of brokers the access key.
func TestReachShowsTheClusterAndNoSecret(t *testing.T) {
	r := reachOf(t, &Job{Access: Access{NameServers: []string{"a:1", "b:2"}, Hide: "token-of-tdmq"}})
	got := r.words("dial " + r.relay.NameServer() + ": AK token-of-tdmq refused")
	if got != "dial a:1, b:2: AK *** refused" {
		t.Error(got)
	}
}

// TestFaultsCrossWithCodeAndArguments: what a worker finds out arrives with its code, its
// arguments, and a server's answer, and without the secret.
func TestFaultsCrossWithCodeAndArguments(t *testing.T) {
	r := reachOf(t, &Job{Access: Access{NameServers: []string{"a:1"}, Hide: "token-of-tdmq"}})
	said := &fault.Answer{Code: 16, Remark: "token-of-tdmq may not", Addr: "b:1"}
	for name, c := range map[string]struct {
		given, want *fault.Fault
	}{
		"known": {
			&fault.Fault{Code: fault.WrongName, Args: map[string]string{fault.ArgHost: "a"}, Raw: "x"},
			&fault.Fault{Code: fault.WrongName, Args: map[string]string{fault.ArgHost: "a"}, Raw: "x"},
		},
		"unknown": {&fault.Fault{Raw: "brand new"}, &fault.Fault{Raw: "brand new"}},
		"said": {
			&fault.Fault{Code: fault.NotPermitted, Raw: "AK token-of-tdmq", Said: said},
			&fault.Fault{Code: fault.NotPermitted, Raw: "AK ***", Said: &fault.Answer{Code: 16, Remark: "*** may not", Addr: "b:1"}},
		},
	} {
		var pipe bytes.Buffer
		if err := (&writer{w: &pipe}).send(Event{Kind: Trouble, Fault: r.shown(c.given)}, nil); err != nil {
			t.Fatal(err)
		}
		var got Event
		if _, err := receive(&pipe, &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.want, got.Fault, cmpopts.IgnoreUnexported(fault.Fault{})); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if c.want.Code != fault.Unknown && !errors.Is(got.Fault, c.want.Code) {
			t.Errorf("%s is not found: %v", name, got.Fault)
		}
	}
}

// TestReachKnowsWhyThereIsNoRoute: the library says of name servers that are
// gone what it says of topics that do not exist.
func TestReachKnowsWhyThereIsNoRoute(t *testing.T) {
	noRoute := fault.From(fmt.Errorf("the topic=t route info %w", fault.TopicNotFound))
	r := reachOf(t, &Job{Access: Access{NameServers: []string{testserver.Nowhere(t), testserver.Nowhere(t)}}})
	begun := time.Now()
	if got := r.why(noRoute, begun).Raw; got != noRoute.Raw {
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
		return r.receipt(message.Receipt{Status: message.StatusFailed, Fault: noRoute, SentAt: at}).Fault.Raw
	}
	for name, text := range map[string]string{"an error": r.why(noRoute, begun).Raw, "a receipt": receipt(begun)} {
		for _, server := range r.job.NameServers {
			if !strings.Contains(text, server) {
				t.Errorf("%s does not name %s: %s", name, server, text)
			}
		}
	}
	later := time.Now().Add(time.Second)
	for name, text := range map[string]string{"an error": r.why(noRoute, later).Raw, "a receipt": receipt(later)} {
		if text != noRoute.Raw {
			t.Errorf("%s of something later: %s", name, text)
		}
	}
	if got := r.why(fault.From(errors.New("another")), begun).Raw; got != "another" {
		t.Error(got)
	}
}
