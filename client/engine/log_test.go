package engine

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/apache/rocketmq-client-go/v2/primitive"
	"github.com/apache/rocketmq-client-go/v2/rlog"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"gantry/client/fault"
)

// body is what no log may hold.
const body = "account 4711 pays 99.95"

// TestLogHoldsNoBody gives every level everything that the library logs with
// messages in it (push_consumer.go).
func TestLogHoldsNoBody(t *testing.T) {
	var out bytes.Buffer
	p := &Problems{log: slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}))}
	m := primitive.DecodeMessage(stored("t", 1, body))[0]
	fields := map[string]any{
		rlog.LogKeyMessages:      []*primitive.MessageExt{m},
		"message":                m,
		"body":                   body,
		rlog.LogKeyStack:         "goroutine 1: " + body,
		rlog.LogKeyMessageId:     body,
		"PullRequest":            fmt.Sprint(m),
		rlog.LogKeyMessageQueue:  m.Queue,
		rlog.LogKeyTopic:         "the-topic",
		rlog.LogKeyConsumerGroup: "the-group",
		rlog.LogKeyQueueId:       3,
		rlog.LogKeyQueueOffset:   int64(77),
	}
	for _, log := range []func(string, map[string]any){p.Debug, p.Info, p.Warning, p.Error, p.Fatal} {
		log("consumeMessageCurrently error", fields)
		log("[BUG] message table not exist: "+body, fields)
		log(body+strings.Repeat(" ", 500), fields)
		log("nothing more is known", nil)
	}
	if strings.Contains(out.String(), "4711") || strings.Contains(out.String(), "99.95") {
		t.Errorf("a body is logged:\n%s", &out)
	}
	// The control: what is wanted is there, from the three levels that log.
	for _, want := range []string{"topic=the-topic", "consumerGroup=the-group", "queueId=3", "queueOffset=77", `msg="consumeMessageCurrently error"`} {
		if n := strings.Count(out.String(), want); n < 3 {
			t.Errorf("%s is logged %d times:\n%s", want, n, &out)
		}
	}
	if n := strings.Count(out.String(), "level=ERROR"); n != 8 {
		t.Errorf("%d errors", n)
	}
}

func TestPanicsAreLoggedWithoutTheirValue(t *testing.T) {
	old := primitive.DefaultPanicHandler
	defer func() { primitive.DefaultPanicHandler = old }()
	var out bytes.Buffer
	SetLogger(slog.New(slog.NewTextHandler(&out, nil)), nil)
	primitive.DefaultPanicHandler(errors.New(body))
	if !strings.Contains(out.String(), "*errors.errorString") || strings.Contains(out.String(), body) {
		t.Errorf("%s", &out)
	}
}

func TestPullProblems(t *testing.T) {
	for text, want := range map[string]fault.Fault{
		"unknown Response Code: 26, remark: subscription group [g] does not exist": {Code: fault.GroupNotFound, Said: &fault.Answer{Code: 26, Remark: "subscription group [g] does not exist"}},
		"unknown Response Code: 24, remark: ":                                      {Code: fault.SubscriptionNotKnown, Said: &fault.Answer{Code: 24}},
		"unknown Response Code: 16, remark: the consumer's code: 7, remark: x":     {Code: fault.Refused, Said: &fault.Answer{Code: 16, Remark: "the consumer's code: 7, remark: x"}},
		"unknown Response Code: 1":                                                 {Said: &fault.Answer{Code: 1}},
		"unknown Response Code: x":                                                 {},
		"dial tcp 127.0.0.1:1: connect: connection refused":                        {Code: fault.Unreachable},
		"request timeout": {Code: fault.Timeout},
		"brand new words": {},
		"":                {},
	} {
		got := pullProblem(text)
		want.Raw = text
		if want.Said != nil {
			want.Said.Addr = someBroker
		}
		if diff := cmp.Diff(&want, got, cmpopts.IgnoreUnexported(fault.Fault{})); diff != "" {
			t.Errorf("%q: %s", text, diff)
		}
	}
	// The relay's answers are faults themselves.
	sent := &fault.Fault{Code: fault.Untrusted, Raw: "a:1: x509"}
	if got := pullProblem("unknown Response Code: 31999, remark: " + sent.Encode()); got.Code != sent.Code || got.Raw != sent.Raw {
		t.Errorf("%+v", got)
	}
}

func TestProblemsAreFailedPullsOnly(t *testing.T) {
	var mu sync.Mutex
	var got []*fault.Fault
	p := &Problems{log: slog.New(slog.DiscardHandler), on: func(pr *fault.Fault) {
		mu.Lock()
		defer mu.Unlock()
		got = append(got, pr)
	}}
	refused := map[string]any{rlog.LogKeyUnderlayError: "unknown Response Code: 26, remark: no group"}
	p.Warning("fetch offset of mq from broker error", refused)
	p.Error("get consumer list of group from broker error", refused)
	if len(got) != 0 {
		t.Errorf("other complaints count: %v", got)
	}
	var group sync.WaitGroup
	for range 20 {
		group.Go(func() { p.Warning(pullFailed, refused) })
	}
	group.Wait()
	if len(got) != 20 || !errors.Is(got[0], fault.GroupNotFound) {
		t.Errorf("%v", got)
	}
	// Nobody need listen.
	(&Problems{log: slog.New(slog.DiscardHandler)}).Warning(pullFailed, refused)
}
