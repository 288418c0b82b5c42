package sandbox

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"gantry/client/remoting"
	"gantry/client/sandbox/store"
)

// memoryLimit is what the sandbox's process may take at its most, in bytes.
const memoryLimit = 512 << 20

// peak is the most that a process has had in memory.
func (c *child) peak() int64 {
	c.t.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", c.cmd.Process.Pid))
	if err != nil {
		c.t.Fatal(err)
	}
	for line := range strings.Lines(string(b)) {
		if rest, is := strings.CutPrefix(line, "VmHWM:"); is {
			n, err := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			if err != nil {
				c.t.Fatal(err)
			}
			return n << 10
		}
	}
	c.t.Fatal("no VmHWM")
	return 0
}

// frameOf is a request as bytes.
func frameOf(t *testing.T, code int, body []byte, fields ...string) []byte {
	t.Helper()
	ext := map[string]string{}
	for i := 0; i+1 < len(fields); i += 2 {
		ext[fields[i]] = fields[i+1]
	}
	b, err := remoting.AppendFrame(nil, &remoting.Command{Code: code, Body: body, ExtFields: ext, Opaque: 7})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func sendFields(topic, properties string) []string {
	return []string{
		"producerGroup", "p", "topic", topic, "defaultTopic", store.DefaultTopic, "defaultTopicQueueNums", "1",
		"queueId", "0", "sysFlag", "0", "bornTimestamp", "1", "flag", "0", "properties", properties,
	}
}

// flood has many clients at once do what they should not, until stop is closed or they
// are hung up on.
func flood(t *testing.T, addr string, count int, client func(nc net.Conn, stop <-chan struct{})) (end func()) {
	t.Helper()
	stop := make(chan struct{})
	var work sync.WaitGroup
	var all []net.Conn
	for range count {
		nc, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, nc)
		work.Go(func() { client(nc, stop) })
	}
	return func() {
		close(stop)
		for _, nc := range all {
			_ = nc.Close()
		}
		work.Wait()
	}
}

