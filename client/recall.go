package client

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gantry/client/fault"
	"gantry/client/message"
	"gantry/client/outbox"
)

// Recall takes a message back that waits at its broker for its time: a row of what was sent
// over this profile; yes is to its topic and one message. What came of it is written down
// beside the receipt. Brokers do so since 5.3, where their recallMessageEnable is on:
// fault.RecallOff where it is not, fault.NotOffered by others, fault.NotTimed where it waits
// in a delay level, fault.TooLate where it is due. Whether it was taken back in time is seen
// when it is read back.
func (c *Connection) Recall(ctx context.Context, of *outbox.Sends, row uint64, yes Confirmed) error {
	if err := c.may(ActionSend); err != nil {
		return err
	}
	x, err := of.Sent(row)
	if err != nil {
		return err
	}
	switch now := time.Now(); {
	case x.Receipt != nil && !x.Receipt.Due.IsZero() && !x.Receipt.Due.After(now):
		return fault.TooLate
	case !x.Recallable(now):
		return fault.NotTimed
	}
	if err := c.confirmed(yes, x.Draft.Topic, 1); err != nil {
		return err
	}
	record, ok := of.Record(row)
	if !ok {
		return fault.Evicted
	}
	step := &message.Step{Of: record, Kind: message.StepRecalled}
	err = c.takeBack(ctx, x)
	switch unanswered := errors.Is(err, fault.Timeout) || errors.Is(err, fault.ConnectionLost); {
	case unanswered: // the broker may have heard it
		step.Kind, step.Fault = message.StepRecalling, fault.From(err)
	case err != nil:
		return err
	}
	step.At = time.Now()
	return errors.Join(err, c.noteStep(context.WithoutCancel(ctx), of, step))
}

// takeBack has the broker of a message take it back.
func (c *Connection) takeBack(ctx context.Context, x *outbox.Sent) error {
	d, r := x.Draft, x.Receipt
	if c.profile.Tencent(d.Topic) { // it has timers of its own
		return fault.NotOffered
	}
	route, err := c.admin.Route(ctx, d.Topic)
	if err != nil {
		return err
	}
	addr, ok := route.Master(r.Broker)
	if !ok {
		return fmt.Errorf("%s: %w", r.Broker, fault.NoMaster)
	}
	due := d.Deliver.At.UnixMilli()
	m, err := c.admin.WaitingTimer(ctx, addr, r.Broker, d.Topic, x.Leave.ID, r.OffsetMessageID)
	switch {
	case errors.Is(err, fault.NotOffered) && !d.Deliver.At.IsZero(): // a proxy: it was told the very time
	case err != nil:
		return err
	default:
		due, _ = m.TimerDue()
	}
	return c.admin.Recall(ctx, addr, r.Broker, d.ProducerGroup, d.Topic, message.RecallHandle(d.Topic, r.Broker, due, x.Leave.ID))
}

// noteStep writes down what happened to a message, by the worker that writes its journal.
func (c *Connection) noteStep(ctx context.Context, of *outbox.Sends, step *message.Step) error {
	c.mu.Lock()
	var all []*sender
	for _, s := range c.senders {
		all = append(all, s)
	}
	c.mu.Unlock()
	for _, s := range all {
		s.mu.Lock()
		proc, mine := s.proc, s.book != nil && s.book.Sends == of
		s.mu.Unlock()
		if !mine || proc == nil {
			continue
		}
		if err := proc.Step(ctx, step); !errors.Is(err, fault.WorkerDied) {
			return err
		}
	}
	return c.client.Outbox.NoteStep(ctx, of, step)
}
