package store

import (
	"maps"
	"sync"

	"gantry/client/message"
)

// Group is what a consumer group was made with
// (SubscriptionGroupConfig.java).
type Group struct {
	Name               string `json:"groupName"`
	ConsumeEnable      bool   `json:"consumeEnable"`
	FromMin            bool   `json:"consumeFromMinEnable"`
	BroadcastEnable    bool   `json:"consumeBroadcastEnable"`
	Orderly            bool   `json:"consumeMessageOrderly"`
	RetryQueues        int    `json:"retryQueueNums"`
	RetryMaxTimes      int    `json:"retryMaxTimes"`
	BrokerID           int64  `json:"brokerId"`
	SlowBroker         int64  `json:"whichBrokerWhenConsumeSlowly"`
	NotifyChanges      bool   `json:"notifyConsumerIdsChangedEnable"`
	ConsumeTimeoutMins int    `json:"consumeTimeoutMinute"`
	SysFlag            int    `json:"groupSysFlag"`

	Attributes  map[string]string `json:"attributes"`
	RetryPolicy map[string]any    `json:"groupRetryPolicy"`
}

// NewGroup is one with the settings of a group that is made on demand.
func NewGroup(name string) Group {
	return Group{
		Name: name, ConsumeEnable: true, FromMin: true, BroadcastEnable: true, RetryQueues: 1, RetryMaxTimes: 16,
		SlowBroker: 1, NotifyChanges: true, ConsumeTimeoutMins: 15,
		Attributes: map[string]string{}, RetryPolicy: map[string]any{"type": "CUSTOMIZED"},
	}
}

// Groups are the groups that were made, with or without members.
type Groups struct {
	mu  sync.Mutex
	all map[string]Group // guarded by mu
	s   *Store
}

func newGroups(s *Store) *Groups { return &Groups{s: s, all: map[string]Group{}} }

// Ensure returns a group and makes it on demand, as a broker with
// autoCreateSubscriptionGroup does; a name that no group can have gets none, and has
// is false (SubscriptionGroupManager.findSubscriptionGroupConfig).
func (c *Groups) Ensure(name string) (g Group, has bool, err error) {
	if g, has = c.Find(name); has {
		return g, true, nil
	}
	if message.CheckGroup(name) != nil {
		return Group{}, false, nil
	}
	g = NewGroup(name)
	if err := c.s.change(&change{Group: &g, Fresh: true}); err != nil {
		return Group{}, false, err
	}
	if made, has := c.Find(name); has {
		g = made // by another one, maybe
	}
	return g, true, nil
}

// Find returns a group, and makes none.
func (c *Groups) Find(name string) (Group, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	g, has := c.all[name]
	return g, has
}

// Put makes a group, or changes it: on disk when it returns.
func (c *Groups) Put(g Group) error { return c.s.change(&change{Group: &g}) }

func (c *Groups) apply(g Group, fresh bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, has := c.all[g.Name]; !has || !fresh {
		c.all[g.Name] = g
	}
}

// All returns the groups by name.
func (c *Groups) All() map[string]Group {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.all)
}

func (c *Groups) remove(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.all, name)
}
