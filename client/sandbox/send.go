package sandbox

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"slices"
	"strings"
	"time"

	"gantry/client/message"
	"gantry/client/remoting"
	"gantry/client/sandbox/store"
)

// Properties that the broker reads or writes (MessageConst.java).
const (
	propRetry   = "RETRY_TOPIC"
	propOrigin  = "ORIGIN_MESSAGE_ID"
	propWait    = "WAIT"
	propRegion  = "MSG_REGION"
	propTrace   = "TRACE_ON"
	propCluster = "CLUSTER"
)

const (
	// maxBody is the largest message (MessageStoreConfig.maxMessageSize).
	maxBody = 4 << 20
	// maxProperties is what the stored form can hold, less those that the broker
	// adds.
	maxProperties = store.MaxProperties - 512
	// region is BrokerConfig.regionId.
	region = "DefaultRegion"
)

// shortNames are the parameters of SendMessageRequestHeaderV2.java from a on, by the names
// of the first version.
const shortNames = "producerGroup topic defaultTopic defaultTopicQueueNums queueId sysFlag bornTimestamp flag properties reconsumeTimes unitMode maxReconsumeTimes batch"

// lengthen puts the names of the first version in place.
func (q *request) lengthen() {
	short := byte('a')
	for long := range strings.SplitSeq(shortNames, " ") {
		if v, has := q.ExtFields[string(short)]; has {
			q.ExtFields[long] = v
		}
		short++
	}
}

// send stores a message or a batch (SendMessageProcessor.java).
func (s *broker) send(q *request) (*remoting.Command, error) {
	m, err := s.toStore(q)
	if err != nil {
		return nil, err
	}
	if isBatch(q.Command) {
		return s.sendBatch(q, m)
	}
	if err := s.store.Keep(m); err != nil {
		return nil, err
	}
	return s.sent(q, m, m.OffsetID(), m.QueueOffset), nil
}

// toStore is the message of a request as it is stored, or what is common to all of a batch.
func (s *broker) toStore(q *request) (*message.Message, error) {
	if q.Code != remoting.SendMessage && q.Code != remoting.SendReply {
		q.lengthen()
	}
	topic, queue, born := q.text("topic"), q.number("queueId"), q.long("bornTimestamp")
	c, err := s.forSend(topic, q.ExtFields["defaultTopic"], int(q.longOr("defaultTopicQueueNums", 4)))
	if q.bad != nil {
		return nil, q.bad
	}
	if err != nil {
		return nil, err
	}
	switch {
	case queue >= c.WriteQueues:
		return nil, refuse(remoting.InvalidParameter, "request queueId[%d] is illegal, %s Broker: %s", queue, topic, s.addr.String())
	case len(q.Body) > maxBody:
		return nil, refuse(remoting.MessageIllegal, "message body length over max value: %d bytes of %d", len(q.Body), maxBody)
	case len(q.ExtFields["properties"]) > maxProperties:
		return nil, refuse(remoting.MessageIllegal, "message properties length over max value: %d bytes of %d", len(q.ExtFields["properties"]), maxProperties)
	case queue < 0:
		queue = rand.IntN(c.WriteQueues)
	}
	m := &message.Message{
		Topic: topic, QueueID: queue, Flag: int32(q.longOr("flag", 0)), SysFlag: int32(q.longOr("sysFlag", 0)),
		BornAt: time.UnixMilli(born), BornHost: hostOf(q.from.Addr()), ReconsumeTimes: int(q.longOr("reconsumeTimes", 0)),
		Body: q.Body, Properties: message.ParseProperties(q.ExtFields["properties"]),
	}
	if q.bad != nil || isBatch(q.Command) {
		return m, q.bad
	}
	m.Properties = slices.Grow(m.Properties, 4)
	if m.Property(message.PropertyUniqueID) == "" {
		store.SetProperty(m, message.PropertyUniqueID, s.uniqueID())
	}
	store.SetProperty(m, propRegion, region)
	store.SetProperty(m, propTrace, "true")
	store.SetProperty(m, propCluster, clusterName)
	if err := s.deadIfTooOften(q, m); err != nil {
		return nil, err
	}
	m.BodyCRC = crc32.ChecksumIEEE(m.Body) & 0x7FFFFFFF
	return m, nil
}

