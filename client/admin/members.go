package admin

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"gantry/client/fault"
	"gantry/client/remoting"
)

// Member is a client that is connected as a consumer (Connection.java).
type Member struct {
	// ID is the client's id, Addr (host:port) where it comes from.
	ID, Addr string
	// Language is such as JAVA or GO (LanguageCode.java), Version the MQVersion
	// ordinal that it claims.
	Language string
	Version  int
	// Brokers are those that know it, sorted: a heartbeat can be missing at one.
	Brokers []string
}

// Wanted is what a consumer subscribes to of a topic (SubscriptionData.java).
type Wanted struct {
	Topic      string   `json:"topic"`
	Expression string   `json:"subString"`
	Kind       string   `json:"expressionType"` // TAG or SQL92; "" is TAG
	Tags       []string `json:"tagsSet"`
	Version    int64    `json:"subVersion"`
}

// Same reports whether both let the same messages through: tags in any order.
func (w Wanted) Same(o Wanted) bool {
	kind := func(w Wanted) string { return strings.ToUpper(cmp.Or(w.Kind, "TAG")) }
	if w.Topic != o.Topic || kind(w) != kind(o) {
		return false
	}
	if kind(w) == "TAG" && (len(w.Tags) > 0 || len(o.Tags) > 0) {
		a, b := slices.Sorted(slices.Values(w.Tags)), slices.Sorted(slices.Values(o.Tags))
		return slices.Equal(slices.Compact(a), slices.Compact(b))
	}
	return cmp.Or(strings.TrimSpace(w.Expression), "*") == cmp.Or(strings.TrimSpace(o.Expression), "*")
}

// Consumers are a group's connected members and what brokers know of them all
// together (ConsumerConnection.java).
type Consumers struct {
	Members []Member // by id
	// Type is CONSUME_PASSIVELY (push), CONSUME_ACTIVELY (pull) or CONSUME_POP;
	// Model is CLUSTERING or BROADCASTING; both are "" without members.
	Type, Model string
	// Subscriptions are those that a broker heard last, by topic: what one member
	// wants of a topic stands for all.
	Subscriptions []Wanted
}

// Consumers lists the group's members, merged from all of these brokers; none is
// no error (AdminBrokerProcessor.java, getConsumerConnectionList).
func (c *Client) Consumers(ctx context.Context, brokers []Broker, group string) (Consumers, Missing, error) {
	type connections struct {
		ConnectionSet []struct {
			ClientID, ClientAddr, Language string
			Version                        int
		}
		ConsumeType, MessageModel string
		SubscriptionTable         map[string]Wanted
	}
	var (
		mu     sync.Mutex
		all    Consumers
		byID   = map[string]*Member{}
		wanted = map[string]Wanted{}
	)
	missing, err := c.ofBrokers(ctx, brokers, func(ctx context.Context, b Broker, addr string) error {
		got, err := fetch[connections](ctx, c, addr, remoting.ConsumerConnections, map[string]string{"consumerGroup": group})
		if errors.Is(err, fault.GroupOffline) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("members of %s: %w", group, err)
		}
		mu.Lock()
		defer mu.Unlock()
		all.Type, all.Model = cmp.Or(all.Type, got.ConsumeType), cmp.Or(all.Model, got.MessageModel)
		for _, x := range got.ConnectionSet {
			m := byID[x.ClientID]
			if m == nil {
				m = &Member{ID: x.ClientID, Addr: x.ClientAddr, Language: x.Language, Version: x.Version}
				byID[x.ClientID] = m
			}
			m.Brokers = append(m.Brokers, b.Name)
		}
		for topic, w := range got.SubscriptionTable {
			if have, has := wanted[topic]; !has || w.Version > have.Version {
				w.Topic = cmp.Or(w.Topic, topic)
				wanted[topic] = w
			}
		}
		return nil
	})
	for _, m := range byID {
		slices.Sort(m.Brokers)
		all.Members = append(all.Members, *m)
	}
	slices.SortFunc(all.Members, func(a, b Member) int { return strings.Compare(a.ID, b.ID) })
	for _, w := range wanted {
		all.Subscriptions = append(all.Subscriptions, w)
	}
	slices.SortFunc(all.Subscriptions, func(a, b Wanted) int { return strings.Compare(a.Topic, b.Topic) })
	return all, missing, err
}

// VersionName is the version that an MQVersion ordinal stands for, such as
// "5.5.0": from 4.0.0 on there are twenty to a minor version, a snapshot and a
// release each (MQVersion.java). Older ones and nonsense are "".
func VersionName(ordinal int) string {
	const v400, perMinor, v500 = 213, 20, 413
	if ordinal < v400 || ordinal > v400+1000 {
		return ""
	}
	release := ordinal + (ordinal-v400)%2
	major, from := 4, v400
	if release >= v500 {
		major, from = 5, v500
	}
	n := release - from
	name := fmt.Sprintf("%d.%d.%d", major, n/perMinor, n%perMinor/2)
	if release != ordinal {
		name += "-SNAPSHOT"
	}
	return name
}
