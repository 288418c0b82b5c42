package worker

import (
	"context"
	"fmt"
	"sync"
	"time"

	"gantry/client/admin"
	"gantry/client/fault"
	"gantry/client/message"
)

const (
	// causeLimit bounds the search for a reason, causeLasts is for how long it serves.
	causeLimit = 2 * time.Second
	causeLasts = 2 * time.Second
)

// causes finds why a message was not stored, where the client library's text does not say
// it for certain: it says of name servers that do not answer what it says of topics that
// do not exist. It may be used from any goroutine.
type causes struct {
	ask *admin.Client

	mu    sync.Mutex
	known map[string]cause // by topic
}

type cause struct {
	at  time.Time
	err error
}

// explain puts the reason into a receipt.
func (c *causes) explain(topic string, r *message.Receipt) {
	if r.Status != message.StatusFailed || r.Fault != nil && r.Fault.Said != nil {
		return
	}
	err := c.of(topic)
	if err == nil {
		return
	}
	if r.Fault != nil {
		err = fmt.Errorf("%w\n%s", err, r.Fault.Raw)
	}
	r.Fault = fault.From(err)
}

// of asks what is wrong with a topic, nil where nothing is found. Many failures of one
// moment share one answer.
func (c *causes) of(topic string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if known, ok := c.known[topic]; ok && time.Since(known.at) < causeLasts {
		return known.err
	}
	ctx, cancel := context.WithTimeout(context.Background(), causeLimit)
	defer cancel()
	route, err := c.ask.Route(ctx, topic)
	if err == nil {
		err = route.Writable()
	}
	for _, addr := range route.Masters() {
		if err == nil {
			_, err = c.ask.DialBroker(ctx, addr)
		}
	}
	if c.known == nil {
		c.known = map[string]cause{}
	}
	c.known[topic] = cause{time.Now(), err}
	return err
}
