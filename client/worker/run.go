package worker

import (
	"context"
	"errors"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

	"gantry/client/engine"
	"gantry/client/fault"
	"gantry/client/message"
	"gantry/client/outbox/plan"
)

// Run is the part of a Job that only a run has.
type Run struct {
	// Dir is the run's folder: its plan, its source, and its journal.
	Dir string `json:"dir"`
	// Secrets are values of the connection that are not in the plan.
	Secrets map[string]string `json:"secrets,omitempty"`
	// Seq is the place of the message that it goes on with, After where the row of the one
	// before stands in the source, -1 where there is none.
	Seq   int64 `json:"seq"`
	After int64 `json:"after"`
	// Gaps are messages before Seq that never left, and do first.
	Gaps []Gap `json:"gaps,omitempty"`
	// Again are the numbers of records of messages to be sent once more, instead of going
	// on.
	Again  []uint64 `json:"again,omitempty"`
	Paused bool     `json:"paused,omitempty"`
}

// Gap are messages, one behind the other, that were made and never left: with several under
// way, those behind them had left when who sent them died.
type Gap struct {
	Seq   int64 `json:"seq"`
	After int64 `json:"after"` // as in Run
	Count int64 `json:"count"`
}

// Ran says how a run stands, beside what its journal says.
type Ran struct {
	// Paused: no message leaves, and none is under way any more.
	Paused bool `json:"paused,omitempty"`
	// Ended: no message leaves any more; Complete: because there is none left.
	Ended    bool `json:"ended,omitempty"`
	Complete bool `json:"complete,omitempty"`
	// Proven: nothing is read back any more; it comes behind Ended.
	Proven bool `json:"proven,omitempty"`
	// Alike is how many messages in a row failed for the cause that is beside it, when the
	// run has paused by itself because of that; 0 since it was told to go on.
	Alike int64 `json:"alike,omitempty"`
}

// provenWithin is for how long a run that has ended waits for messages to be read back.
const provenWithin = 15 * time.Minute

// campaign is a run at work: one goroutine makes the messages at the plan's pace, others send them.
type campaign struct {
	job    *Run
	plan   *plan.Plan
	maker  *plan.Maker
	next   func() ([]plan.Made, error) // makes the messages of the next request
	p      poster
	deals  *deals // nil where no half messages are sent
	to     *reach
	book   *book
	proof  *prover
	why    *causes
	alike  *alike
	events *writer
	gate   *gate
	pace   *rate.Limiter
	tempo  plan.Tempo // of a replay at the original pace
	// free hands over what any lane may send; lanes what has a sharding key, where messages
	// may: one for each that may be under way.
	free   chan []plan.Made
	lanes  []chan []plan.Made
	cancel context.CancelCauseFunc
	ended  chan struct{}

	under atomic.Int64 // requests under way
	toGo  atomic.Int64 // messages that are not made yet, at most
	mu    sync.Mutex
	told  Ran
}

// errStop ends a run by order, errFailed because a message was not stored for certain.
var (
	errStop   = errors.New("stopped")
	errFailed = errors.New("a message was not stored")
)

func startRun(job *Job, to *reach, events *writer) (runner, error) {
	p, err := plan.Read(job.Run.Dir)
	if err != nil {
		return nil, err
	}
	c := &campaign{job: job.Run, plan: p, to: to, events: events, gate: newGate(job.Run.Paused), alike: newAlike(p.AtOnce), ended: make(chan struct{})}
	secrets := job.Run.Secrets
	if secrets == nil {
		secrets = map[string]string{} // nothing is sent with a value hidden
	}
	if c.maker, err = p.Maker(job.Run.Dir, secrets); err != nil {
		return nil, err
	}
	if c.next, err = c.goOn(); err != nil {
		return nil, err
	}
	c.pace = rate.NewLimiter(rate.Inf, 1)
	if p.PerSecond > 0 {
		// A timer wakes a thousand times a second at best.
		c.pace = rate.NewLimiter(rate.Limit(p.PerSecond), max(1, int(p.PerSecond/1000))*c.batch())
	}
	// A run is never evicted from while it can go on: its journal has no cap.
	if c.book, err = openBook(Sends{Journal: job.Run.Dir}, events, to.words); err != nil {
		return nil, err
	}
	if c.proof, err = newProver(job, c.book); err == nil {
		c.why = &causes{ask: c.proof.ask}
		c.p, c.deals, err = posterOf(p, job, to, c.book, c.proof)
	}
	if err != nil {
		c.book.close()
		return nil, err
	}
	c.gate.changed = c.stands
	ctx, cancel := context.WithCancelCause(context.Background())
	c.cancel = cancel
	go c.run(ctx)
	return c, nil
}

func (c *campaign) batch() int { return max(c.plan.Batch, 1) }

// run sends everything and tells the end.
func (c *campaign) run(ctx context.Context) {
	defer close(c.ended)
	err := c.inLanes(ctx)
	c.book.flush()
	_ = c.maker.Close()
	c.tell(func(r *Ran) { r.Ended, r.Paused, r.Alike, r.Complete = true, false, 0, errors.Is(err, io.EOF) }, err)
	c.settle()
	c.book.flush()
	c.tell(func(r *Ran) { r.Proven = true }, nil)
}

// settle waits until what was sent is read back, and brokers have said of what was decided
// that it is done.
func (c *campaign) settle() {
	most := time.After(provenWithin)
	waits := []func() <-chan struct{}{c.proof.done}
	if c.deals != nil {
		waits = []func() <-chan struct{}{c.deals.done, c.proof.done}
	}
	for _, done := range waits {
		select {
		case <-done():
		case <-most:
			return
		case <-c.proof.ctx.Done():
			return
		}
	}
}

