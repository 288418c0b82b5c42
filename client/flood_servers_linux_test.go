//go:build !race

// Not with the race detector, with which memory is some five times what it is.
package client_test

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"gantry/client/message"
	"gantry/client/remoting"
	"gantry/client/testserver"
)

// flood are a name server and brokers that answer with what they are given.
type flood struct {
	addrs []string // of the brokers
	// body is what is answered to a request, nil where that is no flood.
	body func(q *remoting.Command) []byte
	// raw, if set, is written in place of the answer to what is flooded, on and on until it
	// returns false; nothing else comes on that connection then.
	raw func(nc net.Conn, a *remoting.Command, times int) bool
}

func (f *flood) serve(t *testing.T) (nameServer string) {
	handle := func(nc net.Conn) {
		for {
			q, err := remoting.ReadFrame(nc)
			if err != nil {
				return
			}
			a := f.answer(q)
			a.Opaque = q.Opaque
			if f.raw != nil && len(a.Body) > 1<<16 {
				for i := 0; f.raw(nc, a, i); i++ {
				}
				testserver.Silent(nc)
				return
			}
			frame, err := remoting.AppendFrame(nil, a)
			if err != nil {
				t.Error(err)
				return
			}
			if _, err := nc.Write(frame); err != nil {
				return
			}
		}
	}
	for range floodBrokers {
		f.addrs = append(f.addrs, testserver.Serve(t, handle))
	}
	return testserver.Serve(t, handle)
}

func (f *flood) answer(q *remoting.Command) *remoting.Command {
	a := q.Answer(remoting.Success, "")
	a.Version = remoting.Version5
	a.ExtFields = map[string]string{"offset": "0", "nextBeginOffset": strconv.Itoa(bombs), "minOffset": "0", "maxOffset": strconv.Itoa(bombs)}
	if a.Body = f.body(q); a.Body != nil {
		return a
	}
	var brokers, names, queues []string
	for i, addr := range f.addrs {
		brokers = append(brokers, fmt.Sprintf(`{"brokerAddrs":{0:%q},"brokerName":"b%d","cluster":"C"}`, addr, i))
		names = append(names, fmt.Sprintf(`"b%d":`, i)+brokers[i])
		queues = append(queues, fmt.Sprintf(`{"brokerName":"b%d","perm":6,"readQueueNums":4,"writeQueueNums":4}`, i))
	}
	switch q.Code {
	case remoting.RouteByTopic:
		if strings.HasPrefix(q.ExtFields["topic"], "%") { // of groups
			return q.Answer(remoting.TopicNotExist, "")
		}
		a.Body = fmt.Appendf(nil, `{"brokerDatas":[%s],"queueDatas":[%s]}`, strings.Join(brokers, ","), strings.Join(queues, ","))
	case remoting.ClusterInfo:
		a.Body = fmt.Appendf(nil, `{"brokerAddrTable":{%s},"clusterAddrTable":{"C":[]}}`, strings.Join(names, ","))
	case remoting.ConsumerConnections:
		a.Body = []byte(`{"consumeType":"CONSUME_PASSIVELY","messageModel":"CLUSTERING","subscriptionTable":{},"connectionSet":[{"clientId":"c"}]}`)
	case remoting.TopicConsumers:
		a.Body = []byte(`{"groupList":["g0"]}`)
	case remoting.AllGroups:
		a.Body = []byte(`{"subscriptionGroupTable":{"g0":{}}}`)
	case remoting.MaxOffset:
		a.ExtFields["offset"] = strconv.Itoa(bombs)
	case remoting.MinOffset, remoting.SearchOffsetByTime:
	default:
		return q.Answer(remoting.RequestCodeNotSupported, "")
	}
	return a
}

// shapes are the lists that servers answer: their beginning, an entry with its number and a
// text, and their end.
func shapes() map[int][3]string {
	return map[int][3]string{
		remoting.AllTopics:           {`{"topicList":[`, `"t%d%s"`, `]}`},
		remoting.AllTopicConfig:      {`{"topicConfigTable":{`, `"t%d%s":{"perm":6}`, `}}`},
		remoting.AllGroups:           {`{"subscriptionGroupTable":{`, `"g%d%s":{}`, `}}`},
		remoting.ConsumerConnections: {`{"consumeType":"CONSUME_PASSIVELY","messageModel":"CLUSTERING","subscriptionTable":{},"connectionSet":[`, `{"clientId":"c%d%s"}`, `]}`},
		remoting.ConsumerListByGroup: {`{"consumerIdList":[`, `"c%d%s"`, `]}`},
		remoting.ProducerConnections: {`{"connectionSet":[`, `{"clientId":"c%d%s"}`, `]}`},
		remoting.ConsumeStats:        {`{"consumeTps":0,"offsetTable":{`, `{"brokerName":"b","queueId":%d,"topic":"T%s"}:{"brokerOffset":1}`, `}}`},
		remoting.TopicStats:          {`{"offsetTable":{`, `{"brokerName":"b","queueId":%d,"topic":"T%s"}:{"maxOffset":1}`, `}}`},
		remoting.ConsumerRunningInfo: {`{"properties":{},"subscriptionSet":[],"mqTable":{`, `{"brokerName":"b","queueId":%d,"topic":"T%s"}:{"commitOffset":1}`, `}}`},
		remoting.TopicConsumers:      {`{"groupList":[`, `"g%d%s"`, `]}`},
		remoting.AllProducers:        {`{"data":{`, `"g%d%s":[{"clientId":"c"}]`, `}}`},
		remoting.BrokerRuntimeInfo:   {`{"table":{`, `"k%d%s":"v"`, `}}`},
		remoting.NameServerConfig:    {"", "k%d%s=v\n", ""},
	}
}

