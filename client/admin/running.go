package admin

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"gantry/client/fault"
	"gantry/client/remoting"
)

// runningBudget bounds a question that a broker passes on to a client. A broker
// waits up to 10 s for it (Broker2Client.java, callClient).
const runningBudget = 4 * time.Second

// Running is what a consumer says of itself (ConsumerRunningInfo.java). What it
// does not say is zero.
type Running struct {
	// Version is the client library's own, Started when it began.
	Version string
	Started time.Time
	Ordered bool
	// Subscriptions are the member's own, by topic.
	Subscriptions []Wanted
	// Queues are those that it has, by topic, broker and number.
	Queues []Held
	// Rates are by topic.
	Rates map[string]Rates
	// Stack is of all its threads, where it was asked for.
	Stack string
}

// Held is a queue that a consumer has (ProcessQueueInfo.java).
type Held struct {
	Topic string
	Queue
	// Cached is how many messages were pulled and not consumed yet.
	Cached int
	// Commit is the next offset to consume.
	Commit int64
	// LastPull and LastConsume are by the consumer's clock; zero for never.
	LastPull, LastConsume time.Time
}

// Rates are a consumer's, of a topic (ConsumeStatus.java).
type Rates struct {
	// ConsumeRT and PullRT are in milliseconds, on average.
	ConsumeRT, PullRT float64
	// OK and Failed are messages in a second; FailedHour those failed within an
	// hour.
	OK         float64 `json:"consumeOKTPS"`
	Failed     float64 `json:"consumeFailedTPS"`
	PullTPS    float64
	FailedHour int64 `json:"consumeFailedMsgs"`
}

// Running asks a member of a group about itself, through a broker that knows it
// (AdminBrokerProcessor.java, getConsumerRunningInfo). With stack the answer
// holds the stacks of all its threads, some 50 KB and more. fault.GroupOffline
// where it has left, fault.Timeout where it does not answer within 4 s.
// fault.BadAnswer says that it answers, but nothing that can be read: client-go
// does so for some seconds after its first message.
func (c *Client) Running(ctx context.Context, addr, group, id string, stack bool) (Running, error) {
	ctx, cancel := context.WithTimeout(ctx, runningBudget)
	defer cancel()
	resp, err := c.ask(ctx, addr, &remoting.Command{Code: remoting.ConsumerRunningInfo, ExtFields: map[string]string{
		"consumerGroup": group, "clientId": id, "jstackEnable": strconv.FormatBool(stack),
	}})
	if err != nil {
		return Running{}, fmt.Errorf("member %s of %s: %w", id, group, err)
	}
	r, err := decodeRunning(resp.Body)
	if err != nil {
		return Running{}, fmt.Errorf("member %s of %s: %w", id, group, err)
	}
	return r, nil
}

// runningBody is the answer. Java writes droped, client-go dropped.
type runningBody struct {
	Properties      map[string]string
	SubscriptionSet []Wanted
	MQTable         map[queueKey]struct {
		CachedMsgCount       int
		CommitOffset         int64
		LastPullTimestamp    int64
		LastConsumeTimestamp int64
		Droped, Dropped      bool
	}
	StatusTable map[string]Rates
	JStack      string
}

// decodeRunning reads what a Java client or client-go answers. client-go puts the
// stack behind everything else and does not escape it.
func decodeRunning(body []byte) (Running, error) {
	if len(bytes.TrimSpace(body)) == 0 {
		return Running{}, fmt.Errorf("%w: it is empty", fault.BadAnswer)
	}
	var b runningBody
	err := remoting.DecodeBody(body, &b)
	if errors.Is(err, fault.BadAnswer) {
		head, stack, ok := cutStack(body)
		if !ok {
			return Running{}, err
		}
		b = runningBody{}
		if err := remoting.DecodeBody(head, &b); err != nil {
			return Running{}, err
		}
		b.JStack = stack
	} else if err != nil {
		return Running{}, err
	}
	return b.running(), nil
}

// cutStack takes a stack that is not escaped off the end of an answer.
func cutStack(body []byte) (head []byte, stack string, ok bool) {
	head, rest, ok := bytes.Cut(body, []byte(`"jstack":"`))
	end := bytes.LastIndexByte(rest, '"')
	if !ok || end < 0 {
		return nil, "", false
	}
	head = append(bytes.TrimRight(bytes.Clone(head), ", \n"), '}')
	return head, string(rest[:end]), true
}

func (b *runningBody) running() Running {
	r := Running{
		Version: b.Properties["PROP_CLIENT_VERSION"], Ordered: b.Properties["PROP_CONSUMEORDERLY"] == "true",
		Subscriptions: b.SubscriptionSet, Rates: b.StatusTable, Stack: b.JStack,
	}
	if ms, err := strconv.ParseInt(b.Properties["PROP_CONSUMER_START_TIMESTAMP"], 10, 64); err == nil {
		r.Started = moment(ms)
	}
	for k, q := range b.MQTable {
		if q.Droped || q.Dropped {
			continue // it is no longer its own
		}
		r.Queues = append(r.Queues, Held{
			Topic: k.Topic, Queue: k.Queue, Cached: q.CachedMsgCount, Commit: q.CommitOffset,
			LastPull: moment(q.LastPullTimestamp), LastConsume: moment(q.LastConsumeTimestamp),
		})
	}
	slices.SortFunc(r.Queues, func(a, b Held) int { return compareQueues(a.Topic, a.Queue, b.Topic, b.Queue) })
	slices.SortFunc(r.Subscriptions, func(a, b Wanted) int { return cmp.Compare(a.Topic, b.Topic) })
	return r
}
