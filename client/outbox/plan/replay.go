package plan

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"gantry/client/mask"
	"gantry/client/message"
	"gantry/client/outbox/change"
)

// Limits of a replay.
const (
	// MaxWays is to how many topics a replay sends at most where each message goes to its own.
	MaxWays = 100
	// MaxGap is the longest pause that a replay at the original pace makes unless it is told
	// another one.
	MaxGap = time.Hour
)

// ErrReplay: a replay with rows, with a batch, with too many topics, or with too much left out.
var ErrReplay = errors.New("a replay sends whole messages one by one, to a few topics")

// ErrNoKey: something is to be masked, and there is no key.
var ErrNoKey = errors.New("no key for masks")

// Replay is what a plan has whose source holds whole messages instead of rows: bodies,
// keys, tags and user properties go as they are but for what the rest says, and nothing in
// them is a dynamic value. Of the plan's texts only the producer group, OneWay, and without
// Ways the topic hold.
type Replay struct {
	// Bytes is how many of the source file are the replay's.
	Bytes int64 `json:"bytes"`
	// Ways say where the messages of each topic go; there are none where all go to the
	// plan's topic.
	Ways []Way `json:"ways,omitempty"`
	// Original has messages leave as far apart as they were stored, but no more than
	// MaxGap; it takes the place of the plan's pace.
	Original bool          `json:"original,omitempty"`
	MaxGap   time.Duration `json:"maxGap,omitempty"`
	// Production says that the messages came from production: the run goes from the disk
	// as what was sent there does, wherever it was sent to.
	Production bool `json:"production,omitempty"`
	// From is the id of the profile over whose connection they came, "" where nobody knows.
	From string `json:"from,omitempty"`
	// Unmasked says that messages of production leave it as they are.
	Unmasked bool `json:"unmasked,omitempty"`

	// Redelivers is the retry or dead-letter topic in which the messages lie, "" where they
	// are only sent again. Each is marked with its place, see message.PropertyRedelivered,
	// which nothing here changes.
	Redelivers string `json:"redelivers,omitempty"`
	// OnlyGroup has the messages go to the retry topic of the group that gave them up, as
	// retries of their first topics: no other group gets them. Those of which nothing tells
	// that topic are left out.
	OnlyGroup bool `json:"onlyGroup,omitempty"`
	// Skip are the places of records in the source file that are left out, ascending: they
	// were redelivered before.
	Skip []int64 `json:"skip,omitempty"`

	// Drop are user properties that are not copied. Then Masks, if there are any, and then
	// the Changes are made. A message that one of them does not fit is left out. The plan's
	// count is of those that are left.
	Drop    []string        `json:"drop,omitempty"`
	Masks   *mask.Rules     `json:"masks,omitempty"`
	Changes []change.Change `json:"changes,omitempty"`
	// Key is that of masks. It lies beside the messages as they were: who can read it needs
	// it no more.
	Key []byte `json:"key,omitempty"`
}

// changes tells whether messages do not go as they are.
func (r *Replay) changes() bool {
	return r != nil && (len(r.Drop) > 0 || r.Masks != nil || len(r.Changes) > 0)
}

// Way is where messages go that were first sent to a topic. Names are full.
type Way struct {
	From string `json:"from"`
	To   string `json:"to"`
	// Queues are as those of a Plan.
	Queues []message.Target `json:"queues,omitempty"`
}

func (r *Replay) check(p *Plan) error {
	switch {
	case r == nil:
		return nil
	case r.Bytes < 1, p.Source != nil, p.Batch > 1, len(r.Ways) > MaxWays, len(r.Ways) > 0 && p.Topic != "", r.MaxGap < 0:
		return ErrReplay
	case len(r.Drop) > MaxProperties, len(r.From) > message.MaxProperties,
		len(r.Skip) > MaxMessages, !slices.IsSorted(r.Skip):
		return ErrReplay
	case r.OnlyGroup && (len(r.Ways) > 0 || p.OneWay || p.Topic != message.RetryTopic(message.RedeliveryGroup(r.Redelivers))):
		return ErrReplay
	case (r.Masks != nil || change.Masks(r.Changes)) && len(r.Key) != mask.KeySize:
		return ErrNoKey
	case r.Masks != nil:
		if err := r.Masks.Check(); err != nil {
			return err
		}
	}
	return change.Check(r.Changes)
}

// Targets names all topics that the plan sends to, ascending, with ", " between them, which no
// name holds: one is the plan's.
func (p *Plan) Targets() string {
	if p.Replay == nil || len(p.Replay.Ways) == 0 {
		return p.Topic
	}
	var all []string
	for _, w := range p.Replay.Ways {
		all = append(all, w.To)
	}
	slices.Sort(all)
	return strings.Join(slices.Compact(all), ", ")
}

