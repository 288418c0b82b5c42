package client

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"gantry/client/admin"
	"gantry/client/message"
	"gantry/client/profile"
	"gantry/client/remoting"
)

// LevelsError says that brokers delay by levels only, and that the delay that was wanted
// is none of them.
type LevelsError struct {
	// Levels are the delays that there are, by level; what the brokers do not agree on
	// is left out.
	Levels []time.Duration
}

func (e *LevelsError) Error() string {
	return fmt.Sprint("the brokers delay by levels only: ", e.Levels)
}

// CheckDelivery tells whether the brokers of a draft's topic can deliver it when it
// says: a LevelsError where they cannot, or why they could not be asked. A draft that goes
// at once needs no question.
func (c *Connection) CheckDelivery(ctx context.Context, d *message.Draft) error {
	_, err := c.delivery(ctx, d)
	return err
}

// deliveryLimit bounds each question about delivery. A broker that is silent takes all
// of it, where another one could answer.
const deliveryLimit = 4 * time.Second

// delivery returns the properties with which a draft is delivered when it says. From
// 5.0 on brokers take any time (TimerMessageStore.java); older ones ignore it, and know
// levels only. Tencent's take a property of their own, or a level; it is known by the
// prefix of names, since every profile has its mapping at first.
func (c *Connection) delivery(ctx context.Context, d *message.Draft) ([]message.Property, error) {
	if !d.Deliver.Later() {
		return nil, nil
	}
	one := func(name string, n int64) []message.Property {
		return []message.Property{{Name: name, Value: strconv.FormatInt(n, 10)}}
	}
	level := func(levels []time.Duration) (int64, bool) {
		at := slices.Index(levels, d.Deliver.After)
		return int64(at + 1), at >= 0 && d.Deliver.After > 0
	}
	if c.profile.Mapping != profile.OpenSource && c.profile.Prefix() != "" {
		if n, ok := level(message.DelayLevels()); ok {
			return one(message.PropertyDelay, n), nil
		}
		at := d.Deliver.Due(time.Now()).UnixMilli()
		return append(one(message.PropertyStartDeliver, at), one(message.PropertyTimerAt, at)...), nil
	}
	asking, cancel := context.WithTimeout(ctx, deliveryLimit)
	defer cancel()
	route, err := c.admin.SendRoute(asking, d.Topic)
	if err != nil {
		return nil, err
	}
	version, err := c.admin.Oldest(asking, route.Masters())
	switch {
	case err != nil:
		return nil, err
	case version < remoting.Version5:
		levels := c.levels(ctx, route)
		if n, ok := level(levels); ok {
			return one(message.PropertyDelay, n), nil
		}
		return nil, &LevelsError{slices.DeleteFunc(levels, func(d time.Duration) bool { return d <= 0 })}
	case d.Deliver.At.IsZero(): // by the broker's clock
		return one(message.PropertyTimerDelay, d.Deliver.After.Milliseconds()), nil
	}
	return one(message.PropertyTimerAt, d.Deliver.At.UnixMilli()), nil
}

// levels are the delays of a topic's brokers by level, 0 for one that they do not
// agree on. What no broker tells is as usual.
func (c *Connection) levels(ctx context.Context, route admin.Route) []time.Duration {
	ctx, cancel := context.WithTimeout(ctx, deliveryLimit)
	defer cancel()
	brokers := route.Masters()
	told := make([][]admin.Setting, len(brokers))
	var asking sync.WaitGroup
	for i, addr := range brokers {
		asking.Go(func() { told[i], _ = c.admin.BrokerConfig(ctx, addr) })
	}
	asking.Wait()
	var all []time.Duration
	for _, s := range slices.Concat(told...) {
		if s.Key == "messageDelayLevel" {
			all = agreed(all, readLevels(s.Value))
		}
	}
	if all == nil {
		return message.DelayLevels()
	}
	return all
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

// agreed keeps the levels that are the same in both; nil is any.
func agreed(a, b []time.Duration) []time.Duration {
	if a == nil {
		return b
	}
	a = a[:min(len(a), len(b))]
	for i := range a {
		if a[i] != b[i] {
			a[i] = 0
		}
	}
	return a
}
