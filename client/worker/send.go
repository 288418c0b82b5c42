package worker

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"gantry/client/engine"
	"gantry/client/fault"
	"gantry/client/journal"
	"gantry/client/message"
	"gantry/client/outbox/plan"
	"gantry/client/producer"
)

// Sends says where what is sent is written down: before it leaves, and what came of it.
type Sends struct {
	// Journal is the folder that drafts and receipts are appended to; the caps are those
	// of journal.Options.
	Journal    string `json:"journal"`
	MaxBytes   int64  `json:"maxBytes,omitempty"`
	MaxRecords int64  `json:"maxRecords,omitempty"`
	// Called: what is sent are half messages and requests, after which brokers call. Half
	// messages of the journal that wait are gone on with.
	Called bool `json:"called,omitempty"`
}

// poster sends a draft once; an error is a part of the receipt.
type poster interface {
	Send(context.Context, *message.Draft) message.Receipt
	Close() error
}

// book writes down what is sent.
type book struct {
	log    *journal.Writer
	events *writer
	hide   func(string) string
	news   chan struct{} // holds one where records were written
	done   chan struct{}

	mu    sync.Mutex
	stuck chan struct{} // closed while nothing can be written; then why is set
	why   error
}

// lockWait is how long the worker before this one may take to give the journal back.
const lockWait = 3 * time.Second

// openBook opens the journal of sends and notes in it that another sender begins.
func openBook(j Sends, events *writer, hide func(string) string) (*book, error) {
	b := &book{events: events, hide: hide, news: make(chan struct{}, 1), done: make(chan struct{}), stuck: make(chan struct{})}
	opt := journal.Options{MaxBytes: j.MaxBytes, MaxRecords: j.MaxRecords, OnBlocked: b.blocked, OnWritten: func() {
		select {
		case b.news <- struct{}{}:
		default:
		}
	}}
	var err error
	for end := time.Now().Add(lockWait); ; time.Sleep(20 * time.Millisecond) {
		b.log, err = journal.OpenWriter(j.Journal, opt)
		if err == nil || !errors.Is(err, fault.JournalLocked) || time.Now().After(end) {
			break
		}
	}
	if err != nil {
		return nil, fmt.Errorf("open the journal of sends: %w", err)
	}
	go b.tell()
	if err := b.log.Add(func(dst []byte) ([]byte, int) { return message.AppendBegin(dst, time.Now()), 1 }); err != nil {
		return nil, err
	}
	return b, nil
}

// tell reports that records were written, twenty times a second at most.
func (b *book) tell() {
	for {
		select {
		case <-b.done:
			return
		case <-b.news:
		}
		_ = b.events.send(Event{Kind: Wrote}, nil)
		select {
		case <-b.done:
			return
		case <-time.After(countEvery):
		}
	}
}

func (b *book) blocked(why error) {
	b.mu.Lock()
	if why != nil && b.why == nil {
		close(b.stuck)
	} else if why == nil && b.why != nil {
		b.stuck = make(chan struct{})
	}
	b.why = why
	b.mu.Unlock()
	_ = b.events.send(Event{Kind: Blocked, Fault: fault.From(why)}, nil)
}

// full is closed while nothing can be written.
func (b *book) full() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.stuck
}

// reason is why nothing can be written.
func (b *book) reason() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.why
}

// held are receipts that one lane of a run has not written down yet: they go with the next
// message that leaves, which is one write for both.
type held struct {
	buf []byte
	n   int
}

// step holds back what came of a half message; nil is nothing.
func (h *held) step(s *message.Step) {
	if s != nil {
		h.buf = message.AppendStep(h.buf, s)
		h.n++
	}
}

