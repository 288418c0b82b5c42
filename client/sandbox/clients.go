package sandbox

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"gantry/client/message"
	"gantry/client/remoting"
	"gantry/client/sandbox/store"
)

// subscription is what a member of a group wants of a topic
// (SubscriptionData.java).
type subscription struct {
	Topic      string `json:"topic"`
	Expression string `json:"subString"`
	Kind       string `json:"expressionType"`
	Version    int64  `json:"subVersion"`
	// Tags and Codes are answered to those who ask; a filter is made of the
	// expression.
	Tags  json.RawMessage `json:"tagsSet,omitempty"`
	Codes json.RawMessage `json:"codeSet,omitempty"`
}

// member is one consumer or producer of a group, as its last heartbeat says.
type member struct {
	id       string
	peer     *peer
	language string
	version  int
	seen     time.Time
}

// group is the members that are there, and what they want.
type group struct {
	members map[string]*member
	subs    map[string]subscription // by topic
	kind    remoting.ConsumeType
	model   remoting.MessageModel
	from    remoting.ConsumeFromWhere
}

// clients are those that are connected: consumers by group, producers by group,
// and who has which queue to itself.
type clients struct {
	kept *store.Groups

	mu        sync.Mutex
	groups    map[string]*group // guarded by mu; with members only
	producers map[string]map[*peer]*member
	locks     map[lockKey]lock // guarded by mu
}

// messageQueue names a queue (MessageQueue.java).
type messageQueue struct {
	Broker string `json:"brokerName"`
	ID     int    `json:"queueId"`
	Topic  string `json:"topic"`
}

func newClients(kept *store.Groups) *clients {
	return &clients{
		kept: kept, groups: map[string]*group{}, producers: map[string]map[*peer]*member{}, locks: map[lockKey]lock{},
	}
}

// heartbeat is what clients say of themselves (HeartbeatData.java).
type heartbeat struct {
	ClientID  string `json:"clientID"`
	Producers []struct {
		Group string `json:"groupName"`
	} `json:"producerDataSet"`
	Consumers []struct {
		Group         string                    `json:"groupName"`
		Kind          remoting.ConsumeType      `json:"consumeType"`
		Model         remoting.MessageModel     `json:"messageModel"`
		From          remoting.ConsumeFromWhere `json:"consumeFromWhere"`
		Subscriptions []subscription            `json:"subscriptionDataSet"`
	} `json:"consumerDataSet"`
}

// heartBeat notes who is there (ClientManageProcessor.java).
func (s *broker) heartBeat(q *request) (*remoting.Command, error) {
	var h heartbeat
	if err := remoting.DecodeBody(q.Body, &h); err != nil || h.ClientID == "" {
		return nil, refuse(remoting.SystemError, "a heartbeat that cannot be read")
	}
	m := &member{id: h.ClientID, peer: q.from, language: q.Language, version: q.Version, seen: time.Now()}
	for _, p := range h.Producers {
		s.clients.addProducer(p.Group, m)
	}
	for _, c := range h.Consumers {
		g, can, err := s.store.Groups.Ensure(c.Group)
		if err != nil {
			return nil, err
		}
		if !can {
			continue // said at the first pull
		}
		if _, err := s.store.Topics.Ensure(message.RetryTopic(c.Group), g.RetryQueues); err != nil {
			return nil, err
		}
		if s.clients.join(c.Group, m, c.Kind, c.Model, c.From, c.Subscriptions) {
			s.clients.tell(c.Group)
		}
	}
	return ok(q), nil
}

func (c *clients) addProducer(name string, m *member) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.producers[name] == nil {
		c.producers[name] = map[*peer]*member{}
	}
	c.producers[name][m.peer] = m
}

// producer returns one of a group, or nil.
func (c *clients) producer(name string) *peer {
	c.mu.Lock()
	defer c.mu.Unlock()
	for p := range c.producers[name] {
		return p
	}
	return nil
}

// sender returns the producer of that id, or nil.
func (c *clients) sender(id string) *peer {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, group := range c.producers {
		for p, m := range group {
			if m.id == id {
				return p
			}
		}
	}
	return nil
}

// join notes a member, and tells whether something changed for the others.
func (c *clients) join(name string, m *member, kind remoting.ConsumeType, model remoting.MessageModel, from remoting.ConsumeFromWhere, subs []subscription) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	g := c.groups[name]
	if g == nil {
		g = &group{members: map[string]*member{}, subs: map[string]subscription{}}
		c.groups[name] = g
	}
	g.kind, g.model, g.from = kind, model, from
	old := g.members[m.id]
	changed := old == nil || old.peer != m.peer
	g.members[m.id] = m
	wanted := map[string]bool{}
	for _, s := range subs {
		wanted[s.Topic] = true
		if have, has := g.subs[s.Topic]; !has || s.Version > have.Version {
			changed = changed || !has || s.Expression != have.Expression
			g.subs[s.Topic] = s
		}
	}
	for topic := range g.subs {
		if !wanted[topic] {
			delete(g.subs, topic)
			changed = true
		}
	}
	return changed
}

