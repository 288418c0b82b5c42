package client

import (
	"context"
	"os"
	"time"

	"gantry/client/message"
	"gantry/client/session"
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

// KillWorker kills the session's worker as if it had crashed.
func KillWorker(s *session.Session) error {
	p, err := os.FindProcess(s.PID())
	if err != nil {
		return err
	}
	return p.Kill()
}

// Delivery returns the properties with which a draft would be sent.
func Delivery(ctx context.Context, c *Connection, d *message.Draft) ([]message.Property, error) {
	if !d.Deliver.Later() {
		return nil, nil
	}
	ready, err := c.prepare(ctx, d)
	if err != nil {
		return nil, err
	}
	return c.delivery(d, ready)
}

// AgeSenders makes the journals that the connection's workers write that much older.
func AgeSenders(c *Connection, by time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range c.senders {
		s.mu.Lock()
		s.begun = s.begun.Add(-by)
		s.mu.Unlock()
	}
}

// EndLift has the time be over for which a read-only connection takes orders.
func EndLift(c *Connection) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lifted.Lifted = time.Now().Add(-time.Second)
}
