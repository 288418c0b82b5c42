package client

import (
	"context"
	"errors"

	"gantry/client/cluster"
	"gantry/client/message"
)

// ErrNoOriginal: what a retry or a dead letter was first is no longer kept, or it is neither.
var ErrNoOriginal = errors.New("the original message is not kept")

// Original looks up what a message of a retry or dead-letter topic was first, by its id, and
// reads it. It waits for brokers: not for the main goroutine.
func (c *Connection) Original(ctx context.Context, m *message.Message) (*message.Message, error) {
	topic, ids := m.Original()
	for _, id := range ids {
		first, err := c.byID(ctx, topic, id)
		if first != nil || err != nil {
			return first, err
		}
	}
	return nil, ErrNoOriginal
}

// byID reads the message of a topic that has an id; nil where there is none.
func (c *Connection) byID(ctx context.Context, topic, id string) (*message.Message, error) {
	s, err := c.Search(cluster.Query{Kind: cluster.ByID, Topic: topic, Key: id, Count: 1})
	if err != nil {
		return nil, err
	}
	defer s.Close()
	if err := s.Wait(ctx); err != nil {
		return nil, err
	}
	first, next := s.Range()
	if first == next {
		return nil, s.Status().Err
	}
	r, err := s.Record(first)
	if err != nil {
		return nil, err
	}
	return r.Message()
}
