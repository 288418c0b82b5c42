package admin

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/remoting"
)

// Topics lists the topics that users made, sorted. fault.NotOffered where the
// endpoint does not list topics.
func (c *Client) Topics(ctx context.Context) ([]string, error) {
	all, err := c.AllTopics(ctx)
	if err != nil {
		return nil, err
	}
	hidden, err := c.OwnNames(ctx)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(t string) bool { return hidden[t] || cluster.Reserved(t) }), nil
}

// AllTopics lists every topic that the name servers know, sorted: system, retry
// and dead-letter topics too, and the names of brokers and clusters.
func (c *Client) AllTopics(ctx context.Context) ([]string, error) {
	return c.topicList(ctx, remoting.AllTopics)
}

func (c *Client) topicList(ctx context.Context, code int) ([]string, error) {
	var body struct{ TopicList []string }
	err := c.askNameServers(ctx, &remoting.Command{Code: code}, mostBody, func(b []byte) error { return decode(b, &body) })
	if err != nil {
		return nil, fmt.Errorf("topic list: %w", err)
	}
	slices.Sort(body.TopicList)
	return slices.Compact(body.TopicList), nil
}

// OwnNames are the topics named after clusters and brokers. Code 304 answers
// just these names, and nothing is hidden where an endpoint has no such answer
// (RouteInfoManager.java, getSystemTopicList).
func (c *Client) OwnNames(ctx context.Context) (map[string]bool, error) {
	names, err := c.topicList(ctx, remoting.SystemTopics)
	if err != nil {
		if answered(err) {
			return nil, nil
		}
		return nil, err
	}
	own := make(map[string]bool)
	for _, n := range names {
		own[n], own[n+"_REPLY_TOPIC"] = true, true
	}
	return own, nil
}

// answered reports whether a server answered, if only with a refusal.
func answered(err error) bool {
	var re *fault.Answer
	return errors.As(err, &re)
}

const (
	// routePoll is how often a new topic's route is asked for, routeBudget how
	// long.
	routePoll   = 50 * time.Millisecond
	routeBudget = 10 * time.Second
)

// CreateTopic makes topic at the given masters, with that many queues each for
// reading and writing, or changes it, and waits until the name servers' route
// has all of these masters, 10 s at most (AdminBrokerProcessor.java,
// updateAndCreateTopic). The message type is one of TopicMessageType.java, which
// proxies hold senders to and older brokers ignore; "" is none in particular.
func (c *Client) CreateTopic(ctx context.Context, masters []string, topic string, queues int, messageType string) error {
	all := cluster.TopicSettings{Read: queues, Write: queues, Perm: cluster.PermRead | cluster.PermWrite, Type: messageType}
	for _, addr := range masters {
		if err := c.PutTopic(ctx, addr, topic, all); err != nil {
			return fmt.Errorf("create: %w", err)
		}
	}
	return c.awaitRoute(ctx, masters, topic, queues)
}

func (c *Client) awaitRoute(ctx context.Context, masters []string, topic string, queues int) error {
	ctx, cancel := context.WithTimeout(ctx, routeBudget)
	defer cancel()
	for {
		r, err := c.Route(ctx, topic)
		if err == nil && covers(r, masters, queues) {
			return nil
		}
		if err != nil && !errors.Is(err, fault.TopicNotFound) {
			return fmt.Errorf("create topic %s: %w", topic, err)
		}
		select {
		case <-time.After(routePoll):
		case <-ctx.Done():
			return fmt.Errorf("create topic %s: no route yet: %w", topic, ctx.Err())
		}
	}
}

// covers reports whether each of the masters stands in r with that many queues.
func covers(r cluster.Route, masters []string, queues int) bool {
	ready := make(map[string]bool)
	for _, d := range r.Queues {
		if addr, ok := r.Master(d.Broker); ok && d.Read == queues && d.Write == queues {
			ready[addr] = true
		}
	}
	return !slices.ContainsFunc(masters, func(addr string) bool { return !ready[addr] })
}
