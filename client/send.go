package client

import (
	"cmp"
	"context"
	"errors"
	"sync"
	"time"

	"gantry/client/admin"
	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/message"
	"gantry/client/outbox"
	"gantry/client/profile"
	"gantry/client/worker"
)

// Send sends a draft once. Everything that can go wrong is in the receipt: an
// error means that the message was not sent at all (fault.ReadOnly, a name or
// property that RocketMQ does not take). When ctx ends first, the receipt says
// that the message may have been stored.
func (c *Connection) Send(ctx context.Context, d *message.Draft) (message.Receipt, error) {
	return c.send(ctx, d, nil)
}

// send is Send for a draft with secret values: kept, in which they are hidden, is written
// down in its place; nil for one without any.
func (c *Connection) send(ctx context.Context, d, kept *message.Draft) (message.Receipt, error) {
	if err := c.may(ActionSend); err != nil {
		return message.Receipt{}, err
	}
	if d.Hides {
		return message.Receipt{}, message.ErrHides
	}
	if err := d.Check(); err != nil {
		return message.Receipt{}, err
	}
	d, err := c.grouped(d)
	if err != nil {
		return message.Receipt{}, err
	}
	if kept != nil {
		with := *kept
		with.ProducerGroup = d.ProducerGroup
		kept = &with
	}
	begun := time.Now()
	ready, err := c.prepare(ctx, d)
	if err == nil {
		err = c.replies(ctx, d)
	}
	if err == nil && d.Deliver.Later() {
		with := *d // the caller's stays as it is
		with.System, err = c.delivery(d, ready)
		d = &with
	}
	if err != nil && ctx.Err() == nil {
		return c.unsent(cmp.Or(kept, d), begun, err), nil
	}
	if err := context.Cause(ctx); err != nil { // cancelled before anything left
		return message.Receipt{}, err
	}
	if queues := ready.route.WriteQueues(); ready.route.Static() && d.To == nil && len(queues) > 0 {
		with := *d
		with.To = c.logical(queues, d.ShardingKey)
		d = &with
	}
	p, err := c.sender(d.ProducerGroup)
	if err != nil {
		return message.Receipt{}, err
	}
	if kept != nil {
		kept.System, kept.To = d.System, d.To
	}
	r := p.SendHiding(ctx, d, kept)
	if d.Deliver.Later() && (r.Status.Stored() || r.Status == message.StatusUncertain) {
		r.Due = d.Deliver.Due(r.SentAt)
	}
	if r.Status == message.StatusFailed || r.Status == message.StatusUncertain {
		c.forget(d.Topic)
		if r.MessageID == "" && r.Status == message.StatusFailed { // no worker has had it
			return c.noted(cmp.Or(kept, d), r), nil
		}
	}
	return r, nil
}

// unsent is the receipt of a message that never left.
func (c *Connection) unsent(d *message.Draft, begun time.Time, why error) message.Receipt {
	return c.noted(d, message.Receipt{
		Topic: d.Topic, SentAt: begun, Took: time.Since(begun), Status: message.StatusFailed, Fault: fault.From(why),
	})
}

// noted writes down a message that never left: by the worker of its group where one runs.
func (c *Connection) noted(d *message.Draft, r message.Receipt) message.Receipt {
	c.mu.Lock()
	s := c.senders[d.ProducerGroup]
	c.mu.Unlock()
	if s != nil && s.note(d, r) {
		return r
	}
	if err := c.client.Outbox.Note(c.sentFrom(), d, r); err != nil {
		c.client.log.Warn("a message that was not sent was not written down", "error", err)
	}
	return r
}

// note has a worker that runs write down a message that never left.
func (s *sender) note(d *message.Draft, r message.Receipt) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.proc == nil {
		return false
	}
	select {
	case <-s.proc.Done():
		return false
	default:
		return s.proc.Note(d, r) == nil
	}
}

// logical chooses among the logical queues of a static topic (RIP-21): the client library
// knows physical ones only, whose brokers refuse the message.
func (c *Connection) logical(queues []cluster.Queue, key string) *message.Target {
	at := int(c.turn.Add(1) % uint64(len(queues)))
	if key != "" {
		at = message.Shard(key, len(queues))
	}
	return &message.Target{Broker: queues[at].Broker, Queue: queues[at].ID}
}

// prepared is what is known of a topic's brokers before a message is sent.
type prepared struct {
	at    time.Time
	route cluster.Route
	// speak: the brokers speak RocketMQ's protocol, or a route could not be had.
	speak bool
	// delays is how they delay messages, nil where that was not asked.
	delays *admin.Delays
}

