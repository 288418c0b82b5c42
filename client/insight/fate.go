package insight

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"gantry/client/admin"
	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/message"
)

// Fate is what became of a message in a group, as far as brokers tell. They know
// positions, not messages: a group that is past a message has answered it, or was
// reset.
type Fate int

// The fates.
const (
	// FateUnknown: the broker did not tell, see Err.
	FateUnknown Fate = iota
	// FateConsumed: the group is past it.
	FateConsumed
	// FateWaiting: Ahead messages of the queue come first, and members are there. Ahead
	// is below 0 where the group has no position in the queue yet.
	FateWaiting
	// FateOffline: it waits, and nobody of the group is connected.
	FateOffline
	// FateFiltered: the group's expression leaves it out.
	FateFiltered
	// FateRetrying: it was sent back and comes again.
	FateRetrying
	// FateDead: it was sent back too often and lies in the dead-letter topic.
	FateDead
	// FateEach: the group broadcasts; each member keeps its own position.
	FateEach
	// FateTaken: members that pop have taken messages of its queue and not answered yet; it
	// may be one of them.
	FateTaken
)

// GroupFate is a message's fate in one group.
type GroupFate struct {
	Group   string // full name
	Fate    Fate
	Members int
	// Ahead is how many messages of the queue the group takes first, below 0 where that
	// is not known.
	Ahead int64
	// Expression is what the group subscribes to, "" where no member says it.
	Expression string
	// Differ: members want different things of the topic, of which brokers keep one; asked
	// where the expression leaves the message out.
	Differ bool
	// Retries are the copies in the retry topic, oldest first: when each was stored
	// and how often the message had been sent back then. Dead is when it was given
	// up, zero if it was not.
	Retries []Retry
	Dead    time.Time
	// Err is why the fate, or a part of it, is not known.
	Err error
}

// Retry is one time that a message came again.
type Retry struct {
	At    time.Time
	Times int
}

// MessageState is where a message is and what became of it.
type MessageState struct {
	// Kept: the broker still has it at its place. Gone says that the queue begins
	// later by now; neither is set where the broker did not answer, see KeptErr.
	Kept, Gone bool
	KeptErr    error
	// Groups are those that read the topic, by name. GroupsErr is why they are not
	// known, Missing whose part of the answer is missing.
	Groups    []GroupFate
	GroupsErr error
	Missing   cluster.Missing
	// Traces are what clients traced, oldest first; TracesErr why there can be none:
	// fault.TopicNotFound where no broker keeps traces.
	Traces    []cluster.Trace
	TracesErr error
}

const (
	// fatesAtOnce is how many groups are asked about together, mostFates how many there
	// may be.
	fatesAtOnce = 8
	mostFates   = 1000
	// stateBudget bounds all questions of State together.
	stateBudget = 30 * time.Second
)

// State asks where a message is, what became of it in each group that reads its
// topic, and what clients traced of it. m names its broker, queue, offset, topic
// and id. Parts that an endpoint does not tell are errors in the result; the error
// is that of the topic's route. It takes half a minute at most.
func (a *Asker) State(given context.Context, m *message.Message) (MessageState, error) {
	ctx, cancel := context.WithTimeout(given, stateBudget)
	defer cancel()
	route, err := a.admin.Route(ctx, m.Topic)
	if err != nil {
		return MessageState{}, err
	}
	var (
		st   MessageState
		work errgroup.Group
	)
	work.Go(func() error { a.kept(ctx, route, m, &st); return nil })
	work.Go(func() error { st.Groups, st.Missing, st.GroupsErr = a.fates(ctx, route, m); return nil })
	work.Go(func() error {
		var missing cluster.Missing
		if id := m.ID(); id != "" {
			st.Traces, missing, st.TracesErr = a.admin.Traces(ctx, id)
		}
		if st.TracesErr == nil && len(missing) > 0 {
			st.TracesErr = missing[0]
		}
		return nil
	})
	return st, errors.Join(work.Wait(), given.Err())
}

// kept asks whether the message is still at its place.
func (a *Asker) kept(ctx context.Context, route cluster.Route, m *message.Message, st *MessageState) {
	q := cluster.Queue{Broker: m.Broker, ID: m.QueueID}
	p, err := a.admin.Pull(ctx, route, m.Topic, q, m.QueueOffset, 1)
	switch one, _, cut := message.CutStored(p.Body); {
	case err != nil:
		st.KeptErr = err
	case cut == nil && message.QueueOffset(one) == m.QueueOffset && message.CommitLogOffset(one) == m.CommitLogOffset:
		st.Kept = true
	default:
		st.Gone = true
	}
}

