package engine

import (
	"context"
	"fmt"
	"slices"
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
}

// Producer sends messages. Send may be called from many goroutines.
type Producer struct{ lib syncProducer }

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
	return &Producer{lib: lib}, nil
}

// Send sends d once and returns its receipt; an error is a part of the receipt.
// It may take SendTimeout and the time of a route lookup (6 s for each silent
// name server).
func (p *Producer) Send(ctx context.Context, d *message.Draft) message.Receipt {
	m := primitive.NewMessage(d.Topic, d.Body)
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
	if d.To != nil {
		m.Queue = &primitive.MessageQueue{Topic: d.Topic, BrokerName: d.To.Broker, QueueId: d.To.Queue}
	}
	r := message.Receipt{Topic: d.Topic, SentAt: time.Now()}
	var result *primitive.SendResult
	err := guard(func() (err error) {
		result, err = p.lib.SendSync(ctx, m)
		return err
	})
	r.Took = time.Since(r.SentAt)
	// The library has put its id into the message, whatever came of it.
	r.MessageID = m.GetProperty(message.PropertyUniqueID)
	if err != nil {
		r.Fault = meaning(err)
		r.Status = unsent(r.Fault)
		return r
	}
	r.Status = status(result.Status)
	r.OffsetMessageID, r.QueueOffset = result.OffsetMsgID, result.QueueOffset
	if result.MessageQueue != nil {
		r.Broker, r.QueueID = result.MessageQueue.BrokerName, result.MessageQueue.QueueId
	}
	return r
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
