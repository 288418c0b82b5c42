package client_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"gantry/client/fault"
	"gantry/client/message"
	"gantry/client/outbox"
	"gantry/client/testcluster"
)

// request sends a request.
func (d *desk) request(topic, body string, within time.Duration) message.Receipt {
	d.t.Helper()
	r, err := d.conn.Send(d.t.Context(), &message.Draft{Topic: topic, Tag: "ask", Body: []byte(body), Reply: within})
	if err != nil || r.Status != message.StatusOK || r.OffsetMessageID == "" {
		d.t.Fatalf("%v, %+v", err, r)
	}
	return r
}

// reply waits for what came of a request.
func (d *desk) reply(r message.Receipt) *outbox.Sent {
	d.t.Helper()
	var x *outbox.Sent
	eventually(d.t, 90*time.Second, func() string {
		if _, x = d.written(r.MessageID); x.Reply == nil {
			return fmt.Sprintf("nothing came: %+v", x.Receipt)
		}
		return ""
	})
	return x
}

// requests: a Java responder's reply comes to the request, to the byte, packed or not; where
// nobody replies in time that is said.
func requests(t *testing.T, on *server) {
	d := on.trader(t)
	if on.proxy {
		dr := draft(on.topic(t, 1), "x")
		dr.Reply = time.Second
		if err := d.conn.CheckDelivery(t.Context(), dr); !errors.Is(err, fault.NoReplies) {
			t.Errorf("%v", err)
		}
		if r, err := d.conn.Send(t.Context(), dr); err != nil || r.Status != message.StatusFailed || r.Fault.Code != fault.NoReplies {
			t.Errorf("%v, %+v", err, r)
		}
		return
	}
	top, silent := on.topic(t, 4), on.topic(t, 1)
	type answer struct {
		out string
		err error
	}
	done := make(chan answer, 1)
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	args := append(on.java(t), "topic="+top, "group="+uuid.NewString(), "count=2", "timeout=100")
	go func() {
		out, err := testcluster.Java(ctx, testcluster.V550, "testdata/java/Reply.java", args...)
		done <- answer{out, err}
	}()
	long := strings.Repeat("长的请求 ", 1000)
	asked := map[string]message.Receipt{"问题 1": d.request(top, "问题 1", time.Minute), long: d.request(top, long, time.Minute)}
	none := d.request(silent, "nobody listens", time.Second)
	if x := d.reply(none); x.Reply.Fault == nil || x.Reply.Fault.Code != fault.Timeout || x.Reply.At.Sub(none.SentAt) < time.Second || len(x.Reply.Body) > 0 {
		t.Errorf("%+v", x.Reply)
	}
	got := <-done
	if errors.Is(got.err, testcluster.ErrNotInstalled) {
		testcluster.Unavailable(t, got.err)
	}
	if got.err != nil || strings.Count(got.out, "SEND_OK") != 2 {
		t.Fatalf("%v: %s", got.err, got.out)
	}
	for body, r := range asked {
		x := d.reply(r)
		if x.Reply.Fault != nil || string(x.Reply.Body) != "reply to "+body || x.Reply.From == "" || x.Reply.At.Before(r.SentAt) {
			t.Errorf("%.20s: %+v, %d bytes", body, x.Reply.Fault, len(x.Reply.Body))
		}
		m := message.Message{Properties: x.Reply.Properties}
		if user := m.UserProperties(); len(user) != 1 || user[0].Value != fmt.Sprint(len(body)) {
			t.Errorf("%+v", user)
		}
		d.read(r)
	}
}
