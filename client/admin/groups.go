package admin

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"

	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/remoting"
)

// errFound ends the search of GroupPosition early.
var errFound = errors.New("found")

// GroupPosition tells whether the group goes on from a position of its own: some
// queue of the topic has an offset committed. 5.x says so when it is asked not
// to make up a zero. 4.9 ignores that wish and answers 0 for new groups on young
// topics, so a 0 of 4.9 counts only if the group has members
// (ConsumerManageProcessor.java, queryConsumerOffset).
func (c *Client) GroupPosition(ctx context.Context, r cluster.Route, topic, group string) (has bool, err error) {
	queues := r.ReadQueues()
	var (
		mu     sync.Mutex
		zeros  bool  // a 4.x broker answered 0
		failed error // of any queue: another one may still say yes
	)
	err = each(ctx, len(queues), func(ctx context.Context, i int) error {
		position, zero, err := c.queuePosition(ctx, r, topic, group, queues[i])
		if position {
			return errFound
		}
		mu.Lock()
		defer mu.Unlock()
		zeros = zeros || zero
		failed = cmp.Or(failed, err)
		return nil
	})
	switch {
	case errors.Is(err, errFound):
		return true, nil
	case err != nil:
		return false, err
	case failed != nil:
		return false, failed
	case !zeros:
		return false, nil
	}
	members, err := c.Members(ctx, r, group)
	return len(members) > 0, err
}

// queuePosition tells whether q has a position for certain, or a zero that a 4.x
// broker may have made up.
func (c *Client) queuePosition(ctx context.Context, r cluster.Route, topic, group string, q cluster.Queue) (has, zero bool, err error) {
	addr, ok := r.Master(q.Broker)
	if !ok {
		return false, false, fmt.Errorf("%s %s: %w", topic, q, fault.NoBroker)
	}
	ext := queueFields(topic, q)
	ext["consumerGroup"], ext["setZeroIfNotFound"] = group, "false"
	resp, err := c.ask(ctx, addr, &remoting.Command{Code: remoting.QueryConsumerOffset, ExtFields: ext})
	if errors.Is(err, fault.NotFound) || errors.Is(err, fault.GroupNotFound) {
		return false, false, nil
	}
	if err != nil {
		return false, false, fmt.Errorf("position of %s in %s %s: %w", group, topic, q, err)
	}
	n, err := number(resp, "offset")
	if err != nil {
		return false, false, fmt.Errorf("position of %s in %s %s: %w", group, topic, q, err)
	}
	if n == 0 && resp.Version < remoting.Version5 {
		return false, true, nil
	}
	return n >= 0, false, nil
}

// Members lists the client ids of the group's connected members, sorted, from
// all masters of the route: a heartbeat can be missing at one. None is no error
// (ConsumerManageProcessor.java, getConsumerListByGroup).
func (c *Client) Members(ctx context.Context, r cluster.Route, group string) ([]string, error) {
	addrs := r.Masters()
	var (
		mu  sync.Mutex
		ids []string
	)
	err := each(ctx, len(addrs), func(ctx context.Context, i int) error {
		resp, err := c.ask(ctx, addrs[i], &remoting.Command{
			Code: remoting.ConsumerListByGroup, ExtFields: map[string]string{"consumerGroup": group},
		})
		if errors.Is(err, fault.GroupOffline) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("members of %s: %w", group, err)
		}
		var body struct{ ConsumerIDList []string }
		if err := remoting.DecodeBody(resp.Body, &body); err != nil {
			return fmt.Errorf("members of %s at %s: %w", group, addrs[i], err)
		}
		mu.Lock()
		defer mu.Unlock()
		ids = append(ids, body.ConsumerIDList...)
		return nil
	})
	if err != nil {
		return nil, err
	}
	slices.Sort(ids)
	return slices.Compact(ids), nil
}

// CreateGroup makes a consumer group at the given masters with the broker's
// defaults, or sets an existing one back to them (SubscriptionGroupConfig.java).
func (c *Client) CreateGroup(ctx context.Context, masters []string, group string) error {
	body, err := json.Marshal(map[string]string{"groupName": group})
	if err != nil {
		return fmt.Errorf("create group %s: %w", group, err)
	}
	for _, addr := range masters {
		if _, err := c.ask(ctx, addr, &remoting.Command{Code: remoting.CreateGroup, Body: body}); err != nil {
			return fmt.Errorf("create group %s: %w", group, err)
		}
	}
	return nil
}

// CheckGroup asks whether the group may read the topic, by a pull at the end of
// one queue that takes no message and waits for none: fault.GroupNotFound where the
// group does not exist and brokers create none, fault.Refused where it is not
// permitted. Like joining, it creates the group where brokers do
// (PullMessageProcessor.java).
func (c *Client) CheckGroup(ctx context.Context, r cluster.Route, s cluster.Selection) error {
	for _, q := range r.ReadQueues() {
		if _, ok := r.Master(q.Broker); !ok {
			continue
		}
		end, err := c.MaxOffset(ctx, r, s.Topic, q)
		if err == nil {
			_, err = c.PullMatching(ctx, r, q, s, end, 1)
		}
		return err
	}
	return fmt.Errorf("%s: %w", s.Topic, fault.NoBroker)
}
