package worker

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"gantry/client/fault"
	"gantry/client/message"
	"gantry/client/producer"
	"gantry/client/remoting"
)

// deals are the transactions of one producer group: what was decided of each half message,
// and what brokers ask of them. A broker is told nothing that is not in the journal.
//
// Each time a broker asks it has stored the half message anew, and of the copy before it
// knows no more than that it was passed over. So whoever commits the copy before publishes
// the message, and is asked again: once a broker has said that it published a message, every
// further question is answered with a rollback, which takes the copy away. Where it is not
// known whether it did, the message is looked for before a commit is said again: it is
// never there twice.
type deals struct {
	p     *producer.Producer
	calls *requests // whose replies come the same way
	book  *book
	proof *prover
	to    *reach
	ctx   context.Context
	stop  context.CancelFunc
	work  sync.WaitGroup

	mu   sync.Mutex
	byID map[string]*deal
	open int           // decided, and no broker has said so
	idle chan struct{} // closed while none is
	shut bool          // nothing more is begun
	// broker: who answers is a broker, whose word counts.
	broker bool
}

// deal is one half message; what changes is guarded by deals.mu.
type deal struct {
	expected // its id, and how it is looked for and compared
	half     producer.Half
	placed   bool // half is known
	decided  message.Transaction
	told     bool // a decision may have reached the broker
	ended    bool // the broker said so
	busy     bool // the broker is being told
	blind    bool // what was sent is not known any more: secret values are not kept
}

func newDeals(job *Job, group string, to *reach, b *book, proof *prover) (*deals, error) {
	x := &deals{calls: newRequests(b), book: b, proof: proof, to: to, byID: map[string]*deal{}, idle: make(chan struct{})}
	close(x.idle)
	x.ctx, x.stop = context.WithCancel(context.Background())
	cfg, err := ownProducer(job, group, proof)
	if err != nil {
		return nil, err
	}
	cfg.Asked, cfg.Replied = x.asked, x.calls.replied
	x.p = producer.New(cfg)
	return x, nil
}

// ownProducer is what a producer needs that is not the client library's.
func ownProducer(job *Job, group string, proof *prover) (producer.Config, error) {
	remote := remoting.Config{
		Addresses:   job.Addresses,
		Credentials: remoting.Credentials{AccessKey: job.AccessKey, SecretKey: job.SecretKey, Name: job.shown()},
	}
	if job.TLS != nil {
		var err error
		if remote.TLS, err = job.TLS.Config(); err != nil {
			return producer.Config{}, err
		}
	}
	return producer.Config{Group: group, Client: "gantry@" + job.Instance, Routes: proof.ask, Remote: remote}, nil
}

