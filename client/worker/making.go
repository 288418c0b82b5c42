package worker

import (
	"io"
	"slices"
	"time"

	"gantry/client/engine"
	"gantry/client/journal"
	"gantry/client/message"
	"gantry/client/outbox/plan"
)

// goOn returns what makes the messages of the next request: first those of the gaps.
func (c *campaign) goOn() (func() ([]plan.Made, error), error) {
	c.toGo.Store(c.plan.Count - c.job.Seq)
	parts := slices.Clone(c.job.Gaps)
	for _, g := range parts {
		c.toGo.Add(g.Count)
	}
	parts = append(parts, Gap{Seq: c.job.Seq, After: c.job.After, Count: plan.MaxMessages})
	begin := func() error { return c.maker.GoOn(parts[0].Seq, parts[0].After) }
	return func() ([]plan.Made, error) {
		for parts[0].Count == 0 {
			parts = parts[1:]
			if err := begin(); err != nil {
				return nil, err
			}
		}
		made, err := c.make(parts[0].Count)
		parts[0].Count -= int64(len(made))
		return made, err
	}, begin()
}

// make makes the messages of the next request, no more than that many.
func (c *campaign) make(most int64) (made []plan.Made, err error) {
	size := 0
	most = min(most, int64(c.batch()))
	for int64(len(made)) < most && size < plan.MaxBatchBytes/2 {
		var one plan.Made
		if one, err = c.maker.Next(time.Now()); err != nil {
			return made, err
		}
		one.Leave.ID = engine.NewID()
		one.Draft.ID = one.Leave.ID
		size += len(one.Draft.Body)
		made = append(made, one)
	}
	return made, nil
}

// again returns what makes the messages that are sent once more.
func (c *campaign) again() (func() ([]plan.Made, error), error) {
	r, err := journal.OpenReader(c.job.Dir)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	for more := true; more; {
		if _, more, err = r.Poll(); err != nil {
			return nil, err
		}
	}
	var all []*message.Leave
	for _, n := range c.job.Again {
		rec, err := r.Record(n)
		if err != nil {
			return nil, err
		}
		l, err := rec.Leave()
		if err != nil {
			return nil, err
		}
		all = append(all, l)
	}
	return func() ([]plan.Made, error) {
		if len(all) == 0 {
			return nil, io.EOF
		}
		l := all[0]
		all = all[1:]
		d, err := c.maker.Again(l)
		if err != nil {
			return nil, err
		}
		// An id of its own: the message before may be there too.
		l.Attempt++
		l.ID = engine.NewID()
		d.ID = l.ID
		return []plan.Made{{Leave: *l, Draft: d}}, nil
	}, nil
}
