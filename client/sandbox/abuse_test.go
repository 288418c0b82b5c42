package sandbox

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"gantry/client/message"
	"gantry/client/remoting"
	"gantry/client/sandbox/store"
)

// peerPatience is how long remoting waits for a client that does not read.
const peerPatience = 10 * time.Second

func rawClient(t *testing.T, addr string) net.Conn {
	t.Helper()
	nc, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = nc.Close() })
	return nc
}

func writeFrame(t *testing.T, nc net.Conn, c *remoting.Command) {
	t.Helper()
	b, err := remoting.AppendFrame(nil, c)
	if err == nil {
		_, err = nc.Write(b)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestNoise: whatever bytes come, the sandbox hangs up on who sent them, says so in
// one line without what they were, and goes on for the others.
func TestNoise(t *testing.T) {
	n := start(t, Options{})
	rng := rand.New(rand.NewPCG(1, 2))
	noise := make([]byte, 4096)
	for i := range noise {
		noise[i] = byte(rng.Uint32())
	}
	whole, err := remoting.AppendFrame(nil, &remoting.Command{Code: remoting.SendMessage, Body: []byte("secret body")})
	if err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string][]byte{
		"noise":              noise,
		"HTTP":               []byte("GET / HTTP/1.1\r\n\r\n"),
		"a frame of 2 GB":    binary.BigEndian.AppendUint32(nil, 1<<31-1),
		"a negative length":  {0xFF, 0xFF, 0xFF, 0xF0},
		"a header too large": append(binary.BigEndian.AppendUint32(nil, 8), 0, 0xFF, 0xFF, 0xFF, 1, 2, 3, 4),
		"no JSON":            append(binary.BigEndian.AppendUint32(nil, 8), 0, 0, 0, 4, 'a', 'b', 'c', 'd'),
		"an odd encoding":    append(binary.BigEndian.AppendUint32(nil, 8), 9, 0, 0, 4, '{', '}', ' ', ' '),
	} {
		nc := rawClient(t, n.s.Broker())
		if _, err := nc.Write(b); err != nil {
			t.Fatal(err)
		}
		_ = nc.SetReadDeadline(time.Now().Add(5 * time.Second))
		if _, err := nc.Read(make([]byte, 1)); err == nil || errors.Is(err, io.ErrNoProgress) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for cut := 1; cut < len(whole); cut += 7 {
		nc := rawClient(t, n.s.Broker())
		_, _ = nc.Write(whole[:cut])
		_ = nc.Close()
	}
	n.send("orders", "still there")
	if said := n.log.String(); strings.Contains(said, "secret") || strings.Count(said, "\n") > 7+len(whole)/7+1 {
		t.Errorf("the log: %s", said)
	}
}

// TestLies: requests that are whole but wrong are refused, and nothing breaks.
func TestLies(t *testing.T) {
	n := start(t, Options{})
	n.send("orders", "one")
	batch := func(edit func([]byte)) string {
		b := make([]byte, 22+3)
		be := binary.BigEndian
		be.PutUint32(b, uint32(len(b)))
		be.PutUint32(b[16:], 3)
		copy(b[20:], "abc")
		edit(b)
		return string(b)
	}
	send := []string{"a", "p", "b", "orders", "c", store.DefaultTopic, "d", "4", "e", "0", "f", "0", "g", "1", "h", "0", "i", "", "m", "true"}
	for name, c := range map[string]struct {
		code   int
		body   string
		fields []string
		want   int
	}{
		"an unknown request":             {9999, "", nil, remoting.RequestCodeNotSupported},
		"a send without anything":        {remoting.SendMessage, "x", nil, remoting.SystemError},
		"a queue that is not there":      {remoting.SendMessageV2, "x", append(send[:8:8], "e", "77", "g", "1"), remoting.InvalidParameter},
		"no number":                      {remoting.SendMessageV2, "x", append(send[:8:8], "e", "zero", "g", "1"), remoting.SystemError},
		"an illegal topic":               {remoting.SendMessageV2, "x", []string{"b", "no good!", "c", store.DefaultTopic, "d", "4", "e", "0", "g", "1"}, remoting.InvalidParameter},
		"a topic like none":              {remoting.SendMessageV2, "x", []string{"b", "nowhere", "c", "other", "d", "4", "e", "0", "g", "1"}, remoting.TopicNotExist},
		"a retry topic without end":      {remoting.SendMessageV2, "x", []string{"b", "%RETRY%" + strings.Repeat("g", 70_000), "c", store.DefaultTopic, "d", "4", "e", "0", "g", "1"}, remoting.InvalidParameter},
		"one of the broker's own topics": {remoting.SendMessageV2, "x", []string{"b", store.ScheduleTopic, "c", store.DefaultTopic, "d", "4", "e", "0", "g", "1"}, remoting.InvalidParameter},
		"a batch cut short":              {remoting.SendBatchMessage, "abc", send, remoting.MessageIllegal},
		"a batch of nothing":             {remoting.SendBatchMessage, "", send, remoting.MessageIllegal},
		"a batch that lies of its size":  {remoting.SendBatchMessage, batch(func(b []byte) { b[0] = 0x7F }), send, remoting.MessageIllegal},
		"a body that lies of its size":   {remoting.SendBatchMessage, batch(func(b []byte) { b[16] = 0x7F }), send, remoting.MessageIllegal},
		"properties that lie":            {remoting.SendBatchMessage, batch(func(b []byte) { b[24] = 0xFF }), send, remoting.MessageIllegal},
		"a batch that is right":          {remoting.SendBatchMessage, batch(func([]byte) {}), send, remoting.Success},
		"a heartbeat that is none":       {remoting.HeartBeat, "{", nil, remoting.SystemError},
		"a group's illegal name":         {remoting.PullMessage, "", []string{"consumerGroup", "no good!", "topic", "orders", "queueId", "0", "queueOffset", "0", "maxMsgNums", "32", "sysFlag", "4", "subscription", "*"}, remoting.GroupNotExist},
		"a lock that is none":            {remoting.LockBatchMQ, "[", nil, remoting.SystemError},
		"back to a place without one":    {remoting.ConsumerSendMsgBack, "", []string{"group", "g", "offset", "-1"}, remoting.SystemError},
		"back to beyond the end":         {remoting.ConsumerSendMsgBack, "", []string{"group", "g", "offset", "99999"}, remoting.SystemError},
		"a handle that is none":          {remoting.RecallMessage, "", []string{"topic", "t", "recallHandle", "x"}, remoting.IllegalOperation},
		"a handle of another topic":      {remoting.RecallMessage, "", []string{"topic", "t", "recallHandle", message.RecallHandle("u", brokerName, 1<<50, "ID")}, remoting.IllegalOperation},
		"a handle of another broker":     {remoting.RecallMessage, "", []string{"topic", "t", "recallHandle", message.RecallHandle("t", "other", 1<<50, "ID")}, remoting.ServiceNotAvailable},
		"a handle of nothing":            {remoting.RecallMessage, "", []string{"topic", "t", "recallHandle", message.RecallHandle("t", brokerName, 1<<50, "ID")}, remoting.IllegalOperation},
		"a half message that is none":    {remoting.ResumeCheckHalf, "", []string{"msgId", "7F000001"}, remoting.SystemError},
		"a message that is not there":    {remoting.ViewMessageByID, "", []string{"offset", "-5"}, remoting.SystemError},
		"an end without a beginning":     {remoting.EndTransaction, "", []string{"producerGroup", "p", "commitLogOffset", "0", "commitOrRollback", "8"}, remoting.SystemError},
		"a topic of a million queues":    {remoting.CreateTopic, "", []string{"topic", "t", "readQueueNums", "1000000", "writeQueueNums", "4", "perm", "6"}, remoting.InvalidParameter},
		"a pull by who has not joined":   {remoting.PullMessage, "", []string{"consumerGroup", "g", "topic", "orders", "queueId", "0", "queueOffset", "0", "maxMsgNums", "32", "sysFlag", "0"}, remoting.SubscriptionNotExist},
		"a pull with a bad expression":   {remoting.PullMessage, "", []string{"consumerGroup", "g", "topic", "orders", "queueId", "0", "queueOffset", "0", "maxMsgNums", "32", "sysFlag", "4", "expressionType", "SQL92", "subscription", "a >"}, remoting.SubscriptionParseFailed},
		"a pull far beyond":              {remoting.PullMessage, "", []string{"consumerGroup", "g", "topic", "orders", "queueId", "0", "queueOffset", "77", "maxMsgNums", "-3", "sysFlag", "4", "subscription", "*"}, remoting.PullOffsetMoved},
	} {
		if a := n.ask(c.code, c.body, c.fields...); a.Code != c.want {
			t.Errorf("%s: %d %s", name, a.Code, a.Remark)
		}
	}
}

// TestD6: a batch whose messages have more properties than the stored form holds is
// refused with code 1, as by 5.5.0; else a Java consumer would hang before it. Nothing
// that adds properties goes over that either.
func TestD6(t *testing.T) {
	n := start(t, Options{})
	batch := func(properties int) string {
		p := "a\x01" + strings.Repeat("x", properties-2)
		b := binary.BigEndian.AppendUint32(nil, uint32(22+1+len(p)))
		b = append(b, make([]byte, 12)...) // magic, checksum, flag
		b = append(binary.BigEndian.AppendUint32(b, 1), 'B')
		b = binary.BigEndian.AppendUint16(b, uint16(len(p)))
		return string(b) + p
	}
	send := []string{"a", "p", "b", "orders", "c", store.DefaultTopic, "d", "4", "e", "0", "f", "0", "g", "1", "h", "0", "i", "", "m", "true"}
	for properties, want := range map[int]int{100: remoting.Success, 32_767: remoting.Success, 32_768: remoting.SystemError, 65_535: remoting.SystemError} {
		if a := n.ask(remoting.SendBatchMessage, batch(properties), send...); a.Code != want {
			t.Errorf("%d bytes: %d %s", properties, a.Code, a.Remark)
		}
	}
	_, all := n.pull("orders", 0, 0)
	if len(all) != 2 {
		t.Fatalf("%d messages", len(all))
	}
	for _, m := range all {
		a := n.ask(remoting.ConsumerSendMsgBack, "", "group", "g", "offset", fmt.Sprint(m.CommitLogOffset), "delayLevel", "1")
		if want := map[bool]int{true: remoting.SystemError, false: remoting.Success}[len(m.Property("a")) > 1000]; a.Code != want {
			t.Errorf("back to the broker: %d %s", a.Code, a.Remark)
		}
	}
}

// TestB4: a batch is taken apart whatever kind its topic has, and each of its messages
// is found by its key; what a client marks as a batch of its own goes on as it came.
func TestB4(t *testing.T) {
	n := start(t, Options{})
	n.do(remoting.CreateTopic, "", "topic", "batches", "readQueueNums", "1", "writeQueueNums", "1", "perm", "6", "attributes", "+queue.type=BatchCQ")
	var all []byte
	for i := range 9 {
		p := fmt.Sprintf("KEYS\x01k%d\x02", i)
		b := binary.BigEndian.AppendUint32(nil, uint32(22+1+len(p)))
		b = append(b, make([]byte, 12)...) // magic, checksum, flag
		b = append(binary.BigEndian.AppendUint32(b, 1), byte('0'+i))
		b = binary.BigEndian.AppendUint16(b, uint16(len(p)))
		all = append(append(all, b...), p...)
	}
	send := []string{"a", "p", "b", "batches", "c", store.DefaultTopic, "d", "4", "e", "0", "f", "0", "g", "1", "h", "0", "i", "UNIQ_KEY\x01U\x02"}
	n.do(remoting.SendBatchMessage, string(all), append(send, "m", "true")...)
	_, got := n.pull("batches", 0, 0)
	if len(got) != 9 || string(got[8].Body) != "8" || got[8].QueueOffset != 8 || !slices.Equal(got[8].Keys(), []string{"k8"}) {
		t.Fatalf("%d messages: %+v", len(got), got)
	}
	if a := n.do(remoting.QueryMessage, "", "topic", "batches", "key", "k5", "maxNum", "64", "beginTimestamp", "0", "endTimestamp", "9999999999999"); len(a.Body) == 0 {
		t.Error("no message has the key")
	}
	send[11] = "192" // INNER_BATCH, NEED_UNWRAP
	n.do(remoting.SendMessageV2, string(all), send...)
	if _, got := n.pull("batches", 0, 9); len(got) != 1 || got[0].SysFlag&192 != 192 || string(got[0].Body) != string(all) {
		t.Errorf("%+v", got)
	}
}

// TestManyIdleClients cost little, and those that come and go leave nothing.
func TestManyIdleClients(t *testing.T) {
	n := start(t, Options{})
	before := runtime.NumGoroutine()
	var all []net.Conn
	for range 1000 {
		all = append(all, rawClient(t, n.s.Broker()))
	}
	n.send("orders", "one")
	for _, nc := range all {
		_ = nc.Close()
	}
	for end := time.Now().Add(10 * time.Second); runtime.NumGoroutine() > before+5; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d goroutines, %d before", runtime.NumGoroutine(), before)
		}
	}
}

