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
	"gantry/client/fault"
	"gantry/client/message"
	"gantry/client/outbox"
	"gantry/client/testcluster"
)

// later sends a message that waits, and returns it as the history has it.
func (d *desk) later(topic, body string, when message.Delivery) (outbox.Item, message.Receipt) {
	d.t.Helper()
	dr := draft(topic, body)
	dr.Deliver = when
	var r message.Receipt
	eventually(d.t, time.Minute, func() string { // what a broker too busy to tell its time was not sent can be sent again
		var err error
		if r, err = d.conn.Send(d.t.Context(), dr); err == nil && r.Status == message.StatusOK && !r.Due.IsZero() {
			return ""
		} else if err != nil || r.Status != message.StatusFailed || !errors.Is(r.Fault, fault.Timeout) {
			d.t.Fatalf("%v, %+v", err, r)
		}
		return fmt.Sprintf("%+v", r)
	})
	var item outbox.Item
	eventually(d.t, 10*time.Second, func() string {
		var x *outbox.Sent
		if item, x = d.written(r.MessageID); x.Receipt == nil {
			return "there is no receipt"
		}
		return ""
	})
	return item, r
}

// takeBack takes a message back, as somebody does who agreed to it.
func (d *desk) takeBack(i outbox.Item, topic string) error {
	return d.conn.Recall(d.t.Context(), i.Of, i.Row, client.Confirmed{Topic: topic, Count: 1, Name: d.profile.Name})
}

// recalls: a message that waits is taken back where the broker does that, and does not come;
// where it does not, that is said, and it comes. The handle is what a Java producer is given.
func recalls(t *testing.T, on *server) {
	d := on.desk(t)
	top := on.topic(t, 1, "DELAY")
	item, r := d.later(top, "x", message.Delivery{After: 3 * time.Second})
	if err := d.conn.Recall(t.Context(), item.Of, item.Row, client.Confirmed{Topic: top, Count: 2}); !errors.Is(err, fault.NotConfirmed) {
		t.Error(err)
	}
	err := d.takeBack(item, top)
	want := map[string]error{"sandbox": nil, "5.5.0": fault.RecallOff, "5.3.3": fault.RecallOff, "4.9.7": fault.NotTimed, "proxy": fault.NotOffered}[on.name]
	if !errors.Is(err, want) || want == nil && err != nil {
		t.Fatalf("%v, want %v", err, want)
	}
	timers := want == fault.RecallOff
	if timers {
		d.javaHandle(on, top)
	}
	proof := message.ProofArrived
	switch {
	case want == nil:
		proof = message.ProofNotFound
	case on.proxy: // which has no index
		proof = message.ProofUnread
	}
	x := d.proven(r, proof)
	if x.Back() != (want == nil) {
		t.Errorf("%+v", x.Recall)
	}
	if timers {
		d.waits(top, "java")
	} else if _, err := d.conn.Timers(t.Context(), top); !errors.Is(err, fault.NotOffered) {
		t.Error(err)
	}
	if err := d.takeBack(item, top); !errors.Is(err, fault.TooLate) {
		t.Errorf("when it was due: %v", err)
	}
}

// proven waits until reading a message back came to that.
func (d *desk) proven(r message.Receipt, want message.Proof) *outbox.Sent {
	d.t.Helper()
	var x *outbox.Sent
	eventually(d.t, 60*time.Second, func() string {
		if _, x = d.written(r.MessageID); x.Arrival == nil || x.Arrival.Proof != want {
			return fmt.Sprintf("%+v", x.Arrival)
		}
		return ""
	})
	return x
}

