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
	src    Source
	keep   filter.Filter
	parts  []part
	picked bool
}

// part are records: those with these numbers, or from first to before next.
type part struct {
	numbers     []uint64
	first, next uint64
}

func (p *part) len() uint64 {
	if p.numbers != nil {
		return uint64(len(p.numbers))
	}
	return p.next - p.first
}

func (p *part) at(i uint64) uint64 {
	if p.numbers != nil {
		return p.numbers[i]
	}
	return p.first + i
}

// Skipped counts records that were no messages to hand over: evicted meanwhile, damaged, or
// with a secret value that is kept nowhere.
type Skipped struct{ Gone, Damaged, Hidden uint64 }

// listed are the messages that the list shows now.
func (l *List) listed() Listed {
	first, next := l.all.Range()
	return Listed{src: l.all, keep: l.keep, parts: []part{{first: first, next: next}}}
}

// Most is how many there are at most.
func (l Listed) Most() (n uint64) {
	for i := range l.parts {
		n += l.parts[i].len()
	}
	return n
}

// Picked tells whether the user chose them among others.
func (l Listed) Picked() bool { return l.picked }

// Each hands over the messages, the oldest first, until do fails. progress is told how many
// were looked at, now and then. It blocks; the error is the context's, do's, or that of a
// list that was closed.
func (l Listed) Each(ctx context.Context, progress func(looked uint64), do func(*message.Message) error) (skipped Skipped, err error) {
	looked := uint64(0)
	for i := range l.parts {
		p := &l.parts[i]
		if err := l.each(ctx, p, &skipped, func() {
			if looked%1000 == 0 {
				progress(looked)
			}
			looked++
		}, do); err != nil {
			return skipped, err
		}
	}
	return skipped, nil
}

// each hands over the messages of a part; look is called for each record.
func (l Listed) each(ctx context.Context, p *part, skipped *Skipped, look func(), do func(*message.Message) error) error {
	for i := range p.len() {
		if ctx.Err() != nil {
			return context.Canceled
		}
		look()
		n := p.at(i)
		m, err := readMessage(l.src, n)
		switch {
		case errors.Is(err, fault.Evicted):
			skipped.Gone++
			continue
		case errors.Is(err, message.ErrDamaged), errors.Is(err, fault.Damaged):
			skipped.Damaged++
			continue
		case err != nil:
			return fmt.Errorf("record %d: %w", n, err) // the list was closed
		case !l.keep.Match(m):
			continue
		}
		if err := do(m); err != nil {
			return err
		}
	}
	return nil
}

// SendAll hands over what the list shows, to be sent again.
func (l *List) SendAll() {
	if l.given != nil && l.p.SendAll != nil {
		l.p.SendAll(l.listed())
	}
}
