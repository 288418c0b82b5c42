package admin

import (
	"context"
	"errors"
	"fmt"
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
// well-formed answer is success, "no such topic" too, but fault.Refused is not, nor is
// that it answers no such question: then it is fault.IsBroker, or fault.NotNameServer. It
// takes at most 3 s.
func (c *Client) Ping(ctx context.Context, nameServer string) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, nameServerBudget)
	defer cancel()
	begin := time.Now()
	resp, err := c.pool.Call(ctx, nameServer, routeRequest(probeTopic))
	if err != nil {
		return 0, err
	}
	took := time.Since(begin)
	switch err := c.classify(resp.Err(nameServer)); {
	case errors.Is(err, fault.Refused):
		return 0, err
	case errors.Is(err, fault.NotOffered):
		return 0, c.whatElse(ctx, nameServer, err)
	}
	return took, nil
}

// whatElse tells what answers in a name server's place, as it answered err to the question
// that each name server and proxy knows: a broker knows one that they do not.
func (c *Client) whatElse(ctx context.Context, addr string, err error) error {
	resp, failed := c.pool.Call(ctx, addr, &remoting.Command{Code: remoting.BrokerRuntimeInfo})
	if failed == nil && !errors.Is(c.classify(resp.Err(addr)), fault.NotOffered) {
		return fmt.Errorf("%w: %w", fault.IsBroker, err)
	}
	return fmt.Errorf("%w: %w", fault.NotNameServer, err)
}

// SignIn asks a broker a signed question that needs few rights. nil says that it takes the
// credentials, if only to say that they do not permit this; fault.SignInRefused that it
// does not; fault.NotOffered that it does not say so.
func (c *Client) SignIn(ctx context.Context, addr string) error {
	_, err := c.Runtime(ctx, addr)
	if errors.Is(err, fault.NotPermitted) {
		return nil
	}
	return err
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

// askNameServers asks the name servers, see remoting.Servers, for an answer of up to most
// bytes, of which use makes something.
func (c *Client) askNameServers(ctx context.Context, cmd *remoting.Command, most int, use func(body []byte) error) error {
	asking, cancel := context.WithTimeout(ctx, nameServerBudget)
	defer cancel()
	resp, err := c.names.Ask(asking, cmd, most)
	if err != nil {
		return c.classify(err)
	}
	return c.alone(ctx, resp, func(resp *remoting.Command) error { return use(resp.Body) })
}