// leave writes down messages that are about to be sent, behind what a lane held back (nil
// for none), and returns the number of the first one's record. It waits while nothing can
// be written.
func (b *book) leave(h *held, all ...*message.Leave) (first uint64, err error) {
	if h == nil {
		h = &held{}
	}
	buf := h.buf
	for _, l := range all {
		if buf, err = message.AppendLeave(buf, l); err != nil {
			return 0, err
		}
	}
	first, err = b.log.AppendNumbered(buf, h.n+len(all))
	first += uint64(h.n)
	h.buf, h.n = buf[:0], 0
	return first, err
}

// let writes down what a lane held back.
func (b *book) let(h *held) {
	if h.n > 0 {
		_ = b.log.Add(func(dst []byte) ([]byte, int) { return append(dst, h.buf...), h.n })
		h.buf, h.n = h.buf[:0], 0
	}
}

// outcome writes down what came of the message whose record has that number.
func (b *book) outcome(of uint64, r message.Receipt) {
	o := &message.Outcome{Of: of, Receipt: r}
	_ = b.log.Add(func(dst []byte) ([]byte, int) { return message.AppendOutcome(dst, o), 1 })
}

// step writes down what happened to a message and waits for that, unless nothing can be
// written.
func (b *book) step(s *message.Step) error {
	select {
	case <-b.full():
		return b.reason()
	default:
	}
	_, err := b.log.AppendNumbered(message.AppendStep(nil, s), 1)
	return err
}

// noteStep has a step written down that the parent asks for, and tells what came of it.
func (b *book) noteStep(c *command) {
	r := message.Receipt{Status: message.StatusOK}
	if err := b.step(c.Step); err != nil {
		r.Status, r.Fault = message.StatusFailed, fault.From(err)
	}
	_ = b.events.send(Event{Kind: Sent, ID: c.ID, Receipt: &r}, nil)
}

// flush waits until everything is written.
func (b *book) flush() { _, _ = b.log.AppendNumbered(nil, 0) }

func (b *book) close() {
	_ = b.log.Close()
	close(b.done)
	_ = b.events.send(Event{Kind: Wrote}, nil)
}

// sender sends drafts one by one; each on a goroutine of its own, because the library
// looks a route up for many seconds without heeding a context.
type sender struct {
	p      poster
	to     *reach
	events *writer
	book   *book
	proof  *prover
	deals  *deals // nil where no half messages are sent
	why    *causes
	sends  sync.WaitGroup // under way
}

func startSender(job *Job, to *reach, events *writer) (runner, error) {
	b, err := openBook(*job.Sends, events, to.words)
	if err != nil {
		return nil, err
	}
	s := &sender{to: to, events: events, book: b}
	if s.proof, err = newProver(job, b); err == nil {
		s.why = &causes{ask: s.proof.ask}
		s.p, s.deals, err = newPoster(job, job.Sends.Called, job.Group, to, b, s.proof)
	}
	if err == nil && s.deals != nil {
		err = s.deals.restore(job.Sends.Journal)
	}
	if err != nil {
		b.close()
		return nil, err
	}
	return s, nil
}

// newPoster returns what sends: the client library, or package producer where brokers call
// afterwards, and then what becomes of that. A plain producer must have no part in its group.
func newPoster(job *Job, called bool, group string, to *reach, b *book, proof *prover) (poster, *deals, error) {
	if !called {
		p, err := engine.NewProducer(engine.ProducerConfig{Access: to.access(), Group: group})
		return p, nil, err
	}
	x, err := newDeals(job, group, to, b, proof)
	if err != nil {
		return nil, nil, err
	}
	return x.p, x, nil
}

// posterOf returns what sends the messages of a plan.
func posterOf(p *plan.Plan, job *Job, to *reach, b *book, proof *prover) (poster, *deals, error) {
	if p.Replay == nil || !p.Replay.OnlyGroup {
		return newPoster(job, p.Transaction != message.NoTransaction, job.Group, to, b, proof)
	}
	cfg, err := ownProducer(job, job.Group, proof)
	if err != nil {
		return nil, nil, err
	}
	return producer.New(cfg), nil, nil
}

