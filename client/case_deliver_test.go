package client_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"gantry/client"
	"gantry/client/message"
	"gantry/client/outbox"
	"gantry/client/session"
	"gantry/client/testcluster"
)

// delays: a message is delivered after a time or at one. Brokers before 5.0 delay by
// levels only, which may be others than usual (quickLevels); what they cannot do is not
// sent at all.
func delays(t *testing.T, on *server) {
	d := on.desk(t)
	top := on.topic(t, 2, "DELAY")
	sub := d.subscribe(on.spec(t, top))
	waitState(t, sub, 20*time.Second, session.Receiving)
	receipts := sendLater(t, d, top, on.old)
	count := len(receipts)
	if on.proxy { // it holds senders to the topic's type
		r, err := d.conn.Send(t.Context(), draft(top, "now"))
		if err != nil || r.Status != message.StatusFailed || !strings.Contains(r.Fault.Raw, "TopicMessageType") {
			t.Errorf("a message of another type: %v, %+v", err, r)
		}
	} else {
		d.send(top, "", "now")
		count++
	}
	wait(t, sub, count, 40*time.Second)
	// Timers are exact to a second, and may be that early (TimerMessageStore.java).
	mayBeEarly := 1500 * time.Millisecond
	if on.old {
		mayBeEarly = 200 * time.Millisecond
	}
	for _, m := range messages(t, sub) {
		name := string(m.Body)
		r, delayed := receipts[name]
		if delayed != (name != "now") || delayed && m.ID() != r.MessageID || len(m.UserProperties()) > 0 {
			t.Errorf("received %+v", m)
		}
		if early := r.Due.Sub(m.StoredAt); delayed && early > mayBeEarly {
			t.Errorf("%q came %v too early", name, early)
		}
		delete(receipts, name)
	}
	if len(receipts) > 0 {
		t.Errorf("never came: %v", receipts)
	}
	if on.old {
		notByLevel(t, d, top)
	}
}

// sendLater sends messages that wait; their bodies name them.
func sendLater(t *testing.T, d *desk, top string, old bool) map[string]message.Receipt {
	deliveries := map[string]message.Delivery{"after": {After: 3 * time.Second}, "again": {After: time.Second}}
	if !old {
		deliveries["any"] = message.Delivery{After: 4200 * time.Millisecond}
		deliveries["at"] = message.Delivery{At: time.Now().Add(10 * time.Second)}
	}
	receipts := map[string]message.Receipt{}
	for name, when := range deliveries {
		dr := draft(top, name)
		dr.Deliver = when
		r, err := d.conn.Send(t.Context(), dr)
		if err != nil || r.Status != message.StatusOK {
			t.Fatalf("%s: %v, %+v", name, err, r)
		}
		if want := when.Due(r.SentAt); !r.Due.Equal(want) || dr.System != nil {
			t.Errorf("%s: due at %v, want %v; %+v", name, r.Due, want, dr)
		}
		receipts[name] = r
	}
	return receipts
}

// notByLevel sends what the levels do not have.
func notByLevel(t *testing.T, d *desk, top string) {
	for _, when := range []message.Delivery{{After: 4 * time.Second}, {At: time.Now().Add(time.Hour)}} {
		dr := draft(top, "not sent")
		dr.Deliver = when
		r, err := d.conn.Send(t.Context(), dr)
		if err != nil || r.Status != message.StatusFailed || !errors.As(r.Fault, new(*client.LevelsError)) || r.MessageID != "" {
			t.Errorf("%+v: %v, %+v", when, err, r)
		}
		var none *client.LevelsError
		err = d.conn.CheckDelivery(t.Context(), dr)
		if !errors.As(err, &none) || len(none.Levels) != 19 || !slices.Equal(none.Levels[:4], []time.Duration{time.Second, time.Second, 2 * time.Second, 3 * time.Second}) {
			t.Errorf("%v", err)
		}
	}
}