const (
	// firstLimit bounds the question before a topic's first message.
	firstLimit = time.Second
	// preparedLasts is for how long an answer serves: as long as RocketMQ's own clients
	// use a route (ClientConfig.java, pollNameServerInterval).
	preparedLasts = 30 * time.Second
)

// prepare asks the brokers of a draft's topic what a send needs to know, once for all
// sends within preparedLasts, unless one of them fails. The error is fault.NotRocketMQ or
// fault.TLS where one of them is no broker: the client library would take an answer's
// first bytes for a length, allocate 1.2 GB for "HTTP", and say after SendTimeout that
// the message may have been stored. Of a message that is to be delivered later it is also
// why they could not be asked; whatever else is wrong shows when it is sent.
func (c *Connection) prepare(ctx context.Context, d *message.Draft) (prepared, error) {
	if now := time.Now(); d.Deliver.Later() && !d.Deliver.Due(now).After(now) {
		return prepared{}, message.ErrPastDelivery
	}
	later := d.Deliver.Later() && !c.profile.Tencent(d.Topic)
	c.mu.Lock()
	p := c.ready[d.Topic]
	c.mu.Unlock()
	if time.Since(p.at) > preparedLasts {
		p = prepared{at: time.Now()}
	}
	if p.speak && (!later || p.delays != nil) {
		return p, nil
	}
	if !p.speak {
		asking, cancel := context.WithTimeout(ctx, firstLimit)
		defer cancel()
		if later {
			asking = ctx
		}
		var err error
		if p.route, err = c.admin.SendRoute(asking, d.Topic); err != nil {
			if later {
				return p, err
			}
			return p, nil // a topic may be made by its first message
		}
		if err := c.admin.Speak(asking, p.route.Masters()); err != nil || ctx.Err() != nil {
			return p, errors.Join(err, ctx.Err())
		}
		p.speak = true
	}
	if later {
		can, err := c.admin.Delays(ctx, p.route)
		if err != nil {
			return p, err
		}
		p.delays = &can
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ready[d.Topic] = p
	return p, nil
}

// forget has the brokers of a topic asked again before the next message.
func (c *Connection) forget(topic string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.ready, topic)
}

// sender is the worker that sends as one producer group: one that died is replaced.
type sender struct {
	mu     sync.Mutex
	proc   *worker.Process // nil until the first send
	book   *outbox.Book    // what proc writes
	begun  time.Time       // its journal
	closed bool
}

// sender returns the worker that sends as a producer group, and starts it if it
// does not run.
func (c *Connection) sender(group string) (*worker.Process, error) {
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		return nil, fault.NotConnected
	}
	s := c.senders[group]
	if s == nil {
		s = &sender{}
		c.senders[group] = s
	}
	c.mu.Unlock()
	return s.running(c, group)
}

func (s *sender) running(c *Connection, group string) (*worker.Process, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, fault.NotConnected
	}
	if s.proc != nil {
		select {
		case <-s.proc.Done():
			c.client.log.Warn("a sending worker ended", "error", s.proc.Err())
		default:
			// What was sent to production goes with whole journals, so that each is for a day.
			day := c.profile.Environment != profile.Production || !outbox.Outlived(s.begun, time.Now()) || s.proc.Sending() > 0 || s.book.Sends.Waits()
			if day {
				return s.proc, nil
			}
			s.proc.Stop()
		}
	}
	book, err := c.client.Outbox.Book(c.sentFrom(), group, group == c.halfGroup())
	if err != nil {
		return nil, err
	}
	job := c.access.Job(worker.Send, group)
	job.Sends = &book.Job
	s.proc, err = c.client.program.Start(job, func(e worker.Event) {
		if e.Kind == worker.Failed {
			c.client.log.Warn("a sending worker did not start", "error", e.Fault)
		}
		book.On(e)
	})
	if err != nil {
		s.proc = nil
		return nil, err
	}
	proc := s.proc
	s.book = book
	s.begun = book.Begun()
	book.Begin()
	go func() {
		<-proc.Done()
		book.Over()
		s.revive(c, group, proc)
	}()
	return s.proc, nil
}

// stop ends the worker and waits for it, 2 s at most; it is not started again.
func (s *sender) stop() {
	s.mu.Lock()
	s.closed = true
	p := s.proc
	s.mu.Unlock()
	if p != nil {
		p.Stop()
	}
}
