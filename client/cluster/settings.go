package cluster

import (
	"encoding/json"
	"maps"
)

// The types of messages that topics are made for (TopicMessageType.java).
const (
	TypeNormal      = "NORMAL"
	TypeFIFO        = "FIFO"
	TypeDelay       = "DELAY"
	TypeTransaction = "TRANSACTION"
)

// TopicSettings is what one broker made a topic with (TopicConfig.java).
type TopicSettings struct {
	// Read and Write are how many queues there are.
	Read  int `json:"read"`
	Write int `json:"write"`
	// Perm holds Perm bits.
	Perm int `json:"perm"`
	// Type is the type of its messages; "" where the broker notes none, as 4.x.
	Type string `json:"type,omitempty"`
	// Others are its further attributes, as the broker says them.
	Others map[string]string `json:"others,omitempty"`
	// Order, Filter and Flags are older settings, which are kept as they are.
	Order  bool   `json:"order,omitempty"`
	Filter string `json:"filter,omitempty"`
	Flags  int    `json:"flags,omitempty"`
	// Static says that its queues are logical ones (RIP-21), which code 17 does not change.
	Static bool `json:"static,omitempty"`
}

// Same tells whether two are equal.
func (s TopicSettings) Same(o TopicSettings) bool {
	return s.Read == o.Read && s.Write == o.Write && s.Perm == o.Perm && s.Type == o.Type && s.Order == o.Order &&
		s.Flags == o.Flags && s.Static == o.Static && maps.Equal(s.Others, o.Others)
}

// GroupSettings is what one broker made a consumer group with
// (SubscriptionGroupConfig.java).
type GroupSettings struct {
	// Retries is how often a message comes again before it is dead, RetryQueues how many
	// queues the retry topic has.
	Retries     int `json:"retries"`
	RetryQueues int `json:"retryQueues"`
	// Consume is false where the group may not read, Broadcast true where it may broadcast.
	Consume   bool `json:"consume"`
	Broadcast bool `json:"broadcast"`
	// Ordered says that it takes messages in order (FIFO); 4.x does not know that.
	Ordered bool `json:"ordered,omitempty"`
	// Rest is all that the broker says, so that a change leaves the rest as it is.
	Rest json.RawMessage `json:"rest,omitempty"`
}

// Same tells whether two are equal in what Gantry shows of them.
func (s GroupSettings) Same(o GroupSettings) bool {
	return s.Retries == o.Retries && s.RetryQueues == o.RetryQueues && s.Consume == o.Consume && s.Broadcast == o.Broadcast && s.Ordered == o.Ordered
}
