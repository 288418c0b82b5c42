package client_test

import (
	"testing"
)

func checkSteps(t *testing.T, on *server) {
	d := on.desk(t)
	top := on.topic(t, 2)
	run := func(p profile.Profile, topic string) map[client.CheckKind]client.Check {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		out := map[client.CheckKind]client.Check{}
		started := map[int]bool{}
		client.TestConnection(ctx, p, "", topic, func(c client.Check) {
			if !c.Done {
				started[c.ID] = true
				return
			}
			if !started[c.ID] {
				t.Errorf("step %+v ended without having started", c)
			}
			out[c.Kind] = c
		})
		return out
	}
	got := run(d.profile, top)
	for _, k := range []client.CheckKind{client.CheckNameServer, client.CheckRoute, client.CheckBroker, client.CheckCredentials} {
		if c, ok := got[k]; !ok || c.Err != nil {
			t.Errorf("step %d: %+v", k, c)
		}
	}
	if c := got[client.CheckRoute]; c.Brokers != 1 || c.Queues != 2 {
		t.Errorf("route: %+v", c)
	}
	if g, err := d.conn.Group(t.Context(), top, "CID_check"); err != nil || len(g.Members) > 0 {
		t.Errorf("the check joined something: %+v, %v", g, err)
	}
	if n := len(run(d.profile, "")); n != 1 {
		t.Errorf("without a topic %d kinds of steps", n)
	}
	if c := run(d.profile, "no-such-topic")[client.CheckRoute]; !errors.Is(c.Err, client.ErrTopicNotFound) {
		t.Errorf("unknown topic: %+v", c)
	}
}