func (a *Asker) fates(ctx context.Context, route cluster.Route, m *message.Message) ([]GroupFate, cluster.Missing, error) {
	l, err := a.brokers(ctx)
	if err != nil {
		return nil, nil, err
	}
	brokers := l.of(route)
	names, missing, err := a.admin.GroupsOf(ctx, brokers, m.Topic)
	if err != nil {
		return nil, missing, err
	}
	if len(names) > mostFates {
		return nil, missing, fmt.Errorf("%d groups read %s: %w", len(names), m.Topic, fault.NotAsked)
	}
	// A position tells only of a queue that is as long.
	end, err := a.admin.MaxOffset(ctx, route, m.Topic, cluster.Queue{Broker: m.Broker, ID: m.QueueID})
	if err != nil {
		end = -1
	}
	fates := make([]GroupFate, len(names))
	var work errgroup.Group
	work.SetLimit(fatesAtOnce)
	for i, name := range names {
		work.Go(func() error {
			if ctx.Err() != nil {
				fates[i] = GroupFate{Group: name, Err: fault.NotAsked}
				return nil
			}
			fates[i] = a.fate(ctx, route, brokers, m, name, end)
			return nil
		})
	}
	_ = work.Wait()
	return fates, missing, nil
}

// fate finds out what became of a message in a group; end is where its queue ends, below 0
// where that is not known.
func (a *Asker) fate(ctx context.Context, route cluster.Route, brokers []cluster.Broker, m *message.Message, group string, end int64) GroupFate {
	f := GroupFate{Group: group}
	consumers, _, err := a.admin.Consumers(ctx, brokers, group)
	unknown := err != nil && !errors.Is(err, fault.GroupOffline)
	if unknown {
		f.Err = err
	}
	f.Members = len(consumers.Members)
	var wanted *cluster.Wanted
	for _, w := range consumers.Subscriptions {
		if w.Topic == m.Topic {
			wanted = &w
			f.Expression = cmp.Or(w.Expression, "*")
		}
	}
	if consumers.Model == modelBroadcasting {
		f.Fate = FateEach
		return f
	}
	q := cluster.Queue{Broker: m.Broker, ID: m.QueueID}
	past, err := a.past(ctx, route, m, &f, end)
	if err != nil {
		f.Err = err
		return f
	}
	out, err := a.filtered(ctx, route, m, wanted)
	f.Err = cmp.Or(f.Err, err)
	switch {
	case out:
		f.Fate, f.Differ = FateFiltered, a.differ(ctx, brokers, m.Topic, group, consumers.Members)
		return f
	case !past && unknown:
		return f // nobody knows whether members are there
	case !past && f.Members == 0:
		f.Fate = FateOffline
		return f
	case !past:
		f.Fate = FateWaiting
		return f
	}
	f.Fate = FateConsumed
	if consumers.Type == typePop && a.unanswered(ctx, brokers, group, consumers.Members, cluster.Popped{Topic: m.Topic, Queue: q}) {
		f.Fate = FateTaken
	}
	a.sentBack(ctx, brokers, m, &f)
	return f
}

// past tells whether the group's position is behind a message, and notes how far before it.
func (a *Asker) past(ctx context.Context, route cluster.Route, m *message.Message, f *GroupFate, end int64) (bool, error) {
	next, has, err := a.admin.Position(ctx, route, m.Topic, f.Group, cluster.Queue{Broker: m.Broker, ID: m.QueueID})
	switch {
	case err != nil:
		return false, err
	case has && end >= 0 && next > end:
		return false, fault.WrongPosition
	case !has:
		f.Ahead = -1
		return false, nil
	}
	f.Ahead = max(m.QueueOffset-next, 0)
	return next > m.QueueOffset, nil
}

// typePop is RocketMQ's word (ConsumeType.java).
const typePop = "CONSUME_POP"

// unanswered tells whether members say that they popped messages of a queue which they have
// not answered: the group's position is past them all the same.
func (a *Asker) unanswered(ctx context.Context, brokers []cluster.Broker, group string, members []cluster.Member, of cluster.Popped) bool {
	ctx, cancel := context.WithTimeout(ctx, differLimit)
	defer cancel()
	return slices.ContainsFunc(a.memberStates(ctx, listing{all: brokers}, group, members), func(m MemberState) bool {
		return slices.ContainsFunc(m.Running.Popped, func(p cluster.Popped) bool {
			return p.Topic == of.Topic && p.Queue == of.Queue && p.Waiting > 0
		})
	})
}

