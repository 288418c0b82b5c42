package cluster

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
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

// Pops reports whether members take messages by pop: a position then tells what was taken
// only, not what was answered.
func (c Consumers) Pops() bool { return c.Type == "CONSUME_POP" }

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

// Producer is a client that is connected as a producer (ProducerInfo.java).
type Producer struct {
	Group, ID, Addr, Language string
	// Version is the MQVersion ordinal that it claims.
	Version int
	// Seen is its last heartbeat; zero where it is not told.
	Seen time.Time
	// Brokers are those that it is connected to, sorted.
	Brokers []string
}

// Running is what a consumer says of itself (ConsumerRunningInfo.java). What it
// does not say is zero.
type Running struct {
	// Version is the client library's own, Started when it began.
	Version string
	Started time.Time
	Ordered bool
	// Subscriptions are the member's own, by topic.
	Subscriptions []Wanted
	// Queues are those that it has, by topic, broker and number.
	Queues []Held
	// Popped are those that it takes messages of by pop, by topic, broker and number.
	Popped []Popped
	// Rates are by topic.
	Rates map[string]Rates
	// Stack is of all its threads, where it was asked for.
	Stack string
}

// Size is about what it takes, in bytes.
func (r *Running) Size() int {
	const each = 160
	n := len(r.Stack) + each*(len(r.Queues)+len(r.Popped)+len(r.Rates)+len(r.Subscriptions))
	for _, q := range r.Queues {
		n += len(q.Topic) + len(q.Broker)
	}
	for _, q := range r.Popped {
		n += len(q.Topic) + len(q.Broker)
	}
	for topic := range r.Rates {
		n += len(topic)
	}
	for _, w := range r.Subscriptions {
		n += len(w.Topic) + len(w.Expression)
		for _, tag := range w.Tags {
			n += len(tag) + 16
		}
	}
	return n
}

// Held is a queue that a consumer has (ProcessQueueInfo.java).
type Held struct {
	Topic string
	Queue
	// Cached is how many messages were pulled and not consumed yet.
	Cached int
	// Commit is the next offset to consume.
	Commit int64
	// LastPull and LastConsume are by the consumer's clock; zero for never.
	LastPull, LastConsume time.Time
}

// Popped is a queue that a consumer takes messages of by pop (PopProcessQueueInfo.java).
// The group's position passes a message when it is popped: whether it was answered since
// nobody but the member knows.
type Popped struct {
	Topic string
	Queue
	// Waiting is how many were popped and are not answered yet.
	Waiting int
	// LastPop is by the consumer's clock; zero for never.
	LastPop time.Time
}

// Rates are a consumer's, of a topic (ConsumeStatus.java).
type Rates struct {
	// ConsumeRT and PullRT are in milliseconds, on average.
	ConsumeRT, PullRT float64
	// OK and Failed are messages in a second; FailedHour those failed within an
	// hour.
	OK         float64 `json:"consumeOKTPS"`
	Failed     float64 `json:"consumeFailedTPS"`
	PullTPS    float64
	FailedHour int64 `json:"consumeFailedMsgs"`
}
