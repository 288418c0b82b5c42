package client

import (
	"context"
	"os"
	"time"

	"gantry/client/cluster"
	"gantry/client/message"
)

// KillSandbox kills the sandbox's process and waits for its end.
func KillSandbox(c *Client) error {
	c.local.mu.Lock()
	defer c.local.mu.Unlock()
	c.local.proc.Kill()
	select {
	case <-c.local.proc.Done():
		return nil
	case <-time.After(5 * time.Second):
		return context.DeadlineExceeded
	}
}

// KillWorker kills the subscription's worker as if it had crashed.
func KillWorker(s *Subscription) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, err := os.FindProcess(s.proc.PID())
	if err != nil {
		return err
	}
	return p.Kill()
}

// Delivery returns the properties with which a draft would be sent.
func Delivery(ctx context.Context, c *Connection, d *message.Draft) ([]message.Property, error) {
	return c.delivery(ctx, d)
}

// Differ tells whether members, who are asked through the server at addr, want different
// things of a topic.
func Differ(ctx context.Context, c *Connection, addr, topic string, members ...string) bool {
	brokers := []cluster.Broker{{Name: "b", Addrs: map[int64]string{0: addr}}}
	var all []cluster.Member
	for _, id := range members {
		all = append(all, cluster.Member{ID: id, Brokers: []string{"b"}})
	}
	return c.differ(ctx, brokers, topic, "g", all)
}
