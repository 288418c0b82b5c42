package admin

import (
	"context"
	"fmt"
	"maps"
	"strconv"
	"sync"
	"time"

	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/message"
	"gantry/client/remoting"
)

// MaxOffset is the queue offset that the next message will get. A master answers
// 0 for a topic or queue that it does not have (AdminBrokerProcessor.java,
// getMaxOffset).
func (c *Client) MaxOffset(ctx context.Context, r cluster.Route, topic string, q cluster.Queue) (int64, error) {
	return c.offset(ctx, r, topic, q, remoting.MaxOffset)
}

// MinOffset is the offset of the first message still kept; 0 where MaxOffset
// answers 0.
func (c *Client) MinOffset(ctx context.Context, r cluster.Route, topic string, q cluster.Queue) (int64, error) {
	n, err := c.offset(ctx, r, topic, q, remoting.MinOffset)
	return atLeastNone(n), err
}

// atLeastNone reads a minimum: queues of queue.type=BatchCQ answer -1 while they have
// none (BatchConsumeQueue.java).
func atLeastNone(n int64) int64 {
	if n == -1 {
		return 0
	}
	return n
}

// SearchOffset is the offset of the first message stored at t or later, to the
// millisecond, or the maximum where there is none. 5.x answers just that; 4.9
// answers the message that is nearest in time, be it before t, so that its store
// time is looked at (ConsumeQueue.java, getOffsetInQueueByTime). Behind a 4.x
// broker that refuses to be read (fault.Refused for pulls) the answer may lie one
// message too low.
func (c *Client) SearchOffset(ctx context.Context, r cluster.Route, topic string, q cluster.Queue, t time.Time) (int64, error) {
	found, version, err := c.searchOffset(ctx, r, topic, q, t)
	if err != nil || version >= remoting.Version5 {
		return found, err
	}
	near, err := c.Pull(ctx, r, topic, q, found, 1)
	if err != nil {
		if ctx.Err() != nil || !answered(err) {
			return 0, err
		}
		return found, nil
	}
	if stored, ok := message.StoredAt(near.Body); ok && stored.Before(t.Truncate(time.Millisecond)) {
		found++
	}
	return found, nil
}

// searchOffset is what q's broker itself takes for the offset of a time, and the version
// that it claims.
func (c *Client) searchOffset(ctx context.Context, r cluster.Route, topic string, q cluster.Queue, t time.Time) (found int64, version int, err error) {
	resp, err := c.askQueue(ctx, r, topic, q, remoting.SearchOffsetByTime,
		map[string]string{"timestamp": strconv.FormatInt(t.UnixMilli(), 10)})
	if err != nil {
		return 0, 0, err
	}
	if found, err = number(resp, "offset"); err != nil {
		return 0, 0, fmt.Errorf("offset of %s %s: %w", topic, q, err)
	}
	return found, resp.Version, nil
}

// offset asks q's broker one of the questions whose answer is the field offset.
func (c *Client) offset(ctx context.Context, r cluster.Route, topic string, q cluster.Queue, code int) (int64, error) {
	resp, err := c.askQueue(ctx, r, topic, q, code, nil)
	if err != nil {
		return 0, err
	}
	n, err := number(resp, "offset")
	if err != nil {
		return 0, fmt.Errorf("offset of %s %s: %w", topic, q, err)
	}
	return n, nil
}

// askQueue asks q's broker a question about the queue, see fromReaders.
func (c *Client) askQueue(ctx context.Context, r cluster.Route, topic string, q cluster.Queue, code int, more map[string]string) (*remoting.Command, error) {
	addrs := r.Readers(q.Broker)
	if len(addrs) == 0 {
		return nil, unaddressed(topic, q)
	}
	ext := queueFields(topic, q)
	maps.Copy(ext, more)
	var resp *remoting.Command
	_, err := c.fromReaders(ctx, addrs, func(ctx context.Context, addr string) (err error) {
		resp, err = c.ask(ctx, addr, &remoting.Command{Code: code, ExtFields: maps.Clone(ext)})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("offset of %s %s: %w", topic, q, err)
	}
	return resp, nil
}

// queueFields name a queue in a request. The 5.x proxy finds the broker by bname
// and answers code 15 without it; brokers ignore it (RpcRequestHeader.java,
// AbstractRemotingActivity.java).
func queueFields(topic string, q cluster.Queue) map[string]string {
	return map[string]string{"topic": topic, "queueId": strconv.Itoa(q.ID), "bname": q.Broker}
}

// number reads a field of an answer.
func number(resp *remoting.Command, field string) (int64, error) {
	n, err := strconv.ParseInt(resp.ExtFields[field], 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%w: field %s", fault.BadAnswer, field)
	}
	return n, nil
}

// StartKind is where reading begins.
type StartKind int

const (
	// Now begins behind the last message there is.
	Now StartKind = iota
	// Earliest begins at the first message still kept.
	Earliest
	// Time begins at the first message stored at Start.At or later.
	Time
)

// Start is a kind with, for Time only, its moment.
type Start struct {
	Kind StartKind
	At   time.Time
}

// StartFloors answers, for every queue that may be read, the first offset that
// belongs to a reading with this start. All queues are asked concurrently; brokers
// of which one cannot be asked are missing. For Time a floor never lies above the
// maximum.
func (c *Client) StartFloors(ctx context.Context, r cluster.Route, topic string, start Start) (map[cluster.Queue]int64, cluster.Missing, error) {
	return c.OfQueues(ctx, r.ReadQueues(), func(ctx context.Context, q cluster.Queue) (int64, error) {
		return c.startFloor(ctx, r, topic, q, start)
	})
}

// OfQueues asks for an offset of each of these queues, concurrently; brokers of which one
// cannot be asked are missing.
func (c *Client) OfQueues(ctx context.Context, queues []cluster.Queue, ask func(context.Context, cluster.Queue) (int64, error)) (map[cluster.Queue]int64, cluster.Missing, error) {
	all := make(map[cluster.Queue]int64, len(queues))
	var mu sync.Mutex
	missing, err := c.eachQueue(ctx, queues, func(ctx context.Context, q cluster.Queue) error {
		n, err := ask(ctx, q)
		if err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		all[q] = n
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	return all, missing, nil
}

func (c *Client) startFloor(ctx context.Context, r cluster.Route, topic string, q cluster.Queue, start Start) (int64, error) {
	switch start.Kind {
	case Now:
		return c.MaxOffset(ctx, r, topic, q)
	case Earliest:
		return c.MinOffset(ctx, r, topic, q)
	case Time:
		return c.timeFloor(ctx, r, topic, q, start.At)
	}
	return 0, fmt.Errorf("start of kind %d: %w", start.Kind, fault.Invalid)
}

// timeFloor is the first offset of a time, at most the maximum.
func (c *Client) timeFloor(ctx context.Context, r cluster.Route, topic string, q cluster.Queue, at time.Time) (int64, error) {
	found, err := c.SearchOffset(ctx, r, topic, q, at)
	if err != nil {
		return 0, err
	}
	top, err := c.MaxOffset(ctx, r, topic, q)
	return min(found, top), err
}
