package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	rocketmq "github.com/apache/rocketmq-client-go/v2"
	"github.com/apache/rocketmq-client-go/v2/consumer"
	"github.com/apache/rocketmq-client-go/v2/primitive"
	"github.com/apache/rocketmq-client-go/v2/producer"
)

func sendSync(l *lab) error {
	p, err := l.producer()
	if err != nil {
		return err
	}
	m := l.message("one").WithTag("A").WithKeys([]string{"k1", "k2"})
	m.WithProperty("colour", "blue")
	r, err := p.SendSync(context.Background(), m)
	if err != nil {
		return err
	}
	in, err := l.consumer("c", l.topic, every(), consumer.ConsumeSuccess)
	if err != nil {
		return err
	}
	fmt.Println(in.bodies(1))
	g := in.received()[0]
	fmt.Println(g.GetTags(), g.GetKeys(), g.GetProperty("colour"), g.ReconsumeTimes, g.Queue.QueueId == r.MessageQueue.QueueId, g.QueueOffset == r.QueueOffset,
		g.MsgId == r.MsgID, g.OffsetMsgId == r.OffsetMsgID)
	return nil
}

func sendOneWay(l *lab) error {
	p, err := l.producer()
	if err != nil {
		return err
	}
	for i := range 3 {
		if err := p.SendOneWay(context.Background(), l.message(fmt.Sprint("m", i))); err != nil {
			return err
		}
	}
	return l.print(3)
}

func sendAsync(l *lab) error {
	p, err := l.producer()
	if err != nil {
		return err
	}
	var wait sync.WaitGroup
	var bad atomic.Int32
	for i := range 3 {
		wait.Add(1)
		if err := p.SendAsync(context.Background(), func(_ context.Context, r *primitive.SendResult, err error) {
			if err != nil || r.Status != primitive.SendOK {
				bad.Add(1)
			}
			wait.Done()
		}, l.message(fmt.Sprint("m", i))); err != nil {
			return err
		}
	}
	wait.Wait()
	if bad.Load() > 0 {
		return errors.New("a send failed")
	}
	return l.print(3)
}

// print receives so many and prints them.
func (l *lab) print(n int) error {
	in, err := l.consumer("c", l.topic, every(), consumer.ConsumeSuccess)
	if err == nil {
		fmt.Println(in.bodies(n))
	}
	return err
}

func sendBatch(l *lab) error {
	p, err := l.producer()
	if err != nil {
		return err
	}
	var all []*primitive.Message
	for i := range 5 {
		all = append(all, l.message(fmt.Sprint("m", i)).WithTag(fmt.Sprint("T", i)))
	}
	r, err := p.SendSync(context.Background(), all...)
	if err != nil || r.Status != primitive.SendOK {
		return fmt.Errorf("%v, %w", r, err)
	}
	in, err := l.consumer("c", l.topic, every(), consumer.ConsumeSuccess)
	if err != nil {
		return err
	}
	fmt.Println(in.bodies(5))
	fmt.Println(len(strings.Split(r.OffsetMsgID, ",")), "ids")
	for _, g := range in.received() {
		n := g.QueueOffset - r.QueueOffset
		fmt.Println(n == int64(g.Body[1]-'0'), g.Queue.QueueId == r.MessageQueue.QueueId, g.GetTags() == "T"+string(g.Body[1:]))
	}
	return nil
}

// ordered: what has one sharding key comes in the order in which it was sent.
func ordered(l *lab) error {
	p, err := l.producer(producer.WithQueueSelector(producer.NewHashQueueSelector()))
	if err != nil {
		return err
	}
	for i := range 60 {
		m := l.message(fmt.Sprint(i)).WithShardingKey(fmt.Sprint("key", i%3))
		if err := sendAll(p, m); err != nil {
			return err
		}
	}
	in, err := l.consumer("c", l.topic, every(), consumer.ConsumeSuccess, consumer.WithConsumerOrder(true))
	if err != nil {
		return err
	}
	in.bodies(60)
	last := map[string]int{}
	wrong := 0
	for _, g := range in.received() {
		n, err := strconv.Atoi(string(g.Body))
		if err != nil {
			return err
		}
		key := g.GetShardingKey()
		if before, has := last[key]; has && n != before+3 {
			wrong++
		}
		last[key] = n
	}
	fmt.Println(len(in.received()), "messages,", len(last), "keys,", wrong, "out of order")
	return nil
}

// delayed: by level, whose delay is that of the test's servers.
func delayed(l *lab) error {
	in, err := l.consumer("c", l.topic, every(), consumer.ConsumeSuccess)
	if err != nil {
		return err
	}
	p, err := l.producer()
	if err != nil {
		return err
	}
	begin := time.Now()
	if err := sendAll(p, l.message("later").WithDelayTimeLevel(4), l.message("now")); err != nil {
		return err
	}
	fmt.Println(in.bodies(2))
	for _, g := range in.received() {
		if string(g.Body) == "later" {
			after := g.at.Sub(begin)
			fmt.Println(after > 2900*time.Millisecond)
		}
	}
	return nil
}

// listener decides transactions by what is in the message.
type listener struct{ checked atomic.Int32 }

func (*listener) ExecuteLocalTransaction(m *primitive.Message) primitive.LocalTransactionState {
	switch {
	case strings.HasPrefix(string(m.Body), "commit"):
		return primitive.CommitMessageState
	case strings.HasPrefix(string(m.Body), "rollback"):
		return primitive.RollbackMessageState
	}
	return primitive.UnkonwnState
}

