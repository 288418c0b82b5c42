package insight

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"gantry/client/cluster"
)

// CauseKind is why a group is as it is.
type CauseKind int

// The kinds, from the one that is said first.
const (
	// CauseNone: nothing waits, and nothing is wrong.
	CauseNone CauseKind = iota
	// CauseForbidden: the group may not consume (consumeEnable=false).
	CauseForbidden
	// CauseNobody: messages wait and no member is connected.
	CauseNobody
	// CauseMember: most of the lag sits on the queues of one of several members.
	CauseMember
	// CauseStuck: members hold the queues, but none of them takes anything.
	CauseStuck
	// CauseUnowned: most of the lag sits on queues that no member has.
	CauseUnowned
	// CauseFailing: consuming fails, and messages come again.
	CauseFailing
	// CauseGrowing: more comes than is taken.
	CauseGrowing
	// CauseClearing: it catches up.
	CauseClearing
	// CauseWaiting: messages wait, and it is not known yet why.
	CauseWaiting
	// CauseBroadcast: every member keeps its positions to itself.
	CauseBroadcast
	// CauseUnknown: the endpoint does not tell how far the group is.
	CauseUnknown
	// CauseMisfit: the group's positions in Queues queues lie behind the queues' ends, so
	// that what waits there is not known.
	CauseMisfit
	// CauseMissing: nothing waits as far as is known, but brokers did not tell.
	CauseMissing
)

// Cause is the one sentence about a group, without its words. Which fields mean
// something follows from Kind.
type Cause struct {
	Kind CauseKind
	Lag  int64
	// Percent of the lag sits on Queues queues, which are the fewest that make up most
	// of what their member has.
	Percent, Queues int
	// Member is the id of the one that it is about. Silent: it did not answer.
	Member string
	Silent bool
	// Idle is for how long nothing was taken; 0 where that is not known.
	Idle time.Duration
	// Topic is the one that fails most.
	Topic string
	// In and Out are messages in a second, Failed those that fail.
	In, Out, Failed float64
	// Clears is when nothing waits any more.
	Clears time.Duration
}

const (
	// mostOf is the share of the lag from which on one member is named, in percent.
	mostOf = 80
	// nearly is the share of a member's lag that the queues that are named make up.
	nearly = 95
	// stuckAfter is how long nothing must have been taken to be called stuck.
	stuckAfter = 15 * time.Second
	// pullsAgain is how often a consumer asks for more of a queue at least: brokers hold
	// a request for 20 s (PullMessageProcessor.java).
	pullsAgain = time.Minute
)

// Cause names why the group is as it is, at a time; t is its trend. That members
// disagree is a matter of its own, see Disagreements.
func (d *GroupDetail) Cause(now time.Time, t *Trend) Cause {
	lag := d.Lag()
	c := Cause{Lag: lag}
	c.In, c.Out, _ = t.Rates()
	switch {
	case d.QueuesErr != nil:
		c.Kind = CauseUnknown
		return c
	case d.ConfigKnown && !d.Config.Consume:
		c.Kind = CauseForbidden
		return c
	case d.Broadcasts():
		c.Kind = CauseBroadcast
		return c
	case d.misfits() > 0:
		c.Kind, c.Queues = CauseMisfit, d.misfits()
		return c
	case lag > 0 && len(d.Members) == 0:
		c.Kind = CauseNobody
		return c
	case lag > 0:
		if d.causeInQueues(now, &c) {
			return c
		}
	}
	if d.failing(&c) {
		c.Kind = CauseFailing
		return c
	}
	if lag == 0 {
		if !d.LagKnown() {
			c.Kind = CauseMissing
		}
		return c
	}
	switch clears, how := t.ClearsIn(); how {
	case Grows, ClearsNever:
		c.Kind = CauseGrowing
	case Clears:
		c.Kind, c.Clears = CauseClearing, clears
	default:
		c.Kind = CauseWaiting
	}
	return c
}

