package client

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"gantry/client/fault"
	"gantry/client/message"
	"gantry/client/outbox"
	"gantry/client/worker"
)

// halfPrefix begins the names of the producer groups that brokers call, see
// message.Draft.Called. They ask any producer of a group what became of a half message:
// whoever shares one with an application would be asked in its place.
const halfPrefix = "GANTRY_DESK_"

// halfGroup is the producer group of the profile's single half messages and requests: the
// same in each session, so that a later one is asked after those of an earlier.
func (c *Connection) halfGroup() string { return halfPrefix + c.profile.ID }

// runGroup is the producer group of a run that sends half messages: one of its own, so that
// its worker alone is asked.
func (c *Connection) runGroup() string { return c.halfGroup() + "_" + uuid.NewString()[:8] }

// checkProducer tells whether a producer group can send plain messages.
func checkProducer(group string) error {
	if err := message.CheckGroup(group); err != nil {
		return fmt.Errorf("producer group: %w", err)
	}
	if strings.HasPrefix(group, halfPrefix) {
		return fault.KeptGroup
	}
	return nil
}

// grouped is a draft with the producer group that sends it.
func (c *Connection) grouped(d *message.Draft) (*message.Draft, error) {
	if !d.Called() {
		return d, checkProducer(d.ProducerGroup)
	}
	with := *d
	with.ProducerGroup = c.halfGroup()
	return &with, nil
}

// Decide commits a half message that waits, or takes it back: a row of the single messages
// that were sent over this profile; yes is to its topic and one message. The decision is
// written down before the broker hears of it. fault.NotWaiting says that there is nothing
// to decide; after any other error of the broker the decision stands, and is told when the
// broker asks.
func (c *Connection) Decide(ctx context.Context, of *outbox.Sends, row uint64, what message.Transaction, yes Confirmed) error {
	if err := c.may(ActionSend); err != nil {
		return err
	}
	x, err := of.Sent(row)
	switch {
	case err != nil:
		return err
	case x.Draft == nil || x.Half == nil: // the worker knows whether it waits still
		return fault.NotWaiting
	}
	if err := c.confirmed(yes, x.Draft.Topic, 1); err != nil {
		return err
	}
	p, err := c.sender(c.halfGroup())
	if err != nil {
		return err
	}
	record, ok := of.Record(row)
	if !ok || !c.writes(of) {
		return fault.NotWaiting // it is older than those of the journal
	}
	return p.Decide(ctx, record, what)
}

// writes tells whether the worker that sends half messages writes these.
func (c *Connection) writes(of *outbox.Sends) bool {
	c.mu.Lock()
	s := c.senders[c.halfGroup()]
	c.mu.Unlock()
	if s == nil {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.book != nil && s.book.Sends == of
}

// resume has brokers that ask after half messages of an earlier session answered: as what
// stands in the journal has it.
func (c *Connection) resume() {
	if Guard(c.profile, ActionSend) != nil {
		return
	}
	wait, err := c.client.Outbox.Unfinished(c.sentFrom(), c.halfGroup())
	if err == nil && wait {
		_, err = c.sender(c.halfGroup())
	}
	if err != nil && c.open() == nil {
		c.client.log.Warn("half messages are not gone on with", "error", err)
	}
}

// reviveAfter is how long a worker that died stays away.
const reviveAfter = 2 * time.Second

// revive starts the worker of half messages anew that died while some wait.
func (s *sender) revive(c *Connection, group string, died *worker.Process) {
	if group != c.halfGroup() || died.Err() == nil {
		return
	}
	time.Sleep(reviveAfter)
	if c.open() == nil {
		c.resume()
	}
}
