package sandbox

import (
	"time"

	"gantry/client/remoting"
	"gantry/client/sandbox/store"
)

// Bits of a pull's sysFlag (PullSysFlag.java).
const (
	pullCommit       = 0x1
	pullSuspend      = 0x2
	pullSubscription = 0x4
)

const (
	// pullMost and pullBytes bound one answer.
	pullMost  = 1024
	pullBytes = 1 << 20
	// pullTight bounds it where memory is tight.
	pullTight = 64 << 10
	// scanMost is how many messages are looked at for one answer before the client
	// is asked to come again.
	scanMost = 16_384
	// checkHeld is how often a pull that waits is looked at
	// (PullRequestHoldService.java).
	checkHeld = 5 * time.Second
	// suspendMost bounds how long a pull waits for a message.
	suspendMost = 60 * time.Second
)

// pull answers with the next messages of a queue, waiting for one if asked to
// (PullMessageProcessor.java).
func (s *broker) pull(q *request) (*remoting.Command, error) {
	group, topic, queue := q.text("consumerGroup"), q.text("topic"), q.number("queueId")
	offset, most, flags := q.long("queueOffset"), q.number("maxMsgNums"), q.long("sysFlag")
	patience := time.Duration(q.longOr("suspendTimeoutMillis", 0)) * time.Millisecond
	if q.bad != nil {
		return nil, q.bad
	}
	if g, can, err := s.store.Groups.Ensure(group); err != nil {
		return nil, err
	} else if !can {
		return nil, refuse(remoting.GroupNotExist, "subscription group [%s] does not exist", group)
	} else if !g.ConsumeEnable {
		return nil, refuse(remoting.NoPermission, "subscription group no permission, %s", group)
	}
	if _, err := s.forRead(topic, queue); err != nil {
		return nil, err
	}
	f, err := s.pullFilter(q, group, topic, flags)
	if err != nil {
		return nil, err
	}
	a := answer{next: offset}
	if place, has := s.store.Offsets.Chosen(topic, group, queue); has {
		a.first, a.last = s.store.Bounds(topic, queue)
		a.code, a.next, a.remark = remoting.PullOffsetMoved, place, "OFFSET_RESET"
		return a.command(q), nil
	}
	if commit := q.longOr("commitOffset", -1); flags&pullCommit != 0 && commit >= 0 {
		s.store.Offsets.CommitSoon(topic, group, queue, commit)
	}
	if flags&pullSuspend == 0 {
		patience = 0
	}
	if a.code = s.place(&a, topic, queue, offset); a.code == remoting.Success || a.code == remoting.PullNotFound && patience > 0 {
		err = s.gather(q, &a, topic, queue, min(max(most, 1), pullMost), min(patience, suspendMost), f)
	}
	s.store.Offsets.Read(topic, group, queue, a.next)
	s.store.Figures.Pulled(topic, group, int64(a.count), int64(len(a.body)))
	return a.command(q), err
}

// pullFilter is that of the request, or of the group as it joined.
func (s *broker) pullFilter(q *request, group, topic string, flags int64) (*filter, error) {
	if flags&pullSubscription != 0 {
		return newFilter(q.ExtFields["expressionType"], q.ExtFields["subscription"])
	}
	sub, online, has := s.clients.subscription(group, topic)
	switch {
	case !online:
		return nil, refuse(remoting.SubscriptionNotExist, "the consumer's group info not exist")
	case !has:
		return nil, refuse(remoting.SubscriptionNotExist, "the consumer's subscription not exist")
	case sub.Version < q.longOr("subVersion", 0):
		return nil, refuse(remoting.SubscriptionNotLatest, "the consumer's subscription not latest")
	}
	return newFilter(sub.Kind, sub.Expression)
}

// answer is what a pull comes to.
type answer struct {
	code        int
	remark      string
	next        int64
	first, last int64
	body        []byte
	count       int
}

func (a *answer) command(q *request) *remoting.Command {
	c := q.Answer(a.code, a.remark)
	c.Body = a.body
	c.ExtFields = map[string]string{
		"suggestWhichBrokerId": "0", "nextBeginOffset": itoa(a.next), "minOffset": itoa(a.first), "maxOffset": itoa(a.last),
		"offsetDelta": "0", "topicSysFlag": "0", "groupSysFlag": "0",
	}
	return c
}

