package admin

import (
	"context"
	"errors"
	"sync"

	"gantry/client/remoting"
)

// Oldest asks brokers for their version, all at once, and returns the lowest MQVersion
// ordinal of those that answer: a refusal tells it too. The error is why none does.
func (c *Client) Oldest(ctx context.Context, brokers []string) (version int, err error) {
	var (
		mu     sync.Mutex
		known  bool
		failed = error(ErrNoBroker)
	)
	err = each(ctx, len(brokers), func(ctx context.Context, i int) error {
		resp, err := c.ask(ctx, brokers[i], &remoting.Command{Code: remoting.BrokerRuntimeInfo})
		claims := 0
		var said *remoting.ResponseError
		switch {
		case err == nil:
			claims = resp.Version
		case errors.As(err, &said):
			claims = said.Version
		}
		mu.Lock()
		defer mu.Unlock()
		switch {
		case err != nil && said == nil:
			failed = err
		case !known || claims < version:
			known, version = true, claims
		}
		return nil
	})
	switch {
	case known:
		return version, nil
	case err != nil:
		return 0, err
	}
	return 0, failed
}
