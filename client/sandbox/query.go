package sandbox

import (
	"slices"
	"strconv"
	"time"

	"gantry/client/message"
	"gantry/client/remoting"
)

const (
	// queryMost bounds what one query answers (MessageStoreConfig.maxMsgsNumBatch);
	// uniqueMost is for a unique key, whatever is asked (BrokerConfig
	// .defaultQueryMaxNum).
	queryMost  = 64
	uniqueMost = 32
	// queryBytes bounds it in bytes, but for one message.
	queryBytes = 4 << 20
)

// queryMessage finds messages by unique key or key, the newest first
// (QueryMessageProcessor.java). It reads the topic: what the sandbox keeps is small.
func (s *broker) queryMessage(q *request) (*remoting.Command, error) {
	topic, key := q.text("topic"), q.text("key")
	most, from, to := q.number("maxNum"), q.long("beginTimestamp"), q.long("endTimestamp")
	if q.bad != nil {
		return nil, q.bad
	}
	if q.ExtFields["_UNIQUE_KEY_QUERY"] == "true" {
		most = uniqueMost
	}
	var body []byte
	found, bytes := 0, queryBytes
	if s.answers.tight() {
		bytes = pullTight
	}
	for _, record := range s.store.Newest(topic) {
		if found >= min(most, queryMost) || len(body) >= bytes || closed(q.from.gone) {
			break
		}
		m, err := s.store.Message(record)
		if err != nil {
			continue // it has just left, or is damaged
		}
		if m.Property(message.PropertyUniqueID) != key && !slices.Contains(m.Keys(), key) {
			continue
		}
		if at := m.StoredAt.UnixMilli(); at >= from && at <= to {
			body = message.AppendStored(body, m)
			found++
		}
	}
	if found == 0 {
		return nil, refuse(remoting.QueryNotFound, "can not find message, maybe time range not correct")
	}
	_, next := s.store.Records()
	a := okBody(q, body)
	a.ExtFields = map[string]string{
		"indexLastUpdateTimestamp": itoa(time.Now().UnixMilli()), "indexLastUpdatePhyoffset": itoa(int64(next)),
	}
	return a, nil
}

func closed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// queryConsumeQueue shows what a queue holds, entry by entry
// (AdminBrokerProcessor.queryConsumeQueue).
func (s *broker) queryConsumeQueue(q *request) (*remoting.Command, error) {
	topic, queue := q.text("topic"), q.number("queueId")
	index, count := q.long("index"), q.number("count")
	if q.bad != nil {
		return nil, q.bad
	}
	if c, has := s.store.Topics.Find(topic); !has || queue < 0 || queue >= c.ReadQueues {
		return nil, refuse(remoting.SystemError, "%d@%s is not exist!", queue, topic)
	}
	first, next := s.store.Bounds(topic, queue)
	rest := map[string]any{"maxQueueIndex": next, "minQueueIndex": first}
	var f *filter
	if group := q.ExtFields["consumerGroup"]; group != "" {
		sub, _, has := s.clients.subscription(group, topic)
		if rest["filterData"] = "null"; !has {
			rest["filterData"] = group + "@" + topic + " is not online!"
		} else {
			rest["subscriptionData"] = sub
			f, _ = newFilter(sub.Kind, sub.Expression) // it was checked when it came
		}
	}
	if index < first || index >= next {
		a, err := s.json(q, rest)
		if err == nil {
			a.Remark = "Index " + strconv.FormatInt(index, 10) + " of " + strconv.Itoa(queue) + "@" + topic + " is not exist!"
		}
		return a, err
	}
	rest["queueData"] = s.queueData(topic, queue, index, min(max(count, 0), queueDataMost), f)
	return s.json(q, rest)
}

// queueDataMost bounds one answer.
const queueDataMost = 10_000

// queueData is a stretch of a queue (ConsumeQueueData.java).
func (s *broker) queueData(topic string, queue int, from int64, most int, f *filter) []any {
	all := []any{}
	if most == 0 {
		return all
	}
	entries, _ := s.store.Entries(topic, queue, from, most)
	for _, e := range entries {
		b, err := s.store.Payload(e.Record)
		if err != nil {
			continue
		}
		one := map[string]any{"physicOffset": e.Record, "physicSize": len(b), "tagsCode": e.Tag, "eval": false}
		if f != nil {
			one["eval"] = f.early(e.Tag) && f.passes(b)
		}
		all = append(all, one)
	}
	return all
}
