package worker

import (
	"context"
	"errors"
	"time"

	"gantry/client/fault"
	"gantry/client/message"
)

// search looks for a message by its id: one that is delivered later, one that nobody
// answered for, and one that went one-way.
func (p *prover) search(e expected) {
	until := time.Now().Add(seenWithin)
	if !e.due.IsZero() {
		until = e.due.Add(2 * seenWithin)
		p.sleep(time.Until(e.due))
	}
	pause := 50 * time.Millisecond
	for {
		a, err := p.find(e)
		switch {
		case p.ctx.Err() != nil:
			return
		case err != nil && (time.Now().After(until) || !errors.Is(err, fault.NotFound)):
			a = message.Arrival{Of: e.of, Proof: message.ProofUnread, Fault: fault.From(err).Hide(p.book.hide)}
			if errors.Is(err, fault.NotFound) {
				a.Proof, a.Fault = message.ProofNotFound, nil
			}
			p.arrived(a)
			return
		case err == nil:
			p.arrived(a)
			return
		}
		p.sleep(pause)
		pause = min(2*pause, time.Second)
	}
}

// find asks for a message by its id: fault.NotFound where all brokers of its topic know
// none.
func (p *prover) find(e expected) (message.Arrival, error) {
	select {
	case p.slots <- struct{}{}:
		defer func() { <-p.slots }()
	case <-p.ctx.Done():
		return message.Arrival{}, p.ctx.Err()
	}
	if err := p.answers(""); err != nil {
		return message.Arrival{}, err
	}
	ctx, cancel := context.WithTimeout(p.ctx, askLimit)
	defer cancel()
	route, err := p.route(ctx, e.topic)
	if err != nil {
		return message.Arrival{}, p.fell("", err)
	}
	from := e.since.Add(-time.Hour) // by the brokers' clocks
	all, missing, err := p.ask.ByKey(ctx, route.Brokers, e.topic, e.id, from, time.Now().Add(time.Hour), pullLimit)
	if err != nil {
		return message.Arrival{}, p.fell("", err)
	}
	for _, f := range all {
		m, _, err := message.ParseStored(f.Stored)
		if err == nil && m.ID() == e.id && m.Topic == e.topic {
			return message.Arrival{
				Of: e.of, Proof: p.compare(m, e), StoredAt: m.StoredAt, Broker: f.Broker, QueueID: m.QueueID, QueueOffset: m.QueueOffset,
			}, nil
		}
	}
	if len(missing) > 0 {
		return message.Arrival{}, p.fell("", missing[0].Err)
	}
	return message.Arrival{}, fault.NotFound
}
