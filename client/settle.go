package client

import (
	"context"
	"strings"

	"gantry/client/cluster"
	"gantry/client/insight"
	"gantry/client/message"
	"gantry/client/outbox"
)

// Settled is what a group did with the messages of a run, at one moment. It is a value.
type Settled struct {
	*insight.Settlement
	// Counts are how many messages have each fate; NotStored are those that failed, or are
	// known not to be there: no group can have them.
	Counts    map[insight.Fate]int64
	NotStored int64
	// Unread are messages of which the journal told nothing; they are FateUnknown too.
	Unread int64

	rows []insight.Fate // by row
}

// notStored stands in rows for a message that is not there.
const notStored insight.Fate = -1

// Rows are the messages with these fates, at most that many, ascending.
func (s *Settled) Rows(most int, of ...insight.Fate) (rows []uint64) {
	for n, f := range s.rows {
		for _, x := range of {
			if f == x && len(rows) < most {
				rows = append(rows, uint64(n))
			}
		}
	}
	return rows
}

// Fate is what became of a row; false where it is not there, or was made since.
func (s *Settled) Fate(row uint64) (insight.Fate, bool) {
	if row >= uint64(len(s.rows)) || s.rows[row] == notStored {
		return insight.FateUnknown, false
	}
	return s.rows[row], true
}

// Word is what became of a row, as data: in no language.
func (s *Settled) Word(row uint64) string {
	f, there := s.Fate(row)
	if !there {
		return ""
	}
	switch f {
	case insight.FateConsumed:
		return "consumed"
	case insight.FateRetrying:
		return "to be retried"
	case insight.FateDead:
		return "dead"
	case insight.FateWaiting, insight.FateOffline:
		return "not yet"
	case insight.FateFiltered:
		return "filtered out"
	}
	return "not known"
}

// Settle asks what a group did with the messages of a run: how far it is in their queues,
// and what it sent back. It joins no group. tell is told how many messages of the group's
// topics were read, or how many of the run were looked at, now and then. It reads the disk
// and asks servers; see insight.Settle for its errors.
func (c *Connection) Settle(ctx context.Context, r *outbox.Run, group string, tell func(done, of int64)) (*Settled, error) {
	topics := strings.Split(r.Plan().Targets(), ", ")
	s, err := c.Asker.Settle(ctx, group, topics, r.Info().Begun, func(n int64) { tell(n, 0) })
	if err != nil {
		return nil, err
	}
	out := &Settled{Settlement: s, Counts: map[insight.Fate]int64{}}
	_, next := r.Range()
	out.rows = make([]insight.Fate, next)
	for n := range next {
		if n%1000 == 0 {
			if ctx.Err() != nil {
				return nil, context.Cause(ctx)
			}
			tell(int64(n), int64(next))
		}
		x, err := r.Sent(n)
		f := insight.FateUnknown
		switch {
		case err != nil || x.Draft == nil:
			out.Unread++
		default:
			f = fateOf(s, x)
		}
		if out.rows[n] = f; f == notStored {
			out.NotStored++
		} else {
			out.Counts[f]++
		}
	}
	return out, nil
}

// fateOf is what became of a message that was sent.
func fateOf(s *insight.Settlement, x *outbox.Sent) insight.Fate {
	a := x.Arrival
	if x.State == outbox.Failed || a != nil && a.Proof == message.ProofNotFound {
		return notStored
	}
	m := insight.Placed{Topic: x.Draft.Topic, ID: x.Leave.ID, Tag: x.Draft.Tag}
	switch r := x.Receipt; {
	case a != nil && (a.Proof == message.ProofArrived || a.Proof == message.ProofDiffers):
		m.Queue, m.Offset = cluster.Queue{Broker: a.Broker, ID: a.QueueID}, a.QueueOffset
	case a == nil && r != nil && r.Status.Stored() && r.Due.IsZero():
		m.Queue, m.Offset = cluster.Queue{Broker: r.Broker, ID: r.QueueID}, r.QueueOffset
	}
	return s.Of(m)
}
