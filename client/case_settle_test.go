package client_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"gantry/client"
	"gantry/client/insight"
	"gantry/client/outbox"
	"gantry/client/session"
	"gantry/client/testcluster"
)

// settles: what a group did with the messages of a run is what its Java member did: it took
// most, gave some up and sent others back; then nobody is there. Then a member of
// ours takes what was sent back and what waited.
func settles(t *testing.T, on *server) {
	d := on.desk(t)
	top := on.topic(t, 4)
	group := on.spec(t, top).Group
	const n = 40
	taken := on.sentTo(t, d, top, group, n, "max=0", "refuse=6")
	d.settled(taken.run, group, map[insight.Fate]int64{insight.FateConsumed: n - 6, insight.FateDead: 6}, taken.refused)
	back := on.sentTo(t, d, top, group, n, "refuse=9")
	s := d.settled(back.run, group, map[insight.Fate]int64{insight.FateConsumed: n - 9, insight.FateRetrying: 9}, back.refused)
	var proof bytes.Buffer
	did, err := back.run.WriteProof(t.Context(), &proof, &outbox.ProofColumn{Head: "group", Cell: s.Word}, func(int64, int64) {})
	text := proof.String()
	if err != nil || did.Rows != n || strings.Count(text, ",arrived,") != n || strings.Count(text, ",to be retried\r\n") != 9 || strings.Count(text, ",consumed\r\n") != n-9 {
		t.Errorf("%+v, %v\n%s", did, err, text)
	}
	waiting := d.begin(planned(top, n))
	over(t, waiting, 60*time.Second)
	arrived(t, waiting, n)
	d.settled(waiting, group, map[insight.Fate]int64{insight.FateOffline: n}, nil)
	// Another group has no position, and none of it.
	d.settled(back.run, group+"-other", map[insight.Fate]int64{insight.FateOffline: n}, nil)

	mine := on.spec(t, top)
	mine.Group, mine.OwnGroup = group, false
	sub := d.subscribe(mine)
	waitState(t, sub, 30*time.Second, session.Receiving)
	wait(t, sub, n+9, 90*time.Second)
	d.settled(taken.run, group, map[insight.Fate]int64{insight.FateConsumed: n - 6, insight.FateDead: 6}, taken.refused)
	d.settled(back.run, group, map[insight.Fate]int64{insight.FateConsumed: n}, nil)
	d.settled(waiting, group, map[insight.Fate]int64{insight.FateConsumed: n}, nil)
	sub.Stop()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := d.conn.Settle(ctx, waiting, group, func(int64, int64) {}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// member is what a Java member did with a run.
type member struct {
	run     *outbox.Run
	refused []string // ids of what it did not take
}

// sentTo sends a run, of which a Java member takes all but those that it refuses.
func (s *server) sentTo(t *testing.T, d *desk, top, group string, n int, args ...string) member {
	t.Helper()
	r := d.begin(planned(top, int64(n)))
	over(t, r, 60*time.Second)
	arrived(t, r, int64(n))
	refused := 0
	for _, a := range args {
		_, _ = fmt.Sscanf(a, "refuse=%d", &refused)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	args = append(s.java(t), append(args, "topic="+top, "group="+group, fmt.Sprint("count=", n-refused), "timeout=120", "wait=2")...) // what it took last is answered behind its count
	out, err := testcluster.Java(ctx, testcluster.V550, "testdata/java/Receive.java", args...)
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	took := map[string]bool{}
	for line := range strings.Lines(out) {
		var m struct{ MsgID, Answer string }
		if json.Unmarshal([]byte(line), &m) == nil && m.MsgID != "" {
			took[m.MsgID] = took[m.MsgID] || m.Answer == "success"
		}
	}
	maps.DeleteFunc(took, func(_ string, ok bool) bool { return ok })
	return member{r, slices.Sorted(maps.Keys(took))}
}

// settled waits for what a group did with a run, and which messages it has not taken:
// positions are committed every five seconds.
func (d *desk) settled(r *outbox.Run, group string, want map[insight.Fate]int64, open []string) *client.Settled {
	d.t.Helper()
	var s *client.Settled
	eventually(d.t, 60*time.Second, func() string {
		var err error
		if s, err = d.conn.Settle(d.t.Context(), r, group, func(int64, int64) {}); err != nil {
			return err.Error()
		}
		if !maps.Equal(s.Counts, want) || len(s.Missed) > 0 || s.NotStored > 0 || s.Limited {
			return fmt.Sprintf("%+v %+v, want %v", s, *s.Settlement, want)
		}
		return ""
	})
	var ids []string
	for _, row := range s.Rows(1000, insight.FateDead, insight.FateRetrying) {
		x, err := r.Sent(row)
		if err != nil {
			d.t.Fatal(err)
		}
		ids = append(ids, x.Leave.ID)
	}
	if slices.Sort(ids); len(open) > 0 && !slices.Equal(ids, open) {
		d.t.Errorf("not taken: %v, by the member %v", ids, open)
	}
	return s
}
