package engine

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/apache/rocketmq-client-go/v2/consumer"
	"github.com/apache/rocketmq-client-go/v2/primitive"

	"gantry/client/message"
)

func TestAMessageThatCannotBeSentBackIsHandledOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		handled := 0
		c := &Consumer{cfg: ConsumerConfig{Handle: func([]*message.Message) Answer { handled++; return Later }}}
		one := &primitive.MessageExt{Message: primitive.Message{Queue: &primitive.MessageQueue{Topic: "t"}}}
		other := &primitive.MessageExt{Message: primitive.Message{Queue: &primitive.MessageQueue{Topic: "t"}}}
		give := func(m ...*primitive.MessageExt) {
			t.Helper()
			if got, err := c.consume(t.Context(), m...); err != nil || got != consumer.ConsumeRetryLater {
				t.Errorf("answer %v, %v", got, err)
			}
		}
		give(one)
		for range 30 { // the library tries again every 5 s
			time.Sleep(5 * time.Second)
			give(one)
		}
		if handled != 1 {
			t.Errorf("handled %d times", handled)
		}
		give(other)
		time.Sleep(3 * sentBackKept)
		give(&primitive.MessageExt{Message: primitive.Message{Queue: &primitive.MessageQueue{Topic: "t"}}})
		if handled != 3 {
			t.Errorf("handled %d times, want 3", handled)
		}
		if n := len(c.sentBack.known); n != 1 {
			t.Errorf("%d messages are remembered for ever", n)
		}
	})
}
