package reader

import (
	"cmp"
	"fmt"
	"net"
	"strconv"
	"sync"
	"testing"
	"time"

	"gantry/client/admin"
	"gantry/client/message"
	"gantry/client/remoting"
	"gantry/client/testserver"
)

// fake is a name server and a broker in one, with queues of a topic "T" that a test
// fills, empties and makes fail.
type fake struct {
	mu     sync.Mutex
	queues [][]*message.Message // by id; the queue offset is the place
	min    map[int]int64
	fail   map[int]error // of a queue's pulls
	odd    bool          // answers pulls with where it was asked, and does not wait
	holds  time.Duration // how long it waits at the end of a queue, at most
	pulls  int
	// missing: name servers do not know the topic. match says what filters let through.
	missing bool
	match   func(*message.Message) bool
	addr    string
	// before, if set, may hold an answer up, and lets none out where it returns false.
	before func(*remoting.Command) bool
	// at is where name servers say the broker is, addr by default; short is how many
	// messages an answer holds at most.
	at    string
	short int64
	conns []net.Conn
	// route, if set, is what name servers answer.
	route string
	// rejects pulls, as a replica with slaveReadEnable=false.
	rejects bool
	// leads are the queues of a static topic that it leads, and how they lie; empty for
	// other topics.
	leads map[int]physical
	// compacted says that the answers to pulls tell this as the minimum; BatchCQ that an
	// empty queue's is -1.
	compacted int64
	batchCQ   bool
}

// physical is the queue in which a logical one lies, and how far that one is ahead.
type physical struct {
	id    int
	ahead int64
}

func newFake(t testing.TB, queues int) (*fake, *admin.Client) {
	t.Helper()
	f := &fake{holds: 300 * time.Millisecond, queues: make([][]*message.Message, queues), min: map[int]int64{}, fail: map[int]error{}}
	f.addr = testserver.Serve(t, f.serve)
	a := admin.New(admin.Config{NameServers: []string{f.addr}})
	t.Cleanup(func() { _ = a.Close() })
	return f, a
}

// begun is when the first message of a test is stored.
var begun = time.UnixMilli(1_800_000_000_000)

// put stores a message that many milliseconds after begun.
func (f *fake) put(queue int, after int64, tag, body string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := int64(len(f.queues[queue]))
	f.queues[queue] = append(f.queues[queue], &message.Message{
		Topic: "T", QueueID: queue, QueueOffset: n, StoredAt: begun.Add(time.Duration(after) * time.Millisecond), CommitLogOffset: after*1000 + int64(queue),
		Body: []byte(body), Properties: []message.Property{{Name: message.PropertyTags, Value: tag}},
	})
}

func (f *fake) locked(do func()) { f.mu.Lock(); defer f.mu.Unlock(); do() }

func (f *fake) serve(nc net.Conn) {
	f.locked(func() { f.conns = append(f.conns, nc) })
	_ = remoting.Serve(nc, 64, func(q *remoting.Command) *remoting.Command {
		var before func(*remoting.Command) bool
		f.locked(func() {
			before = f.before
			if q.Code == remoting.PullMessage {
				f.pulls++
			}
		})
		if before != nil && !before(q) {
			return nil
		}
		for end := time.Now().Add(f.patience(q)); ; time.Sleep(5 * time.Millisecond) {
			if a := f.answer(q); a.Code != remoting.PullNotFound || time.Now().After(end) {
				return a
			}
		}
	})
}

// patience is how long a pull waits for a message.
func (f *fake) patience(q *remoting.Command) (d time.Duration) {
	f.locked(func() {
		if flags, _ := strconv.Atoi(q.ExtFields["sysFlag"]); flags&2 != 0 && !f.odd {
			ms, _ := strconv.Atoi(q.ExtFields["suspendTimeoutMillis"])
			d = min(time.Duration(ms)*time.Millisecond, f.holds)
		}
	})
	return d
}