// TestRecall: a broker that takes messages back does so for what Gantry sent to come after a
// time or at one, also when Gantry was started anew. What is not taken back comes.
func TestRecall(t *testing.T) {
	t.Parallel()
	on := serverOf("tls")
	d := on.desk(t)
	top := on.topic(t, 1, "DELAY")
	at := time.Now().Add(12 * time.Second)
	_, kept := d.later(top, "stays", message.Delivery{At: at})
	after, one := d.later(top, "after", message.Delivery{After: 12 * time.Second})
	even, two := d.later(top, "even", message.Delivery{At: at.Truncate(time.Second)})
	if err := errors.Join(d.takeBack(after, top), d.takeBack(even, top)); err != nil {
		t.Fatal(err)
	}
	for _, r := range []message.Receipt{one, two} {
		if x := d.stored(r); !x.Back() || x.Recall.At.Before(r.SentAt) || x.Recallable(time.Now()) {
			t.Errorf("%+v", x.Recall)
		}
	}
	d.waits(top, "stays")
	d.proven(kept, message.ProofArrived)
	d.waits(top)
	for _, r := range []message.Receipt{one, two} {
		if x := d.proven(r, message.ProofNotFound); !x.Back() {
			t.Errorf("%+v", x.Recall)
		}
	}
	d.reopen(on)
	_, r := d.later(top, "later", message.Delivery{After: time.Hour})
	d.reopen(on)
	earlier, _ := d.written(r.MessageID)
	if err := d.takeBack(earlier, top); err != nil {
		t.Error(err)
	}
	if x := d.stored(r); !x.Back() {
		t.Errorf("%+v", x.Recall)
	}
}

// waits waits until these are what waits of a topic, by its due time.
func (d *desk) waits(topic string, want ...string) {
	d.t.Helper()
	eventually(d.t, 20*time.Second, func() string { // brokers write down once a second how far they are
		all, err := d.conn.Timers(d.t.Context(), topic)
		if err != nil || len(all.Brokers) != 1 || len(all.Missing) > 0 || !all.Brokers[0].Whole() || all.Brokers[0].Found != len(all.Waiting) {
			d.t.Fatalf("%+v, %v", all, err)
		}
		var got []string
		for _, m := range all.Waiting {
			got = append(got, string(m.Body))
		}
		if !slices.Equal(got, want) || all.Brokers[0].Count < int64(len(want)) {
			return fmt.Sprintf("%q wait, %+v", got, all.Brokers)
		}
		return ""
	})
}

// stored is what the history has of a message once it was taken back.
func (d *desk) stored(r message.Receipt) *outbox.Sent {
	d.t.Helper()
	var x *outbox.Sent
	eventually(d.t, 10*time.Second, func() string {
		if _, x = d.written(r.MessageID); x.Recall == nil {
			return "it was not taken back"
		}
		return ""
	})
	return x
}

// javaHandle holds the handle that is made of what lies at the broker against the one that a
// Java producer got from it.
func (d *desk) javaHandle(on *server, top string) {
	d.t.Helper()
	args := append(on.java(d.t), "topic="+top, "body=java", fmt.Sprint("at=", time.Now().Add(time.Hour).UnixMilli()))
	out, err := testcluster.Java(d.t.Context(), testcluster.V550, "testdata/java/Send.java", args...)
	if errors.Is(err, testcluster.ErrNotInstalled) {
		testcluster.Unavailable(d.t, err)
	}
	var got struct{ MsgID, OffsetMsgID, Broker, RecallHandle string }
	if err != nil || json.Unmarshal([]byte(strings.TrimSpace(out)), &got) != nil || got.RecallHandle == "" {
		d.t.Fatalf("%v: %s", err, out)
	}
	a := adminOf(d.t, on.node(d.t))
	m, err := a.WaitingTimer(d.t.Context(), on.node(d.t).Masters()[0], got.Broker, top, got.MsgID, got.OffsetMsgID)
	if err != nil {
		d.t.Fatal(err)
	}
	due, _ := m.TimerDue()
	if made := message.RecallHandle(top, got.Broker, due, got.MsgID); made != got.RecallHandle {
		d.t.Errorf("made %s, Java got %s", made, got.RecallHandle)
	}
}
