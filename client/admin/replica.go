package admin

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strconv"

	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/remoting"
)

// ErrIndexOnly says that a replica gives no messages to those who pull: it rejects them
// (slaveReadEnable=false, the default), or points to its master, which it takes to be there
// (PullMessageProcessor.java, rejectRequest and processRequest). ReadIndex reads it.
var ErrIndexOnly = errors.New("the replica takes no pulls")

// ErrBehind says that a replica has not everything that its master may have.
var ErrBehind = errors.New("the replica is behind")

// refusesPulls tells whether that is what an answer of a replica says.
func refusesPulls(resp *remoting.Command) bool {
	return resp.Code == remoting.SystemBusy || resp.Code == remoting.PullRetryImmediately
}

// ReadIndex is Pull from a replica at addr that takes no pulls: its index of the queue
// tells where in its commit log the messages lie (AdminBrokerProcessor.java,
// queryConsumeQueue), and they are read one by one, atOnce together. Nothing is filtered;
// SQL92 cannot be.
func (c *Client) ReadIndex(ctx context.Context, addr string, q cluster.Queue, s cluster.Selection, offset int64, limit int) (Pulled, error) {
	p, err := c.readIndex(ctx, addr, q, s, offset, limit)
	if err != nil {
		return Pulled{}, fmt.Errorf("index of %s %s: %w", s.Topic, q, err)
	}
	return p, nil
}

func (c *Client) readIndex(ctx context.Context, addr string, q cluster.Queue, s cluster.Selection, offset int64, limit int) (p Pulled, err error) {
	if s.SQL92 {
		return p, fault.NotOffered
	}
	type index struct {
		MinQueueIndex, MaxQueueIndex int64
		QueueData                    []struct{ PhysicOffset int64 }
	}
	ext := queueFields(s.Topic, q)
	maps.Copy(ext, map[string]string{"index": strconv.FormatInt(offset, 10), "count": strconv.Itoa(limit), "consumerGroup": s.Group})
	resp, err := c.ask(ctx, addr, &remoting.Command{Code: remoting.QueryConsumeQueue, ExtFields: ext})
	if err != nil {
		return p, err
	}
	var got index
	if len(resp.Body) == 0 { // there is nothing at the offset
		at := cluster.Route{Brokers: []cluster.Broker{{Name: q.Broker, Addrs: map[int64]string{cluster.MasterID: addr}}}}
		if got.MinQueueIndex, err = c.MinOffset(ctx, at, s.Topic, q); err == nil {
			got.MaxQueueIndex, err = c.MaxOffset(ctx, at, s.Topic, q)
		}
	} else {
		err = decode(resp.Body, &got)
	}
	if err != nil {
		return p, err
	}
	p = Pulled{Next: offset, Min: atLeastNone(got.MinQueueIndex), Max: got.MaxQueueIndex}
	if len(got.QueueData) == 0 || offset < p.Min || offset >= p.Max {
		p.Next, p.Outside = min(max(offset, p.Min), p.Max), offset < p.Min || offset > p.Max
		return p, nil
	}
	entries := got.QueueData[:min(len(got.QueueData), limit)]
	found := make([]Found, len(entries))
	err = each(ctx, len(entries), func(ctx context.Context, i int) (err error) {
		found[i], err = c.viewAt(ctx, q.Broker, addr, s.Topic, entries[i].PhysicOffset)
		return err
	})
	if err != nil {
		return p, err
	}
	for _, f := range found {
		if len(f.Stored) == 0 || f.QueueOffset < p.Next || f.QueueID != q.ID {
			continue // deleted meanwhile
		}
		all := f.each()
		p.Body, p.Next = append(p.Body, f.Stored...), all[len(all)-1].QueueOffset+1
	}
	if p.Next == offset {
		return p, fmt.Errorf("%w: nothing at offset %d of %d to %d", fault.BadAnswer, offset, p.Min, p.Max)
	}
	return p, nil
}
