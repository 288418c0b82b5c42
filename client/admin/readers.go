package admin

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"gantry/client/cluster"
	"gantry/client/fault"
)

// fromReaders asks a broker's addresses, its master first: where one cannot be reached or
// does not answer within brokerBudget, the next, because replicas have what their master
// has, but for the newest. One that was silent a moment ago is asked after the others. The
// error is that of the first that was asked, at addr, where all are silent; fault.NoBroker
// where there is none.
func (c *Client) fromReaders(ctx context.Context, addrs []string, ask func(ctx context.Context, addr string) error) (addr string, err error) {
	err = fault.NoBroker
	order := make([]string, 0, len(addrs))
	for _, silent := range []bool{false, true} {
		for _, a := range addrs {
			if (len(addrs) > 1 && c.away.recent(a) != nil) == silent {
				order = append(order, a)
			}
		}
	}
	for i, a := range order {
		asking, cancel := ctx, context.CancelFunc(func() {})
		if i < len(order)-1 {
			asking, cancel = context.WithTimeout(ctx, brokerBudget)
		}
		got := ask(asking, a)
		cancel()
		if i > 0 && errors.Is(got, fault.TopicNotFound) {
			continue // a replica hears of topics later
		}
		if i == 0 {
			addr, err = a, got
		}
		if ctx.Err() != nil {
			return addr, err
		}
		c.away.note(a, got)
		if !silent(got) {
			return a, got
		}
	}
	return addr, err
}

// silent tells whether an error says that a server did not answer, rather than what it
// answered.
func silent(err error) bool {
	if err == nil || answered(err) {
		return false
	}
	for _, c := range []error{fault.Unreachable, fault.Timeout, fault.ConnectionLost, fault.TLS, fault.NotRocketMQ, context.DeadlineExceeded} {
		if errors.Is(err, c) {
			return true
		}
	}
	return false
}

// eachQueue runs ask for queues, atOnce together, each within brokerBudget. A broker of
// which one queue fails is missing, and of one that does not answer the others are not
// asked; the error is why, where every queue failed, or the context's.
func (c *Client) eachQueue(ctx context.Context, queues []cluster.Queue, ask func(ctx context.Context, q cluster.Queue) error) (cluster.Missing, error) {
	var (
		mu      sync.Mutex
		missing cluster.Missing
		failed  = map[string]bool{}
		gone    = map[string]bool{} // do not answer
		well    int
	)
	err := each(ctx, len(queues), func(ctx context.Context, i int) error {
		q := queues[i]
		mu.Lock()
		skip := gone[q.Broker]
		mu.Unlock()
		if skip {
			return nil
		}
		asking, cancel := context.WithTimeout(ctx, brokerBudget)
		err := ask(asking, q)
		cancel()
		switch {
		case ctx.Err() != nil:
			return ended(ctx, err)
		case errors.Is(err, errFound):
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		if err == nil {
			well++
			return nil
		}
		gone[q.Broker] = gone[q.Broker] || silent(err)
		if !failed[q.Broker] {
			failed[q.Broker] = true
			missing = append(missing, cluster.BrokerError{Broker: q.Broker, Err: err})
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	missing = cluster.Missing(nil).Join(missing)
	if len(missing) > 0 && well == 0 {
		return nil, missing[0].Err
	}
	return missing, nil
}

// unaddressed says that the route knows no address of a queue's broker.
func unaddressed(topic string, q cluster.Queue) error {
	return fmt.Errorf("%s %s: %w", topic, q, fault.NoBroker)
}
