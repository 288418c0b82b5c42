package admin

import (
	"errors"
	"runtime"
	"strings"
	"testing"
	"time"

	"gantry/client/cluster"
	"gantry/client/fault"
)

// TestC4Bounds: an answer that is too much is refused before anything is made of it, and a
// route is checked in time that grows with its size.
func TestC4Bounds(t *testing.T) {
	b := newFake(t)
	cl := newClient(t, b.addr)
	many := func(one string, times int) string { return strings.Repeat(one+",", times-1) + one }
	route := func(queues string) string {
		return `{"brokerDatas":[{"brokerAddrs":{0:"` + b.addr + `"},"brokerName":"a"}],"queueDatas":[` + queues + `]}`
	}
	brokers := []cluster.Broker{{Name: "a", Addrs: map[int64]string{0: b.addr}}}
	for name, c := range map[string]struct {
		code int
		body string
		ask  func() error
	}{
		"queues without end": {105, route(`{"brokerName":"a","perm":6,"readQueueNums":2147483647,"writeQueueNums":4}`), func() error { _, err := cl.Route(t.Context(), "T"); return err }},
		"a route of 31 MB":   {105, route(many(`{"brokerName":"a","perm":6,"readQueueNums":1,"writeQueueNums":1}`, 480_000)), func() error { _, err := cl.Route(t.Context(), "T"); return err }},
		"topics of 30 MB":    {206, `{"topicList":[` + many(`"a"`, 7_500_000) + `]}`, func() error { _, err := cl.AllTopics(t.Context()); return err }},
		"tiny topics":        {206, `{"topicList":[` + many(`"a"`, 3_900_000) + `]}`, func() error { _, err := cl.AllTopics(t.Context()); return err }},
		"groups of 30 MB":    {201, `{"subscriptionGroupTable":{` + many(`"a":{}`, 4_200_000) + `}}`, func() error { _, _, err := cl.GroupConfigs(t.Context(), brokers); return err }},
		"tiny groups":        {201, `{"subscriptionGroupTable":{` + many(`"a":{}`, 2_300_000) + `}}`, func() error { _, _, err := cl.GroupConfigs(t.Context(), brokers); return err }},
	} {
		b.on(c.code, body(c.body))
		runtime.GC()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		begin := time.Now()
		err := c.ask()
		took := time.Since(begin)
		runtime.ReadMemStats(&after)
		if !errors.Is(err, fault.BadAnswer) {
			t.Errorf("%s: %v", name, err)
		}
		// The server and both frames are of this process too.
		if made := after.TotalAlloc - before.TotalAlloc; made > uint64(8*len(c.body))+64<<20 || took > 10*time.Second {
			t.Errorf("%s: %d MB for %d MB, %v", name, made>>20, len(c.body)>>20, took)
		}
	}
}

// TestC4ManyThatAreTrue: what a large cluster answers is read.
func TestC4ManyThatAreTrue(t *testing.T) {
	b := newFake(t)
	cl := newClient(t, b.addr)
	var topics strings.Builder
	for range 100_000 {
		topics.WriteString(`,"a-topic-of-some-length-as-they-are"`)
	}
	b.on(206, body(`{"topicList":[`+topics.String()[1:]+`]}`))
	if all, err := cl.AllTopics(t.Context()); err != nil || len(all) != 1 {
		t.Errorf("%d, %v", len(all), err)
	}
}

// TestA8Verdicts: the error of a route says what a topic does not allow, or lacks.
func TestA8Verdicts(t *testing.T) {
	addr := map[int64]string{0: "h:1"}
	replica := map[int64]string{1: "h:2"}
	for name, c := range map[string]struct {
		perms       []int
		addrs       []map[int64]string
		read, write error
	}{
		"both":                      {[]int{6}, []map[int64]string{addr}, nil, nil},
		"inherit only":              {[]int{1}, []map[int64]string{addr}, fault.NotReadable, fault.NotWritable},
		"write only":                {[]int{2}, []map[int64]string{addr}, fault.NotReadable, nil},
		"nothing":                   {[]int{0}, []map[int64]string{addr}, fault.NotReadable, fault.NotWritable},
		"read only":                 {[]int{4}, []map[int64]string{addr}, nil, fault.NotWritable},
		"one of two":                {[]int{2, 4}, []map[int64]string{addr, addr}, nil, nil},
		"a replica":                 {[]int{6}, []map[int64]string{replica}, nil, fault.NoMaster},
		"a replica and one away":    {[]int{6, 6}, []map[int64]string{replica, nil}, nil, fault.NoMaster},
		"a replica and a master":    {[]int{6, 6}, []map[int64]string{replica, addr}, nil, nil},
		"away":                      {[]int{6}, []map[int64]string{nil}, fault.NoBroker, fault.NoBroker},
		"no queue":                  {nil, []map[int64]string{addr}, fault.NoBroker, fault.NoBroker},
		"its master is not allowed": {[]int{4, 2}, []map[int64]string{addr, replica}, nil, fault.NoMaster},
	} {
		var r cluster.Route
		for i, p := range c.perms {
			r.Queues = append(r.Queues, cluster.QueueData{Broker: string(rune('a' + i)), Perm: p, Read: 2, Write: 2})
		}
		for i, a := range c.addrs {
			r.Brokers = append(r.Brokers, cluster.Broker{Name: string(rune('a' + i)), Addrs: a})
		}
		if err := r.Readable(); !errors.Is(err, c.read) {
			t.Errorf("%s: readable: %v", name, err)
		}
		if err := r.Writable(); !errors.Is(err, c.write) {
			t.Errorf("%s: writable: %v", name, err)
		}
		if got := r.Masterless().Names(); len(got) > 0 != strings.Contains(name, "a replica") {
			t.Errorf("%s: without a master: %v", name, got)
		}
	}
	for remark, want := range map[string]error{
		"the topic[T] pulling message is forbidden":           fault.NotReadable,
		"the broker[10.0.0.1] pulling message is forbidden":   fault.NotReadable,
		"the broker[10.0.0.1] sending message is forbidden":   fault.NotWritable,
		"User:u has no permission to access Topic:T":          fault.NotPermitted,
		"subscription group no permission, g, and what is it": fault.NotPermitted,
	} {
		err := (&fault.Answer{Code: 16, Remark: remark, Addr: "h:1"}).Means()
		if !errors.Is(err, want) || !errors.Is(err, fault.Refused) || errors.Is(err, fault.NotReadable) != (want == fault.NotReadable) {
			t.Errorf("%s: %v", remark, err)
		}
	}
}
