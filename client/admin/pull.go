package admin

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"gantry/client/cluster"
	"gantry/client/message"
	"gantry/client/remoting"
)

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
	// Outside: the broker said that the offset is not in the queue.
	Outside bool
}

// Pull reads up to limit messages from offset on, without waiting for new ones
// and without joining or committing anything. Brokers answer at most 32, and at
// most 256 KB at once (PullMessageProcessor.java). An offset outside the queue
// is no error: Body is empty and Next inside.
func (c *Client) Pull(ctx context.Context, r cluster.Route, topic string, q cluster.Queue, offset int64, limit int) (Pulled, error) {
	return c.PullMatching(ctx, r, q, cluster.Selection{Topic: topic, Group: cluster.ToolsGroup, Expression: "*"}, offset, limit)
}

// PullMatching is Pull for messages that match a subscription, read as its
// group: brokers filter SQL92 exactly and tags by their hash codes only. Where
// nothing matches, Body is empty and Next is behind what was looked through.
func (c *Client) PullMatching(ctx context.Context, r cluster.Route, q cluster.Queue, s cluster.Selection, offset int64, limit int) (Pulled, error) {
	var p Pulled
	_, err := c.fromReaders(ctx, r.Readers(q.Broker), func(ctx context.Context, addr string) error {
		resp, err := c.pool.Call(ctx, addr, pullRequest(q, s, offset, limit, 0))
		if err != nil {
			return err
		}
		if master, _ := r.Master(q.Broker); addr != master && refusesPulls(resp) {
			p, err = c.readIndex(ctx, addr, q, s, offset, limit)
			return err
		}
		p, err = c.pulled(resp, addr, q.ID)
		return err
	})
	if err != nil {
		return Pulled{}, fmt.Errorf("pull %s %s: %w", s.Topic, q, err)
	}
	return p, nil
}

// PullReplica is PullMatching from a replica of the queue's broker. What it answers is as
// good as the master's, or an error: where there is none, or it takes no pulls, the error is
// ErrIndexOnly; where it is behind, or no longer has what the master may have, ErrBehind.
func (c *Client) PullReplica(ctx context.Context, r cluster.Route, q cluster.Queue, s cluster.Selection, offset int64, limit int) (Pulled, error) {
	master, ok := r.Master(q.Broker)
	all := slices.DeleteFunc(slices.Clone(r.Readers(q.Broker)), func(addr string) bool { return addr == master })
	if !ok || len(all) == 0 {
		return Pulled{}, ErrIndexOnly
	}
	resp, err := c.pool.Call(ctx, all[0], pullRequest(q, s, offset, limit, 0))
	if err != nil {
		return Pulled{}, err
	}
	if refusesPulls(resp) {
		// Also where nothing matched up to Next: the same answer, and not worth more.
		return Pulled{}, ErrIndexOnly
	}
	p, err := c.pulled(resp, all[0], q.ID)
	if err == nil && (p.Outside || p.Next <= offset || p.Next > p.Max || offset < p.Min) {
		err = ErrBehind
	}
	return p, err
}

func pullRequest(q cluster.Queue, s cluster.Selection, offset int64, limit int, wait time.Duration) *remoting.Command {
	flags := pullSubscription
	if wait > 0 {
		flags |= pullSuspend
	}
	return &remoting.Command{Code: remoting.PullMessage, ExtFields: map[string]string{
		"topic": s.Topic, "queueId": strconv.Itoa(q.ID), "bname": q.Broker, "consumerGroup": s.Group,
		"queueOffset": strconv.FormatInt(offset, 10), "maxMsgNums": strconv.Itoa(limit),
		"sysFlag": strconv.Itoa(flags), "subscription": s.Expression, "subVersion": "0", "expressionType": s.Kind(),
		"commitOffset": "0", "suspendTimeoutMillis": strconv.FormatInt(wait.Milliseconds(), 10),
	}}
}

