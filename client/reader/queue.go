package reader

import (
	"fmt"
	"time"

	"gantry/client/admin"
	"gantry/client/cluster"
	"gantry/client/fault"
)

// queueState is how far a queue was read, and what it is asked.
type queueState struct {
	cluster.Queue
	next int64 // the offset that is handled next
	end  int64 // of the queue, as its broker said last; only if told
	told bool
	// full says that the last answer held as many messages as one can: those behind it
	// may be asked for before it is clear that they are the next.
	full  bool
	asked []*pull       // by offset: under way, or answered before its turn
	waits bool          // it is among the waiting
	pause time.Duration // before the next try after a failure; 0 where there was none
	due   time.Time     // it is not asked before
	over  bool          // Handle takes nothing more of it
	// endless says that the broker gave messages behind what it called the end.
	endless bool
}

// pull is one question for messages.
type pull struct {
	q      *queueState
	id     int32
	offset int64
	at     time.Time
	brings bool          // there are messages at offset, as far as is known
	held   bool          // the broker is to wait for messages at the end
	got    *admin.Answer // nil while it is under way
	copied bool          // got's body is one of the spare ones
}

// behind is the offset that is asked for next.
func (q *queueState) behind() int64 {
	if n := len(q.asked); n > 0 {
		return q.asked[n-1].offset + batch
	}
	return q.next
}

// foreseen tells whether it is known where an answer ends before it comes: behind a
// filter nobody knows.
func foreseen(s cluster.Selection) bool { return !s.SQL92 && s.Expression == "*" }

// removed tells whether an answer without messages says that those below the minimum were
// deleted: else a filter lets none of them through.
func removed(got admin.Pulled, s cluster.Selection) bool {
	return len(got.Body) == 0 && (got.Outside || foreseen(s))
}

// doubt says what is wrong with an answer to a pull: it would be read again and again.
func doubt(from int64, got *admin.Answer) error {
	odd := got.Next < 0 || got.Min < 0
	if len(got.Body) > 0 {
		odd = odd || got.Next <= from || got.Max > from && got.Next-got.Max > batch
	} else {
		odd = odd || got.Next < from && from <= got.Max
	}
	if got.Err == nil && odd {
		return fmt.Errorf("%w: offset %d after %d, of %d to %d", fault.BadAnswer, got.Next, from, got.Min, got.Max)
	}
	return got.Err
}
