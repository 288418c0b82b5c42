package admin

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/remoting"
)

// Consumers lists the group's members, merged from all of these brokers; none is
// no error (AdminBrokerProcessor.java, getConsumerConnectionList).
func (c *Client) Consumers(ctx context.Context, brokers []cluster.Broker, group string) (cluster.Consumers, cluster.Missing, error) {
	type connections struct {
		ConnectionSet []struct {
			ClientID, ClientAddr, Language string
			Version                        int
		}
		ConsumeType       remoting.ConsumeType
		MessageModel      remoting.MessageModel
		SubscriptionTable map[string]cluster.Wanted
	}
	var (
		mu     sync.Mutex
		all    cluster.Consumers
		byID   = map[string]*cluster.Member{}
		wanted = map[string]cluster.Wanted{}
		size   = kept{most: mostOfGroup}
	)
	merge := func(b cluster.Broker, got connections) error {
		mu.Lock()
		defer mu.Unlock()
		all.Type, all.Model = cmp.Or(all.Type, string(got.ConsumeType)), cmp.Or(all.Model, string(got.MessageModel))
		for _, x := range got.ConnectionSet {
			m := byID[x.ClientID]
			if m == nil {
				if err := size.texts(x.ClientID, x.ClientAddr, x.Language); err != nil {
					return err
				}
				m = &cluster.Member{ID: x.ClientID, Addr: x.ClientAddr, Language: x.Language, Version: x.Version}
				byID[x.ClientID] = m
			}
			m.Brokers = append(m.Brokers, b.Name)
		}
		for topic, w := range got.SubscriptionTable {
			if have, has := wanted[topic]; !has || w.Version > have.Version {
				if err := size.texts(topic, w.Expression); err != nil {
					return err
				}
				w.Topic = cmp.Or(w.Topic, topic)
				wanted[topic] = w
			}
		}
		return nil
	}
	missing, err := c.ofBrokers(ctx, brokers, func(ctx context.Context, b cluster.Broker, addr string) error {
		err := fetch(ctx, c, addr, remoting.ConsumerConnections, map[string]string{"consumerGroup": group}, func(got connections) error { return merge(b, got) })
		if err != nil && !errors.Is(err, fault.GroupOffline) {
			return fmt.Errorf("members of %s: %w", group, err)
		}
		return nil
	})
	for _, m := range byID {
		slices.Sort(m.Brokers)
		all.Members = append(all.Members, *m)
	}
	slices.SortFunc(all.Members, func(a, b cluster.Member) int { return strings.Compare(a.ID, b.ID) })
	for _, w := range wanted {
		all.Subscriptions = append(all.Subscriptions, w)
	}
	slices.SortFunc(all.Subscriptions, func(a, b cluster.Wanted) int { return strings.Compare(a.Topic, b.Topic) })
	return all, missing, err
}
