package admin

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gantry/client/remoting"
)

const (
	// nameServerBudget bounds a question to the name servers, all together.
	nameServerBudget = 3 * time.Second
	// nextNameServer is how long one may be silent before the next is asked too.
	nextNameServer = time.Second
	// probeTopic is asked for to prove that a name server answers. Every broker
	// that creates topics has it (TopicValidator.java, AUTO_CREATE_TOPIC_KEY_TOPIC).
	probeTopic = "TBW102"
)

// Ping asks exactly this name server a signed route request and tells how long
// the answer took, dialling included where there is no connection yet. Any
// well-formed answer is success, "no such topic" too, but ErrRefused is not. It
// takes at most 3 s.
func (c *Client) Ping(ctx context.Context, nameServer string) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, nameServerBudget)
	defer cancel()
	begin := time.Now()
	resp, err := c.pool.Call(ctx, nameServer, routeRequest(probeTopic))
	if err != nil {
		return 0, err
	}
	if err := classify(resp.Err(nameServer)); errors.Is(err, ErrRefused) {
		return 0, err
	}
	return time.Since(begin), nil
}

// Connect asks all name servers at once and returns the first to answer as Ping
// would, which later questions go to first. Where none does, the error joins
// every address with its reason. It takes at most 3 s.
func (c *Client) Connect(ctx context.Context) (addr string, rtt time.Duration, err error) {
	if len(c.servers) == 0 {
		return "", 0, ErrNoNameServer
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	type answer struct {
		index int
		rtt   time.Duration
		err   error
	}
	answers := make(chan answer, len(c.servers))
	for i, addr := range c.servers {
		go func() {
			rtt, err := c.Ping(ctx, addr)
			answers <- answer{i, rtt, err}
		}()
	}
	failed := make([]error, len(c.servers))
	for range c.servers {
		a := <-answers
		if a.err == nil {
			c.last.Store(int32(a.index))
			return c.servers[a.index], a.rtt, nil
		}
		failed[a.index] = a.err // names its address
	}
	return "", 0, join(ctx, failed)
}

// askNameServers asks the name server that answered last, the next one as soon
// as that fails or was silent for nextNameServer, and so on; the first that can
// answer wins. Code 1 and 2 are no answer but a failure of that name server (5.x
// answers "name server not ready" after its start).
func (c *Client) askNameServers(ctx context.Context, cmd *remoting.Command) (*remoting.Command, error) {
	n := len(c.servers)
	if n == 0 {
		return nil, ErrNoNameServer
	}
	ctx, cancel := context.WithTimeout(ctx, nameServerBudget)
	defer cancel() // ends the slower ones
	type answer struct {
		index int
		resp  *remoting.Command
		err   error
	}
	answers := make(chan answer, n)
	first, begun, failed := int(c.last.Load()), 0, 0
	ask := func() {
		i := (first + begun) % n
		begun++
		go func() {
			resp, err := c.pool.CallOK(ctx, c.servers[i], cmd)
			answers <- answer{i, resp, err}
		}()
	}
	ask()
	reasons := make([]error, n)
	next := time.NewTicker(nextNameServer)
	defer next.Stop()
	for {
		select {
		case a := <-answers:
			if a.err == nil || isAnswer(a.err) {
				c.last.Store(int32(a.index))
				return a.resp, classify(a.err)
			}
			failed++
			reasons[a.index] = classify(a.err)
			if failed == n {
				return nil, join(ctx, reasons)
			}
			if begun < n {
				ask()
				next.Reset(nextNameServer)
			}
		case <-next.C:
			if begun < n {
				ask()
			}
		}
	}
}

// isAnswer reports whether err is an answer that another name server would give
// as well.
func isAnswer(err error) bool {
	var re *remoting.ResponseError
	return errors.As(err, &re) && re.Code != remoting.SystemError && re.Code != remoting.SystemBusy
}

// join is the one reason where all have the same, as with a cancelled context,
// and all of them otherwise.
func join(ctx context.Context, reasons []error) error {
	if len(reasons) == 1 {
		return reasons[0]
	}
	if errors.Is(ctx.Err(), context.Canceled) {
		return fmt.Errorf("name servers: %w", ctx.Err())
	}
	return errors.Join(reasons...)
}