// javaAgrees: a Java consumer gets ordered messages in their order, a delayed one when it is
// due, and each of a batch.
func javaAgrees(t *testing.T, on *server) {
	d := on.desk(t)
	top := on.topic(t, 4)
	const each, batch = 10, 25
	read := on.javaReads(t, top, 2*each+1+batch, "ordered=true")
	for i := range each {
		for _, key := range []string{"a", "b"} {
			dr := draft(top, fmt.Sprint(key, " ", i))
			dr.ShardingKey = key
			if r, err := d.conn.Send(t.Context(), dr); err != nil || r.Status != message.StatusOK {
				t.Fatalf("%v, %+v", err, r)
			}
		}
	}
	dr := draft(top, "late")
	dr.Deliver = message.Delivery{After: 3 * time.Second}
	late, err := d.conn.Send(t.Context(), dr)
	if err != nil || late.Status != message.StatusOK {
		t.Fatalf("%v, %+v", err, late)
	}
	p := planned(top, batch)
	p.Batch, p.Body, p.JSON = 10, []byte("batch {{seq}}"), false
	if st := over(t, d.begin(p), 60*time.Second); st.Phase != outbox.Complete || st.Counts.Stored != batch {
		t.Fatalf("%+v", st)
	}
	next, seen := map[string]int{}, map[string]bool{}
	for _, m := range read() {
		kind, rest, _ := strings.Cut(m.Body, " ")
		switch {
		case seen[m.Body]:
			t.Errorf("%s came again", m.Body)
		case kind == "late":
			if early := late.Due.Sub(time.UnixMilli(m.ReceivedAt)); m.MsgID != late.MessageID || early > 1500*time.Millisecond {
				t.Errorf("%v too early: %+v", early, m)
			}
		case kind != "batch":
			if rest != fmt.Sprint(next[kind]) {
				t.Errorf("%s came where %d was next", m.Body, next[kind])
			}
			next[kind]++
		}
		seen[m.Body] = true
	}
	if len(seen) != 2*each+1+batch {
		t.Errorf("%d came", len(seen))
	}
}

// ordered: messages of a key go to one queue, to the one that a Java producer takes.
func ordered(t *testing.T, on *server) {
	d := on.desk(t)
	top := on.topic(t, 8, "FIFO")
	queues := map[string]int{}
	for i := range 8 {
		for _, key := range []string{"订单-1820447", "a", "polygenelubricants"} {
			dr := draft(top, fmt.Sprint(key, " ", i))
			dr.ShardingKey = key
			r, err := d.conn.Send(t.Context(), dr)
			if err != nil || r.Status != message.StatusOK {
				t.Fatalf("%v, %+v", err, r)
			}
			if q, sent := queues[key]; sent && q != r.QueueID {
				t.Errorf("%s goes to the queues %d and %d", key, q, r.QueueID)
			}
			queues[key] = r.QueueID
			m := on.stored(t, top, r.QueueID, r.QueueOffset)
			if m.ShardingKey() != key || len(m.UserProperties()) > 0 {
				t.Errorf("stored as %+v", m)
			}
		}
	}
	if on.name != testcluster.V550 {
		return // which queue it is no server knows
	}
	for _, key := range []string{"订单-1820447", "polygenelubricants"} {
		want := queues[key]
		out, err := testcluster.Java(t.Context(), testcluster.V550, "testdata/java/Send.java", append(on.java(t), "topic="+top, "ordered="+key)...)
		if errors.Is(err, testcluster.ErrNotInstalled) {
			testcluster.Unavailable(t, err)
		}
		if err != nil {
			t.Fatal(err)
		}
		var got struct{ Queue *int }
		if err := json.Unmarshal([]byte(strings.TrimSpace(out)), &got); err != nil || got.Queue == nil || *got.Queue != want {
			t.Errorf("Java sends %s: %v, %s; Gantry to queue %d", key, err, out, want)
		}
	}
}
