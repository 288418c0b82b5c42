package msglist

import (
	"context"
	"errors"
	"fmt"

	"gantry/client/fault"
	"gantry/client/filter"
	"gantry/client/message"
)

// Listed are the messages that a list showed at one moment: also those that the filter had
// not come to yet, and none that came later.
type Listed struct {
	src         Source
	keep        filter.Filter
	first, next uint64
}

// Skipped counts records that were no messages to hand over: evicted meanwhile, or damaged.
type Skipped struct{ Gone, Damaged uint64 }

// listed are the messages that the list shows now.
func (l *List) listed() Listed {
	first, next := l.all.Range()
	return Listed{src: l.all, keep: l.keep, first: first, next: next}
}

// Most is how many there are at most.
func (l Listed) Most() uint64 { return l.next - l.first }

// Each hands over the messages, the oldest first, until do fails. progress is told how many
// were looked at, now and then. It blocks; the error is the context's, do's, or that of a
// list that was closed.
func (l Listed) Each(ctx context.Context, progress func(looked uint64), do func(*message.Message) error) (skipped Skipped, err error) {
	for n := l.first; n < l.next; n++ {
		if ctx.Err() != nil {
			return skipped, context.Canceled
		}
		if (n-l.first)%1000 == 0 {
			progress(n - l.first)
		}
		m, err := readMessage(l.src, n)
		switch {
		case errors.Is(err, fault.Evicted):
			skipped.Gone++
			continue
		case errors.Is(err, message.ErrDamaged), errors.Is(err, fault.Damaged):
			skipped.Damaged++
			continue
		case err != nil:
			return skipped, fmt.Errorf("record %d: %w", n, err) // the list was closed
		case !l.keep.Match(m):
			continue
		}
		if err := do(m); err != nil {
			return skipped, err
		}
	}
	return skipped, nil
}

// SendAll hands over what the list shows, to be sent again.
func (l *List) SendAll() {
	if l.given != nil && l.p.SendAll != nil {
		l.p.SendAll(l.listed())
	}
}
