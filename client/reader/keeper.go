package reader

import (
	"bytes"
	"context"
	"time"

	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/filter"
	"gantry/client/message"
)

// What waits for jq is asked about together: so many messages, so many bytes, or what came
// within a time.
const (
	mostWaiting     = 128
	mostWaitingSize = 1 << 20
	longestWaiting  = 200 * time.Millisecond
)

// keeper keeps what fits; for Newest what came last, when all is read.
type keeper struct {
	run  *run
	fits filter.Filter
	last []heldBack
	size int // of what is held back

	// waiting are messages that jq is to be asked about, and what fits behind them: since is
	// from when on.
	waiting []heldBack
	since   time.Time
	// left says that not all of them were asked about: enough was found.
	left bool
}

type heldBack struct {
	broker string
	stored []byte
}

func (r *run) keeper(ctx context.Context) (*keeper, error) {
	fits, err := filter.Parse(r.Filter, time.Now())
	k := &keeper{run: r, fits: fits.With(r.Tags...).Decoding(r.eyes.Decode)}
	if k.fits.Jq() {
		var judge filter.Judge
		if r.eyes.Judge != nil {
			judge = r.eyes.Judge(ctx)
		}
		k.fits = k.fits.Asking(judge, func(g fault.GaveUp) { r.p.GaveUp = r.p.GaveUp.Also(g) })
	}
	return k, err
}

func (k *keeper) take(q cluster.Queue, stored []byte) error {
	r := k.run
	if r.Kind == cluster.Newest {
		r.p.Through, _ = message.StoredAt(stored)
		k.last, k.size = append(k.last, heldBack{q.Broker, bytes.Clone(stored)}), k.size+len(stored)
		for len(k.last) > r.Count || k.size > mostHeld {
			k.size -= len(k.last[0].stored)
			r.p.Limited = r.p.Limited || len(k.last) <= r.Count
			k.last[0], k.last = heldBack{}, k.last[1:]
		}
		return nil
	}
	if k.fits.Jq() {
		return k.wait(q, stored)
	}
	r.p.Through, _ = message.StoredAt(stored)
	if !k.fits.MatchStored(stored) {
		return nil
	}
	return k.found(q.Broker, stored)
}

// wait holds a message until jq is asked about it and others.
func (k *keeper) wait(q cluster.Queue, stored []byte) error {
	if k.fits.Hopes(stored) {
		if len(k.waiting) == 0 {
			k.since = time.Now()
		}
		k.waiting, k.size = append(k.waiting, heldBack{q.Broker, bytes.Clone(stored)}), k.size+len(stored)
	}
	switch {
	case len(k.waiting) == 0:
		k.run.p.Through, _ = message.StoredAt(stored)
	case len(k.waiting) >= mostWaiting || k.size >= mostWaitingSize || time.Since(k.since) >= longestWaiting:
		if err := k.settle(); err != nil {
			return err
		}
	}
	return nil
}

// settle asks jq about what waits, and keeps what fits of it. Through is that of the last
// message that was decided about.
func (k *keeper) settle() error {
	stored := make([][]byte, len(k.waiting))
	for i, one := range k.waiting {
		stored[i] = one.stored
	}
	fits, err := k.fits.Fit(stored)
	if err != nil {
		return err
	}
	waiting := k.waiting
	k.waiting, k.size = nil, 0
	for i, one := range waiting {
		k.run.p.Through, _ = message.StoredAt(one.stored)
		if !fits[i] {
			continue
		}
		if err := k.found(one.broker, one.stored); err != nil {
			k.left = i+1 < len(waiting)
			return err
		}
	}
	return nil
}

// found keeps what fits.
func (k *keeper) found(broker string, stored []byte) error {
	r := k.run
	if r.asked != nil {
		if m, _, err := message.ParseStored(stored); err == nil && !r.asked(m) {
			return nil
		}
	}
	if err := r.found(broker, stored); err != nil {
		return err
	}
	if r.Most > 0 && r.p.Found >= r.Most {
		return errEnough
	}
	return nil
}

// flush gives what was held back.
func (k *keeper) flush() error {
	for _, one := range k.last {
		if err := k.run.found(one.broker, one.stored); err != nil {
			return err
		}
	}
	return nil
}
