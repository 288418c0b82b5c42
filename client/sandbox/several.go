package sandbox

import (
	"bytes"

	"gantry/client/message"
	"gantry/client/remoting"
)

// sending is one of the sends that are handled together.
type sending struct {
	q *request
	m *message.Message
	// atOnce says that it is stored with the others; else it waits for its time, or for
	// its transaction.
	atOnce bool
	err    error
}

// several are the sends that are handled together: of one small message each, to a topic
// that is there already, and is no group's.
func (s *broker) several(from *peer) remoting.Several {
	return remoting.Several{
		Is: func(c *remoting.Command) bool {
			topic := "topic"
			switch c.Code {
			case remoting.SendMessageV2:
				topic = "b"
				if c.ExtFields["m"] == "true" {
					return false
				}
			case remoting.SendMessage:
			default:
				return false
			}
			if len(c.Body) > smallMost || isBatch(c) || message.RetryGroup(c.ExtFields[topic]) != "" {
				return false
			}
			_, has := s.store.Topics.Find(c.ExtFields[topic])
			return has
		},
		Handle: func(reqs []*remoting.Command) ([]*remoting.Command, func() []*remoting.Command) {
			return s.sendSeveral(from, reqs)
		},
	}
}

// sendSeveral stores messages together. What waits for more than the disk is left to later.
func (s *broker) sendSeveral(from *peer, reqs []*remoting.Command) (answers []*remoting.Command, later func() []*remoting.Command) {
	all := make([]sending, len(reqs))
	plain, others := make([]*message.Message, 0, len(reqs)), false
	for i, c := range reqs {
		one := &all[i]
		one.q = &request{Command: c, from: from}
		one.m, one.err = s.toStore(one.q)
		one.atOnce = one.err == nil && s.store.AtOnce(one.m)
		if one.atOnce {
			plain = append(plain, one.m)
		}
		others = others || one.err == nil && !one.atOnce
	}
	wait, err := s.store.PutNow(plain)
	if wait == nil && !others {
		return s.outcomes(all, err), nil
	}
	for i := range all {
		if m := all[i].m; m != nil {
			m.Body = bytes.Clone(m.Body) // it is a part of what is read into next
		}
	}
	return nil, func() []*remoting.Command {
		if wait != nil {
			err = wait()
		}
		return s.outcomes(all, err)
	}
}

// outcomes are the answers, err being what came of those messages that were to be stored at
// once; the others are stored here.
func (s *broker) outcomes(all []sending, err error) []*remoting.Command {
	answers := make([]*remoting.Command, len(all))
	for i := range all {
		one := &all[i]
		switch {
		case one.err != nil:
		case one.atOnce:
			one.err = err
		default:
			one.err = s.store.Keep(one.m)
		}
		if one.err != nil {
			answers[i] = s.finish(failure(one.q, one.err))
			continue
		}
		answers[i] = s.finish(s.sent(one.q, one.m, one.m.OffsetID(), one.m.QueueOffset))
	}
	return answers
}