// misfits is in how many queues the group's position does not fit.
func (d *GroupDetail) misfits() int {
	n := 0
	for _, q := range d.Queues {
		if !q.Fits() {
			n++
		}
	}
	return n
}

// share is what waits in the queues of one member.
type share struct {
	member *MemberState // nil: of nobody
	lag    int64
	queues []int64 // what waits in each, the most first
	idle   time.Duration
}

// most returns the fewest queues that make up nearly all of the share, and what waits in
// them.
func (s *share) most() (queues int, lag int64) {
	for _, l := range s.queues {
		if lag*100 >= s.lag*nearly {
			break
		}
		queues, lag = queues+1, lag+l
	}
	return queues, lag
}

// shares tells how the lag spreads over members, the largest first. Queues that
// nobody says are its own belong to the one member that does not answer, if
// there is just one and all others told theirs.
func (d *GroupDetail) shares(now time.Time) []share {
	owners := d.Owners()
	all := make([]share, len(d.Members)+1)
	silent, quiet, told := 0, -1, true
	for i := range d.Members {
		all[i].member = &d.Members[i]
		if d.Members[i].Silent() {
			silent, quiet = silent+1, i
		} else if d.Members[i].Err != nil {
			told = false // it may have them as well
		}
	}
	for _, q := range d.Queues {
		if q.Lag() == 0 {
			continue
		}
		at := len(d.Members)
		if owner, has := owners[QueueOf{q.Topic, q.Queue}]; has {
			at = owner
		} else if silent == 1 && told {
			at = quiet
		}
		all[at].lag += q.Lag()
		all[at].queues = append(all[at].queues, q.Lag())
	}
	for i := range all {
		slices.SortFunc(all[i].queues, func(a, b int64) int { return cmp.Compare(b, a) })
		if all[i].member != nil {
			all[i].idle = d.Idle(all[i].member, now)
		}
	}
	slices.SortStableFunc(all, func(a, b share) int { return cmp.Compare(b.lag, a.lag) })
	return all
}

// Idle is for how long a member, whose clock says when it took what, has taken nothing
// although messages wait in its queues; 0 where it works or that is not known. One that holds none of a queue
// and asks for more works: what waits there may be left out by its expression.
func (d *GroupDetail) Idle(m *MemberState, now time.Time) time.Duration {
	var least time.Duration
	for _, h := range m.Running.Queues {
		waits := slices.ContainsFunc(d.Queues, func(q cluster.QueueProgress) bool {
			return q.Topic == h.Topic && q.Queue == h.Queue && q.Lag() > 0
		})
		switch {
		case !waits || h.LastConsume.IsZero():
			continue
		case h.Cached == 0 && now.Sub(h.LastPull) < pullsAgain:
			return 0
		}
		if idle := max(now.Sub(h.LastConsume), 0); least == 0 || idle < least {
			least = idle
		}
	}
	return least
}

// Stuck is Idle where it is long enough to be called so, else 0.
func (d *GroupDetail) Stuck(m *MemberState, now time.Time) time.Duration {
	if idle := d.Idle(m, now); idle >= stuckAfter {
		return idle
	}
	return 0
}

// QueueOf is a queue of a topic.
type QueueOf struct {
	Topic string
	cluster.Queue
}

// Owners tells the member, by its place in Members, that says a queue is its own.
func (d *GroupDetail) Owners() map[QueueOf]int {
	owners := map[QueueOf]int{}
	for i := range d.Members {
		for _, h := range d.Members[i].Running.Queues {
			owners[QueueOf{h.Topic, h.Queue}] = i
		}
	}
	return owners
}

