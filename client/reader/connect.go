package reader

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"gantry/client/admin"
	"gantry/client/fault"
)

// address chooses where to read: at the master, or, after that failed, at each replica in
// its turn.
func (b *brokerReader) address() error {
	all := b.route.Load().Readers(b.name)
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.master {
		b.turn, b.byIndex, b.master = 0, false, false
	}
	if len(all) == 0 {
		b.addr = ""
		return fault.NoBroker
	}
	if next := all[b.turn%len(all)]; next != b.addr {
		b.addr, b.byIndex = next, false
	}
	return nil
}

// elsewhere tells that another address is to be read at: this one is not the broker's any
// more, or the master is back.
func (b *brokerReader) elsewhere() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.master || !slices.Contains(b.route.Load().Readers(b.name), b.addr)
}

// replica tells whether what is read at is not the broker's master.
func (b *brokerReader) replica() bool {
	master, _ := b.route.Load().Master(b.name)
	return b.addr != master
}

// connection reads over one connection until that is lost. It returns nil where
// another one is to be made at once.
func (b *brokerReader) connection() error {
	pulls, err := b.cfg.Admin.OpenPuller(b.ctx, b.addr, b.replica())
	if err != nil {
		return err
	}
	defer pulls.Close()
	defer context.AfterFunc(b.ctx, func() { _ = pulls.Close() })()
	b.mu.Lock()
	b.pulls = pulls
	b.mu.Unlock()
	b.byID, b.stale, b.until, b.busy, b.through = map[int32]*pull{}, false, time.Time{}, time.Now(), time.Time{}
	for b.ctx.Err() == nil && !b.stale {
		if now := time.Now(); !now.Before(b.until) {
			b.welcome()
			if b.elsewhere() {
				return nil
			}
			if err := b.look(now); err != nil {
				return err
			}
		}
		answer, err := pulls.Read(b.until)
		if err != nil {
			return err
		}
		if answer == nil { // there is news, or it is time
			b.until = time.Time{}
			continue
		}
		switch {
		case errors.Is(answer.Err, admin.ErrIndexOnly):
			b.byIndex = true
			return nil
		case errors.Is(answer.Err, fault.TopicNotFound) && b.replica():
			return fmt.Errorf("%w: %w", fault.NoMaster, answer.Err) // it hears of topics later
		}
		if err := b.take(answer); err != nil {
			return err
		}
		b.busy = time.Now()
	}
	return nil
}

// welcome takes the queues that were added, and gives those away that are read elsewhere.
func (b *brokerReader) welcome() {
	b.mu.Lock()
	b.queues = append(b.queues, b.fresh...)
	b.fresh = nil
	gone := b.leaving
	b.leaving = nil
	b.mu.Unlock()
	for _, l := range gone {
		i := slices.IndexFunc(b.queues, func(q *queueState) bool { return q.Queue == l.Queue })
		if i < 0 { // where it begins is not known yet
			b.mu.Lock()
			b.leaving = append(b.leaving, l)
			b.mu.Unlock()
			continue
		}
		q := b.queues[i]
		b.queues = slices.Delete(b.queues, i, i+1)
		q.over = true // in the waiting, too
		b.giveUp(q)
		b.answered(q.Queue)
		l.to(q.next)
	}
}

// indexed reads where no pulls are taken, until the master is back or that fails too.
func (b *brokerReader) indexed() error {
	for b.ctx.Err() == nil {
		b.welcome()
		if b.elsewhere() {
			return nil
		}
		news := false
		for _, q := range b.queues {
			if q.over {
				continue
			}
			asked := time.Now()
			asking, cancel := context.WithTimeout(b.ctx, hold+patience)
			got, err := b.cfg.Admin.ReadIndex(asking, b.addr, q.Queue, b.cfg.Selection, q.next, batch)
			cancel()
			if err != nil {
				return err
			}
			from := q.next
			b.through = asked
			b.handle(&pull{q: q, offset: from, at: asked, got: &admin.Answer{Pulled: got}})
			news = news || q.next != from
		}
		if !news && sleep(b.ctx, lookEvery) != nil {
			return nil
		}
	}
	return nil
}
