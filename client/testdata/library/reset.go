package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/apache/rocketmq-client-go/v2/consumer"

	"gantry/client/remoting"
)

// reset: a group that was put to a time reads again from there, while it is there.
func reset(l *lab) error {
	p, err := l.producer()
	if err != nil {
		return err
	}
	// One for each queue: 4.9 resets a group only that has a position in all.
	if err := sendAll(p, l.message("old"), l.message("old"), l.message("old"), l.message("old")); err != nil {
		return err
	}
	time.Sleep(1500 * time.Millisecond)
	between := time.Now().UnixMilli()
	time.Sleep(500 * time.Millisecond)
	if err := sendAll(p, l.message("new")); err != nil {
		return err
	}
	in, err := l.consumer("c", l.topic, every(), consumer.ConsumeSuccess)
	if err != nil {
		return err
	}
	in.bodies(5)
	conn, err := remoting.Dial(context.Background(), l.broker, remoting.Config{Credentials: remoting.Credentials{AccessKey: l.keys.AccessKey, SecretKey: l.keys.SecretKey}})
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := l.committed(conn, 4); err != nil {
		return err
	}
	if _, err := conn.CallOK(context.Background(), &remoting.Command{Code: remoting.ResetOffset, ExtFields: map[string]string{
		"topic": l.topic, "group": l.group, "timestamp": fmt.Sprint(between), "isForce": "true",
	}}); err != nil {
		return err
	}
	// What is held is answered when something comes.
	time.Sleep(time.Second)
	if err := sendAll(p, l.message("next"), l.message("next"), l.message("next"), l.message("next")); err != nil {
		return err
	}
	times := map[string]int{} // in the queue that has the new one
	for end := time.Now().Add(enough); times["new"] < 2 && time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		clear(times)
		all := in.received()
		i := slices.IndexFunc(all, func(g got) bool { return string(g.Body) == "new" })
		for _, g := range all {
			if g.Queue.QueueId == all[i].Queue.QueueId {
				times[string(g.Body)]++
			}
		}
	}
	fmt.Println("old", times["old"], "new", times["new"])
	return nil
}

// committed waits until the group has a position in so many queues.
func (l *lab) committed(conn *remoting.Conn, queues int) error {
	for end := time.Now().Add(enough); time.Now().Before(end); time.Sleep(200 * time.Millisecond) {
		there := 0
		for id := range queues {
			a, err := conn.Call(context.Background(), &remoting.Command{Code: remoting.QueryConsumerOffset, ExtFields: map[string]string{
				"consumerGroup": l.group, "topic": l.topic, "queueId": fmt.Sprint(id),
			}})
			if err != nil {
				return err
			}
			if n, err := strconv.Atoi(a.ExtFields["offset"]); err == nil && n > 0 {
				there++
			}
		}
		if there == queues {
			return nil
		}
	}
	return errors.New("the group has no position in a queue")
}