// causeInQueues looks for a cause in who has the queues in which messages wait.
func (d *GroupDetail) causeInQueues(now time.Time, c *Cause) bool {
	if !slices.ContainsFunc(d.Members, func(m MemberState) bool { return m.Err == nil || m.Silent() }) {
		return false // nobody may ask members
	}
	shares := d.shares(now)
	top := shares[0]
	c.Percent = int(top.lag * 100 / max(c.Lag, 1))
	c.Idle = top.idle
	if c.Percent < mostOf {
		c.Queues = len(top.queues)
		return d.allStuck(shares, c)
	}
	queues, lag := top.most()
	c.Queues, c.Percent = queues, int(lag*100/max(c.Lag, 1))
	if top.member == nil {
		if slices.ContainsFunc(d.Members, func(m MemberState) bool { return m.Err != nil }) {
			return false // one of them may have the queues
		}
		c.Kind = CauseUnowned
		return true
	}
	c.Member, c.Silent = top.member.ID, top.member.Silent()
	if !c.Silent && c.Idle < stuckAfter {
		return false // it works on it
	}
	c.Kind = CauseMember
	if len(d.Members) == 1 && !c.Silent {
		c.Kind = CauseStuck
	}
	return true
}

// allStuck reports whether no member takes anything.
func (d *GroupDetail) allStuck(shares []share, c *Cause) bool {
	var least time.Duration
	for _, s := range shares {
		if s.lag == 0 {
			continue
		}
		if s.member == nil || s.member.Err != nil || s.idle < stuckAfter {
			return false
		}
		if least == 0 || s.idle < least {
			least = s.idle
		}
	}
	if least == 0 {
		return false
	}
	c.Kind, c.Idle = CauseStuck, least
	return true
}

// failing adds up what fails; it is a cause where it is a tenth of what is taken
// or more.
func (d *GroupDetail) failing(c *Cause) bool {
	var ok, failed float64
	byTopic := map[string]float64{}
	for _, m := range d.Members {
		for topic, r := range m.Running.Rates {
			ok, failed = ok+r.OK, failed+r.Failed
			byTopic[topic] += r.Failed
		}
	}
	if failed <= 0 || failed*10 < ok {
		return false
	}
	c.Failed = failed
	for _, topic := range slices.Sorted(maps.Keys(byTopic)) {
		if c.Topic == "" || byTopic[topic] > byTopic[c.Topic] {
			c.Topic = topic
		}
	}
	return true
}

// Disagreement is a topic of which members want different things.
type Disagreement struct {
	Topic string
	// Wishes are what there is, each with the ids of those who want it. An empty
	// Wanted is of those who do not want the topic at all.
	Wishes []Wish
}

// Wish is what some members want.
type Wish struct {
	Wanted  cluster.Wanted
	Members []string
}

// Disagreements lists the topics on which members disagree, by name: as far as
// they tell what they want. Brokers keep one wish a group and topic, the last
// heard, and filter for every member by it.
func (d *GroupDetail) Disagreements() []Disagreement {
	var tell []*MemberState
	topics := map[string]bool{}
	for i := range d.Members {
		m := &d.Members[i]
		if m.Err != nil || len(m.Running.Subscriptions) == 0 {
			continue
		}
		tell = append(tell, m)
		for _, w := range m.Running.Subscriptions {
			if !strings.HasPrefix(w.Topic, "%RETRY%") { // each has it of itself
				topics[w.Topic] = true
			}
		}
	}
	var all []Disagreement
	for topic := range topics {
		if wishes := wishesFor(topic, tell); len(wishes) > 1 {
			all = append(all, Disagreement{Topic: topic, Wishes: wishes})
		}
	}
	slices.SortFunc(all, func(a, b Disagreement) int { return strings.Compare(a.Topic, b.Topic) })
	return all
}

func wishesFor(topic string, members []*MemberState) []Wish {
	var wishes []Wish
	for _, m := range members {
		var want cluster.Wanted
		for _, w := range m.Running.Subscriptions {
			if w.Topic == topic {
				want = w
			}
		}
		at := slices.IndexFunc(wishes, func(w Wish) bool { return w.Wanted.Same(want) })
		if at < 0 {
			wishes = append(wishes, Wish{Wanted: want})
			at = len(wishes) - 1
		}
		wishes[at].Members = append(wishes[at].Members, m.ID)
	}
	return wishes
}