// noticesMost are the notices that may be under way to one client: it looks by itself
// now and then.
const noticesMost = 16

// tell asks a group's members to share the queues anew
// (Broker2Client.notifyConsumerIdsChanged).
func (c *clients) tell(name string) {
	kept, _ := c.kept.Find(name)
	c.mu.Lock()
	var peers []*peer
	if g := c.groups[name]; g != nil && kept.NotifyChanges {
		for _, m := range g.members {
			peers = append(peers, m.peer)
		}
	}
	c.mu.Unlock()
	for _, p := range peers {
		// Not in turn: one that does not read must not hold the others up.
		if p.notices.Add(1) > noticesMost {
			p.notices.Add(-1)
			continue
		}
		go func() {
			defer p.notices.Add(-1)
			_ = p.Notify(&remoting.Command{
				Code: remoting.NotifyConsumersChanged, Language: "JAVA", Version: version,
				ExtFields: map[string]string{"consumerGroup": name},
			})
		}()
	}
}

// leave takes a member away, and tells whether it was there.
func (c *clients) leave(name, id string, from *peer) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	g := c.groups[name]
	if g == nil || g.members[id] == nil || g.members[id].peer != from {
		return false
	}
	delete(g.members, id)
	if len(g.members) == 0 {
		delete(c.groups, name)
	}
	for k, l := range c.locks {
		if k.group == name && l.client == id {
			delete(c.locks, k)
		}
	}
	return true
}

// unregister takes a client out of its groups.
func (s *broker) unregister(q *request) (*remoting.Command, error) {
	id := q.text("clientID")
	if q.bad != nil {
		return nil, q.bad
	}
	if name := q.ExtFields["producerGroup"]; name != "" {
		s.clients.mu.Lock()
		if delete(s.clients.producers[name], q.from); len(s.clients.producers[name]) == 0 {
			delete(s.clients.producers, name)
		}
		s.clients.mu.Unlock()
	}
	if name := q.ExtFields["consumerGroup"]; name != "" && s.clients.leave(name, id, q.from) {
		s.clients.tell(name)
	}
	return ok(q), nil
}

// left forgets a client whose connection ended.
func (c *clients) left(p *peer) {
	c.mu.Lock()
	gone := map[string][]string{}
	for name, g := range c.groups {
		for id, m := range g.members {
			if m.peer == p {
				gone[name] = append(gone[name], id)
			}
		}
	}
	for name, ps := range c.producers {
		delete(ps, p)
		if len(ps) == 0 {
			delete(c.producers, name)
		}
	}
	c.mu.Unlock()
	for name, ids := range gone {
		for _, id := range ids {
			c.leave(name, id, p)
		}
		c.tell(name)
	}
}

// member returns one of a group.
func (c *clients) member(group, id string) (member, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if g := c.groups[group]; g != nil && g.members[id] != nil {
		return *g.members[id], true
	}
	return member{}, false
}

// members returns those of a group, by their ids.
func (c *clients) members(group string) []member {
	c.mu.Lock()
	defer c.mu.Unlock()
	var all []member
	if g := c.groups[group]; g != nil {
		for _, id := range slices.Sorted(maps.Keys(g.members)) {
			all = append(all, *g.members[id])
		}
	}
	return all
}

// subscription returns what a group wants of a topic.
func (c *clients) subscription(name, topic string) (sub subscription, online, has bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	g := c.groups[name]
	if g == nil {
		return sub, false, false
	}
	sub, has = g.subs[topic]
	return sub, true, has
}

func (s *broker) listConsumers(q *request) (*remoting.Command, error) {
	name := q.text("consumerGroup")
	if q.bad != nil {
		return nil, q.bad
	}
	s.clients.mu.Lock()
	defer s.clients.mu.Unlock()
	g := s.clients.groups[name]
	if g == nil {
		return nil, refuse(remoting.SystemError, "no consumer for this group, %s", name)
	}
	return s.json(q, map[string]any{"consumerIdList": slices.Sorted(maps.Keys(g.members))})
}

// checkConfig tries an expression before a consumer starts
// (ClientManageProcessor.checkClientConfig).
func (s *broker) checkConfig(q *request) (*remoting.Command, error) {
	var b struct {
		Sub *subscription `json:"subscriptionData"`
	}
	if err := remoting.DecodeBody(q.Body, &b); err != nil {
		return nil, refuse(remoting.SystemError, "a request that cannot be read")
	}
	if b.Sub == nil {
		return ok(q), nil
	}
	if tagKind(b.Sub.Kind) {
		return ok(q), nil
	}
	if _, err := newFilter(b.Sub.Kind, b.Sub.Expression); err != nil {
		return nil, err
	}
	return ok(q), nil
}

func tagKind(kind string) bool { return kind == "" || strings.EqualFold(kind, "TAG") }

func (s *broker) json(q *request, v any) (*remoting.Command, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	return okBody(q, b), nil
}
