package client_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"gantry/client"
	"gantry/client/fault"
	"gantry/client/message"
	"gantry/client/outbox"
	"gantry/client/producer"
	"gantry/client/profile"
	"gantry/client/remoting"
	"gantry/client/testcluster"
)

// trader connects a Gantry whose half messages no other test is asked after.
func (s *server) trader(t testing.TB, changes ...change) *desk {
	t.Helper()
	p := s.at(t)
	p.ID = uuid.NewString()
	return deskAt(t, p, s.secret, changes...)
}

// half sends a transactional message.
func (d *desk) half(topic, body string, what message.Transaction) message.Receipt {
	d.t.Helper()
	r, err := d.conn.Send(d.t.Context(), &message.Draft{
		Topic: topic, Tag: "付款", Keys: []string{body}, Body: []byte(body), Transaction: what,
		Properties: []message.Property{{Name: "地区", Value: "华南"}},
	})
	if err != nil || r.Status != message.StatusOK {
		d.t.Fatalf("%s: %v, %+v", body, err, r)
	}
	return r
}

// written is what the history has of a message.
func (d *desk) written(id string) (item outbox.Item, x *outbox.Sent) {
	d.t.Helper()
	h := d.client.Outbox.History(d.profile.ID)
	defer h.Close()
	eventually(d.t, 10*time.Second, func() string {
		if err := h.Refresh(); err != nil {
			return err.Error()
		}
		for i := range h.Len() {
			if item = h.At(i); item.Of == nil {
				continue
			}
			var err error
			if x, err = item.Of.Sent(item.Row); err == nil && x.Leave.ID == id {
				return ""
			}
		}
		return fmt.Sprint("the history does not have ", id)
	})
	return item, x
}

// stands waits until a half message stands as it is said, and was asked after that often.
func (d *desk) stands(r message.Receipt, want outbox.Stand, checks int) *outbox.Sent {
	d.t.Helper()
	var got *outbox.Sent
	eventually(d.t, 60*time.Second, func() string {
		_, got = d.written(r.MessageID)
		if got.Half == nil || got.Half.Stand != want || got.Half.Checks < checks {
			return fmt.Sprintf("%+v, %+v", got.Half, got.Receipt)
		}
		return ""
	})
	return got
}

// decide decides of a half message, as somebody does who agreed to it.
func (d *desk) decide(r message.Receipt, what message.Transaction) error {
	d.t.Helper()
	item, _ := d.written(r.MessageID)
	return d.conn.Decide(d.t.Context(), item.Of, item.Row, what, client.Confirmed{Topic: r.Topic, Count: 1, Name: d.profile.Name})
}

// read waits until a message was read back to the byte, where it can be: proxies have no
// index, by which one is found that was committed.
func (d *desk) read(r message.Receipt) {
	d.t.Helper()
	want := message.ProofArrived
	if d.profile.ClusterID != "" {
		want = message.ProofUnread
	}
	eventually(d.t, 20*time.Second, func() string {
		if _, x := d.written(r.MessageID); x.Arrival == nil || x.Arrival.Proof != want {
			return fmt.Sprintf("%+v", x.Arrival)
		}
		return ""
	})
}

// delivery is a message that a Java consumer got.
type delivery struct {
	Topic, Body, Tag, Keys, MsgID string
	ReceivedAt                    int64
	ReconsumeTimes                int
	Properties                    map[string]string
}

// javaReads is a Java consumer of a topic that stays for a while behind the last message
// that it is to have; the function returns what it got, in that order.
func (s *server) javaReads(t *testing.T, topic string, count int, more ...string) func() []delivery {
	t.Helper()
	type answer struct {
		out string
		err error
	}
	group := uuid.NewString()
	if s.proxy {
		s.createGroup(t, group)
	}
	args := append(s.java(t), "topic="+topic, "group="+group, fmt.Sprint("count=", count), "timeout=150")
	args = append(args, more...)
	done := make(chan answer, 1)
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	go func() {
		out, err := testcluster.Java(ctx, testcluster.V550, "testdata/java/Receive.java", args...)
		done <- answer{out, err}
	}()
	return func() (all []delivery) {
		t.Helper()
		got := <-done
		if errors.Is(got.err, testcluster.ErrNotInstalled) {
			testcluster.Unavailable(t, got.err)
		}
		if got.err != nil {
			t.Fatalf("%v: %s", got.err, got.out)
		}
		for line := range strings.Lines(got.out) {
			var m delivery
			if err := json.Unmarshal([]byte(line), &m); err != nil {
				t.Fatal(err, line)
			}
			all = append(all, m)
		}
		return all
	}
}

