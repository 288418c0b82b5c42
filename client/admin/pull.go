package admin

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"time"

	"gantry/client/remoting"
)

// ToolsGroup is a consumer group that every broker knows; reading as it leaves
// no trace (MixAll.java, TOOLS_CONSUMER_GROUP).
const ToolsGroup = "TOOLS_CONSUMER"

// Bits of a pull's sysFlag (PullSysFlag.java).
const (
	pullSuspend      = 1 << 1
	pullSubscription = 1 << 2 // it is in the request; none needs to be registered
)

// Pulled is what a broker answered to a pull.
type Pulled struct {
	// Body holds whole messages in RocketMQ's stored layout, one behind the
	// other; empty where there was none at the offset.
	Body []byte
	// Next is where to go on, Min and Max the queue's ends.
	Next, Min, Max int64
}

// Pull reads up to limit messages from offset on, without waiting for new ones
// and without joining or committing anything. Brokers answer at most 32, and at
// most 256 KB at once (PullMessageProcessor.java). An offset outside the queue
// is no error: Body is empty and Next inside.
func (c *Client) Pull(ctx context.Context, r Route, topic string, q Queue, offset int64, limit int) (Pulled, error) {
	return c.PullMatching(ctx, r, q, Subscription{Topic: topic, Group: ToolsGroup, Expression: "*"}, offset, limit, 0)
}

// PullMatching is Pull for messages that match a subscription, read as its
// group: brokers filter SQL92 exactly and tags by their hash codes only. Where
// nothing matches, Body is empty and Next is behind what was looked through. At
// the queue's end the broker waits for a message, at most wait.
func (c *Client) PullMatching(ctx context.Context, r Route, q Queue, s Subscription, offset int64, limit int, wait time.Duration) (Pulled, error) {
	topic := s.Topic
	addr, ok := r.Master(q.Broker)
	if !ok {
		return Pulled{}, fmt.Errorf("pull %s %s: %w", topic, q, ErrNoBroker)
	}
	flags := pullSubscription
	if wait > 0 {
		flags |= pullSuspend
	}
	ext := queueFields(topic, q)
	maps.Copy(ext, map[string]string{
		"consumerGroup": s.Group,
		"queueOffset":   strconv.FormatInt(offset, 10), "maxMsgNums": strconv.Itoa(limit),
		"sysFlag": strconv.Itoa(flags), "subscription": s.Expression, "subVersion": "0", "expressionType": s.kind(),
		"commitOffset": "0", "suspendTimeoutMillis": strconv.FormatInt(wait.Milliseconds(), 10),
	})
	resp, err := c.pool.Call(ctx, addr, &remoting.Command{Code: remoting.PullMessage, ExtFields: ext})
	if err != nil {
		return Pulled{}, fmt.Errorf("pull %s %s: %w", topic, q, err)
	}
	switch resp.Code {
	case remoting.Success, remoting.PullNotFound, remoting.PullRetryImmediately, remoting.PullOffsetMoved:
	default:
		return Pulled{}, fmt.Errorf("pull %s %s: %w", topic, q, classify(resp.Err(addr)))
	}
	var p Pulled
	var bad [3]error
	p.Next, bad[0] = number(resp, "nextBeginOffset")
	p.Min, bad[1] = number(resp, "minOffset")
	p.Max, bad[2] = number(resp, "maxOffset")
	if err := errors.Join(bad[:]...); err != nil {
		return Pulled{}, fmt.Errorf("pull %s %s: %w", topic, q, err)
	}
	if resp.Code == remoting.Success {
		p.Body = resp.Body
	}
	return p, nil
}