func (f *fake) answer(q *remoting.Command) *remoting.Command {
	f.mu.Lock()
	defer f.mu.Unlock()
	a := q.Answer(remoting.Success, "")
	a.Version = remoting.Version5
	id, _ := strconv.Atoi(q.ExtFields["queueId"])
	if id >= len(f.queues) {
		id = 0
	}
	end := int64(0)
	if len(f.queues) > 0 {
		end = int64(len(f.queues[id]))
	}
	offset := func(n int64) *remoting.Command {
		a.ExtFields = map[string]string{"offset": strconv.FormatInt(n, 10)}
		return a
	}
	if _, leads := f.leads[id]; len(f.leads) > 0 && !leads && q.ExtFields["queueId"] != "" {
		return q.Answer(501, fmt.Sprintf("T-%d is not leader", id))
	}
	switch q.Code {
	case remoting.RouteByTopic:
		if f.route != "" {
			a.Body = []byte(f.route)
			return a
		}
		if f.missing {
			return q.Answer(remoting.TopicNotExist, "")
		}
		a.Body = fmt.Appendf(nil, `{"brokerDatas":[{"brokerAddrs":{0:%q},"brokerName":"a","cluster":"C"}],"queueDatas":[{"brokerName":"a","perm":6,"readQueueNums":%d,"writeQueueNums":%d}]}`,
			cmp.Or(f.at, f.addr), len(f.queues), len(f.queues))
		return a
	case remoting.MaxOffset:
		return offset(end)
	case remoting.MinOffset:
		if f.batchCQ && end == 0 {
			return offset(-1)
		}
		return offset(f.min[id])
	case remoting.QueryConsumeQueue:
		return f.index(q, a, id, end)
	case remoting.ViewMessageByID:
		return f.view(q, a)
	case remoting.SearchOffsetByTime:
		at, _ := strconv.ParseInt(q.ExtFields["timestamp"], 10, 64)
		for _, m := range f.queues[id] {
			if m.StoredAt.UnixMilli() >= at {
				return offset(m.QueueOffset)
			}
		}
		return offset(end)
	case remoting.PullMessage:
		return f.pull(q, a, id, end)
	}
	return q.Answer(remoting.RequestCodeNotSupported, "")
}

func (f *fake) pull(q, a *remoting.Command, id int, end int64) *remoting.Command {
	if f.rejects {
		return q.Answer(remoting.SystemBusy, "[REJECTREQUEST]system busy, start flow control for a while")
	}
	if err := f.fail[id]; err != nil {
		return q.Answer(remoting.SystemError, err.Error())
	}
	at, _ := strconv.ParseInt(q.ExtFields["queueOffset"], 10, 64)
	most, _ := strconv.ParseInt(q.ExtFields["maxMsgNums"], 10, 64)
	if f.short > 0 {
		most = min(most, f.short)
	}
	next := at
	switch {
	case at < f.min[id]:
		a.Code, next = remoting.PullOffsetMoved, f.min[id]
	case at >= end:
		a.Code = remoting.PullNotFound
	case f.odd:
	default:
		for next > 0 && f.queues[id][next] == nil {
			next-- // a batch comes whole
		}
		if f.compacted > 0 {
			most = end // it goes on to what is kept
		}
		for ; next < min(end, at+most); next++ {
			if m := f.queues[id][next]; m != nil && (f.match == nil || f.match(m)) {
				a.Body = message.AppendStored(a.Body, f.lies(id, m))
			}
		}
		if len(a.Body) == 0 {
			a.Code = remoting.PullRetryImmediately
		}
	}
	least := max(f.min[id], f.compacted)
	if f.batchCQ && end == 0 {
		least = -1
	}
	a.ExtFields = map[string]string{
		"nextBeginOffset": strconv.FormatInt(next, 10), "minOffset": strconv.FormatInt(least, 10), "maxOffset": strconv.FormatInt(end, 10),
	}
	if p, static := f.leads[id]; static {
		a.ExtFields["offsetDelta"] = strconv.FormatInt(p.ahead, 10)
	}
	return a
}

// lies is a message as it lies in its physical queue.
func (f *fake) lies(id int, m *message.Message) *message.Message {
	p, static := f.leads[id]
	if !static {
		return m
	}
	moved := *m
	moved.QueueID, moved.QueueOffset = p.id, m.QueueOffset-p.ahead
	return &moved
}

// index answers code 321.
func (f *fake) index(q, a *remoting.Command, id int, end int64) *remoting.Command {
	at, _ := strconv.ParseInt(q.ExtFields["index"], 10, 64)
	count, _ := strconv.ParseInt(q.ExtFields["count"], 10, 64)
	if at >= end {
		return a // as a real one: nothing at all
	}
	a.Body = fmt.Appendf(nil, `{"maxQueueIndex":%d,"minQueueIndex":%d,"queueData":[`, end, f.min[id])
	for i := at; i < min(end, at+count); i++ {
		if i > at {
			a.Body = append(a.Body, ',')
		}
		a.Body = fmt.Appendf(a.Body, `{"physicOffset":%d,"physicSize":1,"tagsCode":0}`, f.queues[id][i].CommitLogOffset)
	}
	a.Body = append(a.Body, "]}"...)
	return a
}

// view answers code 33.
func (f *fake) view(q, a *remoting.Command) *remoting.Command {
	for _, of := range f.queues {
		for _, m := range of {
			if strconv.FormatInt(m.CommitLogOffset, 10) == q.ExtFields["offset"] {
				a.Body = message.AppendStored(nil, m)
				return a
			}
		}
	}
	return q.Answer(remoting.SystemError, "can not find message by the offset, "+q.ExtFields["offset"])
}
