package sandbox

import (
	"fmt"
	"maps"
	"strings"

	"gantry/client/message"
	"gantry/client/remoting"
	"gantry/client/sandbox/store"
)

// open tells which topics clients send to (TopicValidator
// .NOT_ALLOWED_SEND_TOPIC_SET).
func open(name string) bool {
	switch name {
	case store.ScheduleTopic, store.TimerTopic, store.HalfTopic, store.CheckMaxTopic, "OFFSET_MOVED_EVENT", "RMQ_SYS_TRANS_OP_HALF_TOPIC":
		return false
	}
	return true
}

// forSend returns the topic that a message is sent to and makes it on demand, as
// a broker with autoCreateTopicEnable does (TopicConfigManager.java).
func (s *broker) forSend(name, like string, queues int) (store.Topic, error) {
	if c, has := s.store.Topics.Find(name); has {
		if !open(name) {
			return c, refuse(remoting.InvalidParameter, "Sending message to topic[%s] is forbidden.", name)
		}
		if c.Perm&store.PermWrite == 0 {
			return c, refuse(remoting.NoPermission, "the broker[%s] sending message is forbidden", brokerName)
		}
		return c, nil
	}
	limit := store.MaxAutoQueues
	switch group := message.RetryGroup(name) + message.DeadLetterGroup(name); {
	case group != "":
		if err := message.CheckGroup(group); err != nil {
			return store.Topic{}, refuse(remoting.InvalidParameter, "%v", err)
		}
		queues, limit = 1, 1
	case like != store.DefaultTopic:
		return store.Topic{}, refuse(remoting.TopicNotExist, "topic[%s] not exist, apply first please!", name)
	default:
		if err := message.CheckTopic(name); err != nil {
			return store.Topic{}, refuse(remoting.InvalidParameter, "%v", err)
		}
	}
	return s.store.Topics.Ensure(name, min(max(queues, 1), limit))
}

// forRead returns a topic that is pulled from, and checks the queue.
func (s *broker) forRead(name string, queue int) (store.Topic, error) {
	c, has := s.store.Topics.Find(name)
	switch {
	case !has:
		return c, refuse(remoting.TopicNotExist, "topic[%s] not exist, apply first please! See https://rocketmq.apache.org/docs/bestPractice/06FAQ", name)
	case c.Perm&store.PermRead == 0:
		return c, refuse(remoting.NoPermission, "the topic[%s] pulling message is forbidden", name)
	case queue < 0 || queue >= c.ReadQueues:
		return c, refuse(remoting.InvalidParameter, "queueId[%d] is illegal, topic:[%s] topicConfig.readQueueNums:[%d]", queue, name, c.ReadQueues)
	}
	return c, nil
}

// createTopic is asked for by hand (AdminBrokerProcessor.updateAndCreateTopic).
func (s *broker) createTopic(q *request) (*remoting.Command, error) {
	c := store.NewTopic(q.text("topic"), 0)
	c.ReadQueues, c.WriteQueues, c.Perm = q.number("readQueueNums"), q.number("writeQueueNums"), q.number("perm")
	c.Order = q.ExtFields["order"] == "true"
	if q.bad != nil {
		return nil, q.bad
	}
	if err := message.CheckTopic(c.Name); err != nil {
		return nil, refuse(remoting.InvalidParameter, "%v", err)
	}
	if store.IsSystem(c.Name) {
		return nil, refuse(remoting.InvalidParameter, "The topic[%s] is conflict with system topic.", c.Name)
	}
	if c.ReadQueues < 1 || c.ReadQueues > store.MaxQueues || c.WriteQueues < 1 || c.WriteQueues > store.MaxQueues {
		return nil, refuse(remoting.InvalidParameter, "a topic has 1 to %d queues", store.MaxQueues)
	}
	if is, has := s.store.Topics.Find(c.Name); has { // what it has is altered, and stays otherwise
		maps.Copy(c.Attributes, is.Attributes)
	}
	for change := range strings.SplitSeq(q.ExtFields["attributes"], ",") {
		if name, value, found := strings.Cut(change, "="); found && strings.HasPrefix(name, "+") {
			c.Attributes[name[1:]] = value
		}
	}
	return ok(q), s.store.Topics.Put(c)
}

func (s *broker) deleteTopic(q *request) (*remoting.Command, error) {
	name := q.text("topic")
	if q.bad != nil {
		return nil, q.bad
	}
	if store.IsSystem(name) {
		return nil, refuse(remoting.InvalidParameter, "The topic[%s] is conflict with system topic.", name)
	}
	return ok(q), s.store.DeleteTopic(name)
}

// route is where a topic lies (TopicRouteData.java).
func (s *broker) route(q *request) (*remoting.Command, error) {
	name := q.text("topic")
	if q.bad != nil {
		return nil, q.bad
	}
	c, has := s.store.Topics.Find(name)
	if !has {
		return nil, refuse(remoting.TopicNotExist, "No topic route info in name server for the topic: %s\nSee https://rocketmq.apache.org/docs/bestPractice/06FAQ for further details.", name)
	}
	// Number keys stand without quotes unless a client of 4.9.4 or later asks
	// (ClientRequestProcessor.java).
	key := "0"
	if q.Version >= 401 || q.ExtFields["acceptStandardJsonOnly"] == "true" {
		key = `"0"`
	}
	return okBody(q, fmt.Appendf(nil, `{"brokerDatas":[{"brokerAddrs":{%s:%q},"brokerName":%q,"cluster":%q,"enableActingMaster":false}],`+
		`"filterServerTable":{},"queueDatas":[{"brokerName":%q,"perm":%d,"readQueueNums":%d,"topicSysFlag":%d,"writeQueueNums":%d}]}`,
		key, s.addr.String(), brokerName, clusterName, brokerName, c.Perm, c.ReadQueues, c.SysFlag, c.WriteQueues)), nil
}