// receiver is a Java consumer of halves; the function returns the bodies that it got, in
// order of their names.
func (s *server) receiver(t *testing.T, topic string, count int) func() []string {
	t.Helper()
	read := s.javaReads(t, topic, count, "wait=7")
	return func() []string {
		t.Helper()
		var bodies []string
		for _, m := range read() {
			if m.Tag != "付款" || m.Keys != m.Body {
				t.Errorf("%+v", m)
			}
			bodies = append(bodies, m.Body)
		}
		slices.Sort(bodies)
		return bodies
	}
}

// transactions: a Java consumer gets what is committed, once, and never what is taken back,
// whether that was decided at once, while it waited, or after the broker had asked.
func transactions(t *testing.T, on *server) {
	d := on.trader(t)
	top := on.topic(t, 4, "TRANSACTION")
	received := on.receiver(t, top, 3)
	committed := d.half(top, "committed", message.Commit)
	taken := d.half(top, "taken back", message.Rollback)
	soon := d.half(top, "decided soon", message.Undecided)
	later, never := d.half(top, "decided later", message.Undecided), d.half(top, "taken back later", message.Undecided)
	if err := d.decide(soon, message.Commit); err != nil {
		t.Fatal(err)
	}
	if err := d.decide(soon, message.Rollback); !errors.Is(err, fault.NotWaiting) {
		t.Errorf("decided twice: %v", err)
	}
	for _, r := range []message.Receipt{later, never} {
		x := d.stands(r, outbox.Waiting, 1)
		if x.Half.Answer != message.Undecided || x.Half.Asked.Before(r.SentAt) || x.State != outbox.Stored || x.Arrival != nil {
			t.Errorf("a waiting one: %+v, %+v", x, x.Half)
		}
	}
	if err := errors.Join(d.decide(later, message.Commit), d.decide(never, message.Rollback)); err != nil {
		t.Fatal(err)
	}
	for _, r := range []message.Receipt{committed, soon, later} {
		d.stands(r, outbox.Committed, 0)
		d.read(r)
	}
	for _, r := range []message.Receipt{taken, never} {
		if x := d.stands(r, outbox.RolledBack, 0); x.Arrival != nil {
			t.Errorf("%+v", x.Arrival)
		}
	}
	if got, want := received(), []string{"committed", "decided later", "decided soon"}; !slices.Equal(got, want) {
		t.Errorf("received %q, want %q", got, want)
	}
}

// transactionsLater: what waits when Gantry ends is listed by the next one, which answers
// for it and decides.
func transactionsLater(t *testing.T, on *server) {
	d := on.trader(t)
	top := on.topic(t, 4, "TRANSACTION")
	received := on.receiver(t, top, 1)
	one, other := d.half(top, "committed", message.Undecided), d.half(top, "taken back", message.Undecided)
	d.reopen(on)
	for _, r := range []message.Receipt{one, other} {
		if _, x := d.written(r.MessageID); x.Half == nil || x.Half.Stand != outbox.Waiting {
			t.Errorf("%+v", x.Half)
		}
		d.stands(r, outbox.Waiting, 1) // and it was answered
	}
	if err := errors.Join(d.decide(one, message.Commit), d.decide(other, message.Rollback)); err != nil {
		t.Fatal(err)
	}
	d.stands(one, outbox.Committed, 1)
	d.stands(other, outbox.RolledBack, 1)
	d.read(one)
	if got := received(); !slices.Equal(got, []string{"committed"}) {
		t.Errorf("received %q", got)
	}
}

