package admin

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/message"
	"gantry/client/remoting"
)

// Delays is how the brokers that take a topic's messages delay them.
type Delays struct {
	// Any: all of them are 5.0 or newer and take any time (TimerMessageStore.java).
	Any bool
	// Levels are otherwise the delays by level, from 1 on; 0 stands for one that they do
	// not agree on.
	Levels []time.Duration
}

// questionLimit bounds each of the two questions of Delays: a broker that is silent takes
// all of the first, where others could answer.
const questionLimit = 4 * time.Second

// Delays asks the brokers that may be written to for their version, all at once, and for
// their levels if one of them is older than 5.0. A refusal tells the version too; who
// refuses to tell its levels has the usual ones. Brokers that say no version are left out.
// The error is why none said one, or why one that did says no levels: a message that goes
// to it would come at another time.
func (c *Client) Delays(ctx context.Context, r cluster.Route) (Delays, error) {
	var addrs []string
	for _, q := range r.WriteQueues() {
		if addr, ok := r.Master(q.Broker); ok && !slices.Contains(addrs, addr) {
			addrs = append(addrs, addr)
		}
	}
	old := make([]bool, len(addrs))
	there, err := those(ctx, len(addrs), func(ctx context.Context, i int) error {
		resp, err := c.ask(ctx, addrs[i], &remoting.Command{Code: remoting.BrokerRuntimeInfo})
		if said := (*fault.Answer)(nil); errors.As(err, &said) {
			old[i] = said.Version < remoting.Version5
			return nil
		}
		old[i] = err == nil && resp.Version < remoting.Version5
		return err
	})
	if err != nil {
		return Delays{}, err
	}
	if !slices.ContainsFunc(there, func(i int) bool { return old[i] }) {
		return Delays{Any: true}, nil
	}
	levels := make([][]time.Duration, len(there))
	limited, cancel := context.WithTimeout(ctx, questionLimit)
	defer cancel()
	err = each(limited, len(there), func(ctx context.Context, i int) error {
		settings, err := c.BrokerConfig(ctx, addrs[there[i]])
		if err != nil && !answered(err) {
			return err
		}
		levels[i] = message.DelayLevels()
		for _, s := range settings {
			if s.Key == "messageDelayLevel" {
				levels[i] = readLevels(s.Value)
			}
		}
		return nil
	})
	if err != nil {
		return Delays{}, err
	}
	all := levels[0]
	for _, l := range levels {
		all = agreed(all, l)
	}
	return Delays{Levels: all}, nil
}

// those runs ask for 0 to n-1, all at once and for questionLimit at most, and returns
// those for which it went well, or why none did.
func those(ctx context.Context, n int, ask func(ctx context.Context, i int) error) (well []int, err error) {
	limited, cancel := context.WithTimeout(ctx, questionLimit)
	defer cancel()
	failed := make([]error, n)
	for i := range failed {
		failed[i] = context.DeadlineExceeded // until it is asked
	}
	_ = each(limited, n, func(ctx context.Context, i int) error {
		failed[i] = ask(ctx, i)
		return nil
	})
	err = fault.NoBroker
	for i, f := range failed {
		if f == nil {
			well = append(well, i)
		} else {
			err = f
		}
	}
	switch {
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case len(well) == 0:
		return nil, err
	}
	return well, nil
}

// readLevels reads messageDelayLevel, such as "1s 5s 1m 2h 1d"; what is no delay is 0
// (ScheduleMessageService.java, parseDelayLevel).
func readLevels(s string) []time.Duration {
	units := map[byte]time.Duration{'s': time.Second, 'm': time.Minute, 'h': time.Hour, 'd': 24 * time.Hour}
	levels := []time.Duration{}
	for _, word := range strings.Fields(s) {
		n, err := strconv.ParseInt(word[:len(word)-1], 10, 32)
		if err != nil {
			n = 0
		}
		levels = append(levels, time.Duration(n)*units[word[len(word)-1]])
	}
	return levels
}

// agreed keeps the levels that are the same in both.
func agreed(a, b []time.Duration) []time.Duration {
	out := slices.Clone(a[:min(len(a), len(b))])
	for i := range out {
		if a[i] != b[i] {
			out[i] = 0
		}
	}
	return out
}