// pulled reads the answer to a pull of a queue. Of a static topic messages come as they
// lie in the physical queue, with how far the offsets of the logical one are ahead
// (PullMessageProcessor.java, rewriteResponseForStaticTopic): they are put in their place.
func (c *Client) pulled(resp *remoting.Command, addr string, queue int) (p Pulled, err error) {
	switch resp.Code {
	case remoting.Success, remoting.PullNotFound, remoting.PullRetryImmediately, remoting.PullOffsetMoved:
	default:
		return Pulled{}, c.classify(resp.Err(addr))
	}
	var bad [3]error
	p.Next, bad[0] = number(resp, "nextBeginOffset")
	p.Min, bad[1] = number(resp, "minOffset")
	p.Max, bad[2] = number(resp, "maxOffset")
	if err := errors.Join(bad[:]...); err != nil {
		return Pulled{}, err
	}
	p.Outside = resp.Code == remoting.PullOffsetMoved
	if resp.Code == remoting.Success {
		p.Body = resp.Body
	}
	if resp.ExtFields["offsetDelta"] != "" {
		ahead, err := number(resp, "offsetDelta")
		if err != nil {
			return Pulled{}, err
		}
		message.Move(p.Body, queue, ahead)
	}
	if p.Min == -1 { // an empty queue of queue.type=BatchCQ
		if p.Min = p.Max; len(p.Body) > 0 {
			p.Min = 0
		}
	}
	return p, nil
}

// Puller pulls from one broker over a connection of its own, with any number of
// pulls under way. It belongs to one goroutine but for Interrupt and Close.
type Puller struct {
	ask    *Client
	stream *remoting.Stream
	queues map[int32]int // those that were asked for, by the question
	// replica says that it is not the broker's master: it may take no pulls.
	replica bool
}

// Answer is what came of one pull.
type Answer struct {
	// ID is what Ask returned for it.
	ID int32
	// Pulled has a Body that is valid until the next Read. Err says what the broker
	// refused, or that its answer cannot be read; ErrIndexOnly that it answers all pulls so.
	Pulled
	Err error
}

// OpenPuller connects to a broker's address, a replica's or its master's. Errors are
// those of remoting.Open.
func (c *Client) OpenPuller(ctx context.Context, addr string, replica bool) (*Puller, error) {
	s, err := remoting.OpenStream(ctx, addr, c.conf)
	if err != nil {
		return nil, err
	}
	return &Puller{c, s, map[int32]int{}, replica}, nil
}

// Ask asks as PullMatching does; it is sent by the next Read. At the queue's end the
// broker waits for a message, at most wait.
func (p *Puller) Ask(q cluster.Queue, s cluster.Selection, offset int64, limit int, wait time.Duration) (id int32, err error) {
	if id, err = p.stream.Ask(pullRequest(q, s, offset, limit, wait)); err == nil {
		p.queues[id] = q.ID
	}
	return id, err
}

// Read returns the next answer, in whatever order the broker gives them; nil where
// none came until the given time, or after Interrupt. An error ends the connection.
func (p *Puller) Read(until time.Time) (*Answer, error) {
	resp, err := p.stream.Read(until)
	if resp == nil || err != nil {
		return nil, err
	}
	a := &Answer{ID: resp.Opaque}
	queue := p.queues[resp.Opaque]
	delete(p.queues, resp.Opaque)
	if p.replica && refusesPulls(resp) {
		a.Err = ErrIndexOnly
		return a, nil
	}
	a.Pulled, a.Err = p.ask.pulled(resp, p.stream.Addr(), queue)
	return a, nil
}

// Heard is when the broker said something last, if only a part of an answer.
func (p *Puller) Heard() time.Time { return p.stream.Heard() }

// Addr is the broker's address.
func (p *Puller) Addr() string { return p.stream.Addr() }

// Interrupt has the Read under way, or the next one, return early.
func (p *Puller) Interrupt() { p.stream.Interrupt() }

// Close ends the connection.
func (p *Puller) Close() error { return p.stream.Close() }
