package engine

import (
	"context"
	"encoding/binary"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	rocketmq "github.com/apache/rocketmq-client-go/v2"
	"github.com/apache/rocketmq-client-go/v2/consumer"
	"github.com/apache/rocketmq-client-go/v2/hooks"
	"github.com/apache/rocketmq-client-go/v2/primitive"

	"gantry/client/fault"
	"gantry/client/message"
)

// Thresholds of what the library holds for one queue before it stops pulling. It
// then sleeps for 50 ms, so few messages cost much of the rate (64: a third). What
// it holds is bounded by the size.
const (
	queueMessages = 1024
	queueMiB      = 8
	// batch is how many messages a callback gets; a pull brings 32 at most.
	batch = 32
	// maxTopicMessages and maxTopicMiB are the most that the library takes as a
	// threshold of a whole topic (validate, push_consumer.go).
	maxTopicMessages = 6553500
	maxTopicMiB      = 102400
)

// ConsumerConfig says what to consume.
type ConsumerConfig struct {
	Access
	Topic, Group string
	// Queues is how many queues the topic has.
	Queues     int
	Expression string // "" means "*"
	SQL92      bool
	Broadcast  bool
	// Ordered hands over the messages of a queue one by one: the next one when
	// the one before was answered with Success.
	Ordered bool
	// From is where a group without a position starts, in whole seconds.
	From time.Time
	// Single hands over one message at a time, to be answered by itself.
	Single bool
	// Handle takes the messages of one queue, in order, and says how to answer
	// them. It must not keep them or their bodies.
	Handle func([]*message.Message) Answer
}

// Answer is what the broker is told about messages.
type Answer int

// The answers.
const (
	// Success: consumed.
	Success Answer = iota
	// Later: deliver again later; in an ordered consumer after laterInOrder, and
	// before all that follow.
	Later
	// Block: no answer, ever; the callback stays blocked until the process
	// ends. Any answer for a message that was not kept would lose it.
	Block
)

// pushConsumer is what Consumer needs of the library.
type pushConsumer interface {
	Start() error
	Shutdown() error
	// PersistConsumerOffset commits positions, without waiting for the brokers.
	PersistConsumerOffset() error
	Subscribe(string, consumer.MessageSelector, func(context.Context, ...*primitive.MessageExt) (consumer.ConsumeResult, error)) error
}

// Consumer is one push consumer. NewConsumer makes it, Start starts it once,
// Stop ends it for good.
type Consumer struct {
	cfg     ConsumerConfig
	lib     pushConsumer
	closing atomic.Bool
	started atomic.Bool
	busy    atomic.Int64 // handlers that have not returned
	// sentBack are messages answered with Later, for a while.
	sentBack sentBack
}

// makeConsumer makes the library's consumer; tests put a fake here.
type makeConsumer func(ConsumerConfig, hooks.FilterMessageHook) (pushConsumer, error)

// NewConsumer makes a consumer; nothing is sent yet.
func NewConsumer(cfg ConsumerConfig) (*Consumer, error) { return newConsumer(cfg, libraryConsumer) }

func newConsumer(cfg ConsumerConfig, make makeConsumer) (*Consumer, error) {
	c := &Consumer{cfg: cfg}
	lib, err := make(cfg, c.hook)
	if err != nil {
		return nil, err
	}
	selector := consumer.MessageSelector{Type: consumer.TAG, Expression: cfg.Expression}
	if cfg.Expression == "" {
		selector.Expression = "*"
	}
	if cfg.SQL92 {
		selector.Type = consumer.SQL92
	}
	if err := lib.Subscribe(cfg.Topic, selector, c.consume); err != nil {
		return nil, err
	}
	c.lib = lib
	return c, nil
}

func libraryConsumer(cfg ConsumerConfig, hook hooks.FilterMessageHook) (pushConsumer, error) {
	queues := max(cfg.Queues, 1)
	opts := []consumer.Option{
		consumer.WithGroupName(cfg.Group),
		consumer.WithInstance(cfg.Instance),
		consumer.WithNsResolver(cfg.resolver()),
		consumer.WithCredentials(cfg.credentials()),
		consumer.WithConsumerModel(consumer.Clustering),
		consumer.WithConsumeTimeout(consumeTimeout),
		consumer.WithConsumeMessageBatchMaxSize(batch),
		consumer.WithPullThresholdForQueue(queueMessages),
		// The library divides these by the queues it owns and puts the result
		// in place of the thresholds of a queue.
		consumer.WithPullThresholdForTopic(min(queueMessages*queues, maxTopicMessages)),
		consumer.WithPullThresholdSizeForQueue(queueMiB),
		consumer.WithPullThresholdSizeForTopic(min(queueMiB*queues, maxTopicMiB)),
		consumer.WithFilterMessageHook([]hooks.FilterMessageHook{hook}),
		consumer.WithConsumeFromWhere(consumer.ConsumeFromTimestamp),
		// The library reads the time as UTC, in whole seconds.
		consumer.WithConsumeTimestamp(cfg.From.UTC().Format("20060102150405")),
	}
	if cfg.Single || cfg.Ordered {
		opts = append(opts, consumer.WithConsumeMessageBatchMaxSize(1))
	}
	if cfg.Broadcast {
		// No broker keeps its positions: what was kept last says where to go on,
		// which is right only if nothing before it is still under way.
		opts = append(opts, consumer.WithConsumerModel(consumer.BroadCasting), consumer.WithConsumeGoroutineNums(1))
	}
	if cfg.Ordered {
		opts = append(opts, consumer.WithConsumerOrder(true))
	}
	lib, err := rocketmq.NewPushConsumer(opts...)
	if err != nil {
		return nil, err
	}
	c, ok := lib.(pushConsumer)
	if !ok { // PersistConsumerOffset is not in the library's own interface
		return nil, fmt.Errorf("the client library's %T has changed", lib)
	}
	return c, nil
}

