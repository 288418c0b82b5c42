package orders

import (
	"context"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"gantry/client/cluster"
	"gantry/client/fault"
)

const (
	// partLimit bounds one part of a Setup, and so many rights of a user.
	partLimit  = 5 * time.Second
	partRights = 100
	// listedLimit is how long it is waited until name servers know new topics, listedEvery
	// how often they are asked.
	listedLimit = 3 * time.Second
	listedEvery = 100 * time.Millisecond
)

// setting is a Setup that runs.
type setting struct {
	*work
	p     *SetupPreview
	asked *asked

	mu    sync.Mutex
	quiet map[string]bool // brokers that did not answer; guarded by mu
}

// RunSetup does what was agreed to, as Run does: a part that a broker refuses is in the
// record, and what was done is kept where ctx ends. A broker that does not answer is not
// asked again: its further parts stay Waiting.
func (c *Clerk) RunSetup(ctx context.Context, agreed *SetupPreview, tell func(Record)) (Record, error) {
	now, err := c.PreviewSetup(ctx, agreed.Order)
	if err != nil {
		return Record{}, err
	}
	if what := agreed.differs(now); what != "" {
		return Record{}, &ChangedError{Setup: now, What: what}
	}
	brokers, _, err := c.admin.Brokers(ctx)
	if err != nil {
		return Record{}, err
	}
	s := &setting{p: now, asked: &asked{brokers: brokers}, quiet: map[string]bool{}}
	return c.carry(ctx, s, func(r *Record) { r.Setup = agreed.Order.kept() }, tell)
}

func (s *setting) planned() Record { return s.p.planned() }

// carryOut gives the order to every broker, then has the name servers forget what none has
// any more, and looks whether the brokers have it as they were told.
func (s *setting) carryOut(ctx context.Context, w *work) {
	s.work = w
	var all errgroup.Group
	all.SetLimit(atOnce)
	if s.p.Order.Of == Rights || s.p.Order.Of == Users && s.p.Order.Back != "" {
		s.inTurn(ctx)
	} else {
		for i := range w.rec.Queues { // their names do not change
			if w.rec.Queues[i].Broker != "" {
				all.Go(func() error { s.part(ctx, i); return nil })
			}
		}
	}
	_ = all.Wait()
	for _, i := range s.forgotten() {
		all.Go(func() error { s.part(ctx, i); return nil })
	}
	_ = all.Wait()
	s.verify(ctx)
	if s.p.Order.Of == Topics && s.p.Order.Act == Create {
		s.awaitListed(ctx)
	}
}

// part does one, unless it is too late or its broker is silent.
func (s *setting) part(ctx context.Context, i int) {
	q := &s.rec.Queues[i]
	s.mu.Lock()
	quiet := s.quiet[q.Broker]
	s.mu.Unlock()
	if ctx.Err() != nil || quiet {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, partLimit*time.Duration(1+q.Put.held()/partRights))
	defer cancel()
	err := s.do(ctx, q)
	if silent(err) && q.Broker != "" {
		s.mu.Lock()
		s.quiet[q.Broker] = true
		s.mu.Unlock()
	}
	s.note(i, Set, err)
}

// do gives the order of a part.
func (s *setting) do(ctx context.Context, q *Done) error {
	a := s.c.admin
	if q.Broker == "" {
		return a.ForgetTopic(ctx, q.Name)
	}
	b, master, err := s.asked.broker(q.Broker)
	switch {
	case err != nil:
		return err
	case s.p.Order.account():
		return s.doAccount(ctx, master, q)
	case q.Put != nil && q.Put.Topic != nil:
		return a.PutTopic(ctx, master, q.Name, s.changed(q))
	case q.Put != nil:
		return a.PutGroup(ctx, master, q.Name, *q.Put.Group)
	case q.Was.Topic != nil:
		return a.DeleteTopic(ctx, b, q.Name)
	}
	return a.DeleteGroup(ctx, master, q.Name, s.p.Order.Offsets)
}

// changed is what a topic is put to, without the attributes that it has already: brokers
// refuse some of them once it is there.
func (s *setting) changed(q *Done) cluster.TopicSettings {
	t := *q.Put.Topic
	if q.Was != nil && q.Was.Topic != nil {
		t.Others = nil
		if q.Was.Topic.Type == t.Type {
			t.Type = ""
		}
	}
	return t
}

// broker is a broker of a name, and its master's address.
func (a *asked) broker(name string) (cluster.Broker, string, error) {
	for _, b := range a.brokers {
		if b.Name == name {
			if addr, ok := b.Master(); ok {
				return b, addr, nil
			}
		}
	}
	return cluster.Broker{}, "", fmt.Errorf("%s: %w", name, fault.NoMaster)
}

// forgotten are the parts of the name servers whose topics every broker has deleted.
func (s *setting) forgotten() (parts []int) {
	left := map[string]bool{}
	for _, q := range s.rec.Queues {
		left[q.Name] = left[q.Name] || q.Broker != "" && q.State != Set
	}
	for i, q := range s.rec.Queues {
		if q.Broker == "" && !left[q.Name] {
			parts = append(parts, i)
		}
	}
	return parts
}

// verify looks at what the brokers have now: one that took the order and has something else
// did not do it.
func (s *setting) verify(ctx context.Context) {
	a, err := s.c.lookUp(ctx, s.p.Order)
	if err != nil {
		return // what they answered stands
	}
	for i, q := range s.rec.Queues {
		names, told := a.by[q.Broker]
		has := names[part(q.Name, q.Key)]
		if has != nil && q.Put != nil && q.Put.Held != nil {
			has = a.holding(q.Broker, q.Name, has, q.Put.Held)
		}
		if q.State == Set && told && !taken(q.Put, has) {
			s.note(i, Set, fmt.Errorf("%s on %s: %w", q.Name, q.Broker, fault.NotKept))
		}
	}
}

// taken tells whether a broker has what it was told. A topic without a type is a usual one;
// further attributes are the broker's.
func taken(put, has *Setting) bool {
	if put == nil || has == nil {
		return put == has
	}
	if put.Topic == nil || has.Topic == nil {
		return put.Same(has)
	}
	t := *has.Topic
	if t.Type == "" && put.Topic.Type == cluster.TypeNormal || put.Topic.Type == "" && t.Type == cluster.TypeNormal {
		t.Type = put.Topic.Type
	}
	t.Others, t.Order, t.Flags = put.Topic.Others, put.Topic.Order, put.Topic.Flags
	return put.Topic.Same(t)
}

// awaitListed waits for a moment until the name servers know the topics that were created:
// brokers register them a little later.
func (s *setting) awaitListed(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, listedLimit)
	defer cancel()
	every := time.NewTicker(listedEvery)
	defer every.Stop()
	for {
		all, err := s.c.admin.AllTopics(ctx)
		if err != nil || s.listed(all) {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-every.C:
		}
	}
}

// listed tells whether all that was created is among these.
func (s *setting) listed(all []string) bool {
	has := make(map[string]bool, len(all))
	for _, n := range all {
		has[n] = true
	}
	for _, q := range s.rec.Queues {
		if q.State == Set && !has[q.Name] {
			return false
		}
	}
	return true
}