// Ordered tells whether messages of the plan have sharding keys, and so an order to keep.
func (p *Plan) Ordered() bool { return p.Replay != nil || p.ShardingKey != "" }

// Paced tells whether messages leave at the original pace.
func (p *Plan) Paced() bool { return p.Replay != nil && p.Replay.Original }

// leavesOut tells whether messages of a replay's source may be left out.
func (m *Maker) leavesOut() bool { return m.changer != nil || m.p.Replay.OnlyGroup }

// Gap is how long the next message is to leave after the one before: as long as it was
// stored after it, within the plan's bound. It is 0 for the first, behind the last, and
// where the plan has another pace.
func (m *Maker) Gap() time.Duration {
	if m.whole == nil || !m.p.Paced() {
		return 0
	}
	next, err := m.whole.peek()
	for m.leavesOut() && err == nil {
		if _, why := m.changed(&message.Leave{Seq: m.seq, At: time.Now()}, next); !misfit(why) {
			break
		}
		if _, _, err = m.whole.take(); err == nil {
			next, err = m.whole.peek()
		}
	}
	if err != nil {
		return 0 // Next says so
	}
	most := m.p.Replay.MaxGap
	if most == 0 {
		most = MaxGap
	}
	return gap(m.stored, next.At, most)
}

// gap is how long to wait between messages that were stored at two times, of which the
// first may not be known.
func gap(before, next time.Time, most time.Duration) time.Duration {
	if before.UnixMilli() <= 0 {
		return 0
	}
	return min(max(next.Sub(before), 0), most)
}

// late is how far a replay may fall behind its pace and still come up to it.
const late = time.Second

// Tempo has messages leave at the original pace. What is late by more than a second, by a
// pause or a slow broker, is not made up for: there is no rush behind it. It belongs to one
// goroutine.
type Tempo struct{ due time.Time }

// Wait waits until the next message is to leave, or for the context's end.
func (t *Tempo) Wait(ctx context.Context) error {
	wait := time.Until(t.due)
	if wait <= 0 {
		return context.Cause(ctx)
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Then says that a message leaves, and that the next is to leave that much later.
func (t *Tempo) Then(gap time.Duration) {
	if now := time.Now(); now.Sub(t.due) > late {
		t.due = now
	}
	t.due = t.due.Add(gap)
}

// take makes the message of a record of the source. The error is a *change.Misfit where it is
// to be left out.
func (m *Maker) take(l *message.Leave, from *message.Leave) (*message.Draft, error) {
	d, err := m.changed(l, from)
	if err != nil {
		return nil, err
	}
	d.ProducerGroup, d.OneWay, d.Transaction, d.Reply, d.ID = m.p.ProducerGroup, m.p.OneWay, m.p.Transaction, 0, l.ID
	queues := m.p.Queues
	if r := m.p.Replay; len(r.Ways) == 0 {
		d.Topic = m.p.Topic
	} else if i := slices.IndexFunc(r.Ways, func(w Way) bool { return w.From == d.Topic }); i < 0 {
		return nil, fmt.Errorf("%w: no way for %s", ErrReplay, d.Topic)
	} else {
		d.Topic, queues = r.Ways[i].To, r.Ways[i].Queues
	}
	m.direct(d, l.At, queues)
	if m.p.Replay.OnlyGroup {
		d.System = append(slices.Clone(d.System), from.Draft.System...)
	}
	return d, nil
}

// changed is the message of a record with what the plan changes in each.
func (m *Maker) changed(l *message.Leave, from *message.Leave) (*message.Draft, error) {
	d := *from.Draft
	if m.p.Replay.OnlyGroup && len(d.System) == 0 {
		return nil, &change.Misfit{Index: -2, Why: NoOrigin}
	}
	if m.changer == nil {
		return &d, nil
	}
	m.values.Seq, m.values.At, m.hid = l.Seq+1, l.At, false
	if err := m.changer.Draft(&d, &m.values); err != nil {
		return nil, err
	}
	d.Hides = m.hid
	if m.p.Replay.Redelivers != "" {
		keepMark(&d, from.Draft)
	}
	if err := sendable(&d); err != nil {
		return nil, &change.Misfit{Index: -2, Why: err}
	}
	return &d, nil
}

// keepMark has a message that was changed keep its mark: by it is known what was redelivered.
func keepMark(d, from *message.Draft) {
	marks := func(p message.Property) bool { return p.Name == message.PropertyRedelivered }
	d.Properties = slices.DeleteFunc(d.Properties, marks) // the changer's own slice
	if i := slices.IndexFunc(from.Properties, marks); i >= 0 {
		d.Properties = append(d.Properties, from.Properties[i])
	}
}

// misfit tells whether a message is to be left out.
func misfit(err error) bool {
	var out *change.Misfit
	return errors.As(err, &out)
}