// Start joins the group. It returns when the broker knows the consumer, which
// the library may take more than 10 s for; it cannot be cancelled, but the
// process can be killed.
func (c *Consumer) Start() error {
	if err := guard(c.lib.Start); err != nil {
		return fmt.Errorf("%w: %w", fault.NotStarted, err)
	}
	c.started.Store(true)
	return nil
}

// settle is how long the library gets before its Shutdown: to note the positions
// of what was answered last, and to queue the messages of pulls that had passed
// the hook. Shutdown closes the channel that those are written to, which would
// end the process before positions are committed.
const settle = 250 * time.Millisecond

// commitLimit bounds handing positions to the library's connections, commitTime
// is what they get to reach the brokers: Shutdown commits too, and closes the
// connections at once, whereupon a broker may drop what it has not read yet.
const (
	commitLimit = 300 * time.Millisecond
	commitTime  = 50 * time.Millisecond
)

// laterInOrder is after how long an ordered consumer gets a message again.
const laterInOrder = time.Second

// Stop ends the consumer for good. From its first line on no pulled message is
// handed over any more and none is answered; handlers that run may finish for
// up to grace. Then the positions are committed. The process must end next: the
// blocked hooks stay.
func (c *Consumer) Stop(grace time.Duration) error {
	c.closing.Store(true)
	for end := time.Now().Add(grace); c.busy.Load() > 0 && time.Now().Before(end); {
		time.Sleep(2 * time.Millisecond)
	}
	if !c.started.Load() {
		return nil // the library panics in Shutdown before a good Start
	}
	time.Sleep(settle)
	c.commit()
	return guard(c.lib.Shutdown)
}

// commit sends the positions of what was answered to the brokers. Where one
// cannot be reached the library may wait for many seconds.
func (c *Consumer) commit() {
	sent := make(chan error, 1)
	go func() { sent <- guard(c.lib.PersistConsumerOffset) }()
	select {
	case err := <-sent:
		if err == nil {
			time.Sleep(commitTime)
		}
	case <-time.After(commitLimit):
	}
}

// hook runs on every pulled batch before it is queued for the callback. Once
// the consumer is closing it blocks until the process ends: returning nil
// would discard the batch, and the next empty answer would commit past it
// (correctTagsOffset, push_consumer.go; 408 of 3,665 messages were lost so).
func (c *Consumer) hook(ctx *hooks.FilterMessageContext) ([]*primitive.MessageExt, error) {
	if c.closing.Load() {
		select {}
	}
	return ctx.Msg, nil
}

func (c *Consumer) consume(ctx context.Context, in ...*primitive.MessageExt) (consumer.ConsumeResult, error) {
	c.busy.Add(1)
	if c.closing.Load() {
		c.busy.Add(-1)
		select {}
	}
	if !c.cfg.Ordered && c.sentBack.again(in) {
		c.busy.Add(-1)
		return consumer.ConsumeRetryLater, nil
	}
	now := time.Now()
	mq := queueOf(ctx, in)
	all := make([]message.Message, len(in))
	out := make([]*message.Message, len(in))
	var hosts hosts
	for i, m := range in {
		convert(&all[i], m, mq, now, &hosts)
		out[i] = &all[i]
	}
	answer := c.cfg.Handle(out)
	c.busy.Add(-1)
	switch answer {
	case Block:
		select {}
	case Later:
		return c.later(ctx, in), nil
	}
	return consumer.ConsumeSuccess, nil
}

// later is the library's answer for messages to be delivered again.
func (c *Consumer) later(ctx context.Context, in []*primitive.MessageExt) consumer.ConsumeResult {
	if c.cfg.Ordered {
		if oc, ok := primitive.GetOrderlyCtx(ctx); ok {
			// Without it the library asks again at once, a million times a second.
			oc.SuspendCurrentQueueTimeMillis = int(laterInOrder.Milliseconds())
		}
		return consumer.SuspendCurrentQueueAMoment
	}
	if c.cfg.Broadcast {
		return consumer.ConsumeSuccess
	}
	c.sentBack.note(in)
	return consumer.ConsumeRetryLater
}

