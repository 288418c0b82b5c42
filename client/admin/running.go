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

	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/remoting"
)

// runningBudget bounds a question that a broker passes on to a client. A broker
// waits up to 10 s for it (Broker2Client.java, callClient).
const runningBudget = 4 * time.Second

// Running asks a member of a group about itself, through a broker that knows it
// (AdminBrokerProcessor.java, getConsumerRunningInfo). With stack the answer
// holds the stacks of all its threads, some 50 KB and more. fault.GroupOffline
// where it has left, fault.Timeout where it does not answer within 4 s.
// fault.BadAnswer says that it answers, but nothing that can be read: client-go
// does so for some seconds after its first message.
func (c *Client) Running(ctx context.Context, addr, group, id string, stack bool) (cluster.Running, error) {
	ctx, cancel := context.WithTimeout(ctx, runningBudget)
	defer cancel()
	resp, err := c.ask(ctx, addr, &remoting.Command{Code: remoting.ConsumerRunningInfo, ExtFields: map[string]string{
		"consumerGroup": group, "clientId": id, "jstackEnable": strconv.FormatBool(stack),
	}})
	if err != nil {
		return cluster.Running{}, fmt.Errorf("member %s of %s: %w", id, group, err)
	}
	r, err := decodeRunning(resp.Body)
	if err != nil {
		return cluster.Running{}, fmt.Errorf("member %s of %s: %w", id, group, err)
	}
	return r, nil
}

// runningBody is the answer. Java writes droped, client-go dropped.
type runningBody struct {
	Properties      map[string]string
	SubscriptionSet []cluster.Wanted
	MQTable         map[queueKey]struct {
		CachedMsgCount       int
		CommitOffset         int64
		LastPullTimestamp    int64
		LastConsumeTimestamp int64
		Droped, Dropped      bool
	}
	StatusTable map[string]cluster.Rates
	JStack      string
}

// decodeRunning reads what a Java client or client-go answers. client-go puts the
// stack behind everything else and does not escape it.
func decodeRunning(body []byte) (cluster.Running, error) {
	if len(bytes.TrimSpace(body)) == 0 {
		return cluster.Running{}, fmt.Errorf("%w: it is empty", fault.BadAnswer)
	}
	var b runningBody
	err := decode(body, &b)
	if errors.Is(err, fault.BadAnswer) {
		head, stack, ok := cutStack(body)
		if !ok {
			return cluster.Running{}, err
		}
		b = runningBody{}
		if err := decode(head, &b); err != nil {
			return cluster.Running{}, err
		}
		b.JStack = stack
	} else if err != nil {
		return cluster.Running{}, err
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

func (b *runningBody) running() cluster.Running {
	r := cluster.Running{
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
		r.Queues = append(r.Queues, cluster.Held{
			Topic: k.Topic, Queue: k.Queue, Cached: q.CachedMsgCount, Commit: q.CommitOffset,
			LastPull: moment(q.LastPullTimestamp), LastConsume: moment(q.LastConsumeTimestamp),
		})
	}
	slices.SortFunc(r.Queues, func(a, b cluster.Held) int { return compareQueues(a.Topic, a.Queue, b.Topic, b.Queue) })
	slices.SortFunc(r.Subscriptions, func(a, b cluster.Wanted) int { return cmp.Compare(a.Topic, b.Topic) })
	return r
}
