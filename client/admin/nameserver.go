package admin

import (
	"context"
	"errors"
	"time"

	"gantry/client/fault"
	"gantry/client/remoting"
)

const (
	// nameServerBudget bounds a question to the name servers, all together.
	nameServerBudget = 3 * time.Second
	// probeTopic is asked for to prove that a name server answers. Every broker
	// that creates topics has it (TopicValidator.java, AUTO_CREATE_TOPIC_KEY_TOPIC).
	probeTopic = "TBW102"
)

// Ping asks exactly this name server a signed route request and tells how long
// the answer took, dialling included where there is no connection yet. Any
// well-formed answer is success, "no such topic" too, but fault.Refused is not. It
// takes at most 3 s.
func (c *Client) Ping(ctx context.Context, nameServer string) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, nameServerBudget)
	defer cancel()
	begin := time.Now()
	resp, err := c.pool.Call(ctx, nameServer, routeRequest(probeTopic))
	if err != nil {
		return 0, err
	}
	if err := classify(resp.Err(nameServer)); errors.Is(err, fault.Refused) {
		return 0, err
	}
	return time.Since(begin), nil
}

// Connect asks all name servers at once and returns the first to answer as Ping
// would, which later questions go to first. Where none does, the error joins
// every address with its reason. It takes at most 3 s.
func (c *Client) Connect(ctx context.Context) (addr string, rtt time.Duration, err error) {
	servers := c.names.Addrs()
	if len(servers) == 0 {
		return "", 0, fault.NoNameServer
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	type answer struct {
		index int
		rtt   time.Duration
		err   error
	}
	answers := make(chan answer, len(servers))
	for i, addr := range servers {
		go func() {
			rtt, err := c.Ping(ctx, addr)
			answers <- answer{i, rtt, err}
		}()
	}
	failed := make([]error, len(servers))
	for range servers {
		a := <-answers
		if a.err == nil {
			c.names.Prefer(servers[a.index])
			return servers[a.index], a.rtt, nil
		}
		failed[a.index] = a.err // names its address
	}
	return "", 0, remoting.JoinReasons(ctx, failed)
}

// askNameServers asks the name servers, see remoting.Servers.
func (c *Client) askNameServers(ctx context.Context, cmd *remoting.Command) (*remoting.Command, error) {
	ctx, cancel := context.WithTimeout(ctx, nameServerBudget)
	defer cancel()
	resp, err := c.names.Ask(ctx, cmd)
	return resp, classify(err)
}