// place tells whether there is something at an offset, and where else to go on
// (DefaultMessageStore.getMessage).
func (s *broker) place(a *answer, topic string, queue int, offset int64) int {
	a.first, a.last = s.store.Bounds(topic, queue)
	switch {
	case a.last == 0:
		a.next, a.remark = 0, "NO_MESSAGE_IN_QUEUE"
		if offset != 0 {
			return remoting.PullOffsetMoved
		}
		return remoting.PullNotFound
	case offset < a.first:
		a.next, a.remark = a.first, "OFFSET_TOO_SMALL"
		return remoting.PullOffsetMoved
	case offset == a.last:
		a.remark = "OFFSET_OVERFLOW_ONE"
		return remoting.PullNotFound
	case offset > a.last:
		a.next, a.remark = a.last, "OFFSET_OVERFLOW_BADLY"
		return remoting.PullOffsetMoved
	}
	return remoting.Success
}

// gather collects messages that pass. At the end of a queue it waits for one as
// long as it may; where others lie there it answers that none passed, and where
// others come it does so at the next check (PullRequestHoldService.java).
func (s *broker) gather(q *request, a *answer, topic string, queue, most int, patience time.Duration, f *filter) error {
	var wait, check <-chan time.Time
	if patience > 0 {
		t, c := time.NewTimer(patience), time.NewTicker(checkHeld)
		defer t.Stop()
		defer c.Stop()
		wait, check = t.C, c.C
	}
	begun := a.next
	for first := true; ; first = false {
		arrived, err := s.scan(q, a, topic, queue, most, f)
		if err != nil {
			return err
		}
		if a.count > 0 {
			a.code, a.remark = remoting.Success, "FOUND"
			return nil
		}
		passed := a.next > begun
		if passed && (first || a.next-begun >= scanMost) || !s.hold(q, arrived, wait, check, passed) {
			if a.code = remoting.PullNotFound; passed {
				a.code, a.remark = remoting.PullRetryImmediately, "NO_MATCHED_MESSAGE"
			}
			return nil
		}
	}
}

// hold waits for a message. False says that the pull is to be answered now; passed
// that there were messages that it does not want.
func (s *broker) hold(q *request, arrived <-chan struct{}, wait, check <-chan time.Time, passed bool) bool {
	for wait != nil {
		select {
		case <-arrived:
			return true
		case <-check:
			if passed {
				return false
			}
		case <-wait:
			return false
		case <-q.from.gone:
			return false
		case <-s.quit:
			return false
		}
	}
	return false
}

// scan looks at messages from the answer's next offset on until it is full or has
// seen enough, and returns what is closed when more come.
func (s *broker) scan(q *request, a *answer, topic string, queue, most int, f *filter) (arrived <-chan struct{}, err error) {
	bytes := pullBytes
	if s.answers.tight() {
		bytes = pullTight
	}
	entries, arrived := s.store.Entries(topic, queue, a.next, scanMost)
	size, cost := plan(entries, most, bytes, f)
	if err := q.reserve(cost); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil || a.count == 0 {
			a.body = nil
			q.release() // nothing is held while it waits
		}
	}()
	a.body = make([]byte, 0, size)
	look := s.lookAhead(f)
	defer look.close()
	for i := range entries {
		full, err := look.take(a, entries[i:], min(most-a.count, aheadMost), bytes)
		if err != nil {
			return arrived, err
		}
		a.next++
		if full || a.count >= most {
			break
		}
	}
	_, a.last = s.store.Bounds(topic, queue)
	return arrived, nil
}

// plan is how large an answer of entries may be, and what it takes to make it: a
// message that is read is there up to three times.
func plan(entries []store.Entry, most, bytes int, f *filter) (size, cost int) {
	largest, count := 0, 0
	for _, e := range entries {
		if e.Lost() || !f.early(e.Tag) {
			continue
		}
		size, largest, count = size+int(e.Size), max(largest, int(e.Size)), count+1
		if !f.isSQL && (count >= most || size >= bytes) {
			break
		}
	}
	if size = min(size, bytes+largest); size == 0 {
		return 0, 0
	}
	return size, size + 3*largest
}
