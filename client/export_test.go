package client

import (
	"context"
	"time"
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
