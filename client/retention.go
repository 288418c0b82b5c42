package client

import (
	"maps"
	"slices"
	"sync"
)

// rest ends the worker while nothing is under way, so that its journal is free; the next
// send starts another.
func (s *sender) rest() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.proc != nil && s.proc.Sending() == 0 {
		s.proc.Stop()
		s.proc = nil
	}
}

// DeleteSent deletes everything that was sent over a profile from the history; runs that are
// at work are ended first. A journal to which something is sent at this moment stays:
// fault.JournalLocked. It may wait some seconds.
func (c *Client) DeleteSent(profileID string) error {
	c.mu.Lock()
	var senders []*sender
	for conn := range c.conns {
		if conn.profile.ID == profileID {
			conn.mu.Lock()
			senders = slices.AppendSeq(senders, maps.Values(conn.senders))
			conn.mu.Unlock()
		}
	}
	c.mu.Unlock()
	var group sync.WaitGroup
	for _, s := range senders {
		group.Go(s.rest)
	}
	group.Wait()
	return c.Outbox.DeleteOf(profileID)
}
