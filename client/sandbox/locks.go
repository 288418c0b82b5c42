package sandbox

import (
	"time"

	"gantry/client/remoting"
)

// lockLife is how long a client has a queue to itself after it asked last
// (RebalanceLockManager.java).
const lockLife = 60 * time.Second

// lockKey is a queue that a group reads in order.
type lockKey struct {
	group string
	queue messageQueue
}

// lock says who has it to itself.
type lock struct {
	client string
	at     time.Time
}

// lockBody is asked with and answered (LockBatchRequestBody.java).
type lockBody struct {
	Group  string         `json:"consumerGroup"`
	Client string         `json:"clientId"`
	Queues []messageQueue `json:"mqSet"`
}

func (s *broker) lockQueues(q *request) (*remoting.Command, error) {
	var b lockBody
	if err := remoting.DecodeBody(q.Body, &b); err != nil {
		return nil, refuse(remoting.SystemError, "a request that cannot be read")
	}
	c := s.clients
	c.mu.Lock()
	got := []messageQueue{}
	for _, mq := range b.Queues {
		k := lockKey{b.Group, mq}
		if l, has := c.locks[k]; !has || l.client == b.Client || time.Since(l.at) > lockLife {
			c.locks[k] = lock{b.Client, time.Now()}
			got = append(got, mq)
		}
	}
	c.mu.Unlock()
	return s.json(q, map[string]any{"lockOKMQSet": got})
}

func (s *broker) unlockQueues(q *request) (*remoting.Command, error) {
	var b lockBody
	if err := remoting.DecodeBody(q.Body, &b); err != nil {
		return nil, refuse(remoting.SystemError, "a request that cannot be read")
	}
	c := s.clients
	c.mu.Lock()
	for _, mq := range b.Queues {
		k := lockKey{b.Group, mq}
		if c.locks[k].client == b.Client {
			delete(c.locks, k)
		}
	}
	c.mu.Unlock()
	return ok(q), nil
}
