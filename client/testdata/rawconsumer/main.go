// Command rawconsumer consumes a topic with rocketmq-client-go alone and counts:
// the measure for what a subscription of Gantry takes on top. It prints how many
// messages came and in how many seconds, from the first callback to the last.
package main

import (
	"context"
	"fmt"
	"os"
	"runtime/debug"
	"strconv"
	"sync"
	"time"

	rocketmq "github.com/apache/rocketmq-client-go/v2"
	"github.com/apache/rocketmq-client-go/v2/consumer"
	"github.com/apache/rocketmq-client-go/v2/primitive"
	"github.com/apache/rocketmq-client-go/v2/rlog"
)

// counter counts messages by their place: a second delivery is no progress.
type counter struct {
	mu          sync.Mutex
	seen        map[[2]int64]struct{}
	want        int
	first, last time.Time
	done        chan struct{}
}

func (c *counter) consume(_ context.Context, ms ...*primitive.MessageExt) (consumer.ConsumeResult, error) {
	now := time.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.first.IsZero() {
		c.first = now
	}
	before := len(c.seen)
	for _, m := range ms {
		c.seen[[2]int64{int64(m.Queue.QueueId), m.QueueOffset}] = struct{}{}
	}
	if len(c.seen) >= c.want && before < c.want {
		c.last = now
		close(c.done)
	}
	return consumer.ConsumeSuccess, nil
}

// run takes name server, topic, group, number of messages and GOGC.
func run(args []string) error {
	var n [2]int
	for i, s := range args[3:] {
		var err error
		if n[i], err = strconv.Atoi(s); err != nil {
			return err
		}
	}
	debug.SetGCPercent(n[1])
	rlog.SetLogLevel("fatal")
	lib, err := rocketmq.NewPushConsumer(
		consumer.WithNsResolver(primitive.NewPassthroughResolver([]string{args[0]})),
		consumer.WithGroupName(args[2]), consumer.WithInstance(args[2]),
		consumer.WithConsumerModel(consumer.Clustering),
		consumer.WithConsumeFromWhere(consumer.ConsumeFromFirstOffset),
		consumer.WithConsumeMessageBatchMaxSize(32),
	)
	if err != nil {
		return err
	}
	c := &counter{seen: make(map[[2]int64]struct{}, n[0]), want: n[0], done: make(chan struct{})}
	if err := lib.Subscribe(args[1], consumer.MessageSelector{}, c.consume); err != nil {
		return err
	}
	if err := lib.Start(); err != nil {
		return err
	}
	select {
	case <-c.done:
	case <-time.After(2 * time.Minute):
		return fmt.Errorf("%d of %d messages", len(c.seen), c.want)
	}
	fmt.Println(c.want, c.last.Sub(c.first).Seconds())
	return lib.Shutdown()
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
