package worker

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/message"
)

// spot is where a message lies.
type spot struct {
	cluster.Queue
	offset int64
}

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
				a = p.searchOnce(e)
			}
			if p.ctx.Err() == nil {
				p.arrived(a)
			}
			return
		case err == nil:
			p.arrived(a)
			return
		}
		p.sleep(pause)
		pause = min(2*pause, time.Second)
	}
}

// searchOnce looks for a message a last time, once it is known where the queues of its topic
// end: nothing reads complete where that of one is not known.
func (p *prover) searchOnce(e expected) message.Arrival {
	upTo, err := p.ends(e.topic)
	var a message.Arrival
	if err == nil {
		a, err = p.find(e)
	}
	switch {
	case errors.Is(err, fault.NotFound):
		return message.Arrival{Of: e.of, Proof: message.ProofNotFound, UpTo: upTo}
	case err != nil:
		return message.Arrival{Of: e.of, Proof: message.ProofUnread, Fault: fault.From(err).Hide(p.book.hide)}
	}
	return a
}

// ends says where the queues of a topic end. Many messages of one moment share an answer.
func (p *prover) ends(topic string) (string, error) {
	p.mu.Lock()
	known := p.ended[topic]
	p.mu.Unlock()
	if time.Since(known.at) < time.Second {
		return known.text, nil
	}
	ctx, cancel := context.WithTimeout(p.ctx, askLimit)
	defer cancel()
	route, err := p.route(ctx, topic)
	if err != nil {
		return "", p.fell("", err)
	}
	at := time.Now()
	queues := route.ReadQueues()
	all := make([]string, len(queues))
	var work errgroup.Group
	work.SetLimit(endsAtOnce)
	for i, q := range queues {
		work.Go(func() error {
			end, err := p.ask.MaxOffset(ctx, route, topic, q)
			all[i] = fmt.Sprintf("%v:%d", q, end)
			return err
		})
	}
	if err := work.Wait(); err != nil {
		return "", p.fell("", err)
	}
	text := strings.Join(all, " ")
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ended[topic] = endsAt{text, at}
	return text, nil
}

// endsAtOnce is how many queues are asked about together.
const endsAtOnce = 8

// endsAt is where the queues of a topic ended at a moment.
type endsAt struct {
	text string
	at   time.Time
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
	var a message.Arrival
	places := map[spot]bool{}
	for _, f := range all {
		m, _, err := message.ParseStored(f.Stored)
		if err != nil || m.ID() != e.id || m.Topic != e.topic {
			continue
		}
		if len(places) == 0 {
			a = message.Arrival{
				Of: e.of, Proof: p.compare(m, e), StoredAt: m.StoredAt, Broker: f.Broker, QueueID: m.QueueID, QueueOffset: m.QueueOffset,
			}
		}
		places[spot{cluster.Queue{Broker: f.Broker, ID: m.QueueID}, m.QueueOffset}] = true
	}
	switch n := len(places); {
	case n > 1:
		a.Copies = n
		return a, nil
	case n == 1:
		return a, nil
	}
	if len(missing) > 0 {
		return message.Arrival{}, p.fell("", missing[0].Err)
	}
	return message.Arrival{}, fault.NotFound
}

// lookFor has a message looked for by its id, unless very many are.
func (p *prover) lookFor(e expected) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.searching >= mostSearches || p.ctx.Err() != nil {
		return
	}
	p.opened()
	p.searching++
	p.work.Go(func() {
		p.search(e)
		p.mu.Lock()
		p.searching--
		p.mu.Unlock()
	})
}
