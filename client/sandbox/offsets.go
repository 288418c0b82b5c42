package sandbox

import (
	"gantry/client/remoting"
)

// queryOffset tells where a group goes on (ConsumerManageProcessor.java): one
// that has no place begins at the start of a queue that still has its first
// message.
func (s *broker) queryOffset(q *request) (*remoting.Command, error) {
	group, topic, queue := q.text("consumerGroup"), q.text("topic"), q.number("queueId")
	if q.bad != nil {
		return nil, q.bad
	}
	if n, has := s.store.Offsets.Find(topic, group, queue); has {
		return okFields(q, map[string]string{"offset": itoa(n)}), nil
	}
	first, _ := s.store.Bounds(topic, queue)
	switch {
	case q.ExtFields["setZeroIfNotFound"] == "false":
		return nil, refuse(remoting.QueryNotFound, "Not found, do not set to zero, maybe this group boot first")
	case first == 0:
		return okFields(q, map[string]string{"offset": "0"}), nil
	}
	return nil, refuse(remoting.QueryNotFound, "Not found, V3_0_6_SNAPSHOT maybe this consumer boot first")
}

func (s *broker) updateOffset(q *request) (*remoting.Command, error) {
	group, topic, queue, offset := q.text("consumerGroup"), q.text("topic"), q.number("queueId"), q.long("commitOffset")
	if q.bad != nil {
		return nil, q.bad
	}
	if _, has := s.store.Groups.Find(group); !has {
		return nil, refuse(remoting.GroupNotExist, "Group %s not exist!", group)
	}
	if _, has := s.store.Topics.Find(topic); !has {
		return nil, refuse(remoting.TopicNotExist, "Topic %s not exist!", topic)
	}
	counts, err := s.store.Offsets.Commit(topic, group, queue, offset)
	if err != nil {
		return nil, err
	}
	if !counts {
		return q.Answer(remoting.Success, "Offset has been previously reset"), nil
	}
	return ok(q), nil
}

// resetOffset lets a group go on from a time, from the end (-1), or in one queue
// from an offset. Members that are there learn of it when they pull next
// (AdminBrokerProcessor.resetOffsetInner; useServerSideResetOffset is the default).
func (s *broker) resetOffset(q *request) (*remoting.Command, error) {
	topic, group, at := q.text("topic"), q.text("group"), q.long("timestamp")
	queue, offset := int(q.longOr("queueId", -1)), q.longOr("offset", -1)
	if q.bad != nil {
		return nil, q.bad
	}
	c, has := s.store.Topics.Find(topic)
	if !has {
		return nil, refuse(remoting.TopicNotExist, "Topic %s does not exist", topic)
	}
	if _, has := s.store.Groups.Find(group); !has {
		return nil, refuse(remoting.GroupNotExist, "Group %s does not exist", group)
	}
	from, to := 0, c.ReadQueues
	if queue >= 0 {
		if from, to = queue, queue+1; queue >= c.ReadQueues {
			return nil, refuse(remoting.SystemError, "No queues to reset.")
		}
	}
	all, places := map[messageQueue]any{}, map[int]int64{}
	for id := from; id < to; id++ {
		first, next := s.store.Bounds(topic, id)
		place := offset
		if queue < 0 || offset == -1 {
			var err error
			if place, err = s.store.OffsetAt(topic, id, at); err != nil {
				return nil, err
			}
		} else if offset < first || offset > next+1 {
			return nil, refuse(remoting.SystemError, "Target offset %d not in consume queue range [%d-%d]", offset, first, next)
		}
		all[messageQueue{brokerName, id, topic}], places[id] = place, place
	}
	if err := s.store.Offsets.Choose(topic, group, places); err != nil {
		return nil, err
	}
	b, err := byQueue("offsetTable", all, nil)
	return okBody(q, b), err
}