// lists answers all lists with so many entries, up to a size, with a text in each.
func lists(entries, size int, text string) func() func(*remoting.Command) []byte {
	return func() func(*remoting.Command) []byte {
		made := map[int][]byte{}
		for code := range shapes() {
			made[code] = listOf(code, entries, size, text)
		}
		return func(q *remoting.Command) []byte { return made[q.Code] }
	}
}

func listOf(code, entries, size int, text string) []byte {
	s := shapes()[code]
	b := []byte(s[0])
	for i := range entries {
		if len(b)+len(s[1])+len(text) > size {
			break
		}
		if i > 0 && code != remoting.NameServerConfig {
			b = append(b, ',')
		}
		b = fmt.Appendf(b, s[1], i, text)
	}
	return append(b, s[2]...)
}

// messagesOf answers pulls and questions for a key with bombs messages of that body: the
// latter without end, because each answer is older than the last.
func messagesOf(body []byte, packed int32) func() func(*remoting.Command) []byte {
	return always(func(q *remoting.Command) []byte {
		if q.Code != remoting.PullMessage && q.Code != remoting.QueryMessage {
			return nil
		}
		at := time.Now()
		if ms, err := strconv.ParseInt(q.ExtFields["endTimestamp"], 10, 64); err == nil {
			at = time.UnixMilli(ms)
		}
		var b []byte
		for i := range bombs {
			b = message.AppendStored(b, &message.Message{
				Topic: q.ExtFields["topic"], Body: body, SysFlag: packed, QueueOffset: int64(i), StoredAt: at.Add(-time.Duration(bombs-i) * time.Second),
				CommitLogOffset: at.UnixMilli() + int64(i), Properties: []message.Property{{Name: message.PropertyUniqueID, Value: floodKey}},
			})
		}
		return b
	})
}

// always makes nothing before it answers.
func always(f func(*remoting.Command) []byte) func() func(*remoting.Command) []byte {
	return func() func(*remoting.Command) []byte { return f }
}

// packedZeros are so many zeros, packed.
func packedZeros(t *testing.T, n int64) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	if _, err := io.CopyN(w, zeros{}, n); err != nil || w.Close() != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// lie answers a request of a code with a body.
func lie(code int, body string) func() func(*remoting.Command) []byte {
	return always(func(q *remoting.Command) []byte {
		if q.Code == code {
			return []byte(body)
		}
		return nil
	})
}

// drip writes all of an answer but its end.
func drip(nc net.Conn, a *remoting.Command, _ int) bool {
	if frame, err := remoting.AppendFrame(nil, a); err == nil {
		_, _ = nc.Write(frame[:len(frame)-1])
	}
	return false
}

// unasked writes an answer that nobody waits for, and a request of its size, a few times.
func unasked(nc net.Conn, a *remoting.Command, times int) bool {
	for _, c := range []*remoting.Command{{Opaque: a.Opaque + 1000, Flag: a.Flag, Body: a.Body}, {Code: 40, Body: a.Body}} {
		frame, err := remoting.AppendFrame(nil, c)
		if err == nil {
			_, err = nc.Write(frame)
		}
		if err != nil {
			return false
		}
	}
	return times < 3
}

// header writes a frame that is a header without an end.
func header(nc net.Conn, _ *remoting.Command, _ int) bool {
	_, err := nc.Write(binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, 31<<20), 1<<24-1))
	for err == nil {
		_, err = nc.Write(bytes.Repeat([]byte(" "), 1<<20))
	}
	return false
}

// manyBrokers lists 100,000 of them.
func manyBrokers() string {
	var b strings.Builder
	for i := range 100_000 {
		fmt.Fprintf(&b, `,"b%d":{"brokerAddrs":{0:"127.0.0.1:%d"},"brokerName":"b%d"}`, i, 1+i%1000, i)
	}
	return `{"brokerAddrTable":{` + b.String()[1:] + `},"clusterAddrTable":{}}`
}
