package admin

import (
	"context"
	"encoding/binary"
	"fmt"
	"time"

	"gantry/client/fault"
	"gantry/client/remoting"
)

// TimersRead tells up to which time the broker at addr has delivered what waited among its
// timers (code 60, AdminBrokerProcessor.java, getTimerCheckPoint; TimerCheckpoint.java). It
// writes that down about once a second. fault.NotOffered before 5.0, and by proxies.
func (c *Client) TimersRead(ctx context.Context, addr string) (time.Time, error) {
	resp, err := c.ask(ctx, addr, &remoting.Command{Code: remoting.TimerCheckpoint})
	switch {
	case err != nil:
		return time.Time{}, fmt.Errorf("timers of %s: %w", addr, err)
	case len(resp.Body) < 8:
		return time.Time{}, fmt.Errorf("timers of %s: %w: %d bytes", addr, fault.BadAnswer, len(resp.Body))
	}
	return time.UnixMilli(int64(binary.BigEndian.Uint64(resp.Body))), nil
}

// TimersOf tells how many messages of a topic wait among the timers of the broker at addr by
// its own count (code 61, getTimerMetrics; TimerMetrics.java).
func (c *Client) TimersOf(ctx context.Context, addr, topic string) (int64, error) {
	type metrics struct {
		TimingCount map[string]struct{ Count int64 }
	}
	var n int64
	err := fetch(ctx, c, addr, remoting.TimerMetrics, nil, func(got metrics) error {
		n = max(got.TimingCount[topic].Count, 0)
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("timers of %s: %w", addr, err)
	}
	return n, nil
}