func isBatch(c *remoting.Command) bool {
	return c.Code == remoting.SendBatchMessage || c.ExtFields["batch"] == "true"
}

// sent is the answer to a send (SendMessageResponseHeader.java).
func (s *broker) sent(q *request, m *message.Message, ids string, offset int64) *remoting.Command {
	ext := map[string]string{
		"msgId": ids, "queueId": itoa(m.QueueID), "queueOffset": itoa(offset),
		propRegion: region, propTrace: "true",
	}
	if t := m.Property(message.PropertyUniqueID); t != "" {
		ext["transactionId"] = t
		if due, ok := m.TimerDue(); ok {
			ext["recallHandle"] = message.RecallHandle(m.FirstTopic(), brokerName, due, t)
		}
	}
	return okFields(q, ext)
}

// uniqueID makes an id for a message whose client made none, which tells when it was
// made (MessageClientIDSetter.java): address, process, the milliseconds since the
// month began here, a counter.
func (s *broker) uniqueID() string {
	now := time.Now()
	month := time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, now.Location())
	b := append([]byte{127, 0, 0, 1}, make([]byte, 12)...)
	binary.BigEndian.PutUint16(b[4:], uint16(os.Getpid()))
	binary.BigEndian.PutUint32(b[10:], uint32(now.Sub(month).Milliseconds()))
	binary.BigEndian.PutUint16(b[14:], uint16(s.made.Add(1)))
	return fmt.Sprintf("%X", b)
}

// sendBatch stores the messages of a batch one behind the other
// (MessageDecoder.decodeMessages).
func (s *broker) sendBatch(q *request, head *message.Message) (*remoting.Command, error) {
	if n := countBatch(q.Body) * partCost; n > smallMost {
		if err := q.from.answers.take(n); err != nil {
			return nil, refuse(remoting.MessageIllegal, "a batch of too many messages")
		}
		defer q.from.answers.Give(n)
	}
	inner, err := splitBatch(q.Body)
	if err != nil {
		return nil, err
	}
	all := make([]*message.Message, len(inner))
	for i, part := range inner {
		m := *head
		m.Flag, m.Body, m.Properties = part.flag, part.body, message.ParseProperties(part.properties)
		m.BodyCRC = crc32.ChecksumIEEE(m.Body) & 0x7FFFFFFF
		all[i] = &m
	}
	if err := s.store.Put(all...); err != nil {
		return nil, err
	}
	ids := make([]string, len(all))
	for i, m := range all {
		ids[i] = m.OffsetID()
	}
	return s.sent(q, head, strings.Join(ids, ","), all[0].QueueOffset), nil
}

// part is one message of a batch.
type part struct {
	flag       int32
	body       []byte
	properties string
}

// countBatch counts the messages of a batch by their sizes alone; a damaged one has
// more or less.
func countBatch(b []byte) int {
	n := 0
	for ; len(b) >= 4; n++ {
		size := int(int32(binary.BigEndian.Uint32(b)))
		if size < 22 || size > len(b) {
			break
		}
		b = b[size:]
	}
	return n
}

// splitBatch reads a batch; every length is checked before it is used.
func splitBatch(b []byte) ([]part, error) {
	bad := refuse(remoting.MessageIllegal, "the batch is damaged")
	be := binary.BigEndian
	var all []part
	for len(b) > 0 {
		if len(b) < 20 {
			return nil, bad
		}
		size := int(int32(be.Uint32(b)))
		if size < 22 || size > len(b) {
			return nil, bad
		}
		one := b[:size]
		b = b[size:]
		p := part{flag: int32(be.Uint32(one[12:]))}
		n := int(int32(be.Uint32(one[16:])))
		if n < 0 || 20+n+2 > size {
			return nil, bad
		}
		p.body = one[20 : 20+n]
		rest := one[20+n:]
		// A length beyond 32,767 is a negative one in Java.
		if int(be.Uint16(rest)) > store.MaxProperties {
			return nil, refuse(remoting.SystemError, "the properties of a message of the batch have %d bytes, at most are %d", be.Uint16(rest), store.MaxProperties)
		}
		if len(rest) < 2+int(be.Uint16(rest)) {
			return nil, bad
		}
		p.properties = string(rest[2 : 2+int(be.Uint16(rest))])
		all = append(all, p)
	}
	if len(all) == 0 {
		return nil, bad
	}
	return all, nil
}

