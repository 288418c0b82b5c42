package engine

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	rocketmq "github.com/apache/rocketmq-client-go/v2"
	"github.com/apache/rocketmq-client-go/v2/primitive"
	"github.com/apache/rocketmq-client-go/v2/producer"

	"gantry/client/fault"
	"gantry/client/message"
)

// SendTimeout is how long a send waits for the broker's answer.
const SendTimeout = 5 * time.Second

// ProducerConfig says how to send.
type ProducerConfig struct {
	Access
	Group string
}

// syncProducer is what Producer needs of the library.
type syncProducer interface {
	Start() error
	Shutdown() error
	SendSync(context.Context, ...*primitive.Message) (*primitive.SendResult, error)
	SendOneWay(context.Context, ...*primitive.Message) error
}

// Producer sends messages. Send may be called from many goroutines.
type Producer struct {
	lib syncProducer

	mu     sync.Mutex
	topics map[string]*topic
}

// topic is one that messages were sent to. Until the library has its route, one message at
// a time looks for it: of several that do, all but one are told that there is none
// (producer.go, tryToFindTopicPublishInfo: who comes second is told that nothing changed,
// and finds nothing stored yet).
type topic struct {
	first sync.Mutex
	known atomic.Bool
}

// toTopic runs a send to a topic, alone while its route is not known.
func (p *Producer) toTopic(name string, send func() error) error {
	p.mu.Lock()
	t := p.topics[name]
	if t == nil {
		t = &topic{}
		p.topics[name] = t
	}
	p.mu.Unlock()
	if !t.known.Load() {
		t.first.Lock()
		defer t.first.Unlock()
	}
	err := guard(send)
	if err == nil || meaning(err).Code != fault.TopicNotFound {
		t.known.Store(true)
	}
	return err
}

// NewProducer makes and starts a producer; nothing is sent yet. The library
// does not retry: what may have been stored is never sent twice unasked.
func NewProducer(cfg ProducerConfig) (*Producer, error) {
	opts := []producer.Option{
		producer.WithGroupName(cfg.Group),
		producer.WithInstanceName(cfg.Instance),
		producer.WithNsResolver(cfg.resolver()),
		producer.WithCredentials(cfg.credentials()),
		producer.WithRetry(0),
		producer.WithSendMsgTimeout(SendTimeout),
		producer.WithCompressMsgBodyOverHowmuch(math.MaxInt), // only what a draft says is packed
		producer.WithQueueSelector(byShardingKey{producer.NewRoundRobinQueueSelector()}),
	}
	lib, err := rocketmq.NewProducer(opts...)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", fault.NotStarted, err)
	}
	return startProducer(lib)
}

func startProducer(lib syncProducer) (*Producer, error) {
	if err := guard(lib.Start); err != nil {
		return nil, fmt.Errorf("%w: %w", fault.NotStarted, err)
	}
	return &Producer{lib: lib, topics: map[string]*topic{}}, nil
}

// NewID returns the unique id of a message, as the library makes them: no two of one
// process are alike.
func NewID() string { return primitive.CreateUniqID() }

// Send sends d once and returns its receipt; an error is a part of the receipt.
// It may take SendTimeout and the time of a route lookup (6 s for each silent
// name server).
func (p *Producer) Send(ctx context.Context, d *message.Draft) message.Receipt {
	r := message.Receipt{Topic: d.Topic, SentAt: time.Now()}
	m, err := toLibrary(d)
	if err != nil {
		r.Status, r.Fault = message.StatusFailed, fault.From(err)
		return r
	}
	var result *primitive.SendResult
	err = p.toTopic(d.Topic, func() (err error) {
		if d.OneWay {
			return p.lib.SendOneWay(ctx, m)
		}
		result, err = p.lib.SendSync(ctx, m)
		return err
	})
	r.Took = time.Since(r.SentAt)
	// The library has put its id into the message, whatever came of it.
	r.MessageID = m.GetProperty(message.PropertyUniqueID)
	switch {
	case err != nil:
		r.Fault = meaning(err)
		r.Status = unsent(r.Fault)
	case d.OneWay:
		r.Status = message.StatusHandedOver
	default:
		landed(&r, result)
	}
	return r
}

