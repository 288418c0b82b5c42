// Command rawproducer sends messages with rocketmq-client-go alone: the measure
// for what sending through Gantry takes on top. It prints how many messages were
// sent and in how many seconds, after one that looks up the route and connects.
package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strconv"
	"sync"
	"time"

	rocketmq "github.com/apache/rocketmq-client-go/v2"
	"github.com/apache/rocketmq-client-go/v2/primitive"
	"github.com/apache/rocketmq-client-go/v2/producer"
	"github.com/apache/rocketmq-client-go/v2/rlog"
)

// run takes name server, topic, how many to send at once, how many in all and
// the size of a body.
func run(args []string) error {
	var n [3]int
	for i, s := range args[2:] {
		var err error
		if n[i], err = strconv.Atoi(s); err != nil {
			return err
		}
	}
	rlog.SetLogLevel("fatal")
	lib, err := rocketmq.NewProducer(
		producer.WithNsResolver(primitive.NewPassthroughResolver([]string{args[0]})),
		producer.WithGroupName("raw"), producer.WithRetry(0),
	)
	if err != nil {
		return err
	}
	if err := lib.Start(); err != nil {
		return err
	}
	body := bytes.Repeat([]byte("x"), n[2])
	send := func() error {
		m := primitive.NewMessage(args[1], body)
		m.WithTag("tag").WithKeys([]string{"key"})
		r, err := lib.SendSync(context.Background(), m)
		if err == nil && r.Status != primitive.SendOK {
			err = fmt.Errorf("status %d", r.Status)
		}
		return err
	}
	if err := send(); err != nil {
		return err
	}
	begin := time.Now()
	if err := together(n[0], n[1], send); err != nil {
		return err
	}
	fmt.Println(n[1], time.Since(begin).Seconds())
	return lib.Shutdown()
}

// together calls send so many times, some at once.
func together(atOnce, times int, send func() error) error {
	var (
		group sync.WaitGroup
		next  = make(chan struct{}, times)
		bad   = make(chan error, atOnce)
	)
	for range times {
		next <- struct{}{}
	}
	close(next)
	for range atOnce {
		group.Go(func() {
			for range next {
				if err := send(); err != nil {
					bad <- err
					return
				}
			}
		})
	}
	group.Wait()
	close(bad)
	return <-bad
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