func hostOf(a net.Addr) netip.AddrPort {
	if t, ok := a.(*net.TCPAddr); ok {
		p := t.AddrPort()
		return netip.AddrPortFrom(p.Addr().Unmap(), p.Port())
	}
	return netip.AddrPort{}
}

// deadIfTooOften turns a message that a client itself put behind its retry topic,
// as those do that consume in order, into a dead letter when it came too often
// (SendMessageProcessor.handleRetryAndDLQ).
func (s *broker) deadIfTooOften(q *request, m *message.Message) error {
	group := message.RetryGroup(m.Topic)
	if group == "" {
		return nil
	}
	g, _, err := s.store.Groups.Ensure(group) // its topic is there, so it has a name that a group may have
	if err != nil {
		return err
	}
	limit := int64(g.RetryMaxTimes)
	if v := q.longOr("maxReconsumeTimes", limit); v >= 0 {
		limit = v
	}
	if int64(m.ReconsumeTimes) > limit {
		return s.bury(m, group)
	}
	return nil
}

// bury makes a message a dead letter of a group.
func (s *broker) bury(m *message.Message, group string) error {
	m.Topic, m.QueueID = message.DeadLetterTopic(group), 0
	store.SetProperty(m, message.PropertyDelay, "0")
	_, err := s.store.Topics.Ensure(m.Topic, 1)
	return err
}

// sendBack takes a message again that a consumer could not handle: it is
// delivered once more later, or is a dead letter
// (AbstractSendMessageProcessor.consumerSendMsgBack).
func (s *broker) sendBack(q *request) (*remoting.Command, error) {
	group, record, level := q.text("group"), q.long("offset"), int(q.longOr("delayLevel", 0))
	limit := q.longOr("maxReconsumeTimes", -1)
	if q.bad != nil {
		return nil, q.bad
	}
	g, can, err := s.store.Groups.Ensure(group)
	if err != nil {
		return nil, err
	}
	if !can {
		return nil, refuse(remoting.GroupNotExist, "subscription group not exist, %s", group)
	}
	if limit < 0 {
		limit = int64(g.RetryMaxTimes)
	}
	if record < 0 {
		return nil, refuse(remoting.SystemError, "look message by offset failed, %d", record)
	}
	m, err := s.store.Message(uint64(record))
	if err != nil {
		return nil, refuse(remoting.SystemError, "look message by offset failed, %d", record)
	}
	markRetry(m)
	topic := message.RetryTopic(group)
	if _, err := s.store.Topics.Ensure(topic, g.RetryQueues); err != nil {
		return nil, err
	}
	m.Topic, m.QueueID = topic, rand.IntN(max(g.RetryQueues, 1))
	times := m.ReconsumeTimes
	m.ReconsumeTimes = times + 1
	if int64(times) >= limit || level < 0 {
		if err := s.bury(m, group); err != nil {
			return nil, err
		}
		if err := s.store.Put(m); err != nil {
			return nil, err
		}
		return ok(q), nil
	}
	if level == 0 {
		level = 3 + times
	}
	if err := s.store.Redeliver(m, level); err != nil {
		return nil, err
	}
	return ok(q), nil
}

// markRetry notes at a message where it came from.
func markRetry(m *message.Message) {
	if m.Property(propRetry) == "" {
		store.SetProperty(m, propRetry, m.Topic)
	}
	if m.Property(propOrigin) == "" {
		store.SetProperty(m, propOrigin, m.OffsetID())
	}
	store.SetProperty(m, propWait, "false")
}