// begin notes a message that is about to leave.
func (x *deals) begin(of uint64, d *message.Draft) {
	t := &deal{decided: d.Transaction, blind: d.Hides, expected: expected{
		of: of, id: d.ID, topic: d.Topic, since: time.Now(),
		sum: x.proof.sum(d.Body, d.Tag, strings.Join(d.Keys, " "), d.ShardingKey, d.Properties),
	}}
	if t.decided == message.Undecided {
		t.decided = message.NoTransaction
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.byID[d.ID] = t
	x.count(t, 1)
}

// count notes that a decided message waits for its broker's word, or no more.
func (x *deals) count(t *deal, n int) {
	if t.decided == message.NoTransaction {
		return
	}
	if x.open += n; x.open == 0 {
		close(x.idle)
	} else if x.open == n {
		x.idle = make(chan struct{})
	}
}

// done is closed while brokers have said of everything decided that it is done.
func (x *deals) done() <-chan struct{} {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.idle
}

// sent takes the receipt of a message that has left, and tells the broker what its draft
// decides; nil where that decides nothing, or there is nothing to tell.
func (x *deals) sent(id string, r *message.Receipt) *message.Step {
	x.mu.Lock()
	t := x.byID[id]
	if r.Status == message.StatusFailed {
		delete(x.byID, id)
		x.count(t, -1)
		x.mu.Unlock()
		return nil
	}
	t.half, t.placed = producer.HalfOf(t.topic, r)
	t.since = r.SentAt.Add(r.Took)
	tell := t.placed && t.decided != message.NoTransaction
	t.busy = tell
	x.mu.Unlock()
	if !tell {
		return nil
	}
	return x.tell(t)
}

// tell has the broker know what was decided, and returns what came of it. t.busy is set.
func (x *deals) tell(t *deal) *message.Step {
	x.mu.Lock()
	t.told = true
	half, what := t.half, t.decided
	x.mu.Unlock()
	err := x.p.End(x.ctx, half, what)
	told := err == nil || !producer.Refused(err)
	if err == nil {
		err = x.says()
	}
	x.mu.Lock()
	t.busy, t.told = false, told
	x.mu.Unlock()
	if err != nil && told && what == message.Commit && !t.blind {
		x.proof.lookFor(t.expected) // it may have come through
	}
	return x.came(t, err)
}

// says is nil where an endpoint's word that a transaction was ended can be believed. Proxies
// say so, and end only those that they have just asked after (ClusterTransactionService.java:
// fault.NotOffered); they are told by not listing their cluster.
func (x *deals) says() error {
	x.mu.Lock()
	known := x.broker
	x.mu.Unlock()
	if known {
		return nil
	}
	ctx, cancel := context.WithTimeout(x.ctx, askLimit)
	defer cancel()
	if _, err := x.proof.ask.Cluster(ctx); err != nil {
		return err
	}
	x.mu.Lock()
	x.broker = true
	x.mu.Unlock()
	return nil
}

// came notes what came of telling a broker.
func (x *deals) came(t *deal, err error) *message.Step {
	s := &message.Step{Of: t.of, Kind: message.StepEnded, Choice: t.decided, At: time.Now()}
	if err != nil {
		s.Kind, s.Fault = message.StepUntold, x.to.shown(fault.From(err))
		return s
	}
	x.mu.Lock()
	if !t.ended {
		t.ended = true
		x.count(t, -1)
	}
	x.mu.Unlock()
	if t.decided == message.Commit && !t.blind {
		x.proof.lookFor(t.expected)
	}
	return s
}

// decide writes down what becomes of a half message, and tells its broker. The message is
// named by the number of its Leave: fault.NotWaiting where that is decided, or none of these.
func (x *deals) decide(of uint64, what message.Transaction) error {
	x.mu.Lock()
	var t *deal
	for _, one := range x.byID {
		if one.of == of {
			t = one
		}
	}
	if t == nil || t.decided != message.NoTransaction || what != message.Commit && what != message.Rollback {
		x.mu.Unlock()
		return fault.NotWaiting
	}
	t.decided, t.busy = what, true
	x.count(t, 1)
	x.mu.Unlock()
	if err := x.write(&message.Step{Of: of, Kind: message.StepDecided, Choice: what, At: time.Now()}); err != nil {
		x.mu.Lock()
		x.count(t, -1)
		t.decided, t.busy = message.NoTransaction, false
		x.mu.Unlock()
		return err
	}
	if !t.placed { // nobody knows where it is until its broker asks
		x.mu.Lock()
		t.busy = false
		x.mu.Unlock()
		return nil
	}
	s := x.tell(t)
	x.note(s)
	if s.Fault == nil || s.Fault.Code == fault.NotOffered { // it is told when it asks
		return nil
	}
	return s.Fault
}

// write writes a step down and waits for that.
func (x *deals) write(s *message.Step) error { return x.book.step(s) }

// note writes a step down.
func (x *deals) note(s *message.Step) {
	if s != nil {
		_ = x.book.log.Add(func(dst []byte) ([]byte, int) { return message.AppendStep(dst, s), 1 })
	}
}

// asked answers a broker beside the connection that it asks on.
func (x *deals) asked(c producer.Check) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if !x.shut {
		x.work.Go(func() { x.answer(c) })
	}
}

// answer answers a broker as the journal has it. Of a message that is none of these nothing
// is said: whoever sent it decides.
func (x *deals) answer(c producer.Check) {
	x.mu.Lock()
	t := x.byID[c.ID]
	if t == nil || t.topic != c.Topic {
		x.mu.Unlock()
		_ = x.p.Answer(x.ctx, c, message.Undecided)
		return
	}
	if c.Broker == "" {
		c.Broker = t.half.Broker // brokers before 5.0 do not name themselves
	}
	t.half, t.placed = c.Half, c.Broker != ""
	says := t.decided
	search := false
	switch {
	case t.busy, says == message.NoTransaction:
		says = message.Undecided
	case t.ended:
		says = message.Rollback // what is left is a copy
	case t.told && says == message.Commit:
		search = true
	}
	t.busy = t.busy || says != message.Undecided
	x.mu.Unlock()
	if search {
		says = x.search(t, says)
	}
	s := &message.Step{
		Of: t.of, Kind: message.StepAsked, Choice: says, At: time.Now(),
		Broker: c.Broker, Record: c.Record, Offset: c.Offset,
	}
	if x.write(s) != nil || says == message.Undecided {
		x.free(t, says)
		_ = x.p.Answer(x.ctx, c, message.Undecided)
		return
	}
	err := x.p.Answer(x.ctx, c, says)
	x.mu.Lock()
	t.busy, t.told = false, t.told || err == nil || !producer.Refused(err)
	ended := t.ended
	x.mu.Unlock()
	if !ended {
		x.note(x.came(t, err))
	}
}

// free lets a message go that was held for an answer.
func (x *deals) free(t *deal, says message.Transaction) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if says != message.Undecided {
		t.busy = false
	}
}

// search looks for a message whose commit may have come through: it is taken back where it
// has, and nothing is said where that cannot be found out now. Where nobody looks messages
// up, as at proxies, the commit is said again, as other clients do without looking.
func (x *deals) search(t *deal, says message.Transaction) message.Transaction {
	_, err := x.proof.find(t.expected)
	switch {
	case err == nil:
		x.note(x.came(t, nil))
		return message.Rollback
	case errors.Is(err, fault.NotFound), errors.Is(err, fault.NotOffered):
		return says
	}
	x.free(t, says)
	return message.Undecided
}

// close ends it: who asks is not answered any more.
func (x *deals) close() {
	x.mu.Lock()
	x.shut = true
	x.mu.Unlock()
	x.calls.close()
	x.stop()
	x.work.Wait()
	_ = x.p.Close()
}