// SendBatch sends drafts of one topic in one request and returns a receipt for each:
// brokers store all of a batch or nothing. All of them go to the first one's queue. They
// get ids here where they have none, because the library gives a batch none.
func (p *Producer) SendBatch(ctx context.Context, drafts []*message.Draft) []message.Receipt {
	r := message.Receipt{Topic: drafts[0].Topic, SentAt: time.Now()}
	out := make([]message.Receipt, len(drafts))
	all := make([]*primitive.Message, len(drafts))
	for i, d := range drafts {
		all[i] = toBatch(d)
		out[i].MessageID = all[i].GetProperty(message.PropertyUniqueID)
	}
	err := p.toTopic(r.Topic, func() error {
		result, err := p.lib.SendSync(ctx, all...)
		if err == nil {
			landed(&r, result)
		}
		return err
	})
	r.Took = time.Since(r.SentAt)
	if err != nil {
		r.Fault = meaning(err)
		r.Status = unsent(r.Fault)
	}
	places := strings.Split(r.OffsetMessageID, ",")
	for i := range out {
		id, place := out[i].MessageID, ""
		if len(places) == len(out) {
			place = places[i]
		}
		out[i] = r
		out[i].MessageID, out[i].OffsetMessageID = id, place
		if r.Status.Stored() {
			out[i].QueueOffset += int64(i)
		}
	}
	return out
}

// toBatch is toLibrary for a message of a batch, which is never packed by itself.
func toBatch(d *message.Draft) *primitive.Message {
	with := *d
	with.Packed = false
	if with.ID == "" {
		with.ID = NewID()
	}
	m, _ := toLibrary(&with) // only packing fails
	return m
}

// toLibrary makes the library's message of a draft.
func toLibrary(d *message.Draft) (*primitive.Message, error) {
	m := primitive.NewMessage(d.Topic, d.Body)
	m.Flag = d.Flag
	if d.Tag != "" {
		m.WithTag(d.Tag)
	}
	if len(d.Keys) > 0 {
		m.WithKeys(d.Keys)
	}
	for _, prop := range slices.Concat(d.Properties, d.System) {
		m.WithProperty(prop.Name, prop.Value)
	}
	m.WithProperty(message.PropertyShardingKey, d.ShardingKey) // none where it is empty
	m.WithProperty(message.PropertyUniqueID, d.ID)
	if d.To != nil {
		m.Queue = &primitive.MessageQueue{Topic: d.Topic, BrokerName: d.To.Broker, QueueId: d.To.Queue}
	}
	if d.Packed {
		packed, err := message.Pack(d.Body)
		if err != nil {
			return nil, err
		}
		m.CompressedBody, m.Compress = packed, true
	}
	return m, nil
}

// landed puts the library's result into a receipt.
func landed(r *message.Receipt, result *primitive.SendResult) {
	r.Status = status(result.Status)
	r.OffsetMessageID, r.QueueOffset = result.OffsetMsgID, result.QueueOffset
	if result.MessageQueue != nil {
		r.Broker, r.QueueID = result.MessageQueue.BrokerName, result.MessageQueue.QueueId
	}
}

// byShardingKey takes the queue that a message names, or that its sharding key leads to, see
// message.Shard. The library's own hashes differently.
type byShardingKey struct{ others producer.QueueSelector }

// Select is called by the library.
func (s byShardingKey) Select(m *primitive.Message, queues []*primitive.MessageQueue, lastBroker string) *primitive.MessageQueue {
	if m.Queue != nil {
		return m.Queue
	}
	key := m.GetProperty(message.PropertyShardingKey)
	if key == "" {
		return s.others.Select(m, queues, lastBroker)
	}
	return queues[message.Shard(key, len(queues))]
}

// Close ends the producer.
func (p *Producer) Close() error { return guard(p.lib.Shutdown) }

func status(s primitive.SendStatus) message.Status {
	switch s {
	case primitive.SendOK:
		return message.StatusOK
	case primitive.SendFlushDiskTimeout:
		return message.StatusFlushDiskTimeout
	case primitive.SendFlushSlaveTimeout:
		return message.StatusFlushSlaveTimeout
	case primitive.SendSlaveNotAvailable:
		return message.StatusSlaveNotAvailable
	default:
		return message.StatusUncertain
	}
}