func (s *sender) do(c *command, raw []byte) {
	if c.Do == doDecide && s.deals != nil {
		s.sends.Go(func() {
			r := message.Receipt{Status: message.StatusOK}
			if err := s.deals.decide(c.Of, c.Transaction); err != nil {
				r.Status, r.Fault = message.StatusFailed, fault.From(err)
			}
			_ = s.events.send(Event{Kind: Sent, ID: c.ID, Receipt: &r}, nil)
		})
	}
	if c.Do == doStep && c.Step != nil {
		s.sends.Go(func() { s.book.noteStep(c) })
	}
	if c.Draft == nil {
		return
	}
	d := *c.Draft
	d.Body = raw
	kept := &d
	if c.Kept != nil && c.Size >= 0 && c.Size <= len(raw) {
		other := *c.Kept
		d.Body, other.Body = raw[:c.Size], raw[c.Size:]
		kept = &other
	}
	if c.Do == doNote && c.Receipt != nil {
		s.sends.Go(func() { s.note(&d, *c.Receipt) })
	}
	if c.Do != doSend {
		return
	}
	s.sends.Go(func() {
		r := s.send(&d, kept)
		_ = s.events.send(Event{Kind: Sent, ID: c.ID, Receipt: &r}, nil)
	})
}

// send writes a draft down, as it is kept, sends it, and writes down what came of it.
// Nothing is sent that is not written down.
func (s *sender) send(d, kept *message.Draft) message.Receipt {
	d.ID = engine.NewID()
	kept.ID = d.ID
	begun := time.Now()
	var of uint64
	noted := make(chan error, 1)
	go func() {
		var err error
		of, err = s.book.leave(nil, &message.Leave{At: begun, Row: -1, ID: d.ID, Draft: kept})
		noted <- err
	}()
	unsent := func(why error) message.Receipt {
		return message.Receipt{
			Topic: d.Topic, MessageID: d.ID, SentAt: begun, Took: time.Since(begun), Status: message.StatusFailed, Fault: fault.From(why),
		}
	}
	select {
	case err := <-noted:
		if err != nil {
			return unsent(err)
		}
	case <-s.book.full():
		r := unsent(s.book.reason())
		go func() { // it may be written later, and was never sent
			if err := <-noted; err == nil {
				s.book.outcome(of, r)
			}
		}()
		return r
	}
	switch {
	case s.deals == nil:
	case d.Reply > 0:
		s.deals.calls.begin(of, d.ID)
	default:
		s.deals.begin(of, d)
	}
	r := s.p.Send(context.Background(), d)
	s.why.explain(d.Topic, &r)
	r = s.to.receipt(r)
	if d.Deliver.Later() && (r.Status.Stored() || r.Status == message.StatusUncertain) {
		r.Due = d.Deliver.Due(r.SentAt)
	}
	s.book.outcome(of, r)
	switch {
	case d.Transaction != message.NoTransaction:
		s.deals.note(s.deals.sent(d.ID, &r))
		return r
	case d.Reply > 0:
		s.deals.calls.sent(d.ID, &r, d.Reply)
	}
	s.proof.expect(of, d, &r)
	return r
}

// note writes down a message that never left.
func (s *sender) note(d *message.Draft, r message.Receipt) {
	if of, err := s.book.leave(nil, &message.Leave{At: r.SentAt, Row: -1, ID: r.MessageID, Draft: d}); err == nil {
		s.book.outcome(of, r)
	}
}

func (s *sender) listens() *Listens { return nil }

// stop waits a little for what is under way.
func (s *sender) stop() {
	waitFor(&s.sends, stopGrace)
	if s.deals != nil {
		s.deals.close()
	}
	s.proof.close()
	s.book.close()
	_ = s.p.Close()
}

// waitFor waits for a group, for that long at most.
func waitFor(g *sync.WaitGroup, most time.Duration) {
	done := make(chan struct{})
	go func() {
		g.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(most):
	}
}