// honest sends and reads a message again and again for a time, and returns how long
// it waited at most.
func (c *child) honest(span time.Duration, body string) (longest time.Duration) {
	c.t.Helper()
	conn, err := remoting.Dial(c.t.Context(), c.broker, remoting.Config{})
	if err != nil {
		c.t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	n := &node{t: c.t, conn: conn}
	rounds := 0
	for end := time.Now().Add(span); time.Now().Before(end); rounds++ {
		begin := time.Now()
		sent := n.do(remoting.SendMessage, body, sendFields("honest", "")...)
		offset, err := strconv.Atoi(sent.ExtFields["queueOffset"])
		if err != nil {
			c.t.Fatal(err)
		}
		if a, all := n.pull("honest", 0, offset); len(all) != 1 || string(all[0].Body) != body {
			c.t.Fatalf("what was sent is not read: %d %s, %d messages", a.Code, a.Remark, len(all))
		}
		longest = max(longest, time.Since(begin))
	}
	c.t.Logf("%d rounds, %v at most, %d MB at most", rounds, longest, c.peak()>>20)
	return longest
}

func (c *child) within(longest, limit time.Duration) {
	c.t.Helper()
	if longest > limit*raceFactor {
		c.t.Errorf("an honest client waited for %v", longest)
	}
	if n := c.peak(); n > memoryLimit*raceFactor {
		c.t.Errorf("it took %d MB", n>>20)
	}
}

// TestD5QueriesNobodyReads: clients that ask for much and do not read cost little, and
// others are served.
func TestD5QueriesNobodyReads(t *testing.T) {
	c := startChild(t, t.TempDir())
	body := strings.Repeat("x", 1<<20)
	for range 64 {
		c.ask(remoting.SendMessage, body, sendFields("orders", "KEYS\x01all\x02")...)
	}
	query := frameOf(t, remoting.QueryMessage, nil, "topic", "orders", "key", "all", "maxNum", "64", "beginTimestamp", "0", "endTimestamp", "9999999999999")
	end := flood(t, c.broker, 60, func(nc net.Conn, stop <-chan struct{}) {
		_, _ = nc.Write(bytes.Repeat(query, 50))
		<-stop
	})
	defer end()
	c.within(c.honest(5*time.Second, "small"), 4*time.Second)
	if a := c.ask(remoting.QueryMessage, "", "topic", "orders", "key", "all", "maxNum", "64", "beginTimestamp", "0", "endTimestamp", "9999999999999"); a.Code != remoting.Success || len(a.Body) < 1<<20 {
		t.Errorf("an honest query: %d %s", a.Code, a.Remark)
	}
}

// TestD5Pipelines: producers that send large messages without waiting for answers wait
// themselves, what is kept stays within its cap, and others are served.
func TestD5Pipelines(t *testing.T) {
	dir := t.TempDir()
	c := startChild(t, dir)
	large := frameOf(t, remoting.SendMessage, make([]byte, 4<<20), sendFields("large", "")...)
	end := flood(t, c.broker, 8, func(nc net.Conn, stop <-chan struct{}) {
		go func() { _, _ = io.Copy(io.Discard, nc) }()
		for range 60 {
			if _, err := nc.Write(large); err != nil {
				return
			}
		}
		<-stop
	})
	defer end()
	c.within(c.honest(6*time.Second, "small"), 4*time.Second)
	// They are served, too.
	for stored := ""; stored != "480"; {
		waitUntil(t, "no more is stored than "+stored, func() bool {
			last := stored
			stored = c.ask(remoting.MaxOffset, "", "topic", "large", "queueId", "0").ExtFields["offset"]
			return stored != last
		})
	}
	var kept, largest int64
	err := filepath.WalkDir(dir, func(_ string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		info, err := e.Info()
		if err == nil {
			kept, largest = kept+info.Size(), max(largest, info.Size())
		}
		return nil // it may have been evicted
	})
	if err != nil || kept > 600<<20 || largest > 64<<20 {
		t.Errorf("%d MB are kept, %d MB in a file, %v", kept>>20, largest>>20, err)
	}
}

// TestD5HalfSent: requests of which the end never comes take nobody's room for long.
func TestD5HalfSent(t *testing.T) {
	c := startChild(t, t.TempDir())
	half := func(size int) func(net.Conn, <-chan struct{}) {
		frame := frameOf(t, remoting.SendMessage, make([]byte, size), sendFields("large", "")...)
		return func(nc net.Conn, stop <-chan struct{}) {
			_, _ = nc.Write(frame[:len(frame)-1<<20])
			<-stop
		}
	}
	defer flood(t, c.broker, 60, half(15<<20))()
	defer flood(t, c.broker, 60, half(31<<20))()
	c.within(c.honest(3*time.Second, "small"), 4*time.Second)
	// A large one is taken too, if not at once.
	c.within(c.honest(time.Second, strings.Repeat("x", 4<<20)), 8*time.Second)
}

// TestD5SlowPullers: consumers that read slowly are served slowly, others are not.
func TestD5SlowPullers(t *testing.T) {
	c := startChild(t, t.TempDir())
	body := strings.Repeat("x", 200_000)
	for range 40 {
		c.ask(remoting.SendMessage, body, sendFields("orders", "")...)
	}
	pull := frameOf(t, remoting.PullMessage, nil, "consumerGroup", "slow", "topic", "orders", "queueId", "0", "queueOffset", "0",
		"maxMsgNums", "1000", "sysFlag", "4", "commitOffset", "0", "suspendTimeoutMillis", "0", "subscription", "*", "subVersion", "0")
	end := flood(t, c.broker, 200, func(nc net.Conn, stop <-chan struct{}) {
		if _, err := nc.Write(bytes.Repeat(pull, 16)); err != nil {
			return
		}
		tick := time.NewTicker(200 * time.Millisecond)
		defer tick.Stop()
		for b := make([]byte, 16<<10); ; {
			select {
			case <-stop:
				return
			case <-tick.C:
				if _, err := io.ReadFull(nc, b); err != nil {
					return
				}
			}
		}
	})
	defer end()
	c.within(c.honest(6*time.Second, "small"), 4*time.Second)
}

// TestD5WaitingPulls: pulls that wait for messages by the ten thousands hold nobody up.
func TestD5WaitingPulls(t *testing.T) {
	c := startChild(t, t.TempDir())
	c.ask(remoting.SendMessage, "x", sendFields("orders", "")...)
	pull := frameOf(t, remoting.PullMessage, nil, "consumerGroup", "slow", "topic", "orders", "queueId", "0", "queueOffset", "1",
		"maxMsgNums", "1000", "sysFlag", "6", "commitOffset", "0", "suspendTimeoutMillis", "30000", "subscription", "*", "subVersion", "0")
	defer flood(t, c.broker, 20, func(nc net.Conn, stop <-chan struct{}) {
		go func() { _, _ = io.Copy(io.Discard, nc) }()
		_, _ = nc.Write(bytes.Repeat(pull, 4000))
		<-stop
	})()
	c.within(c.honest(5*time.Second, "small"), 4*time.Second)
}

// TestD5SmallParts: batches of very many messages, and requests of much JSON, take
// more than their bytes; that is bounded too.
func TestD5SmallParts(t *testing.T) {
	c := startChild(t, t.TempDir())
	one := make([]byte, 22)
	one[3] = 22
	batch := frameOf(t, remoting.SendBatchMessage, bytes.Repeat(one, 60_000), append([]string{"batch", "true"}, sendFields("tiny", "")...)...)
	words := `{"clientID":"c","consumerDataSet":[` + strings.Repeat(`{},`, 170_000) + `{}]}`
	beat := frameOf(t, remoting.HeartBeat, []byte(words))
	defer flood(t, c.broker, 20, func(nc net.Conn, stop <-chan struct{}) {
		go func() { _, _ = io.Copy(io.Discard, nc) }()
		for range 5 {
			if _, err := nc.Write(batch); err != nil {
				return
			}
		}
		<-stop
	})()
	defer flood(t, c.broker, 40, func(nc net.Conn, stop <-chan struct{}) {
		go func() { _, _ = io.Copy(io.Discard, nc) }()
		_, _ = nc.Write(bytes.Repeat(beat, 10))
		<-stop
	})()
	c.within(c.honest(6*time.Second, "small"), 4*time.Second)
	if a := c.ask(remoting.MaxOffset, "", "topic", "tiny", "queueId", "0"); a.ExtFields["offset"] == "0" {
		t.Errorf("no batch was stored: %d %v", a.Code, a.ExtFields)
	}
}