// differLimit bounds asking members what they want: one that hangs does not answer.
const differLimit = 2 * time.Second

// differ tells whether members of a group say that they want different things of a
// topic.
func (a *Asker) differ(ctx context.Context, brokers []cluster.Broker, topic, group string, members []cluster.Member) bool {
	if len(members) < 2 {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, differLimit)
	defer cancel()
	d := GroupDetail{Members: a.memberStates(ctx, listing{all: brokers}, group, members)}
	return slices.ContainsFunc(d.Disagreements(), func(x Disagreement) bool { return x.Topic == topic })
}

// filtered tells whether a subscription leaves the message out: the broker itself
// is asked, by a pull with the same expression at the message's place.
func (a *Asker) filtered(ctx context.Context, route cluster.Route, m *message.Message, w *cluster.Wanted) (bool, error) {
	if w == nil || w.Expression == "" || strings.TrimSpace(w.Expression) == "*" {
		return false, nil
	}
	sql := strings.EqualFold(w.Kind, "SQL92")
	if !sql {
		return !slices.Contains(cluster.Tags(w.Expression), m.Tag()), nil
	}
	s := cluster.Selection{Topic: m.Topic, Group: cluster.ToolsGroup, Expression: w.Expression, SQL92: true}
	p, err := a.admin.PullMatching(ctx, route, cluster.Queue{Broker: m.Broker, ID: m.QueueID}, s, m.QueueOffset, 1)
	if err != nil {
		return false, err
	}
	one, _, cut := message.CutStored(p.Body)
	return cut != nil || message.QueueOffset(one) != m.QueueOffset, nil
}

// scheduleTopic is where messages wait for their delay, those that were sent back
// too (TopicValidator.java, RMQ_SYS_SCHEDULE_TOPIC).
const scheduleTopic = "SCHEDULE_TOPIC_XXXX"

// sentBack looks for the message's copies in the group's retry and dead-letter
// topics, and among those that wait for their retry.
func (a *Asker) sentBack(ctx context.Context, brokers []cluster.Broker, m *message.Message, f *GroupFate) {
	id := m.ID()
	if id == "" {
		return
	}
	copies := func(topic string) []admin.Found {
		found, missing, err := a.admin.CopiesByKey(ctx, brokers, topic, id, mostCopies)
		if err == nil && len(missing) > 0 {
			err = missing[0]
		}
		if err != nil {
			f.Err = cmp.Or(f.Err, fmt.Errorf("%s: %w", topic, err))
		}
		return found
	}
	retry := message.RetryTopic(f.Group)
	var back returns
	// Groups that pop have a retry topic for each topic (KeyBuilder.java, of 5.0 and of
	// 5.1 on).
	for _, topic := range []string{retry, retry + "_" + m.Topic, retry + "+" + m.Topic} {
		for _, r := range copies(topic) {
			x := Retry{r.StoredAt, r.ReconsumeTimes}
			f.Retries = append(f.Retries, x)
			back.retries = append(back.retries, retried{x, a.pastRetry(ctx, topic, f, r)})
		}
	}
	for _, s := range copies(scheduleTopic) {
		if s.Property(message.PropertyRealTopic) == retry {
			back.scheduled = append(back.scheduled, s.ReconsumeTimes)
		}
	}
	for _, d := range copies(message.DeadLetterTopic(f.Group)) {
		f.Dead, back.given = d.StoredAt, true
	}
	if fate, known := back.fate(); known && fate != FateConsumed { // else it stays what the position says
		f.Fate = fate
	}
}

// mostCopies bounds the copies of one message: it is retried 16 times, or as often
// as the group's configuration says.
const mostCopies = 256

// pastRetry tells whether the group has taken a copy.
func (a *Asker) pastRetry(ctx context.Context, topic string, f *GroupFate, r admin.Found) bool {
	route, err := a.admin.Route(ctx, topic)
	if err == nil {
		var next int64
		var has bool
		if next, has, err = a.admin.Position(ctx, route, topic, f.Group, cluster.Queue{Broker: r.Broker, ID: r.QueueID}); err == nil {
			return has && next > r.QueueOffset
		}
	}
	f.Err = cmp.Or(f.Err, err)
	return true
}
