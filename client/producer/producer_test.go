package producer

import (
	"net"
	"strconv"
	"testing"
	"time"

	"gantry/client/admin"
	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/message"
	"gantry/client/remoting"
	"gantry/client/sandbox"
)

// rig is a sandbox that asks soon, and a producer.
type rig struct {
	*testing.T
	box    *sandbox.Server
	ask    *admin.Client
	checks chan Check
}

func newRig(t *testing.T, o sandbox.Options) *rig {
	t.Helper()
	o.CheckAfter, o.CheckAgain = 100*time.Millisecond, 100*time.Millisecond
	if o.Dir == "" {
		o.Dir = t.TempDir()
	}
	box, err := sandbox.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = box.Close() })
	r := &rig{T: t, box: box, ask: admin.New(admin.Config{NameServers: []string{box.NameServer()}}), checks: make(chan Check, 1000)}
	t.Cleanup(func() { _ = r.ask.Close() })
	return r
}

func (r *rig) producer(group string) *Producer {
	r.Helper()
	p := New(Config{Group: group, Client: "test@" + r.Name(), Routes: r.ask, Remote: remoting.Config{}, Asked: func(c Check) { r.checks <- c }})
	r.Cleanup(func() { _ = p.Close() })
	return p
}

// half sends a half message and returns where it is.
func (r *rig) half(p *Producer, id string) Half {
	r.Helper()
	got := p.Send(r.Context(), &message.Draft{Topic: "orders", Tag: "t", Keys: []string{"k"}, Body: []byte(id), ID: id, Packed: true, Transaction: message.Undecided})
	if got.Status != message.StatusOK || got.MessageID != id || got.Broker == "" || got.Took <= 0 {
		r.Fatalf("%+v", got)
	}
	h, ok := HalfOf("orders", &got)
	if !ok {
		r.Fatalf("%+v", got)
	}
	return h
}

// asked waits for the question about a message.
func (r *rig) asked(id string) Check {
	r.Helper()
	for {
		select {
		case c := <-r.checks:
			if c.ID == id {
				return c
			}
		case <-time.After(20 * time.Second):
			r.Fatal("nobody asked after ", id)
		}
	}
}

// there counts the messages of an id that consumers could get.
func (r *rig) there(id string) int {
	r.Helper()
	route, err := r.ask.Route(r.Context(), "orders")
	if err != nil {
		r.Fatal(err)
	}
	n := 0
	for _, q := range route.ReadQueues() {
		got, err := r.ask.Pull(r.Context(), route, "orders", q, 0, 32)
		if err != nil {
			r.Fatal(err)
		}
		for rest := got.Body; len(rest) > 0; {
			m, size, err := message.ParseStored(rest)
			if err != nil {
				r.Fatal(err)
			}
			if rest = rest[size:]; m.ID() == id {
				if body, ok := m.Unpacked(100); !ok || string(body) != id || m.Tag() != "t" || m.Property(message.PropertyKeys) != "k" {
					r.Errorf("%+v", m)
				}
				n++
			}
		}
	}
	return n
}

// TestHalves: a half message is got by nobody before it is committed, and never when it is
// taken back; the broker asks the group of the message, with all that its answer needs.
func TestHalves(t *testing.T) {
	r := newRig(t, sandbox.Options{})
	p := r.producer("tx")
	committed, taken, asked := r.half(p, "00AA"), r.half(p, "00BB"), r.half(p, "00CC")
	if err := p.End(t.Context(), committed, message.Commit); err != nil {
		t.Fatal(err)
	}
	if err := p.End(t.Context(), taken, message.Rollback); err != nil {
		t.Fatal(err)
	}
	if n := r.there("00AA") + 10*r.there("00BB") + 100*r.there("00CC"); n != 1 {
		t.Errorf("%d", n)
	}
	if err := p.End(t.Context(), committed, message.Commit); !Refused(err) {
		t.Errorf("ended twice: %v", err)
	}
	c := r.asked("00CC")
	if c.Group != "tx" || c.Record != asked.Record || c.Offset != asked.Offset || c.Topic != "orders" || c.Transaction != "00CC" {
		t.Errorf("%+v, sent as %+v", c, asked)
	}
	if err := p.Answer(t.Context(), c, message.Undecided); err != nil {
		t.Fatal(err)
	}
	c = r.asked("00CC") // again
	if err := p.Answer(t.Context(), c, message.Commit); err != nil {
		t.Fatal(err)
	}
	if n := r.there("00CC"); n != 1 {
		t.Errorf("%d", n)
	}
}

// TestServe: a producer that has sent nothing is asked, also once its connection was lost
// and the broker has come back.
func TestServe(t *testing.T) {
	dir := t.TempDir()
	r := newRig(t, sandbox.Options{Dir: dir})
	p := r.producer("tx")
	r.half(p, "00AA")
	_ = p.Close()
	for len(r.checks) > 0 { // those of before
		<-r.checks
	}
	p = r.producer("tx")
	p.Serve("orders")
	r.asked("00AA")
	names, broker := port(t, r.box.NameServer()), port(t, r.box.Broker())
	if err := r.box.Close(); err != nil {
		t.Fatal(err)
	}
	for len(r.checks) > 0 {
		<-r.checks
	}
	newRig(t, sandbox.Options{Dir: dir, NameServer: names, Broker: broker})
	r.asked("00AA")
}

