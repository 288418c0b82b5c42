package admin

import (
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
// (ConsumerManageProcessor.java, queryConsumerOffset). Where has is false and brokers are
// missing, it may have one there.
func (c *Client) GroupPosition(ctx context.Context, r cluster.Route, topic, group string) (has bool, missing cluster.Missing, err error) {
	var (
		mu    sync.Mutex
		zeros bool // a 4.x broker answered 0
	)
	missing, err = c.eachQueue(ctx, r.ReadQueues(), func(ctx context.Context, q cluster.Queue) error {
		_, has, madeUp, err := c.queuePosition(ctx, r, topic, group, q)
		if has && !madeUp {
			return errFound // whatever the others say
		}
		mu.Lock()
		defer mu.Unlock()
		zeros = zeros || madeUp
		return err
	})
	switch {
	case errors.Is(err, errFound):
		return true, nil, nil
	case err != nil || !zeros:
		return false, missing, err
	}
	members, silent, err := c.Members(ctx, r, group)
	return len(members) > 0, missing.Join(silent), err
}

// queuePosition is where a group goes on in q; has is false where it has no position.
// madeUp says that it is a zero of a 4.x broker, which may have made it up.
func (c *Client) queuePosition(ctx context.Context, r cluster.Route, topic, group string, q cluster.Queue) (next int64, has, madeUp bool, err error) {
	resp, err := c.askQueue(ctx, r, topic, q, remoting.QueryConsumerOffset,
		map[string]string{"consumerGroup": group, "setZeroIfNotFound": "false"})
	if errors.Is(err, fault.NotFound) || errors.Is(err, fault.GroupNotFound) {
		return 0, false, false, nil
	}
	if err == nil {
		next, err = number(resp, "offset")
	}
	if err != nil {
		return 0, false, false, fmt.Errorf("position of %s in %s %s: %w", group, topic, q, err)
	}
	return next, next >= 0, next == 0 && resp.Version < remoting.Version5, nil
}

// Members lists the client ids of the group's connected members, sorted, from
// all brokers of the route: a heartbeat can be missing at one. None is no error
// (ConsumerManageProcessor.java, getConsumerListByGroup).
func (c *Client) Members(ctx context.Context, r cluster.Route, group string) ([]string, cluster.Missing, error) {
	var (
		mu   sync.Mutex
		ids  []string
		size kept
	)
	missing, err := c.ofBrokers(ctx, r.Brokers, func(ctx context.Context, _ cluster.Broker, addr string) error {
		err := fetch(ctx, c, addr, remoting.ConsumerListByGroup, map[string]string{"consumerGroup": group}, func(got struct{ ConsumerIDList []string }) error {
			mu.Lock()
			defer mu.Unlock()
			for _, id := range got.ConsumerIDList {
				if err := size.texts(id); err != nil {
					return err
				}
				ids = append(ids, id)
			}
			return nil
		})
		if err != nil && !errors.Is(err, fault.GroupOffline) {
			return fmt.Errorf("members of %s: %w", group, err)
		}
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	slices.Sort(ids)
	return slices.Compact(ids), missing, nil
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
// (PullMessageProcessor.java). One broker's answer is enough.
func (c *Client) CheckGroup(ctx context.Context, r cluster.Route, s cluster.Selection) error {
	last, asked := fmt.Errorf("%s: %w", s.Topic, fault.NoBroker), map[string]bool{}
	for _, q := range r.ReadQueues() {
		if asked[q.Broker] || len(r.Readers(q.Broker)) == 0 {
			continue
		}
		asked[q.Broker] = true
		end, err := c.MaxOffset(ctx, r, s.Topic, q)
		if err == nil {
			_, err = c.PullMatching(ctx, r, q, s, end, 1)
		}
		if ctx.Err() != nil || !silent(err) {
			return err
		}
		last = err
	}
	return last
}
