package cluster

import (
	"slices"
	"strings"
	"time"
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

// QueueProgress is how far a group is in a queue (OffsetWrapper.java).
type QueueProgress struct {
	Topic string
	Queue
	// End is the offset that the next message will get, Next the one that the
	// group takes next; below 0 where it has none.
	End, Next int64
	// Last is the store time of the message that was consumed last; zero where it
	// is not known, or gone.
	Last time.Time
}

// Lag is how many messages wait, at least 0. It means nothing unless the position Fits.
func (q QueueProgress) Lag() int64 { return max(q.End-max(q.Next, 0), 0) }

// Fits tells whether the position lies within the queue. One behind its end is that of
// another queue, which was there before (the topic was deleted and made anew), or was set
// by hand: what the group has taken of this queue is not known, nor what waits.
func (q QueueProgress) Fits() bool { return q.Next <= q.End }

// Taken tells whether the group has taken the message at an offset of the queue; known is
// false where its position does not tell.
func (q QueueProgress) Taken(offset int64) (taken, known bool) {
	return q.Fits() && offset < q.Next, q.Fits()
}

// GroupProgress is how far a group is (ConsumeStats.java).
type GroupProgress struct {
	// Queues are by topic, broker and number; retry topics are among them.
	Queues []QueueProgress
	// Rate is what brokers say was taken in a second, over the last minute.
	Rate float64
}

// Lag is how many messages wait in all queues; known is false where the group's position
// does not fit one of them. What brokers did not tell is not in it.
func (p GroupProgress) Lag() (waiting int64, known bool) {
	known = true
	for _, q := range p.Queues {
		waiting, known = waiting+q.Lag(), known && q.Fits()
	}
	return waiting, known
}

// ToolsGroup is a consumer group that every broker knows; reading as it leaves
// no trace (MixAll.java, TOOLS_CONSUMER_GROUP).
const ToolsGroup = "TOOLS_CONSUMER"
