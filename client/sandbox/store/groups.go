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
	mu      sync.Mutex
	all     map[string]Group // guarded by mu
	changed func()           // after a group was made or removed
}

func newGroups() *Groups { return &Groups{all: map[string]Group{}, changed: func() {}} }

// Ensure returns a group and makes it on demand, as a broker with
// autoCreateSubscriptionGroup does; a name that no group can have gets none
// (SubscriptionGroupManager.findSubscriptionGroupConfig).
func (c *Groups) Ensure(name string) (Group, bool) {
	c.mu.Lock()
	g, has := c.all[name]
	if !has {
		if message.CheckGroup(name) != nil {
			c.mu.Unlock()
			return Group{}, false
		}
		g = NewGroup(name)
		c.all[name] = g
	}
	c.mu.Unlock()
	if !has {
		c.changed()
	}
	return g, true
}

// Find returns a group, and makes none.
func (c *Groups) Find(name string) (Group, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	g, has := c.all[name]
	return g, has
}

// Put makes a group, or changes it.
func (c *Groups) Put(g Group) {
	c.mu.Lock()
	c.all[g.Name] = g
	c.mu.Unlock()
	c.changed()
}

// All returns the groups by name.
func (c *Groups) All() map[string]Group {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.all)
}

func (c *Groups) remove(name string) {
	c.mu.Lock()
	delete(c.all, name)
	c.mu.Unlock()
	c.changed()
}
