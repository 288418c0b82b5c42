package store

import (
	"encoding/json"
	"errors"
	"path/filepath"
	"sync/atomic"
	"time"

	"gantry/client/fault"
	"gantry/client/journal"
	"gantry/client/message"
)

// change is what became different in topics, groups and places: one record of the
// diary. Each says what is, not what to add, so that reading one twice does no harm.
type change struct {
	Topic *Topic `json:"topic,omitempty"`
	Group *Group `json:"group,omitempty"`
	// Fresh says that the topic or group counts only where there is none.
	Fresh bool `json:"fresh,omitempty"`
	// Deleted is a topic that was deleted, and Next the first record that may be in one
	// made anew.
	Deleted string `json:"deleted,omitempty"`
	Next    uint64 `json:"next,omitempty"`
	// DeletedGroup is a group that was deleted, with its places if Places says so.
	DeletedGroup string `json:"deletedGroup,omitempty"`
	Places       bool   `json:"places,omitempty"`
	// At are places by queue, of Key ("topic@group"). Chosen says that they hold
	// whatever is committed until somebody has pulled from there.
	Key    string        `json:"key,omitempty"`
	At     map[int]int64 `json:"at,omitempty"`
	Chosen bool          `json:"chosen,omitempty"`
	// Ends are the next offsets of queues whose messages are about to go.
	Ends map[string]map[int]int64 `json:"ends,omitempty"`

	// void says that it does not count, same that all is so already: neither is
	// written.
	void, same bool
}

// asked is a change that somebody waits for, or nobody (ready is nil).
type asked struct {
	*change
	err   error
	ready chan struct{} // closed when it is on disk, or err says why not
}

const (
	// diarySegment and diaryMost bound the diary, in bytes: beyond, all that there is
	// goes into the state file, and the diary before it.
	diarySegment = 1 << 20
	diaryMost    = 4 << 20
)

// diary keeps changes: each is in memory, and on disk, before it is answered. One
// goroutine makes and writes them, whatever has come while it wrote together.
type diary struct {
	s       *Store
	w       *journal.Writer
	r       *journal.Reader // polled by that goroutine only, once it runs
	changes chan *asked
	done    chan struct{} // closed when the goroutine has ended
	blocked atomic.Bool   // the disk is full
	written int64         // bytes since the state file was written
}

// openDiary opens the diary and makes the changes from a number on again. It tells
// whether there were any.
func openDiary(s *Store, from uint64) (*diary, bool, error) {
	d := &diary{s: s, changes: make(chan *asked, batchMost), done: make(chan struct{})}
	dir := filepath.Join(s.opt.Dir, "diary")
	var err error
	if d.w, err = journal.OpenWriter(dir, journal.Options{
		Segment: diarySegment, OnBlocked: func(why error) { d.blocked.Store(why != nil) },
	}); err != nil {
		return nil, false, err
	}
	if d.r, err = journal.OpenReader(dir); err != nil {
		return nil, false, errors.Join(err, d.w.Close())
	}
	any, err := d.read(from)
	if err != nil {
		return nil, false, errors.Join(err, d.w.Close(), d.r.Close())
	}
	return d, any, nil
}

// read makes the changes again. What is damaged is left out and said.
func (d *diary) read(from uint64) (any bool, err error) {
	if err := poll(d.r); err != nil {
		return false, err
	}
	first, next := d.r.Range()
	lost := 0
	for n := max(first, from); n < next; n++ {
		rec, err := d.r.Record(n)
		if unreadable(err) {
			lost++
			continue
		}
		if err != nil {
			return false, err
		}
		var c change
		if err := json.Unmarshal(rec.Payload, &c); err != nil || c.Topic != nil && !c.Topic.sound() {
			lost++
			continue
		}
		d.s.apply(&c)
		any = true
		d.written += int64(len(rec.Payload))
	}
	if lost > 0 {
		d.s.log.Warn("changes of topics, groups and offsets are lost to damage", "folder", "diary", "count", lost)
	}
	return any, nil
}

// change makes a change and returns when it is on disk.
func (s *Store) change(c *change) error {
	d := s.diary
	if d.blocked.Load() {
		return ErrFull
	}
	a := &asked{change: c, ready: make(chan struct{})}
	select {
	case d.changes <- a:
	case <-s.quit:
		return ErrClosed
	}
	select {
	case <-a.ready:
		return a.err
	case <-d.done:
	}
	select {
	case <-a.ready:
		return a.err
	default:
		return ErrClosed
	}
}

