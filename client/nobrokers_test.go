package client_test

import (
	"errors"
	"net"
	"testing"

	"gantry/client/fault"
	"gantry/client/profile"
	"gantry/client/remoting"
	"gantry/client/testserver"
)

// TestNoBrokers: a name server that lists no broker, as one does for a moment when it
// was started anew, knows no topic either: that is no word about the topic.
func TestNoBrokers(t *testing.T) {
	t.Parallel()
	addr := testserver.Serve(t, func(nc net.Conn) {
		_ = remoting.Serve(nc, 8, func(q *remoting.Command) *remoting.Command {
			a := q.Answer(remoting.Success, "")
			a.Version = remoting.Version5
			switch q.Code {
			case remoting.RouteByTopic:
				return q.Answer(remoting.TopicNotExist, "No topic route info in name server for the topic")
			case remoting.ClusterInfo:
				a.Body = []byte(`{"brokerAddrTable":{},"clusterAddrTable":{}}`)
			case remoting.AllTopics:
				a.Body = []byte(`{"topicList":[]}`)
			default:
				return q.Answer(remoting.RequestCodeNotSupported, "")
			}
			return a
		})
	})
	d := deskAt(t, profile.Profile{ID: "p", Name: "empty", NameServers: []string{addr}}, "")
	for what, ask := range map[string]func() error{
		"lookup": func() error { _, _, err := d.conn.Lookup(t.Context(), "T"); return err },
		"topics": func() error { _, err := d.conn.TopicList(t.Context()); return err },
		"groups": func() error { _, err := d.conn.Groups(t.Context()); return err },
	} {
		if err := ask(); !errors.Is(err, fault.NoBrokers) || errors.Is(err, fault.TopicNotFound) {
			t.Errorf("%s: %v", what, err)
		}
	}
	s := profile.Subscription{ID: "s-none", Profile: "p", Topic: "T", Follow: true, From: profile.FromNow}
	sub, err := d.client.Sessions.Open(s)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.conn.Start(t.Context(), sub, s); !errors.Is(err, fault.NoBrokers) {
		t.Errorf("a follow: %v", err)
	}
}
