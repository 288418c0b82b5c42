package sandbox

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"gantry/client/message"
	"gantry/client/remoting"
)

// TestOldestGo: what is kept is bounded, and what went is said by the offsets.
func TestOldestGo(t *testing.T) {
	n := start(t, Options{MaxBytes: 8 << 20})
	body := strings.Repeat("x", 100_000)
	for range 150 {
		n.send("orders", body)
	}
	first, next := n.s.broker.store.Bounds("orders", 0)
	if next != 150 || first == 0 || next-first > 83 || next-first < 60 {
		t.Errorf("%d to %d are kept", first, next)
	}
	a, _ := n.pull("orders", 0, 0)
	if a.Code != remoting.PullOffsetMoved || a.ExtFields["nextBeginOffset"] != fmt.Sprint(first) {
		t.Errorf("%d %v", a.Code, a.ExtFields)
	}
	if a, all := n.pull("orders", 0, int(first)); a.Code != remoting.Success || all[0].QueueOffset != first {
		t.Errorf("%d %s", a.Code, a.Remark)
	}
}

// TestNoMoreThanSaid: never are more messages kept than the most, how ever small
// they are, and the sandbox says how many went, also after a restart.
func TestNoMoreThanSaid(t *testing.T) {
	o := Options{Dir: t.TempDir(), MaxMessages: 500}
	a := start(t, o)
	ask := func(n *node) (kept, evicted int64) {
		var info struct{ Table map[string]string }
		if err := remoting.DecodeBody(n.do(remoting.BrokerRuntimeInfo, "").Body, &info); err != nil {
			t.Fatal(err)
		}
		kept, _ = strconv.ParseInt(info.Table[MessagesKey], 10, 64)
		evicted, _ = strconv.ParseInt(info.Table[EvictedKey], 10, 64)
		return kept, evicted
	}
	var most, least int64
	for i := range int64(2000) {
		a.send("orders", "x")
		first, next := a.s.broker.store.Bounds("orders", 0)
		if most = max(most, next-first); i > 500 && (least == 0 || next-first < least) {
			least = next - first
		}
	}
	if most > 500 || least < 450 {
		t.Errorf("%d to %d are kept of 500", least, most)
	}
	kept, evicted := ask(a)
	if kept+evicted != 2000 || kept < 450 {
		t.Errorf("%d are kept, %d went", kept, evicted)
	}
	if err := a.s.Close(); err != nil {
		t.Fatal(err)
	}
	if k, e := ask(start(t, o)); k != kept || e != evicted {
		t.Errorf("after a restart %d are kept, %d went; before %d, %d", k, e, kept, evicted)
	}
}

// TestOffsetsGoOn: a queue whose messages are all gone goes on where it ended, also
// after a restart.
func TestOffsetsGoOn(t *testing.T) {
	o := Options{Dir: t.TempDir(), MaxBytes: 8 << 20}
	a := start(t, o)
	for range 3 {
		a.send("quiet", "x")
	}
	body := strings.Repeat("x", 100_000)
	for end := time.Now().Add(20 * time.Second); ; {
		a.send("loud", body)
		if first, _ := a.s.broker.store.Bounds("quiet", 0); first == 3 {
			break
		}
		if time.Now().After(end) {
			t.Fatal("nothing was evicted")
		}
	}
	if err := a.s.Close(); err != nil {
		t.Fatal(err)
	}
	b := start(t, o)
	if got := b.send("quiet", "y").ExtFields["queueOffset"]; got != "3" {
		t.Errorf("it goes on at %s", got)
	}
}

// TestBrokersProperties: a broker adds what tells where a message came in, and an id
// to one without; those of a batch stay as they are.
func TestBrokersProperties(t *testing.T) {
	n := start(t, Options{})
	n.send("orders", "with", "UNIQ_KEY=mine")
	ids := map[string]bool{}
	for range 3 {
		ids[n.send("orders", "without").ExtFields["transactionId"]] = true
	}
	_, all := n.pull("orders", 0, 0)
	for i, m := range all {
		if m.Property("MSG_REGION") != "DefaultRegion" || m.Property("TRACE_ON") != "true" || m.Property("CLUSTER") != clusterName {
			t.Errorf("%d: %v", i, m.Properties)
		}
		if id := m.Property(message.PropertyUniqueID); i == 0 && id != "mine" || i > 0 && (!ids[id] || len(id) != 32 || !strings.HasPrefix(id, "7F000001")) {
			t.Errorf("%d: the id is %q", i, id)
		}
	}
	if len(ids) != 3 || len(all) != 4 {
		t.Errorf("%d ids, %d messages", len(ids), len(all))
	}
}
