package admin

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"gantry/client/cluster"
	"gantry/client/fault"
)

func FuzzRoute(f *testing.F) {
	f.Add([]byte(`{"brokerDatas":[{"brokerAddrs":{0:"h:1"},"brokerName":"a"}],"queueDatas":[{"brokerName":"a","perm":6,"readQueueNums":4,"writeQueueNums":2147483647}]}`))
	f.Add([]byte(`{"brokerDatas":null,"queueDatas":[{"perm":-1,"readQueueNums":-5},null]}`))
	f.Add([]byte(`{"brokerDatas":[{"brokerAddrs":{0:"h:1"},"brokerName":"a"}],"queueDatas":[{"brokerName":"a","perm":6,"readQueueNums":2,"writeQueueNums":2}],` +
		`"topicQueueMappingByBroker":{"a":{"bname":"a","currIdMap":{1:0,7:-1},"epoch":2,"scope":"s","totalQueues":4},"b":{"currIdMap":{1:1},"epoch":3,"scope":"s","totalQueues":2147483647}}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		r, err := decodeRoute(body)
		if err != nil {
			if !errors.Is(err, fault.BadAnswer) {
				t.Error(err)
			}
			return
		}
		queues := r.ReadQueues()
		if n := len(queues); n > cluster.MaxQueues || n != len(slices.Compact(slices.Clone(queues))) {
			t.Error(n, "queues")
		}
		if r.Readable() == nil && len(queues) == 0 {
			t.Error("nothing can be read")
		}
		for _, addr := range r.Masters() {
			if addr == "" {
				t.Error("an empty address")
			}
		}
	})
}

func FuzzRunning(f *testing.F) {
	f.Add([]byte(fmt.Sprintf(goRunning, "goroutine 1 [running]:\n")))
	f.Add([]byte(fmt.Sprintf(goRunning, `"quoted"`)))
	f.Add([]byte(`{"mqTable":{{"topic":"T"}:{"commitOffset":-1}},"jstack":"`))
	f.Fuzz(func(t *testing.T, body []byte) {
		r, err := decodeRunning(body)
		if err != nil && !errors.Is(err, fault.BadAnswer) {
			t.Error(err)
		}
		if len(r.Stack) > len(body) {
			t.Error("a stack out of nothing")
		}
	})
}

func FuzzProgress(f *testing.F) {
	f.Add([]byte(`{"brokerName":"broker-a","queueId":0,"topic":"T"}`))
	f.Add([]byte(`{"queueId":99999999999}`))
	f.Fuzz(func(t *testing.T, key []byte) {
		var k queueKey
		if err := k.UnmarshalText(key); err != nil && !errors.Is(err, fault.BadAnswer) {
			t.Error(err)
		}
	})
}

func FuzzSettings(f *testing.F) {
	f.Add([]byte("a=1\nb"))
	f.Add([]byte("secretKey=x\n=\n"))
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, s := range settings(body) {
			if secretKey(s.Key) && s.Value != "" && s.Value != hidden {
				t.Error("a secret is shown")
			}
		}
	})
}