// dispatch hands the messages to the lanes, one after the other.
func (c *campaign) dispatch(ctx context.Context) error {
	next := c.next
	if c.job.Again != nil {
		c.toGo.Store(int64(len(c.job.Again)))
		again, err := c.again()
		if err != nil {
			return err
		}
		next = again
	}
	for {
		// The gate first: what waits at it is not made yet.
		if !c.gate.pass(0) {
			return errStop
		}
		if c.wait(ctx) != nil {
			return context.Cause(ctx)
		}
		if _, closed := c.gate.held(); closed {
			continue
		}
		made, err := next()
		c.toGo.Add(-int64(len(made)))
		if c.plan.Paced() {
			c.tempo.Then(c.maker.Gap())
		}
		if len(made) > 0 {
			if why := c.hand(ctx, made); why != nil {
				return why
			}
		}
		if err != nil {
			return err
		}
	}
}

// send writes messages down, sends them in one request, and writes down what came of each;
// false says that they could not be written down, and were not sent.
func (c *campaign) send(h *held, made []plan.Made) ([]message.Receipt, bool) {
	leaves := make([]*message.Leave, len(made))
	drafts := make([]*message.Draft, len(made))
	for i := range made {
		leaves[i], drafts[i] = &made[i].Leave, made[i].Draft
	}
	first, err := c.book.leave(h, leaves...)
	if err != nil {
		return nil, false
	}
	for i, d := range drafts {
		if c.deals != nil {
			c.deals.begin(first+uint64(i), d)
		}
	}
	receipts := c.receipts(drafts)
	for i, r := range receipts {
		c.why.explain(drafts[i].Topic, &r)
		r = c.to.receipt(r)
		if d := drafts[i]; d.Deliver.Later() && (r.Status.Stored() || r.Status == message.StatusUncertain) {
			r.Due = d.Deliver.Due(r.SentAt)
		}
		receipts[i] = r
		h.buf = message.AppendOutcome(h.buf, &message.Outcome{Of: first + uint64(i), Receipt: r})
		h.n++
		if c.deals != nil {
			h.step(c.deals.sent(drafts[i].ID, &r))
			continue
		}
		if c.plan.Prove {
			c.proof.expect(first+uint64(i), drafts[i], &r)
		}
	}
	return receipts, true
}

// receipts sends drafts in one request. What cannot be a message is refused here, as in
// the form, and the rest is sent.
func (c *campaign) receipts(drafts []*message.Draft) []message.Receipt {
	out := make([]message.Receipt, len(drafts))
	var good []*message.Draft
	var at []int
	for i, d := range drafts {
		if err := d.Check(); err != nil {
			out[i] = message.Receipt{Topic: d.Topic, SentAt: time.Now(), Status: message.StatusFailed, MessageID: d.ID, Fault: fault.From(err)}
			continue
		}
		good, at = append(good, d), append(at, i)
	}
	switch len(good) {
	case 0:
	case 1:
		out[at[0]] = c.p.Send(context.Background(), good[0])
	default:
		for i, r := range c.p.(*engine.Producer).SendBatch(context.Background(), good) { // no half messages: plan.Check
			out[at[i]] = r
		}
	}
	return out
}

// stands tells whether the run is paused with nothing under way.
func (c *campaign) stands() {
	// Called by the gate under its lock, too.
	go func() {
		_, closed := c.gate.held()
		c.tell(func(r *Ran) { r.Paused = closed && c.under.Load() == 0 && !r.Ended }, nil)
	}()
}

// heed pauses the run where all fails alike, and there is more that would.
func (c *campaign) heed(receipts []message.Receipt) {
	n, why := c.alike.note(receipts)
	if n == 0 || c.toGo.Load() <= 0 {
		return
	}
	c.tell(func(r *Ran) { r.Alike = n }, why)
	c.gate.set(true)
}

// tell reports a change of how the run stands, and why.
func (c *campaign) tell(change func(*Ran), why error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.told
	change(&now)
	if now == c.told {
		return
	}
	c.told = now
	e := Event{Kind: Running, Ran: &now}
	if why != nil && !errors.Is(why, io.EOF) && !errors.Is(why, errStop) && !errors.Is(why, errFailed) {
		e.Fault = fault.From(why).Hide(c.to.words)
	}
	_ = c.events.send(e, nil)
}

func (c *campaign) do(o *command, _ []byte) {
	switch o.Do {
	case doPause:
		c.gate.set(true)
	case doResume:
		c.alike.again()
		c.tell(func(r *Ran) { r.Alike = 0 }, nil)
		c.gate.set(false)
	case doHalt:
		c.halt()
	case doStep:
		if o.Step != nil {
			go c.book.noteStep(o)
		}
	}
}

// halt lets nothing leave any more; what is under way comes to its end.
func (c *campaign) halt() {
	c.cancel(errStop)
	c.gate.shutForGood()
}

func (c *campaign) listens() *Listens { return nil }

// stop ends the run; what is under way has a little time.
func (c *campaign) stop() {
	c.halt()
	c.proof.cancel()
	select {
	case <-c.ended:
	case <-time.After(stopGrace):
	}
	if c.deals != nil {
		c.deals.close()
	}
	c.proof.close()
	c.book.close()
	_ = c.p.Close()
}
