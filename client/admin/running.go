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
	most := mostRunning
	if stack {
		most = mostBody
	}
	var r cluster.Running
	err := c.read(ctx, addr, &remoting.Command{Code: remoting.ConsumerRunningInfo, ExtFields: map[string]string{
		"consumerGroup": group, "clientId": id, "jstackEnable": strconv.FormatBool(stack),
	}}, most, func(resp *remoting.Command) (err error) {
		r, err = decodeRunning(resp.Body)
		return err
	})
	if err != nil {
		return cluster.Running{}, fmt.Errorf("member %s of %s: %w", id, group, err)
	}
	return r, nil
}

// runningBody is the answer. Java writes droped, client-go dropped; C++ clients, and
// Python's, which wrap them, write numbers in quotes, -1 without its sign, and nothing for
// an empty table: decode takes all of it.
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
	MQPopTable map[queueKey]struct {
		WaitAckCount     int
		LastPopTimestamp int64
		Droped           bool
	}
	StatusTable map[string]cluster.Rates
	JStack      string
}

// decodeRunning reads what clients answer. client-go puts the stack behind everything
// else and does not escape it.
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

// cutStack takes a stack that is not escaped off the end of an answer. Where it stands
// before anything else that is no stack of client-go's: all would be lost with it.
func cutStack(body []byte) (head []byte, stack string, ok bool) {
	head, rest, ok := bytes.Cut(body, []byte(`"jstack":"`))
	end := bytes.LastIndexByte(rest, '"')
	if !ok || end < 0 || string(bytes.TrimSpace(rest[end+1:])) != "}" || !bytes.Contains(head, []byte(`"subscriptionSet"`)) {
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
	for k, q := range b.MQPopTable {
		if !q.Droped {
			r.Popped = append(r.Popped, cluster.Popped{Topic: k.Topic, Queue: k.Queue, Waiting: q.WaitAckCount, LastPop: moment(q.LastPopTimestamp)})
		}
	}
	slices.SortFunc(r.Popped, func(a, b cluster.Popped) int { return compareQueues(a.Topic, a.Queue, b.Topic, b.Queue) })
	slices.SortFunc(r.Queues, func(a, b cluster.Held) int { return compareQueues(a.Topic, a.Queue, b.Topic, b.Queue) })
	slices.SortFunc(r.Subscriptions, func(a, b cluster.Wanted) int { return cmp.Compare(a.Topic, b.Topic) })
	return r
}