// TestUnsent: what never left is told from what may have.
func TestUnsent(t *testing.T) {
	r := newRig(t, sandbox.Options{})
	p := r.producer("tx")
	h := r.half(p, "00AA")
	if got := p.Send(t.Context(), &message.Draft{Topic: "orders", ID: "00BB", Body: []byte("x"), To: &message.Target{Broker: "other"}}); got.Status != message.StatusFailed || got.Fault.Code != fault.NoBroker {
		t.Errorf("no such broker: %+v", got)
	}
	if got := p.Send(t.Context(), &message.Draft{Topic: "orders", ID: "00BB", Body: make([]byte, message.MaxBody+1)}); got.Status != message.StatusFailed || got.Fault.Code != fault.MessageTooLarge {
		t.Errorf("too large: %+v", got)
	}
	_ = r.box.Close()
	if got := p.Send(t.Context(), &message.Draft{Topic: "orders", ID: "00BB", Body: []byte("x")}); got.Status != message.StatusFailed || got.Fault == nil {
		t.Errorf("nobody listens: %+v", got)
	}
	if err := p.End(t.Context(), h, message.Commit); err == nil || Refused(err) {
		t.Errorf("%v", err)
	}
	_ = p.Close()
	if got := p.Send(t.Context(), &message.Draft{Topic: "orders", ID: "00BB", Body: []byte("x")}); got.Status != message.StatusFailed {
		t.Errorf("closed: %+v", got)
	}
	for _, bad := range []message.Receipt{{}, {OffsetMessageID: "zz", Broker: "b", MessageID: "a"}, {OffsetMessageID: "00112233", Broker: "b", MessageID: "a"}} {
		if _, ok := HalfOf("t", &bad); ok {
			t.Errorf("%+v has a place", bad)
		}
	}
}

func port(t *testing.T, addr string) int {
	t.Helper()
	_, text, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestReplies: the reply to a request comes to who sent it, and its sender hears that it was
// taken; a reply for nobody is refused.
func TestReplies(t *testing.T) {
	r := newRig(t, sandbox.Options{})
	replies := make(chan Reply, 1)
	p := New(Config{Group: "g", Client: "asker@1", Routes: r.ask, Replied: func(x Reply) { replies <- x }})
	t.Cleanup(func() { _ = p.Close() })
	got := p.Send(t.Context(), &message.Draft{Topic: "orders", ID: "00AA", Body: []byte("question"), Reply: time.Minute})
	if got.Status != message.StatusOK {
		t.Fatalf("%+v", got)
	}
	conn, err := remoting.Dial(t.Context(), r.box.Broker(), remoting.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	packed, err := message.Pack([]byte("answer"))
	if err != nil {
		t.Fatal(err)
	}
	answer := func(to string) error {
		_, err := conn.CallOK(t.Context(), &remoting.Command{Code: remoting.SendReply, Body: packed, ExtFields: map[string]string{
			"producerGroup": "r", "topic": "DefaultCluster_REPLY_TOPIC", "queueId": "0", "sysFlag": "1", "bornTimestamp": "0", "flag": "0",
			"properties": message.EncodeProperties([]message.Property{{Name: message.PropertyCorrelation, Value: "00AA"}, {Name: message.PropertyReplyTo, Value: to}, {Name: "a", Value: "b"}}),
		}})
		return err
	}
	if err := answer("asker@1"); err != nil {
		t.Fatal(err)
	}
	if x := <-replies; x.ID != "00AA" || string(x.Body) != "answer" || x.From == "" || len(x.Properties) != 3 {
		t.Errorf("%+v", x)
	}
	if err := answer("nobody@2"); !Refused(err) {
		t.Errorf("a reply for nobody: %v", err)
	}
}

// TestRetries: what goes to a retry topic counts as retried once, and is no dead letter of it.
func TestRetries(t *testing.T) {
	r := newRig(t, sandbox.Options{})
	p := r.producer("retries")
	top := message.RetryTopic("group")
	l, err := r.ask.Cluster(t.Context())
	if err == nil {
		err = r.ask.PutTopic(t.Context(), l.Masters()[0], top, cluster.TopicSettings{Read: 1, Write: 1, Perm: cluster.PermRead | cluster.PermWrite})
	}
	if err != nil {
		t.Fatal(err)
	}
	got := p.Send(t.Context(), &message.Draft{Topic: top, Body: []byte("x"), ID: "00DD", System: []message.Property{{Name: message.PropertyRetryTopic, Value: "orders"}}})
	if !got.Status.Stored() {
		t.Fatalf("%+v", got)
	}
	route, err := r.ask.Route(t.Context(), top)
	if err != nil {
		t.Fatal(err)
	}
	pulled, err := r.ask.Pull(t.Context(), route, top, cluster.Queue{Broker: got.Broker, ID: got.QueueID}, got.QueueOffset, 1)
	if err != nil {
		t.Fatal(err)
	}
	if m, _, err := message.ParseStored(pulled.Body); err != nil || m.ID() != "00DD" || m.ReconsumeTimes != 1 || m.Property(message.PropertyRetryTopic) != "orders" {
		t.Errorf("%+v, %v", m, err)
	}
}
