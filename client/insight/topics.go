package insight

import (
	"context"
	"errors"
	"slices"
	"strings"

	"gantry/client/cluster"
	"gantry/client/fault"
)

// TopicList is every topic, by full name, RocketMQ's own too.
type TopicList struct {
	Topics []cluster.TopicConfig
	// KindsKnown is false where an endpoint tells names only.
	KindsKnown bool
	Missing    cluster.Missing
}

// TopicList lists the topics with what brokers say of them. fault.NotOffered where
// the endpoint lists none.
func (a *Asker) TopicList(ctx context.Context) (TopicList, error) {
	names, err := a.admin.AllTopics(ctx)
	if err != nil {
		return TopicList{}, err
	}
	own, err := a.admin.OwnNames(ctx)
	if err != nil {
		return TopicList{}, err
	}
	l, err := a.someBrokers(ctx)
	if err != nil {
		return TopicList{}, err
	}
	configs, missing, err := a.admin.TopicConfigs(ctx, l.all)
	if err != nil && ctx.Err() != nil {
		return TopicList{}, err
	}
	list := TopicList{Topics: configs, KindsKnown: err == nil, Missing: missing}
	// Name servers know topics of brokers that do not answer.
	have := make(map[string]bool, len(configs))
	for _, t := range configs {
		have[t.Name] = true
	}
	for _, name := range names {
		if !have[name] {
			list.Topics = append(list.Topics, cluster.TopicConfig{Name: name, Kind: cluster.TopicKindOf(name)})
		}
	}
	for i := range list.Topics {
		if own[list.Topics[i].Name] {
			list.Topics[i].Kind = cluster.SystemTopic
		}
	}
	slices.SortFunc(list.Topics, func(a, b cluster.TopicConfig) int { return strings.Compare(a.Name, b.Name) })
	return list, nil
}

// TopicDetail is everything about one topic. Each part has its own error, because
// an endpoint may tell one and not the other.
type TopicDetail struct {
	Name         string
	Route        cluster.Route
	Queues       []cluster.QueueStats
	QueuesErr    error
	Groups       []string
	GroupsErr    error
	Producers    []cluster.Producer // connected to the topic's brokers, whatever they send to
	ProducersErr error
	Missing      cluster.Missing
}

// TopicDetail asks for everything about one topic, by full name.
// fault.TopicNotFound where it has no route.
func (a *Asker) TopicDetail(ctx context.Context, topic string) (*TopicDetail, error) {
	r, err := a.admin.Route(ctx, topic)
	if err != nil {
		return nil, err
	}
	l, err := a.brokers(ctx)
	if err != nil {
		return nil, err
	}
	d := &TopicDetail{Name: topic, Route: r}
	brokers := l.of(r)
	var missing [3]cluster.Missing
	d.Queues, missing[0], d.QueuesErr = a.topicQueues(ctx, l, r, topic)
	d.Groups, missing[1], d.GroupsErr = a.admin.GroupsOf(ctx, brokers, topic)
	d.Producers, missing[2], d.ProducersErr = a.admin.Producers(ctx, brokers)
	for _, m := range missing {
		d.Missing = d.Missing.Join(m)
	}
	if d.QueuesErr != nil && d.GroupsErr != nil && d.ProducersErr != nil && !errors.Is(d.QueuesErr, fault.NotOffered) {
		return nil, d.QueuesErr
	}
	return d, ctx.Err()
}

// topicQueues asks what a topic's queues keep, each by itself where the endpoint
// does not tell of all.
func (a *Asker) topicQueues(ctx context.Context, l listing, r cluster.Route, topic string) ([]cluster.QueueStats, cluster.Missing, error) {
	if !r.Static() { // else they tell the physical queues
		queues, missing, err := a.admin.TopicStats(ctx, l.of(r), topic)
		if !errors.Is(err, fault.NotOffered) {
			return queues, missing, err
		}
	}
	return a.admin.TopicStatsByQueue(ctx, r, topic)
}

// GroupsOfTopic lists the groups that read a topic, by full name.
func (a *Asker) GroupsOfTopic(ctx context.Context, topic string) ([]string, cluster.Missing, error) {
	r, err := a.admin.Route(ctx, topic)
	if err != nil {
		return nil, nil, err
	}
	l, err := a.brokers(ctx)
	if err != nil {
		return nil, nil, err
	}
	return a.admin.GroupsOf(ctx, l.of(r), topic)
}

// Producers lists the connected producers of one group.
func (a *Asker) Producers(ctx context.Context, group string) ([]cluster.Producer, cluster.Missing, error) {
	l, err := a.brokers(ctx)
	if err != nil {
		return nil, nil, err
	}
	return a.admin.ProducersOf(ctx, l.all, group)
}
