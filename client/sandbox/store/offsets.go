package store

import (
	"maps"
	"strings"
	"sync"
)

// Offsets are where groups go on, by topic and queue.
type Offsets struct {
	mu  sync.Mutex
	all map[string]map[int]int64 // guarded by mu; by "topic@group", as RocketMQ writes it
	// pulled are how far groups have read, and reset the places that were chosen for
	// them and that nobody has pulled from yet. Both are forgotten with the process,
	// as a broker's are. Guarded by mu.
	pulled, reset map[string]map[int]int64
	s             *Store
}

func newOffsets(s *Store) *Offsets {
	return &Offsets{
		s: s, all: map[string]map[int]int64{}, pulled: map[string]map[int]int64{}, reset: map[string]map[int]int64{},
	}
}

func offsetKey(topic, group string) string { return topic + "@" + group }

// Find tells where a group goes on; has is false where it has no place yet.
func (o *Offsets) Find(topic, group string, queue int) (int64, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	n, has := o.all[offsetKey(topic, group)][queue]
	return n, has
}

// Commit notes where a group goes on, and tells whether that counts: not before it has
// pulled from the place that was chosen for it (ConsumerOffsetManager.java). It is on
// disk when Commit returns.
func (o *Offsets) Commit(topic, group string, queue int, offset int64) (counts bool, err error) {
	c := &change{Key: offsetKey(topic, group), At: map[int]int64{queue: offset}}
	err = o.s.change(c)
	return !c.void, err
}

// CommitSoon is Commit for who answers something else: nobody waits for the disk.
func (o *Offsets) CommitSoon(topic, group string, queue int, offset int64) {
	o.s.note(&change{Key: offsetKey(topic, group), At: map[int]int64{queue: offset}})
}

// Choose lets a group go on from places, by queue, whatever it commits until it has
// pulled there: on disk when Choose returns.
func (o *Offsets) Choose(topic, group string, at map[int]int64) error {
	return o.s.change(&change{Key: offsetKey(topic, group), At: at, Chosen: true})
}

// prepare notes places that were chosen, and decides whether others count now, and
// whether they are where the group is already, as most are that come with a pull.
func (o *Offsets) prepare(c *change) {
	o.mu.Lock()
	defer o.mu.Unlock()
	c.same = !c.Chosen
	for queue, offset := range c.At {
		if n, has := o.all[c.Key][queue]; !has || n != offset {
			c.same = false
		}
		if c.Chosen {
			note(o.reset, c.Key, queue, offset)
		} else if _, waits := o.reset[c.Key][queue]; waits {
			c.void = true
		}
	}
}

func (o *Offsets) apply(c *change) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for queue, offset := range c.At {
		note(o.all, c.Key, queue, offset)
	}
}

// Chosen returns the place that was chosen for a group, once.
func (o *Offsets) Chosen(topic, group string, queue int) (int64, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	k := offsetKey(topic, group)
	n, has := o.reset[k][queue]
	if delete(o.reset[k], queue); len(o.reset[k]) == 0 {
		delete(o.reset, k)
	}
	return n, has
}

// Read notes how far a group has read.
func (o *Offsets) Read(topic, group string, queue int, next int64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	note(o.pulled, offsetKey(topic, group), queue, next)
}

// ReadTo returns how far it has read, or 0.
func (o *Offsets) ReadTo(topic, group string, queue int) int64 {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.pulled[offsetKey(topic, group)][queue]
}

// note sets one of them.
func note(all map[string]map[int]int64, key string, queue int, offset int64) {
	if all[key] == nil {
		all[key] = map[int]int64{}
	}
	all[key][queue] = offset
}

// Of returns a group's offsets in a topic.
func (o *Offsets) Of(topic, group string) map[int]int64 {
	o.mu.Lock()
	defer o.mu.Unlock()
	return maps.Clone(o.all[offsetKey(topic, group)])
}

// Topics returns where a group has offsets.
func (o *Offsets) Topics(group string) []string {
	return o.cut(func(topic, g string) (string, bool) { return topic, g == group })
}

// Groups returns who has offsets in a topic.
func (o *Offsets) Groups(topic string) []string {
	return o.cut(func(t, group string) (string, bool) { return group, t == topic })
}

func (o *Offsets) cut(pick func(topic, group string) (string, bool)) []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	var out []string
	for k := range o.all {
		if topic, group, found := strings.Cut(k, "@"); found {
			if s, is := pick(topic, group); is {
				out = append(out, s)
			}
		}
	}
	return out
}

func (o *Offsets) removeTopic(name string) {
	o.remove(func(topic, _ string) bool { return topic == name })
}

func (o *Offsets) removeGroup(name string) {
	o.remove(func(_, group string) bool { return group == name })
}

func (o *Offsets) remove(is func(topic, group string) bool) {
	o.mu.Lock()
	for _, all := range []map[string]map[int]int64{o.all, o.pulled, o.reset} {
		maps.DeleteFunc(all, func(k string, _ map[int]int64) bool {
			topic, group, _ := strings.Cut(k, "@")
			return is(topic, group)
		})
	}
	o.mu.Unlock()
}
