package sandbox

import (
	"maps"
	"strings"
	"sync"

	"gantry/client/remoting"
)

// offsets are where groups go on, by topic and queue.
type offsets struct {
	mu      sync.Mutex
	all     map[string]map[int]int64 // guarded by mu; by "topic@group", as RocketMQ writes it
	changed func()
}

func newOffsets() *offsets { return &offsets{all: map[string]map[int]int64{}, changed: func() {}} }

func offsetKey(topic, group string) string { return topic + "@" + group }

func (o *offsets) get(topic, group string, queue int) (int64, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	n, has := o.all[offsetKey(topic, group)][queue]
	return n, has
}

func (o *offsets) set(topic, group string, queue int, offset int64) {
	o.mu.Lock()
	k := offsetKey(topic, group)
	if o.all[k] == nil {
		o.all[k] = map[int]int64{}
	}
	o.all[k][queue] = offset
	o.mu.Unlock()
	o.changed()
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
	maps.DeleteFunc(o.all, func(k string, _ map[int]int64) bool {
		topic, group, _ := strings.Cut(k, "@")
		return is(topic, group)
	})
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
	if _, has := s.topics.get(topic); !has {
		return nil, refuse(remoting.TopicNotExist, "Topic %s not exist!", topic)
	}
	s.offsets.set(topic, group, queue, offset)
	return ok(q), nil
}