func (x *listener) CheckLocalTransaction(m *primitive.MessageExt) primitive.LocalTransactionState {
	x.checked.Add(1)
	if strings.HasPrefix(string(m.Body), "asked") {
		return primitive.CommitMessageState
	}
	return primitive.RollbackMessageState
}

func transactions(l *lab) error {
	x := &listener{}
	p, err := rocketmq.NewTransactionProducer(x, producer.WithNsResolver(l.resolver()), producer.WithGroupName("P_"+l.group),
		producer.WithInstanceName("p"+l.group), producer.WithCredentials(l.keys), producer.WithRetry(0))
	if err != nil {
		return err
	}
	l.stop = append(l.stop, p.Shutdown)
	if err := p.Start(); err != nil {
		return err
	}
	for _, body := range []string{"commit", "rollback", "asked", "taken"} {
		if _, err := p.SendMessageInTransaction(context.Background(), l.message(body)); err != nil {
			return err
		}
	}
	in, err := l.consumer("c", l.topic, every(), consumer.ConsumeSuccess)
	if err != nil {
		return err
	}
	fmt.Println(in.bodies(2))
	fmt.Println(x.checked.Load() > 0)
	return nil
}

// clustering: two consumers of a group share what comes.
func clustering(l *lab) error { return l.two(consumer.Clustering) }

// broadcasting: both get all.
func broadcasting(l *lab) error { return l.two(consumer.BroadCasting) }

func (l *lab) two(model consumer.MessageModel) error {
	var both [2]*inbox
	for i := range both {
		var err error
		if both[i], err = l.consumer(fmt.Sprint("c", i), l.topic, every(), consumer.ConsumeSuccess, consumer.WithConsumerModel(model)); err != nil {
			return err
		}
	}
	// The first has given queues to the second when neither is asked any more.
	time.Sleep(5 * time.Second)
	p, err := l.producer()
	if err != nil {
		return err
	}
	for i := range 40 {
		if err := sendAll(p, l.message(fmt.Sprintf("%02d", i))); err != nil {
			return err
		}
	}
	want := 40
	if model == consumer.BroadCasting {
		want = 80
	}
	count := func() (int, map[string]int) {
		times := map[string]int{}
		for _, in := range both {
			for _, g := range in.received() {
				times[string(g.Body)]++
			}
		}
		return len(both[0].received()) + len(both[1].received()), times
	}
	for end := time.Now().Add(enough); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if n, _ := count(); n >= want {
			break
		}
	}
	time.Sleep(time.Second)
	n, times := count()
	fmt.Println(n, "deliveries of", len(times), "messages; both have some:", len(both[0].received()) > 0 && len(both[1].received()) > 0)
	return nil
}

func tags(l *lab) error {
	p, err := l.producer()
	if err != nil {
		return err
	}
	for _, tag := range []string{"A", "B", "C", "D"} {
		if err := sendAll(p, l.message(tag).WithTag(tag)); err != nil {
			return err
		}
	}
	if err := sendAll(p, l.message("none")); err != nil {
		return err
	}
	in, err := l.consumer("c", l.topic, consumer.MessageSelector{Type: consumer.TAG, Expression: "A || C"}, consumer.ConsumeSuccess)
	if err != nil {
		return err
	}
	fmt.Println(in.bodies(2))
	return nil
}

func sql92(l *lab) error {
	p, err := l.producer()
	if err != nil {
		return err
	}
	for i := range 6 {
		m := l.message(fmt.Sprint("m", i))
		m.WithProperties(map[string]string{"n": fmt.Sprint(i), "colour": []string{"blue", "red"}[i%2]})
		if err := sendAll(p, m); err != nil {
			return err
		}
	}
	in, err := l.consumer("c", l.topic, consumer.MessageSelector{Type: consumer.SQL92, Expression: "n > 1 AND colour = 'blue' OR n = 5"}, consumer.ConsumeSuccess)
	if err != nil {
		return err
	}
	fmt.Println(in.bodies(3))
	return nil
}

// retries: what is not handled comes again, and is a dead letter at last.
func retries(l *lab) error {
	p, err := l.producer()
	if err != nil {
		return err
	}
	if err := sendAll(p, l.message("bad")); err != nil {
		return err
	}
	in, err := l.consumer("c", l.topic, every(), consumer.ConsumeRetryLater, consumer.WithMaxReconsumeTimes(2))
	if err != nil {
		return err
	}
	fmt.Println(in.bodies(3))
	var times []int32
	for _, g := range in.received() {
		times = append(times, g.ReconsumeTimes)
	}
	slices.Sort(times)
	fmt.Println(times)
	group := l.group
	var dead *inbox
	// The dead-letter topic is known some time after it was made.
	for try := range 30 {
		l.group = fmt.Sprint("DLQ_", group, "_", try)
		if dead, err = l.consumer("d", "%DLQ%"+group, every(), consumer.ConsumeSuccess); err == nil {
			break
		}
		time.Sleep(time.Second)
	}
	if err != nil {
		return err
	}
	fmt.Println(dead.bodies(1))
	fmt.Println(dead.received()[0].GetProperty("RETRY_TOPIC") == l.topic)
	return nil
}
