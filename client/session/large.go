package session

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/journal"
	"gantry/client/message"
)

// A producer may send a body of a megabyte that unpacks to a gigabyte, and the client
// library unpacks what comes before anybody is asked: the worker ends at the bound of its
// memory, and would again. So the message is looked for at the group's positions, kept as it
// is stored, and named; the run ends, and the group goes past it only when that is ordered.

// stuckAt is a message that a worker cannot take.
type stuckAt struct {
	topic, group string
	queue        cluster.Queue
	offset       int64
	stored       []byte // nil once it is kept
}

const (
	// mostBody is the largest body that a worker is to unpack, in bytes.
	mostBody = message.MaxStored
	// mostSearched bounds what is looked through of a queue: the client library keeps as
	// many messages, or 8 MiB.
	mostSearched = 1024
	// searchLimit bounds the whole search.
	searchLimit = 30 * time.Second
)

// findTooLarge looks for a message that unpacks to too much among those that the group takes
// next, in its topic and its retry topic.
func (s *Session) findTooLarge(ctx context.Context, r *run) (*stuckAt, error) {
	ctx, cancel := context.WithTimeout(ctx, searchLimit)
	defer cancel()
	for _, topic := range []string{r.job.Receive.Topic, message.RetryTopic(r.job.Group)} {
		route, err := r.to.Admin.Route(ctx, topic)
		if err != nil {
			continue // a retry topic that nobody needed yet
		}
		for _, q := range route.ReadQueues() {
			found, err := r.tooLargeIn(ctx, route, topic, q)
			if err != nil || found != nil {
				return found, err
			}
		}
	}
	return nil, nil
}

// tooLargeIn looks for it in one queue.
func (r *run) tooLargeIn(ctx context.Context, route cluster.Route, topic string, q cluster.Queue) (*stuckAt, error) {
	ask := r.to.Admin
	next, has, err := ask.Position(ctx, route, topic, r.job.Group, q)
	if err == nil && !has {
		if floor, known := r.job.Receive.Floors[q.String()]; known {
			next = floor
		} else {
			next, err = ask.MinOffset(ctx, route, topic, q)
		}
	}
	for end := next + mostSearched; err == nil && next < end; {
		p, failed := ask.Pull(ctx, route, topic, q, next, 32)
		if err = failed; err != nil || len(p.Body) == 0 || p.Next <= next {
			break
		}
		for rest := p.Body; len(rest) > 0; {
			var one []byte
			if one, rest, err = message.CutStored(rest); err != nil {
				return nil, err
			}
			if m, _, bad := message.ParseStored(one); bad == nil && m.UnpacksAbove(mostBody) {
				return &stuckAt{topic, r.job.Group, q, m.QueueOffset, one}, nil
			}
		}
		next = p.Next
	}
	return nil, err
}

// tooLarge ends a run whose worker reached the bound of its memory. It belongs to the owner.
func (s *Session) tooLarge(r *run, found *stuckAt, failed error) {
	if r.over { // stopped meanwhile
		return
	}
	r.cancel()
	r.over = true
	why := error(fault.OutOfMemory)
	if failed != nil {
		why = fmt.Errorf("%w: %w", fault.OutOfMemory, failed)
	}
	if found != nil {
		s.stuck = found
		why = &fault.Fault{Code: fault.UnpacksTooLarge, Args: map[string]string{
			fault.ArgTopic: found.topic, fault.ArgQueue: found.queue.String(), fault.ArgOffset: strconv.FormatInt(found.offset, 10),
			fault.ArgSize: strconv.Itoa(len(found.stored)),
		}}
	}
	go func() {
		if found != nil {
			s.keepStored(found)
		}
		s.settle(why)
	}()
}

// keepStored puts the message into the journal as the broker has it, once.
func (s *Session) keepStored(at *stuckAt) {
	s.list.Settle()
	if s.list.Next(at.queue) > at.offset {
		return
	}
	w, err := journal.OpenWriter(s.list.Dir(), journal.Options{})
	if err == nil {
		rec := message.AppendRecord(nil, &message.Record{Kind: message.KindMessage, ArrivedAt: time.Now(), Broker: at.queue.Broker, Payload: at.stored})
		err = w.Append(rec, 1)
		if closed := w.Close(); err == nil {
			err = closed
		}
	}
	if err != nil {
		s.set.p.Log.Warn("a message that is too large was not kept", "journal", s.id, "error", err)
	}
}

// Skip sets the group's position past the message that ended the last run
// (fault.UnpacksTooLarge): no member of the group may be connected (fault.GroupOnline). What
// the connection permits is for the caller to ask. The session stays stopped.
func (s *Session) Skip(ctx context.Context, to Endpoint) error {
	var at *stuckAt
	if !s.order(func() { at = s.stuck }) || at == nil {
		return fault.NotFound
	}
	route, err := to.Admin.Route(ctx, at.topic)
	if err != nil {
		return err
	}
	members, missing, err := to.Admin.Members(ctx, route, at.group)
	switch {
	case err != nil:
		return err
	case len(members) > 0:
		return fault.GroupOnline
	case len(missing) > 0:
		return missing[0]
	}
	if err := to.Admin.Commit(ctx, route, at.topic, at.group, at.queue, at.offset+1); err != nil {
		return err
	}
	s.order(func() {
		if s.stuck == at {
			s.stuck, s.facts.err = nil, nil
		}
	})
	return nil
}