// TestClientThatNeverReads is hung up on, and others are served meanwhile.
func TestClientThatNeverReads(t *testing.T) {
	n := start(t, Options{})
	body := strings.Repeat("x", 1<<20)
	for range 4 {
		n.send("orders", body)
	}
	nc := rawClient(t, n.s.Broker())
	frame, err := remoting.AppendFrame(nil, &remoting.Command{Code: remoting.PullMessage, ExtFields: map[string]string{
		"consumerGroup": "g", "topic": "orders", "queueId": "0", "queueOffset": "0", "maxMsgNums": "32", "sysFlag": "4", "subscription": "*", "subVersion": "0",
	}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := nc.Write(bytes.Repeat(frame, 200)); err != nil {
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	begin := time.Now()
	for i := range 20 {
		n.send("orders", fmt.Sprint(i))
	}
	if took := time.Since(begin); took > peerPatience/2 {
		t.Errorf("others waited for %v", took)
	}
	if runtime.ReadMemStats(&after); after.HeapAlloc > before.HeapAlloc+64<<20 {
		t.Errorf("%d MB are held for it", (after.HeapAlloc-before.HeapAlloc)>>20)
	}
	for end := time.Now().Add(6 * peerPatience); ; time.Sleep(100 * time.Millisecond) {
		n.s.mu.Lock()
		left := len(n.s.conns)
		n.s.mu.Unlock()
		if left == 1 {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("%d connections are left", left)
		}
	}
}

// FuzzSplitBatch: whatever a client sends as a batch, its parts lie inside it.
func FuzzSplitBatch(f *testing.F) {
	good := make([]byte, 25)
	binary.BigEndian.PutUint32(good, 25)
	binary.BigEndian.PutUint32(good[16:], 3)
	f.Add(good)
	f.Add(append(good, good...))
	f.Add([]byte{0, 0, 0, 22})
	f.Fuzz(func(t *testing.T, b []byte) {
		parts, err := splitBatch(b)
		if (err == nil) != (len(parts) > 0) {
			t.Fatalf("%d parts, %v", len(parts), err)
		}
		size := 0
		for _, p := range parts {
			size += 22 + len(p.body) + len(p.properties)
		}
		if err == nil && size > len(b) {
			t.Errorf("%d bytes of %d", size, len(b))
		}
	})
}