// note has a change made without waiting for the disk.
func (s *Store) note(c *change) {
	if s.diary.blocked.Load() {
		return // whoever says it says it again
	}
	select {
	case s.diary.changes <- &asked{change: c}:
	case <-s.quit:
	}
}

// run is the diary's goroutine.
func (d *diary) run() {
	defer close(d.done)
	for {
		var batch []*asked
		select {
		case a := <-d.changes:
			batch = append(batch, a)
		case <-d.s.quit:
			return
		}
		for len(batch) < batchMost && len(d.changes) > 0 {
			batch = append(batch, <-d.changes)
		}
		d.write(batch)
		if d.written > diaryMost {
			if err := d.compact(); err != nil {
				d.s.log.Warn("topics, groups and offsets cannot be put together", "error", err)
				d.written = 0 // not at each change
			}
		}
	}
}

// write makes a batch of changes, writes them and tells who waits.
func (d *diary) write(batch []*asked) {
	var buf []byte
	records := 0
	now := time.Now()
	for _, a := range batch {
		d.s.prepare(a.change)
		if a.void || a.same {
			continue
		}
		d.s.apply(a.change)
		payload, err := json.Marshal(a.change)
		if err != nil {
			a.err = err
			continue
		}
		buf = message.AppendRecord(buf, &message.Record{Kind: message.KindChange, ArrivedAt: now, Payload: payload})
		records++
	}
	var err error
	if records > 0 {
		err = d.w.Append(buf, records)
	}
	for _, a := range batch {
		if a.err == nil && !a.void {
			a.err = err
		}
		if a.ready != nil {
			close(a.ready)
		}
	}
	d.written += int64(len(buf))
}

// compact writes all that there is into the state file and drops the diary before
// it, but for its newest segment.
func (d *diary) compact() error {
	if err := d.s.saveState(d.w.Next()); err != nil {
		return err
	}
	d.written = 0
	if err := poll(d.r); err != nil {
		return err
	}
	_, err := d.r.Evict(1, 1)
	return err
}

// end ends the goroutine: who waits for it goes on.
func (d *diary) end() error {
	err := d.w.Close() // a disk that is full must not hold the end up
	<-d.done
	return err
}

// close writes a state file that has all.
func (d *diary) close() error {
	return errors.Join(d.s.saveState(d.w.Next()), d.r.Close())
}

// prepare decides what a change comes to that is made now, before it is written.
func (s *Store) prepare(c *change) {
	if c.Deleted != "" {
		c.Next = s.drop(c.Deleted)
		s.Figures.forget(c.Deleted)
	}
	if c.DeletedGroup != "" {
		s.Figures.forgetGroup(c.DeletedGroup)
	}
	if c.Key != "" {
		s.Offsets.prepare(c)
	}
}

// apply makes a change in memory: one that is made now, or one that was.
func (s *Store) apply(c *change) {
	if c.Topic != nil {
		s.Topics.apply(*c.Topic, c.Fresh)
	}
	if c.Group != nil {
		s.Groups.apply(*c.Group, c.Fresh)
	}
	if c.Deleted != "" {
		s.Topics.remove(c.Deleted, c.Next)
		s.Offsets.removeTopic(c.Deleted)
		delete(s.ends, c.Deleted)
	}
	if c.DeletedGroup != "" {
		s.Groups.remove(c.DeletedGroup)
		if c.Places {
			s.Offsets.removeGroup(c.DeletedGroup)
		}
	}
	if c.Key != "" {
		s.Offsets.apply(c)
	}
	for topic, queues := range c.Ends {
		if s.ends[topic] == nil {
			s.ends[topic] = map[int]int64{}
		}
		for id, next := range queues {
			s.ends[topic][id] = next
		}
	}
}

// unreadable tells whether a record is damaged or lost, rather than not to be had
// now.
func unreadable(err error) bool {
	return errors.Is(err, message.ErrDamaged) || errors.Is(err, journal.ErrNone) || errors.Is(err, fault.Evicted)
}

// poll takes notice of all that was written.
func poll(r *journal.Reader) error {
	for more := true; more; {
		var err error
		if _, more, err = r.Poll(); err != nil {
			return err
		}
	}
	return nil
}
