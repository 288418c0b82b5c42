package engine

import (
	"context"
	"encoding/binary"
	"errors"
	"net/netip"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/apache/rocketmq-client-go/v2/consumer"
	"github.com/apache/rocketmq-client-go/v2/hooks"
	"github.com/apache/rocketmq-client-go/v2/primitive"

	"gantry/client/message"
)

// fakeLibrary plays the library's push consumer: pulled bytes are decoded by the
// library's own decoder, pass the hook on the pulling goroutine, and go to the
// callback on one of many others.
type fakeLibrary struct {
	hook     hooks.FilterMessageHook
	topic    string
	selector consumer.MessageSelector
	callback func(context.Context, ...*primitive.MessageExt) (consumer.ConsumeResult, error)

	subscribeErr, startErr, commitErr error
	onStart                           func()
	starts, shutdowns, commits        atomic.Int32 // commits before Shutdown
	hangs                             chan struct{}
	stopped                           chan struct{} // closed by the first Shutdown
	once                              sync.Once
}

var errFake = errors.New("the fake refuses")

func (f *fakeLibrary) Start() error {
	f.starts.Add(1)
	if f.onStart != nil {
		f.onStart()
	}
	return f.startErr
}

func (f *fakeLibrary) Shutdown() error {
	f.shutdowns.Add(1)
	f.once.Do(func() { close(f.stopped) })
	return nil
}

func (f *fakeLibrary) PersistConsumerOffset() error {
	if f.shutdowns.Load() == 0 {
		f.commits.Add(1)
	}
	if f.hangs != nil {
		<-f.hangs
	}
	return f.commitErr
}

func (f *fakeLibrary) Subscribe(topic string, s consumer.MessageSelector, callback func(context.Context, ...*primitive.MessageExt) (consumer.ConsumeResult, error)) error {
	f.topic, f.selector, f.callback = topic, s, callback
	return f.subscribeErr
}

// withFake makes a Consumer over a fake.
func withFake(t *testing.T, cfg ConsumerConfig) (*Consumer, *fakeLibrary) {
	t.Helper()
	f := &fakeLibrary{stopped: make(chan struct{})}
	c, err := newConsumer(cfg, func(_ ConsumerConfig, hook hooks.FilterMessageHook) (pushConsumer, error) {
		f.hook = hook
		return f, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return c, f
}

// pull hands stored messages over as the library does (processPullResult and
// consumeMessageConcurrently): the hook first, then two properties, the queue,
// the topic before a retry, one more property, the callback.
func (f *fakeLibrary) pull(mq primitive.MessageQueue, stored []byte) (consumer.ConsumeResult, error) {
	ms, _ := f.hook(&hooks.FilterMessageContext{Msg: primitive.DecodeMessage(stored), MQ: &mq})
	for _, m := range ms {
		m.Queue = &mq
		m.WithProperty(primitive.PropertyMinOffset, "0")
		m.WithProperty(primitive.PropertyMaxOffset, "9")
		if origin := m.GetProperty(primitive.PropertyRetryTopic); origin != "" && message.RetryGroup(m.Topic) != "" {
			m.Topic = origin
		}
		m.WithProperty(primitive.PropertyConsumeStartTime, strconv.FormatInt(time.Now().UnixMilli(), 10))
	}
	cc := primitive.NewConsumeConcurrentlyContext()
	cc.MQ = mq
	return f.callback(primitive.WithConcurrentlyCtx(context.Background(), cc), ms...)
}

// stored is a message as a broker answers it.
func stored(topic string, offset int64, body string, properties ...message.Property) []byte {
	return message.AppendStored(nil, &message.Message{
		Topic: topic, QueueID: 3, QueueOffset: offset, CommitLogOffset: 4711, Flag: 7,
		BornAt: time.UnixMilli(1_700_000_000_001), BornHost: netip.MustParseAddrPort("10.1.2.3:45678"),
		StoredAt: time.UnixMilli(1_700_000_000_002), StoreHost: netip.MustParseAddrPort("10.4.5.6:10911"),
		ReconsumeTimes: 2, PreparedOffset: 5, BodyCRC: 0x7ffffff1,
		Body: []byte(body), Properties: properties,
	})
}

// patch overwrites 4 bytes of a stored message, such as its flags.
func patch(b []byte, at int, v uint32) []byte {
	binary.BigEndian.PutUint32(b[at:], v)
	return b
}

// sysFlagAt is where the stored form has SysFlag.
const sysFlagAt = 36

func queue(topic string) primitive.MessageQueue {
	return primitive.MessageQueue{Topic: topic, BrokerName: "broker-a", QueueId: 3}
}
