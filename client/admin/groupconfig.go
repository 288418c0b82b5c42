package admin

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"gantry/client/remoting"
)

// GroupConfig is what a consumer group was made with (SubscriptionGroupConfig.java).
type GroupConfig struct {
	Name string `json:"groupName"`
	// Consume is false where the group may not read.
	Consume   bool `json:"consumeEnable"`
	Broadcast bool `json:"consumeBroadcastEnable"` // it may broadcast
	// RetryTimes is how often a message comes again before it is dead.
	RetryTimes  int `json:"retryMaxTimes"`
	RetryQueues int `json:"retryQueueNums"`
	// Brokers are those that have it, sorted.
	Brokers []string `json:"-"`
}

// systemGroups are RocketMQ's own (MixAll.java, and what its dashboard hides),
// beside those that begin with CID_RMQ_SYS_.
func systemGroups() []string {
	return []string{
		ToolsGroup, "FILTERSRV_CONSUMER", "SELF_TEST_C_GROUP", "CID_ONS-HTTP-PROXY", "CID_ONSAPI_PULL",
		"CID_ONSAPI_PERMISSION", "CID_ONSAPI_OWNER", "CID_DefaultHeartBeatSyncerTopic", "SCHEDULE_CONSUMER",
		"DEFAULT_CONSUMER", "__MONITOR_CONSUMER",
	}
}

// SystemGroup reports whether a group is one of RocketMQ's own.
func SystemGroup(name string) bool {
	return strings.HasPrefix(name, "CID_RMQ_SYS_") || slices.Contains(systemGroups(), name)
}

// GroupConfigs lists the consumer groups of these brokers, merged by name and
// sorted; RocketMQ's own too (AdminBrokerProcessor.java,
// getAllSubscriptionGroup). fault.NotOffered at a proxy. 5.x has a question for one
// group too, code 352, but a broker of 5.5.0 makes the group that it is asked for.
func (c *Client) GroupConfigs(ctx context.Context, brokers []Broker) ([]GroupConfig, Missing, error) {
	type table struct{ SubscriptionGroupTable map[string]GroupConfig }
	var (
		mu   sync.Mutex
		byID = map[string]*GroupConfig{}
	)
	missing, err := c.listOfBrokers(ctx, brokers, func(ctx context.Context, b Broker, addr string) error {
		got, err := fetch[table](ctx, c, addr, remoting.AllGroups, nil)
		if err != nil {
			return fmt.Errorf("group list: %w", err)
		}
		mu.Lock()
		defer mu.Unlock()
		for name, g := range got.SubscriptionGroupTable {
			have := byID[name]
			if have == nil {
				g.Name = name
				have = &g
				byID[name] = have
			}
			have.Brokers = append(have.Brokers, b.Name)
		}
		return nil
	})
	all := make([]GroupConfig, 0, len(byID))
	for _, g := range byID {
		slices.Sort(g.Brokers)
		all = append(all, *g)
	}
	slices.SortFunc(all, func(a, b GroupConfig) int { return strings.Compare(a.Name, b.Name) })
	return all, missing, err
}

// GroupsOf lists the groups that read a topic: subscribed now, or with a position
// in it, from all of these brokers, sorted (AdminBrokerProcessor.java,
// queryTopicConsumeByWho).
func (c *Client) GroupsOf(ctx context.Context, brokers []Broker, topic string) ([]string, Missing, error) {
	var (
		mu  sync.Mutex
		all []string
	)
	missing, err := c.ofBrokers(ctx, brokers, func(ctx context.Context, _ Broker, addr string) error {
		got, err := fetch[struct{ GroupList []string }](ctx, c, addr, remoting.TopicConsumers, map[string]string{"topic": topic})
		if err != nil {
			return fmt.Errorf("groups of %s: %w", topic, err)
		}
		mu.Lock()
		defer mu.Unlock()
		all = append(all, got.GroupList...)
		return nil
	})
	slices.Sort(all)
	return slices.Compact(all), missing, err
}
