package admin

import (
	"errors"
	"fmt"
	"testing"

	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/remoting"
)

func FuzzRoute(f *testing.F) {
	f.Add([]byte(`{"brokerDatas":[{"brokerAddrs":{0:"h:1"},"brokerName":"a"}],"queueDatas":[{"brokerName":"a","perm":6,"readQueueNums":4,"writeQueueNums":2147483647}]}`))
	f.Add([]byte(`{"brokerDatas":null,"queueDatas":[{"perm":-1,"readQueueNums":-5},null]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		var r cluster.Route
		if remoting.DecodeBody(body, &r) != nil {
			return
		}
		if n := len(r.ReadQueues()); n > cluster.MaxQueues {
			t.Error(n, "queues")
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