// queueOf returns the queue that the messages were pulled from. The messages'
// own topic is no longer it: the library puts the first topic in its place for
// messages of a retry topic.
func queueOf(ctx context.Context, in []*primitive.MessageExt) primitive.MessageQueue {
	if cc, ok := primitive.GetConcurrentlyCtx(ctx); ok {
		return cc.MQ
	}
	if oc, ok := primitive.GetOrderlyCtx(ctx); ok {
		return oc.MQ
	}
	if len(in) > 0 && in[0].Queue != nil {
		return *in[0].Queue
	}
	return primitive.MessageQueue{}
}

// convert makes a Message of the library's. Body and stored properties share
// the library's memory, which pins a whole pull answer of some 40 KB: Handle
// keeps neither.
func convert(out *message.Message, m *primitive.MessageExt, mq primitive.MessageQueue, now time.Time, h *hosts) {
	*out = message.Message{
		Topic: mq.Topic, Broker: mq.BrokerName, QueueID: mq.QueueId, QueueOffset: m.QueueOffset,
		CommitLogOffset: m.CommitLogOffset, Flag: m.Flag, SysFlag: m.SysFlag,
		BornAt: time.UnixMilli(m.BornTimestamp), BornHost: h.born.addr(m.BornHost, m.SysFlag&bornHostIPv6 != 0),
		StoredAt: time.UnixMilli(m.StoreTimestamp), StoreHost: h.store.addr(m.StoreHost, m.SysFlag&storeHostIPv6 != 0),
		ReconsumeTimes: int(m.ReconsumeTimes), PreparedOffset: m.PreparedTransactionOffset,
		BodyCRC: uint32(m.BodyCRC), StoreSize: int(m.StoreSize), Body: m.Body, ArrivedAt: now,
	}
	if raw, ok := rawProperties(m, mq.Topic); ok {
		out.StoredProperties = raw
		return
	}
	// The library decompressed the body, so its bytes are no longer followed by
	// the rest of the stored form: the properties come from its map, sorted,
	// without those that it adds itself.
	out.Inflated = true
	for k, v := range m.GetProperties() {
		switch k {
		case primitive.PropertyConsumeStartTime, message.PropertyMinOffset, message.PropertyMaxOffset:
		default:
			out.Properties = append(out.Properties, message.Property{Name: k, Value: v})
		}
	}
	slices.SortFunc(out.Properties, func(a, b message.Property) int {
		if a.Name < b.Name {
			return -1
		}
		return 1
	})
}

// hosts remember the addresses read last: the messages of a batch mostly come
// from the same ones.
type hosts struct{ born, store host }

type host struct {
	text string
	v6   bool
	is   netip.AddrPort
}

func (h *host) addr(s string, v6 bool) netip.AddrPort {
	if h.text != s || h.v6 != v6 {
		*h = host{text: s, v6: v6, is: addr(s, v6)}
	}
	return h.is
}

// addr reads a host as the library prints it: an IPv6 address without brackets,
// and one that holds an IPv4 address as that.
func addr(s string, v6 bool) netip.AddrPort {
	i := max(strings.LastIndexByte(s, ':'), 0)
	a, err := netip.ParseAddr(s[:i])
	if err != nil {
		return netip.AddrPort{}
	}
	if v6 {
		a = netip.AddrFrom16(a.As16())
	}
	port, _ := strconv.ParseUint(strings.TrimPrefix(s[i:], ":"), 10, 16)
	return netip.AddrPortFrom(a, uint16(port))
}

// Bits of SysFlag that change the size of the stored form.
const (
	bornHostIPv6  = 0x10
	storeHostIPv6 = 0x20
)

// rawProperties reads the properties as the broker stores them. The library
// keeps them in a map, without their order; but its body is a part of the pull
// answer, and topic and properties follow in the same array. The stored size
// tells whether that is so.
func rawProperties(m *primitive.MessageExt, topic string) ([]byte, bool) {
	rest := m.Body[len(m.Body):cap(m.Body)]
	if len(topic) > 127 || len(rest) < 1+len(topic)+2 || int(rest[0]) != len(topic) || string(rest[1:1+len(topic)]) != topic {
		return nil, false
	}
	rest = rest[1+len(topic):]
	n := int(binary.BigEndian.Uint16(rest))
	size := 4*8 + 8*5 + 8 + 8 + len(m.Body) + 1 + len(topic) + 2 + n
	if m.SysFlag&bornHostIPv6 != 0 {
		size += 12
	}
	if m.SysFlag&storeHostIPv6 != 0 {
		size += 12
	}
	if size != int(m.StoreSize) || n > len(rest)-2 {
		return nil, false
	}
	return rest[2 : 2+n : 2+n], true
}
