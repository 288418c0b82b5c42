// Command library runs one case with rocketmq-client-go alone, and prints what its
// users see: Gantry's own door must not hide what a server does wrong.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	rocketmq "github.com/apache/rocketmq-client-go/v2"
	"github.com/apache/rocketmq-client-go/v2/consumer"
	"github.com/apache/rocketmq-client-go/v2/primitive"
	"github.com/apache/rocketmq-client-go/v2/producer"
	"github.com/apache/rocketmq-client-go/v2/rlog"
)

// enough is how long a case waits for what must come.
const enough = 60 * time.Second

// lab is where a case runs.
type lab struct {
	nameServer, broker, topic, group string
	keys                             primitive.Credentials
	stop                             []func() error
}

func main() {
	rlog.SetLogLevel("fatal")
	l := &lab{nameServer: os.Args[2], broker: os.Args[3], topic: os.Args[4], group: os.Args[5]}
	if len(os.Args) > 7 {
		l.keys = primitive.Credentials{AccessKey: os.Args[6], SecretKey: os.Args[7]}
	}
	run := map[string]func(*lab) error{
		"sync": sendSync, "one way": sendOneWay, "async": sendAsync, "batch": sendBatch, "ordered": ordered, "delayed": delayed, "transactions": transactions,
		"clustering": clustering, "broadcasting": broadcasting, "tags": tags, "SQL92": sql92, "retries": retries, "reset": reset,
	}[os.Args[1]]
	if run == nil {
		fail(errors.New("no such case"))
	}
	if err := run(l); err != nil {
		fail(err)
	}
	// The library's own end may take long, or end the process.
	for _, stop := range l.stop {
		go func() { _ = stop() }()
	}
	time.Sleep(200 * time.Millisecond)
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

func (l *lab) resolver() primitive.NsResolver {
	return primitive.NewPassthroughResolver([]string{l.nameServer})
}

// producer returns one that has started.
func (l *lab) producer(opts ...producer.Option) (rocketmq.Producer, error) {
	p, err := rocketmq.NewProducer(append([]producer.Option{
		producer.WithNsResolver(l.resolver()), producer.WithGroupName("P_" + l.group), producer.WithInstanceName("p" + l.group),
		producer.WithCredentials(l.keys), producer.WithRetry(0),
	}, opts...)...)
	if err != nil {
		return nil, err
	}
	l.stop = append(l.stop, p.Shutdown)
	return p, p.Start()
}

// got is a delivery.
type got struct {
	*primitive.MessageExt
	at time.Time
}

// inbox is a consumer and what it received.
type inbox struct {
	mu  sync.Mutex
	all []got
}

// consumer returns one that has started and takes what answer says.
func (l *lab) consumer(instance, topic string, sel consumer.MessageSelector, answer consumer.ConsumeResult, opts ...consumer.Option) (*inbox, error) {
	in := &inbox{}
	c, err := rocketmq.NewPushConsumer(append([]consumer.Option{
		consumer.WithNsResolver(l.resolver()), consumer.WithGroupName(l.group), consumer.WithInstance(instance + l.group),
		consumer.WithCredentials(l.keys), consumer.WithConsumeFromWhere(consumer.ConsumeFromFirstOffset),
	}, opts...)...)
	if err != nil {
		return nil, err
	}
	if err := c.Subscribe(topic, sel, func(_ context.Context, all ...*primitive.MessageExt) (consumer.ConsumeResult, error) {
		in.mu.Lock()
		defer in.mu.Unlock()
		for _, m := range all {
			in.all = append(in.all, got{m, time.Now()})
		}
		return answer, nil
	}); err != nil {
		return nil, err
	}
	l.stop = append(l.stop, c.Shutdown)
	return in, c.Start()
}

func (i *inbox) received() []got {
	i.mu.Lock()
	defer i.mu.Unlock()
	return slices.Clone(i.all)
}

// bodies waits for so many, then a moment longer for what must not come, and
// returns the bodies by the alphabet.
func (i *inbox) bodies(n int) string {
	for end := time.Now().Add(enough); len(i.received()) < n && time.Now().Before(end); {
		time.Sleep(20 * time.Millisecond)
	}
	time.Sleep(time.Second)
	var all []string
	for _, m := range i.received() {
		all = append(all, string(m.Body))
	}
	slices.Sort(all)
	return strings.Join(all, " ")
}

func (l *lab) message(body string) *primitive.Message {
	return primitive.NewMessage(l.topic, []byte(body))
}

// sendAll sends messages one by one.
func sendAll(p rocketmq.Producer, all ...*primitive.Message) error {
	for _, m := range all {
		r, err := p.SendSync(context.Background(), m)
		if err != nil {
			return err
		}
		if r.Status != primitive.SendOK {
			return fmt.Errorf("status %d", r.Status)
		}
	}
	return nil
}

func every() consumer.MessageSelector {
	return consumer.MessageSelector{Type: consumer.TAG, Expression: "*"}
}
