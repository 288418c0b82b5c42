package admin

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/remoting"
)

const (
	// brokerBudget bounds one broker's part of a question to several: a slow one
	// must not keep the answers of the others.
	brokerBudget = 3 * time.Second
	// listBudget is brokerBudget for answers of some MB, from a broker that has
	// just shown that it answers.
	listBudget = 20 * time.Second
	// awayFor is how long a broker that did not answer in time is not asked such
	// questions again: thousands of them would each wait for it.
	awayFor = 10 * time.Second
)

// away remembers brokers that did not answer in time, by address.
type away struct {
	mu sync.Mutex
	by map[string]silence // guarded by mu
}

type silence struct {
	err   error
	until time.Time
}

// recent returns why the broker did not answer a moment ago, or nil.
func (a *away) recent(addr string) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if s, has := a.by[addr]; has && time.Now().Before(s.until) {
		return s.err
	}
	return nil
}

// note takes notice of an answer, or that there was none in time.
func (a *away) note(addr string, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !errors.Is(err, context.DeadlineExceeded) {
		delete(a.by, addr)
		return
	}
	if a.by == nil {
		a.by = map[string]silence{}
	}
	a.by[addr] = silence{err, time.Now().Add(awayFor)}
}

// ofBrokers runs f for each broker, atOnce together, each within brokerBudget. A
// broker that fails is missing; the error is that of the first one where none
// answers, or the context's. One that was silent a moment ago is missing at once. Of a
// broker the master is asked, else a replica, see fromReaders.
func (c *Client) ofBrokers(ctx context.Context, brokers []cluster.Broker, f func(ctx context.Context, b cluster.Broker, addr string) error) (cluster.Missing, error) {
	return c.ofBrokersWithin(ctx, brokerBudget, brokers, f)
}

// listOfBrokers is ofBrokers for answers that may be large.
func (c *Client) listOfBrokers(ctx context.Context, brokers []cluster.Broker, f func(ctx context.Context, b cluster.Broker, addr string) error) (cluster.Missing, error) {
	return c.ofBrokersWithin(ctx, listBudget, brokers, func(ctx context.Context, b cluster.Broker, addr string) error {
		if err := c.Answers(ctx, addr); err != nil {
			return err
		}
		return f(ctx, b, addr)
	})
}

// Answers asks a broker for something small, within brokerBudget: nil whatever the answer
// is.
func (c *Client) Answers(ctx context.Context, addr string) error {
	ctx, cancel := context.WithTimeout(ctx, brokerBudget)
	defer cancel()
	_, err := c.pool.Call(ctx, addr, &remoting.Command{
		Code: remoting.ConsumerListByGroup, ExtFields: map[string]string{"consumerGroup": cluster.ToolsGroup},
	})
	return err
}

func (c *Client) ofBrokersWithin(ctx context.Context, budget time.Duration, brokers []cluster.Broker, f func(ctx context.Context, b cluster.Broker, addr string) error) (cluster.Missing, error) {
	var (
		mu      sync.Mutex
		missing cluster.Missing
	)
	err := each(ctx, len(brokers), func(ctx context.Context, i int) error {
		b := brokers[i]
		addrs := b.Readers()
		addr, err := c.allAway(addrs)
		if err == nil {
			addr, err = c.fromReaders(ctx, addrs, func(ctx context.Context, addr string) error {
				asking, cancel := context.WithTimeout(ctx, budget)
				defer cancel()
				return f(asking, b, addr)
			})
		}
		if ctx.Err() != nil {
			return ended(ctx, err)
		}
		if err != nil {
			mu.Lock()
			defer mu.Unlock()
			missing = append(missing, cluster.BrokerError{Broker: b.Name, Addr: addr, Err: err})
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	missing = cluster.Missing(nil).Join(missing)
	if len(missing) > 0 && len(missing) == len(brokers) {
		return nil, missing[0]
	}
	return missing, nil
}

// allAway returns why none of a broker's addresses answered a moment ago; nil where one
// may answer.
func (c *Client) allAway(addrs []string) (addr string, err error) {
	for i, a := range addrs {
		silence := c.away.recent(a)
		if silence == nil {
			return "", nil
		}
		if i == 0 {
			addr, err = a, silence
		}
	}
	return addr, err
}

// fetch asks a broker for what may be large and has use keep something of the answer's
// body, one answer of all after the other where they are large.
func fetch[T any](ctx context.Context, c *Client, addr string, code int, ext map[string]string, use func(T) error) error {
	return c.read(ctx, addr, &remoting.Command{Code: code, ExtFields: ext}, mostBody, func(resp *remoting.Command) error {
		var body T
		if err := decode(resp.Body, &body); err != nil {
			return fmt.Errorf("%s: %w", addr, err)
		}
		return use(body)
	})
}

// queueKey is a queue as a key of fastjson's maps, an object (MessageQueue.java).
type queueKey struct {
	Topic string
	cluster.Queue
}

// UnmarshalText reads the object.
func (k *queueKey) UnmarshalText(text []byte) error {
	var mq struct {
		Topic      string
		BrokerName string
		QueueID    int
	}
	if err := remoting.DecodeBody(text, &mq); err != nil {
		return err
	}
	*k = queueKey{mq.Topic, cluster.Queue{Broker: mq.BrokerName, ID: mq.QueueID}}
	return nil
}

func compareQueues(topicA string, a cluster.Queue, topicB string, b cluster.Queue) int {
	return cmp.Or(strings.Compare(topicA, topicB), strings.Compare(a.Broker, b.Broker), cmp.Compare(a.ID, b.ID))
}

// moment is a time of the wire in milliseconds; 0 and what lies before mean none.
func moment(ms int64) time.Time {
	if ms <= 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms)
}

// Endpoint is what to ask where brokers are not listed: a proxy answers at the
// address of its name server too.
func (c *Client) Endpoint() []cluster.Broker {
	var all []cluster.Broker
	for _, addr := range c.names.Addrs() {
		all = append(all, cluster.Broker{Name: addr, Addrs: map[int64]string{cluster.MasterID: addr}})
	}
	return all
}

// Brokers asks the name servers for all brokers. Where they list none, as a
// proxy, it is the Endpoint, and listed is false.
func (c *Client) Brokers(ctx context.Context) (brokers []cluster.Broker, listed bool, err error) {
	cl, err := c.Cluster(ctx)
	if errors.Is(err, fault.NotOffered) {
		return c.Endpoint(), false, nil
	}
	return cl.Brokers, err == nil, err
}
