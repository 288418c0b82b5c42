package client

import (
	"context"
	"slices"

	"gantry/client/fault"
	"gantry/client/message"
	"gantry/client/outbox"
	"gantry/client/outbox/plan"
	"gantry/client/profile"
)

// Confirmed is what somebody agreed to who was shown what a run or an order will do. It is
// held against what would be done: an agreement to something else is none.
type Confirmed struct {
	// Topic is the target's full name, or the names of several as plan.Targets has them;
	// Count how many messages go there. Of an order it is the preview's Subject, and how
	// many queues it changes.
	Topic string
	Count int64
	// Name is the connection's, typed; it is asked for in production only. To what an order
	// deletes it is the TypedName, which is asked for everywhere.
	Name string
	// Unmasked says that messages of production may leave it as they are; it is asked for
	// where they do, and not where the masks of their profile are made.
	Unmasked bool
}

// confirmed tells whether somebody agreed to that: nil, or fault.NotConfirmed.
func (c *Connection) confirmed(yes Confirmed, topic string, count int64) error {
	if yes.Topic != topic || yes.Count != count || c.profile.Environment == profile.Production && yes.Name != c.profile.Name {
		return fault.NotConfirmed
	}
	return nil
}

// sentFrom says whose sends they are.
func (c *Connection) sentFrom() outbox.For {
	return outbox.For{
		Profile: c.profile.ID, ProfileName: c.profile.Name, Production: c.profile.Environment == profile.Production,
	}
}

// Prepare completes a plan with what the cluster says of its topic: how messages are
// delayed there, and the logical queues of a static topic; and a replay with the masks of the
// profile that it comes from, unless it is to go as it is. The error is why nothing could be
// sent; an error of a text is a plan.FieldError.
func (c *Connection) Prepare(ctx context.Context, p *plan.Plan) error {
	if err := c.may(ActionSend); err != nil {
		return err
	}
	if p.Transaction != message.NoTransaction || p.Replay != nil && p.Replay.OnlyGroup {
		p.ProducerGroup = c.runGroup()
	} else if err := checkProducer(p.ProducerGroup); err != nil {
		return err
	}
	if err := c.prepareMasks(p.Replay); err != nil {
		return err
	}
	if p.Replay != nil && len(p.Replay.Ways) > 0 {
		for i := range p.Replay.Ways {
			w := &p.Replay.Ways[i]
			var err error
			if _, w.Queues, err = c.way(ctx, w.To, message.Delivery{}); err != nil {
				return err
			}
		}
		return p.Check()
	}
	if p.Replay != nil && p.Replay.OnlyGroup {
		if err := c.HasRetryTopic(ctx, message.RetryGroup(p.Topic)); err != nil {
			return err
		}
	}
	var err error
	if p.Timing, p.Queues, err = c.way(ctx, p.Topic, p.Deliver); err != nil {
		return err
	}
	if p.To != nil {
		p.Queues = nil
	}
	return p.Check()
}

// way is how messages are delayed on their way to a topic, and among which queues one is
// chosen: those of a static topic.
func (c *Connection) way(ctx context.Context, topic string, when message.Delivery) (t plan.Timing, queues []message.Target, err error) {
	if err := message.CheckTarget(topic); err != nil {
		return t, nil, err
	}
	d := &message.Draft{Topic: topic, Deliver: when}
	ready, err := c.prepare(ctx, d)
	if err != nil {
		return t, nil, err
	}
	if t, err = c.timing(d, ready); err != nil || !ready.route.Static() {
		return t, nil, err
	}
	for _, q := range ready.route.WriteQueues() {
		queues = append(queues, message.Target{Broker: q.Broker, Queue: q.ID})
	}
	return t, queues, nil
}

// Begin begins a run that was prepared. fill, if set, writes the source of the plan into
// the named file. The error says that nothing was sent.
func (c *Connection) Begin(p *plan.Plan, yes Confirmed, fill func(name string) error) (*outbox.Run, error) {
	if err := c.may(ActionSend); err != nil {
		return nil, err
	}
	if err := c.confirmed(yes, p.Targets(), p.Count); err != nil {
		return nil, err
	}
	if !c.masked(p.Replay, yes.Unmasked) {
		return nil, fault.NotConfirmed
	}
	secrets, err := c.secrets(context.Background(), p)
	if err != nil {
		return nil, err
	}
	if p.Replay != nil && p.Replay.Redelivers != "" {
		return c.redeliver(p, secrets, fill)
	}
	return c.client.Outbox.Begin(c.sentFrom(), p, c.access, secrets, fill)
}

// Continue has a run of this profile that ended before its end go on behind the last
// message that left: yes is to its topic and as many messages as are left.
func (c *Connection) Continue(r *outbox.Run, yes Confirmed) error {
	if err := c.mayGoOn(r); err != nil {
		return err
	}
	st := r.Status()
	if err := c.confirmed(yes, r.Plan().Targets(), max(st.Planned-r.Made(), 0)); err != nil {
		return err
	}
	secrets, err := c.secrets(context.Background(), r.Plan())
	if err != nil {
		return err
	}
	return c.client.Outbox.Continue(r, c.access, secrets)
}

// SendAgain sends messages of an ended run of this profile once more: yes is to its topic
// and their number.
func (c *Connection) SendAgain(r *outbox.Run, rows []uint64, yes Confirmed) error {
	if err := c.mayGoOn(r); err != nil {
		return err
	}
	rows = slices.Compact(slices.Sorted(slices.Values(rows)))
	if err := c.confirmed(yes, r.Plan().Targets(), int64(len(rows))); err != nil {
		return err
	}
	secrets, err := c.secrets(context.Background(), r.Plan())
	if err != nil {
		return err
	}
	return c.client.Outbox.Again(r, c.access, secrets, rows)
}

// mayGoOn tells whether a run may send over this connection: it was begun over its
// profile, which was not one of production then if its messages are to be masked now.
func (c *Connection) mayGoOn(r *outbox.Run) error {
	if err := c.may(ActionSend); err != nil {
		return err
	}
	// What goes as it is may leave production only where that was agreed to. Runs of before
	// there were masks, which do not say where they came from, always asked.
	of := r.Plan().Replay
	leaves, _ := c.leaves(of)
	if r.Info().Profile != c.profile.ID || leaves && of.From != "" && of.Masks == nil && !of.Unmasked {
		return fault.NotConfirmed
	}
	return nil
}