// othersTransactions: Gantry says nothing of another program's half messages, though the
// broker asks it: whoever sent one decides.
func othersTransactions(t *testing.T, on *server) {
	d := on.trader(t)
	top := on.topic(t, 4, "TRANSACTION")
	received := on.receiver(t, top, 1)
	conf, err := on.node(t).AdminConfig()
	if err != nil {
		t.Fatal(err)
	}
	asked := make(chan producer.Check, 1000)
	other := func() *producer.Producer {
		p := producer.New(producer.Config{
			Group: "GANTRY_DESK_" + d.profile.ID, Client: "other@" + uuid.NewString(), Routes: adminOf(t, on.node(t)),
			Remote: remoting.Config{Credentials: conf.Credentials}, Asked: func(c producer.Check) { asked <- c },
		})
		t.Cleanup(func() { _ = p.Close() })
		return p
	}
	p := other()
	dr := &message.Draft{Topic: top, Tag: "付款", Keys: []string{"another's"}, Body: []byte("another's"), ID: strings.Repeat("0A", 16), Transaction: message.Undecided}
	if r := p.Send(t.Context(), dr); r.Status != message.StatusOK {
		t.Fatalf("%+v", r)
	}
	_ = p.Close()
	// Once Gantry's own, sent later, was asked after twice, the other was asked after too.
	d.stands(d.half(top, "own", message.Undecided), outbox.Waiting, 2)
	if err := d.client.Close(); err != nil { // brokers ask the members of a group in turn
		t.Fatal(err)
	}
	p = other()
	p.Serve(top)
	for waiting := true; waiting; {
		select {
		case c := <-asked:
			if c.ID != dr.ID {
				continue
			}
			if err := p.Answer(t.Context(), c, message.Commit); err != nil {
				t.Fatal(err)
			}
			waiting = false
		case <-time.After(30 * time.Second):
			t.Fatal("nobody asked after it")
		}
	}
	if got := received(); !slices.Equal(got, []string{"another's"}) {
		t.Errorf("received %q", got)
	}
}

// TestWhoMayDecide: the door's guards hold for a decision.
func TestWhoMayDecide(t *testing.T) {
	t.Parallel()
	on := serverOf("sandbox")
	p := on.at(t)
	p.ID, p.Environment = uuid.NewString(), profile.Production
	d := deskAt(t, p, on.secret)
	top := on.topic(t, 1)
	r := d.half(top, "x", message.Undecided)
	item, _ := d.written(r.MessageID)
	good := client.Confirmed{Topic: top, Count: 1, Name: p.Name}
	for _, yes := range []client.Confirmed{{}, {Topic: top, Count: 1}, {Topic: top, Count: 2, Name: p.Name}, {Topic: "other", Count: 1, Name: p.Name}} {
		if err := d.conn.Decide(t.Context(), item.Of, item.Row, message.Commit, yes); !errors.Is(err, fault.NotConfirmed) {
			t.Errorf("agreed to %+v: %v", yes, err)
		}
	}
	for _, what := range []message.Transaction{message.Undecided, message.NoTransaction, "perhaps"} {
		if err := d.conn.Decide(t.Context(), item.Of, item.Row, what, good); !errors.Is(err, fault.NotWaiting) {
			t.Errorf("%q: %v", what, err)
		}
	}
	if _, err := d.conn.Send(t.Context(), &message.Draft{ProducerGroup: "GANTRY_DESK_" + p.ID, Topic: top, Body: []byte("x")}); !errors.Is(err, fault.KeptGroup) {
		t.Errorf("a plain message of the transactions' group: %v", err)
	}
	readOnly := p
	readOnly.ReadOnly = true
	conn, err := d.client.Open(t.Context(), readOnly, on.secret)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.Decide(t.Context(), item.Of, item.Row, message.Commit, good); !errors.Is(err, fault.ReadOnly) {
		t.Errorf("read-only: %v", err)
	}
	if x := d.stands(r, outbox.Waiting, 0); !x.Half.Decided.IsZero() {
		t.Errorf("%+v", x.Half)
	}
	if err := d.conn.Decide(t.Context(), item.Of, item.Row, message.Rollback, good); err != nil {
		t.Fatal(err)
	}
	d.stands(r, outbox.RolledBack, 0)
}

// untold never tells a broker what was decided, unless that asks.
var untold = change{
	file: "worker/deals.go",
	old:  "err := x.p.End(x.ctx, half, what)",
	new:  "_ = half; _ = what; err := error(fault.Timeout)",
}

