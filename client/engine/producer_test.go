package engine

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/apache/rocketmq-client-go/v2/primitive"
	"github.com/apache/rocketmq-client-go/v2/producer"
	"github.com/google/go-cmp/cmp"

	"gantry/client/fault"
	"gantry/client/message"
)

// fakeProducer plays the library's producer: it puts an id into the message and
// answers what it was told to.
type fakeProducer struct {
	startErr  error
	result    *primitive.SendResult
	err       error
	sent      *primitive.Message
	ctx       context.Context
	shutdowns int
}

func (f *fakeProducer) Start() error { return f.startErr }

func (f *fakeProducer) Shutdown() error {
	f.shutdowns++
	return nil
}

func (f *fakeProducer) SendOneWay(ctx context.Context, ms ...*primitive.Message) error {
	_, err := f.SendSync(ctx, ms...)
	return err
}

func (f *fakeProducer) SendSync(ctx context.Context, ms ...*primitive.Message) (*primitive.SendResult, error) {
	f.ctx, f.sent = ctx, ms[0]
	ms[0].WithProperty(message.PropertyUniqueID, "0A1B")
	return f.result, f.err
}

func producerOver(t *testing.T, f *fakeProducer) *Producer {
	t.Helper()
	p, err := startProducer(f)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestReceipts(t *testing.T) {
	for _, c := range []struct {
		status primitive.SendStatus
		want   message.Status
	}{
		{primitive.SendOK, message.StatusOK},
		{primitive.SendFlushDiskTimeout, message.StatusFlushDiskTimeout},
		{primitive.SendFlushSlaveTimeout, message.StatusFlushSlaveTimeout},
		{primitive.SendSlaveNotAvailable, message.StatusSlaveNotAvailable},
		{primitive.SendUnknownError, message.StatusUncertain},
		{primitive.SendStatus(99), message.StatusUncertain},
	} {
		p := producerOver(t, &fakeProducer{result: &primitive.SendResult{
			Status: c.status, OffsetMsgID: "FF", QueueOffset: 12,
			MessageQueue: &primitive.MessageQueue{Topic: "t", BrokerName: "broker-b", QueueId: 5},
		}})
		r := p.Send(t.Context(), &message.Draft{Topic: "t", Body: []byte("x")})
		want := message.Receipt{
			Status: c.want, Topic: "t", MessageID: "0A1B", OffsetMessageID: "FF", Broker: "broker-b",
			QueueID: 5, QueueOffset: 12, SentAt: r.SentAt, Took: r.Took,
		}
		if diff := cmp.Diff(want, r); diff != "" {
			t.Error(diff)
		}
		if r.SentAt.IsZero() || r.Took < 0 {
			t.Errorf("sent at %v, took %v", r.SentAt, r.Took)
		}
	}
	p := producerOver(t, &fakeProducer{result: &primitive.SendResult{}})
	if r := p.Send(t.Context(), &message.Draft{Topic: "t", Body: []byte("x")}); r.Status != message.StatusOK || r.Broker != "" {
		t.Errorf("without a queue: %+v", r)
	}
}

func TestSendPassesTheDraftOn(t *testing.T) {
	f := &fakeProducer{result: &primitive.SendResult{}}
	p := producerOver(t, f)
	p.Send(t.Context(), &message.Draft{
		Topic: "ns%t", Tag: "付款", Keys: []string{"k1", "k2"}, Body: []byte{0, 0xff},
		Properties: []message.Property{{Name: "地区", Value: "华南"}, {Name: "a", Value: "b c"}},
	})
	if f.sent.Topic != "ns%t" || string(f.sent.Body) != "\x00\xff" || f.ctx != t.Context() {
		t.Errorf("sent %+v", f.sent)
	}
	want := map[string]string{"TAGS": "付款", "KEYS": "k1 k2", "地区": "华南", "a": "b c", "UNIQ_KEY": "0A1B"}
	if diff := cmp.Diff(want, f.sent.GetProperties()); diff != "" {
		t.Error(diff)
	}
	p.Send(t.Context(), &message.Draft{Topic: "t", Body: []byte("x")})
	if diff := cmp.Diff(map[string]string{"UNIQ_KEY": "0A1B"}, f.sent.GetProperties()); diff != "" {
		t.Errorf("a plain draft: %s", diff)
	}
}

// TestShardingKeyChoosesTheQueue: hashes are those of Java's String.hashCode.
func TestShardingKeyChoosesTheQueue(t *testing.T) {
	f := &fakeProducer{result: &primitive.SendResult{}}
	producerOver(t, f).Send(t.Context(), &message.Draft{
		Topic: "t", Body: []byte("x"), ShardingKey: "订单",
		System: []message.Property{{Name: message.PropertyDelay, Value: "4"}},
	})
	want := map[string]string{"__SHARDINGKEY": "订单", "DELAY": "4", "UNIQ_KEY": "0A1B"}
	if diff := cmp.Diff(want, f.sent.GetProperties()); diff != "" {
		t.Error(diff)
	}
	queues := make([]*primitive.MessageQueue, 7)
	for i := range queues {
		queues[i] = &primitive.MessageQueue{QueueId: i}
	}
	s := byShardingKey{producer.NewManualQueueSelector()}
	for key, hash := range map[string]int64{
		"a": 97, "hello": 99162322, "订单": 1129459, "😀": 1772899, "polygenelubricants": -1 << 31, "zzzzzzz": 215481018,
	} {
		m := primitive.NewMessage("t", nil)
		m.WithProperty(message.PropertyShardingKey, key)
		if got := s.Select(m, queues, ""); int64(got.QueueId) != max(hash, -hash)%7 {
			t.Errorf("%s goes to queue %d, its hash is %d", key, got.QueueId, hash)
		}
	}
	m := primitive.NewMessage("t", nil)
	m.Queue = queues[5]
	if got := s.Select(m, queues, ""); got != queues[5] {
		t.Errorf("a named one: %v", got)
	}
	m.WithProperty(message.PropertyShardingKey, "hello")
	if got := s.Select(m, queues, ""); got != queues[5] {
		t.Errorf("a named one beside a key: %v", got)
	}
}

func TestFailedSends(t *testing.T) {
	f := &fakeProducer{result: primitive.NewSendResult(), err: errors.New("CODE: 13, DESC: the message is illegal, maybe msg body length too large")}
	r := producerOver(t, f).Send(t.Context(), &message.Draft{Topic: "t", Body: []byte("x")})
	if r.Status != message.StatusFailed || r.Fault.Said == nil || r.Fault.Said.Code != 13 || !errors.Is(r.Fault, fault.MessageTooLarge) || !strings.Contains(r.Fault.Raw, "length") || r.MessageID != "0A1B" {
		t.Errorf("%+v", r)
	}
	if _, err := startProducer(&fakeProducer{startErr: errFake}); !errors.Is(err, fault.NotStarted) || !errors.Is(err, errFake) {
		t.Errorf("a failed start: %v", err)
	}
	f = &fakeProducer{}
	if err := producerOver(t, f).Close(); err != nil || f.shutdowns != 1 {
		t.Errorf("close: %v, %d shutdowns", err, f.shutdowns)
	}
}

// TestClassify: what may have been stored is never called failed.
func TestClassify(t *testing.T) {
	dial := &net.OpError{Op: "dial", Net: "tcp", Err: os.ErrDeadlineExceeded}
	for _, c := range []struct {
		err    error
		status message.Status
		code   int
	}{
		// internal/client.go, ProcessSendResponse
		{errors.New("CODE: 16, DESC: the broker[x] sending message is forbidden"), message.StatusFailed, 16},
		{errors.New("CODE: 2, DESC: [TIMEOUT_CLEAN_QUEUE]broker busy"), message.StatusFailed, 2},
		{errors.New("CODE: 1, DESC: "), message.StatusFailed, 1},
		// producer.go
		{errors.New("the topic=t route info not found"), message.StatusFailed, 0},
		{errors.New("topic=t route info not found"), message.StatusFailed, 0},
		{errors.New("no name server addr found with resolver: x"), message.StatusFailed, 0},
		// Go's own
		{errors.New("dial tcp 127.0.0.1:10911: connect: connection refused"), message.StatusFailed, 0},
		{dial, message.StatusFailed, 0},
		{fmt.Errorf("send: %w", dial), message.StatusFailed, 0},
		// The request may have reached the broker in all of these.
		{errors.New("request timeout"), message.StatusUncertain, 0},
		{errors.New("read tcp 127.0.0.1:1->127.0.0.1:2: connection reset by peer"), message.StatusUncertain, 0},
		{&net.OpError{Op: "write", Net: "tcp", Err: os.ErrDeadlineExceeded}, message.StatusUncertain, 0},
		{context.DeadlineExceeded, message.StatusUncertain, 0},
		{errors.New("CODE: x"), message.StatusUncertain, 0},
		{errors.New("EOF"), message.StatusUncertain, 0},
	} {
		f := meaning(c.err)
		code := 0
		if f.Said != nil {
			code = f.Said.Code
		}
		if s := unsent(f); s != c.status || code != c.code || f.Raw != c.err.Error() {
			t.Errorf("%v: %s %d, want %s %d", c.err, s, code, c.status, c.code)
		}
	}
}

func TestResolverTakesHostNames(t *testing.T) {
	a := Access{NameServers: []string{"mq.example.com:9876", "127.0.0.1:9876", "[::1]:9876"}, AccessKey: "a", SecretKey: "s"}
	want := []string{"http://mq.example.com:9876", "http://127.0.0.1:9876", "http://[::1]:9876"}
	got := a.resolver().Resolve()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	// This is what the library makes of them, or refuses.
	if err := primitive.NamesrvAddr(got).Check(); err != nil {
		t.Error(err)
	}
	if err := primitive.NamesrvAddr(a.NameServers[:1]).Check(); err == nil {
		t.Error("the library takes host names without the prefix: it is no longer needed")
	}
	if c := a.credentials(); c.AccessKey != "a" || c.SecretKey != "s" {
		t.Errorf("%+v", c)
	}
}

// racing plays the library before it has a topic's route: of several that look for it at
// once, all but the first find none.
type racing struct {
	fakeProducer
	looking, known atomic.Bool
	sends          atomic.Int32
}

func (f *racing) SendSync(context.Context, ...*primitive.Message) (*primitive.SendResult, error) {
	f.sends.Add(1)
	if f.known.Load() {
		return &primitive.SendResult{}, nil
	}
	if !f.looking.CompareAndSwap(false, true) {
		return nil, errors.New("the topic=t route info not found")
	}
	time.Sleep(5 * time.Millisecond) // for others to come
	f.known.Store(true)
	return &primitive.SendResult{}, nil
}

// TestFirstSendsAtOnce: the library's race for a route costs no message.
func TestFirstSendsAtOnce(t *testing.T) {
	f := &racing{}
	p, err := startProducer(f)
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	for range 16 {
		group.Go(func() {
			if r := p.Send(t.Context(), &message.Draft{Topic: "t", Body: []byte("x")}); r.Status != message.StatusOK {
				t.Errorf("%+v", r)
			}
		})
	}
	group.Wait()
	if f.sends.Load() != 16 {
		t.Errorf("%d sends", f.sends.Load())
	}
}

// TestTextsAreBounded: the library quotes what a broker says, which may be of any size.
func TestTextsAreBounded(t *testing.T) {
	text := "CODE: 1, DESC: " + strings.Repeat("at java.lang\n", 1<<20)
	for _, f := range []*fault.Fault{meaning(errors.New(text)), pullProblem("unknown Response Code: 1, remark: " + text), meaning(errors.New(strings.Repeat("EOF ", 1<<20)))} {
		if said := f.Said; len(f.Raw) > 20<<10 || said != nil && (said.Code != 1 || len(said.Remark) > 20<<10) {
			t.Errorf("%s: %d bytes", f.Code, len(f.Raw))
		}
	}
}
