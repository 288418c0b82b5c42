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

// Lag is how many messages wait, at least 0.
func (q QueueProgress) Lag() int64 { return max(q.End-max(q.Next, 0), 0) }

// GroupProgress is how far a group is (ConsumeStats.java).
type GroupProgress struct {
	// Queues are by topic, broker and number; retry topics are among them.
	Queues []QueueProgress
	// Rate is what brokers say was taken in a second, over the last minute.
	Rate float64
}

// ToolsGroup is a consumer group that every broker knows; reading as it leaves
// no trace (MixAll.java, TOOLS_CONSUMER_GROUP).
const ToolsGroup = "TOOLS_CONSUMER"
