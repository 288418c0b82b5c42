package sandbox

import (
	"maps"
	"strings"
	"sync"

	"gantry/client/remoting"
)

// offsets are where groups go on, by topic and queue.
type offsets struct {
	mu  sync.Mutex
	all map[string]map[int]int64 // guarded by mu; by "topic@group", as RocketMQ writes it
	// pulled are how far groups have read, and reset the places that were chosen for
	// them and that nobody has pulled from yet. Both are forgotten with the process,
	// as a broker's are. Guarded by mu.
	pulled, reset map[string]map[int]int64
	changed       func()
}

func newOffsets() *offsets {
	return &offsets{
		all: map[string]map[int]int64{}, pulled: map[string]map[int]int64{}, reset: map[string]map[int]int64{},
		changed: func() {},
	}
}

func offsetKey(topic, group string) string { return topic + "@" + group }

func (o *offsets) get(topic, group string, queue int) (int64, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	n, has := o.all[offsetKey(topic, group)][queue]
	return n, has
}

// set notes where a group goes on, and tells whether that counts: not before it has
// pulled from the place that was chosen for it (ConsumerOffsetManager.java).
func (o *offsets) set(topic, group string, queue int, offset int64) bool {
	o.mu.Lock()
	k := offsetKey(topic, group)
	_, waits := o.reset[k][queue]
	if !waits {
		note(o.all, k, queue, offset)
	}
	o.mu.Unlock()
	if !waits {
		o.changed()
	}
	return !waits
}

// choose lets a group go on from a place, whatever it commits until it has pulled
// there.
func (o *offsets) choose(topic, group string, queue int, offset int64) {
	o.mu.Lock()
	k := offsetKey(topic, group)
	note(o.reset, k, queue, offset)
	note(o.all, k, queue, offset)
	o.mu.Unlock()
	o.changed()
}

// chosen returns the place that was chosen for a group, once.
func (o *offsets) chosen(topic, group string, queue int) (int64, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	k := offsetKey(topic, group)
	n, has := o.reset[k][queue]
	if delete(o.reset[k], queue); len(o.reset[k]) == 0 {
		delete(o.reset, k)
	}
	return n, has
}

// read notes how far a group has read.
func (o *offsets) read(topic, group string, queue int, next int64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	note(o.pulled, offsetKey(topic, group), queue, next)
}

// readTo returns how far it has read, or 0.
func (o *offsets) readTo(topic, group string, queue int) int64 {
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

// of returns a group's offsets in a topic.
func (o *offsets) of(topic, group string) map[int]int64 {
	o.mu.Lock()
	defer o.mu.Unlock()
	return maps.Clone(o.all[offsetKey(topic, group)])
}

// topics returns where a group has offsets.
func (o *offsets) topics(group string) []string {
	return o.cut(func(topic, g string) (string, bool) { return topic, g == group })
}

// groups returns who has offsets in a topic.
func (o *offsets) groups(topic string) []string {
	return o.cut(func(t, group string) (string, bool) { return group, t == topic })
}

func (o *offsets) cut(pick func(topic, group string) (string, bool)) []string {
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

func (o *offsets) removeTopic(name string) {
	o.remove(func(topic, _ string) bool { return topic == name })
}

func (o *offsets) removeGroup(name string) {
	o.remove(func(_, group string) bool { return group == name })
}

func (o *offsets) remove(is func(topic, group string) bool) {
	o.mu.Lock()
	for _, all := range []map[string]map[int]int64{o.all, o.pulled, o.reset} {
		maps.DeleteFunc(all, func(k string, _ map[int]int64) bool {
			topic, group, _ := strings.Cut(k, "@")
			return is(topic, group)
		})
	}
	o.mu.Unlock()
	o.changed()
}

// queryOffset tells where a group goes on (ConsumerManageProcessor.java): one
// that has no place begins at the start of a queue that still has its first
// message.
func (s *Server) queryOffset(q *request) (*remoting.Command, error) {
	group, topic, queue := q.text("consumerGroup"), q.text("topic"), q.number("queueId")
	if q.bad != nil {
		return nil, q.bad
	}
	if n, has := s.offsets.get(topic, group, queue); has {
		return okFields(q, map[string]string{"offset": itoa(n)}), nil
	}
	first, _ := s.store.bounds(topic, queue)
	switch {
	case q.ExtFields["setZeroIfNotFound"] == "false":
		return nil, refuse(remoting.QueryNotFound, "Not found, do not set to zero, maybe this group boot first")
	case first == 0:
		return okFields(q, map[string]string{"offset": "0"}), nil
	}
	return nil, refuse(remoting.QueryNotFound, "Not found, V3_0_6_SNAPSHOT maybe this consumer boot first")
}

func (s *Server) updateOffset(q *request) (*remoting.Command, error) {
	group, topic, queue, offset := q.text("consumerGroup"), q.text("topic"), q.number("queueId"), q.long("commitOffset")
	if q.bad != nil {
		return nil, q.bad
	}
	if !s.clients.hasGroup(group) {
		return nil, refuse(remoting.GroupNotExist, "Group %s not exist!", group)
	}
	if _, has := s.topics.get(topic); !has {
		return nil, refuse(remoting.TopicNotExist, "Topic %s not exist!", topic)
	}
	if !s.offsets.set(topic, group, queue, offset) {
		return q.Answer(remoting.Success, "Offset has been previously reset"), nil
	}
	return ok(q), nil
}

// resetOffset lets a group go on from a time, from the end (-1), or in one queue
// from an offset. Members that are there learn of it when they pull next
// (AdminBrokerProcessor.resetOffsetInner; useServerSideResetOffset is the default).
func (s *Server) resetOffset(q *request) (*remoting.Command, error) {
	topic, group, at := q.text("topic"), q.text("group"), q.long("timestamp")
	queue, offset := int(q.longOr("queueId", -1)), q.longOr("offset", -1)
	if q.bad != nil {
		return nil, q.bad
	}
	c, has := s.topics.get(topic)
	if !has {
		return nil, refuse(remoting.TopicNotExist, "Topic %s does not exist", topic)
	}
	if !s.clients.hasGroup(group) {
		return nil, refuse(remoting.GroupNotExist, "Group %s does not exist", group)
	}
	from, to := 0, c.ReadQueues
	if queue >= 0 {
		if from, to = queue, queue+1; queue >= c.ReadQueues {
			return nil, refuse(remoting.SystemError, "No queues to reset.")
		}
	}
	all := map[messageQueue]any{}
	for id := from; id < to; id++ {
		first, next := s.store.bounds(topic, id)
		place := offset
		if queue < 0 || offset == -1 {
			var err error
			if place, err = s.offsetAt(topic, id, at); err != nil {
				return nil, err
			}
		} else if offset < first || offset > next+1 {
			return nil, refuse(remoting.SystemError, "Target offset %d not in consume queue range [%d-%d]", offset, first, next)
		}
		all[messageQueue{brokerName, id, topic}] = place
	}
	for mq, place := range all {
		s.offsets.choose(topic, group, mq.ID, place.(int64))
	}
	b, err := byQueue("offsetTable", all, nil)
	return okBody(q, b), err
}