// transactionsAsked: what was decided, and never told, stands in the journal: a broker that
// asks is told, by this Gantry or the next.
func transactionsAsked(t *testing.T, on *server) {
	d := on.trader(t, untold)
	top := on.topic(t, 4, "TRANSACTION")
	received := on.receiver(t, top, 3)
	at := d.half(top, "at once", message.Commit)
	first, last := d.half(top, "first", message.Undecided), d.half(top, "last", message.Undecided)
	never := d.half(top, "taken back", message.Rollback)
	if err := d.decide(first, message.Commit); !errors.Is(err, fault.Timeout) {
		t.Errorf("%v", err)
	}
	for _, r := range []message.Receipt{at, first} {
		d.stands(r, outbox.Committed, 1)
		d.read(r)
	}
	d.stands(never, outbox.RolledBack, 1)
	if err := d.decide(last, message.Commit); !errors.Is(err, fault.Timeout) {
		t.Errorf("%v", err)
	}
	d.reopen(on)
	d.stands(last, outbox.Committed, 1)
	d.read(last)
	if got := received(); !slices.Equal(got, []string{"at once", "first", "last"}) {
		t.Errorf("received %q", got)
	}
}

// stale forgets where the copy lies that a broker makes each time it asks.
var stale = change{
	file: "worker/deals.go",
	old:  `t.half, t.placed = c.Half, c.Broker != ""`,
	new:  "_ = c.Half",
}

// transactionsOfCopies: who commits by an older copy of a half message is asked after the
// newer one, which is taken back: it is never published twice.
func transactionsOfCopies(t *testing.T, on *server) {
	d := on.trader(t, stale)
	top := on.topic(t, 4, "TRANSACTION")
	received := on.receiver(t, top, 1)
	r := d.half(top, "once", message.Undecided)
	d.stands(r, outbox.Waiting, 1)
	if err := d.decide(r, message.Commit); err != nil {
		t.Fatal(err)
	}
	x := d.stands(r, outbox.Committed, 1)
	d.read(r)
	if on.name != "sandbox" { // which makes no copies
		if x = d.stands(r, outbox.Committed, x.Half.Checks+1); x.Half.Answer != message.Rollback {
			t.Errorf("%+v", x.Half)
		}
	}
	if got := received(); !slices.Equal(got, []string{"once"}) {
		t.Errorf("received %q", got)
	}
}

// reopen ends the Gantry and starts another one on its folder.
func (d *desk) reopen(on *server) {
	d.t.Helper()
	if err := d.client.Close(); err != nil {
		d.t.Fatal(err)
	}
	d.client, d.log = newClient(d.t, d.dir, workerProgram(d.t))
	conn, err := d.client.Open(d.t.Context(), d.profile, on.secret)
	if err != nil {
		d.t.Fatal(err)
	}
	d.conn = conn
}

// runsOfTransactions: a run commits all of its messages, or takes all back.
func runsOfTransactions(t *testing.T, on *server) {
	d := on.trader(t)
	top := on.topic(t, 4, "TRANSACTION")
	sub := d.subscribe(on.spec(t, top))
	const n = 60
	back := planned(top, n)
	back.Transaction = message.Rollback
	none := d.begin(back)
	p := planned(top, n)
	p.Transaction = message.Commit
	r := d.begin(p)
	for what, one := range map[message.Transaction]*outbox.Run{message.Commit: r, message.Rollback: none} {
		st := over(t, one, 60*time.Second)
		eventually(t, 60*time.Second, func() string {
			if one.Proving() {
				return fmt.Sprintf("%+v", one.Status())
			}
			return ""
		})
		c := one.Counts()
		got := map[message.Transaction]int64{message.Commit: c.Committed, message.Rollback: c.RolledBack}
		if st.Phase != outbox.Complete || c.Stored != n || got[what] != n || c.Waiting+c.Deciding != 0 {
			t.Errorf("%s: %+v, %+v", what, st, c)
		}
	}
	if !on.proxy { // which has no index
		arrived(t, r, n)
	}
	wait(t, sub, n, 30*time.Second)
	ids := map[string]bool{}
	for row := range uint64(n) {
		s, err := r.Sent(row)
		if err != nil {
			t.Fatal(err)
		}
		ids[s.Receipt.MessageID] = true
	}
	for _, m := range messages(t, sub) {
		if !ids[m.ID()] {
			t.Errorf("%s was not committed", m.ID())
		}
		delete(ids, m.ID())
	}
	if len(ids) > 0 {
		t.Errorf("%d did not come", len(ids))
	}
}
