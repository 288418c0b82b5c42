package admin

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"gantry/client/remoting"
)

// Runtime is what a broker says of itself. What it does not say is zero.
type Runtime struct {
	// Version is such as "5.5.0".
	Version string
	// Ahead is how far this computer's clock is ahead of the broker's, to two
	// seconds; negative where it is behind. It means nothing unless ClockKnown.
	Ahead      time.Duration
	ClockKnown bool
}

// Runtime asks a broker what it is and what time it has: its start, by its own
// clock, and how long it runs add up to that (KVTable.java;
// AdminBrokerProcessor.java, prepareRuntimeInfo). ErrNotOffered at a proxy.
func (c *Client) Runtime(ctx context.Context, addr string) (Runtime, error) {
	begin := time.Now()
	resp, err := c.ask(ctx, addr, &remoting.Command{Code: remoting.BrokerRuntimeInfo})
	if err != nil {
		return Runtime{}, fmt.Errorf("runtime of %s: %w", addr, err)
	}
	var body struct {
		Table struct{ BrokerVersionDesc, BootTimestamp, Runtime string }
	}
	if err := remoting.DecodeBody(resp.Body, &body); err != nil {
		return Runtime{}, fmt.Errorf("runtime of %s: %w", addr, err)
	}
	r := Runtime{Version: version(body.Table.BrokerVersionDesc)}
	boot, err := strconv.ParseInt(body.Table.BootTimestamp, 10, 64)
	if ran, ok := uptime(body.Table.Runtime); ok && err == nil {
		// The time between question and answer, and the broker's seconds are
		// whole ones.
		now := begin.Add(time.Since(begin) / 2)
		r.Ahead, r.ClockKnown = now.Sub(time.UnixMilli(boot).Add(ran+time.Second/2)), true
	}
	return r, nil
}

// version turns "V5_5_0" into "5.5.0" (MQVersion.java).
func version(desc string) string {
	return strings.ReplaceAll(strings.TrimPrefix(strings.ToUpper(desc), "V"), "_", ".")
}

// uptime reads "[ 0 days, 0 hours, 1 minutes, 11 seconds ]".
func uptime(s string) (time.Duration, bool) {
	var d, h, m, sec int64
	if _, err := fmt.Sscanf(s, "[ %d days, %d hours, %d minutes, %d seconds ]", &d, &h, &m, &sec); err != nil {
		return 0, false
	}
	return time.Duration(((d*24+h)*60+m)*60+sec) * time.Second, true
}
