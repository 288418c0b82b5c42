package client

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"gantry/client/admin"
	"gantry/client/fault"
	"gantry/client/message"
	"gantry/client/worker"
)

// Send sends a draft once. Everything that can go wrong is in the receipt: an
// error means that the message was not sent at all (fault.ReadOnly, a name or
// property that RocketMQ does not take). When ctx ends first, the receipt says
// that the message may have been stored.
func (c *Connection) Send(ctx context.Context, d *message.Draft) (message.Receipt, error) {
	if c.profile.ReadOnly {
		return message.Receipt{}, fault.ReadOnly
	}
	if err := d.Check(); err != nil {
		return message.Receipt{}, err
	}
	if err := message.CheckGroup(d.ProducerGroup); err != nil {
		return message.Receipt{}, fmt.Errorf("producer group: %w", err)
	}
	begun := time.Now()
	err := c.otherThanBroker(ctx, d.Topic)
	if err == nil && d.Deliver.Later() {
		with := *d // the caller's stays as it is
		with.System, err = c.delivery(ctx, d)
		d = &with
	}
	if err != nil && ctx.Err() == nil {
		return message.Receipt{
			Topic: d.Topic, SentAt: begun, Took: time.Since(begun), Status: message.StatusFailed, Error: err.Error(), Cause: err,
		}, nil
	}
	if err := context.Cause(ctx); err != nil { // cancelled before anything left
		return message.Receipt{}, err
	}
	p, err := c.sender(d.ProducerGroup)
	if err != nil {
		return message.Receipt{}, err
	}
	r := p.Send(ctx, d)
	if d.Deliver.Later() && (r.Status.Stored() || r.Status == message.StatusUncertain) {
		r.Due = d.Deliver.Due(r.SentAt)
	}
	r.Cause = c.whyNotSent(ctx, d.Topic, &r)
	return r, nil
}

// firstLimit bounds the question before a topic's first message.
const firstLimit = time.Second

// otherThanBroker returns what a broker of the topic proves to be that is none:
// fault.NotRocketMQ or fault.TLS. The client library would take an answer's first bytes
// for a length, allocate 1.2 GB for "HTTP", and say after SendTimeout that the
// message may have been stored. The brokers are asked before the first message of a
// topic only; whatever else is wrong shows when it is sent.
func (c *Connection) otherThanBroker(ctx context.Context, topic string) error {
	c.mu.Lock()
	_, asked := c.asked[topic]
	c.mu.Unlock()
	if asked {
		return nil
	}
	asking, cancel := context.WithTimeout(ctx, firstLimit)
	defer cancel()
	route, err := c.admin.Route(asking, topic)
	if err != nil {
		return nil // a topic may be made by its first message
	}
	if err := c.admin.Speak(asking, route.Masters()); err != nil || ctx.Err() != nil {
		return err
	}
	c.mu.Lock()
	c.asked[topic] = struct{}{}
	c.mu.Unlock()
	return nil
}

// causeLimit bounds the search for a reason.
const causeLimit = 2 * time.Second

// whyNotSent finds why a message was not stored, in terms that the window knows:
// the client library has texts only, and says of name servers that do not answer
// what it says of topics that do not exist. Nil where it stays unknown.
func (c *Connection) whyNotSent(ctx context.Context, topic string, r *message.Receipt) error {
	switch {
	case r.Status.Stored() || r.Status == message.StatusUncertain || ctx.Err() != nil:
		return nil
	case r.Code != 0:
		_, remark, _ := strings.Cut(r.Error, "DESC: ")
		return admin.Refusal(r.Code, cmp.Or(remark, r.Error), cmp.Or(r.Broker, someBroker))
	}
	ctx, cancel := context.WithTimeout(ctx, causeLimit)
	defer cancel()
	route, err := c.admin.Route(ctx, topic)
	if err == nil {
		err = route.Writable()
	}
	if err != nil {
		return err
	}
	for _, addr := range route.Masters() {
		if _, err := c.admin.DialBroker(ctx, addr); err != nil {
			return err
		}
	}
	return nil
}

// sender returns the worker that sends as a producer group, and starts it if it
// does not run: one that died is replaced.
func (c *Connection) sender(group string) (*worker.Process, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil, fault.NotConnected
	}
	if p := c.senders[group]; p != nil {
		select {
		case <-p.Done():
			c.client.log.Warn("a sending worker ended", "error", p.Err())
		default:
			return p, nil
		}
	}
	p, err := worker.Start(c.client.executable, c.job(worker.Send, group), func(e worker.Event) {
		if e.Kind == worker.Failed {
			c.client.log.Warn("a sending worker did not start", "error", e.Text)
		}
	})
	if err != nil {
		return nil, err
	}
	c.senders[group] = p
	return p, nil
}

func (c *Connection) job(kind, group string) *worker.Job {
	access, secret := c.profile.Keys(c.secret)
	return &worker.Job{
		Kind: kind, Group: group, NameServers: slices.Clone(c.profile.NameServers), TLS: c.tls, Addresses: c.profile.Addresses,
		AccessKey: access, SecretKey: secret, Hide: c.secret.Reveal(), Instance: uuid.NewString(),
	}
}
