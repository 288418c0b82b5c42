package engine

import (
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/apache/rocketmq-client-go/v2/consumer"
	"github.com/apache/rocketmq-client-go/v2/hooks"
	"github.com/apache/rocketmq-client-go/v2/primitive"

	"gantry/client/fault"
	"gantry/client/message"
)

// neverLimit is for how long something that must not happen is given the chance:
// where the code is wrong it happens at once.
const neverLimit = 200 * time.Millisecond

func TestAnswers(t *testing.T) {
	for _, c := range []struct {
		name      string
		answer    Answer
		broadcast bool
		want      consumer.ConsumeResult
	}{
		{"success", Success, false, consumer.ConsumeSuccess},
		{"later", Later, false, consumer.ConsumeRetryLater},
		{"broadcasting success", Success, true, consumer.ConsumeSuccess},
		// The broker keeps no position of a broadcasting member, and the library
		// would deliver what follows again.
		{"broadcasting later", Later, true, consumer.ConsumeSuccess},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, f := withFake(t, ConsumerConfig{Topic: "t", Broadcast: c.broadcast, Handle: func([]*message.Message) Answer { return c.answer }})
			got, err := f.pull(queue("t"), stored("t", 1, "x"))
			if err != nil || got != c.want {
				t.Errorf("answered %v, %v, want %v", got, err, c.want)
			}
		})
	}
}

func TestBlockNeverAnswers(t *testing.T) {
	for _, broadcast := range []bool{false, true} {
		c, f := withFake(t, ConsumerConfig{Topic: "t", Broadcast: broadcast, Handle: func([]*message.Message) Answer { return Block }})
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		answered := make(chan struct{}, 1)
		go func() {
			_, _ = f.pull(queue("t"), stored("t", 1, "x"))
			answered <- struct{}{}
		}()
		select {
		case <-answered:
			t.Error("a message that was not kept was answered")
		case <-time.After(neverLimit):
		}
		// A blocked callback is no handler that Stop would wait for.
		begin := time.Now()
		if err := c.Stop(10 * time.Second); err != nil || time.Since(begin) > 5*time.Second {
			t.Errorf("Stop took %v, %v", time.Since(begin), err)
		}
		select {
		case <-answered:
			t.Error("Stop let a blocked callback go")
		case <-time.After(neverLimit):
		}
	}
}

// TestManyCallbacks runs as many callbacks at once as the library does, which
// the race detector watches.
func TestManyCallbacks(t *testing.T) {
	const goroutines, each = 20, 50
	var mu sync.Mutex
	seen := map[int64]int{}
	c, f := withFake(t, ConsumerConfig{Topic: "t", Handle: func(ms []*message.Message) Answer {
		mu.Lock()
		defer mu.Unlock()
		for i, m := range ms {
			if i > 0 && m.QueueOffset != ms[i-1].QueueOffset+1 {
				t.Errorf("offset %d after %d", m.QueueOffset, ms[i-1].QueueOffset)
			}
			seen[m.QueueOffset]++
		}
		return Success
	}})
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	for g := range int64(goroutines) {
		group.Go(func() {
			for i := range int64(each) {
				o := 2 * (g*each + i)
				b := append(stored("t", o, "one"), stored("t", o+1, "two")...)
				if r, err := f.pull(queue("t"), b); r != consumer.ConsumeSuccess || err != nil {
					t.Errorf("%v, %v", r, err)
				}
			}
		})
	}
	group.Wait()
	for o := range int64(2 * goroutines * each) {
		if seen[o] != 1 {
			t.Fatalf("offset %d came %d times", o, seen[o])
		}
	}
	if err := c.Stop(time.Second); err != nil || f.shutdowns.Load() != 1 {
		t.Errorf("stopped: %v, %d shutdowns", err, f.shutdowns.Load())
	}
}

// TestNothingReturnsAfterStop keeps 20 goroutines pulling over a Stop: each gets
// stuck in the hook or the callback, and none hands anything over any more.
func TestNothingReturnsAfterStop(t *testing.T) {
	var stopped atomic.Bool
	var handled atomic.Int64
	c, f := withFake(t, ConsumerConfig{Topic: "t", Handle: func([]*message.Message) Answer {
		if stopped.Load() {
			t.Error("a message was handed over after Stop")
		}
		handled.Add(1)
		return Success
	}})
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	const goroutines = 20
	var answered [goroutines]atomic.Int64
	for g := range goroutines {
		go func() {
			for {
				_, _ = f.pull(queue("t"), stored("t", 1, "x"))
				answered[g].Add(1)
			}
		}()
	}
	for handled.Load() < 10*goroutines {
		time.Sleep(time.Millisecond)
	}
	if err := c.Stop(time.Second); err != nil {
		t.Fatal(err)
	}
	stopped.Store(true)
	var before [goroutines]int64
	for g := range goroutines {
		before[g] = answered[g].Load()
	}
	time.Sleep(neverLimit)
	for g := range goroutines {
		if n := answered[g].Load(); n != before[g] {
			t.Errorf("goroutine %d: %d answers after Stop", g, n-before[g])
		}
	}
}

// TestHookAndCallbackBlockOnceStopped calls each by itself: a batch may have
// passed the hook before Stop and reach the callback after it.
func TestHookAndCallbackBlockOnceStopped(t *testing.T) {
	c, f := withFake(t, ConsumerConfig{Topic: "t", Handle: func([]*message.Message) Answer {
		t.Error("handed over")
		return Success
	}})
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	if err := c.Stop(0); err != nil {
		t.Fatal(err)
	}
	returned := make(chan string, 2)
	go func() {
		_, _ = f.hook(&hooks.FilterMessageContext{})
		returned <- "hook"
	}()
	go func() {
		_, _ = f.callback(t.Context())
		returned <- "callback"
	}()
	select {
	case which := <-returned:
		t.Errorf("the %s returned after Stop", which)
	case <-time.After(neverLimit):
	}
}

func TestStopWaitsForHandlers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		entered, release := make(chan struct{}), make(chan struct{})
		c, f := withFake(t, ConsumerConfig{Topic: "t", Handle: func([]*message.Message) Answer {
			close(entered)
			<-release
			return Success
		}})
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		answer := make(chan consumer.ConsumeResult, 1)
		go func() {
			r, _ := f.pull(queue("t"), stored("t", 1, "x"))
			answer <- r
		}()
		<-entered
		begin := time.Now()
		go func() { _ = c.Stop(time.Second) }()
		time.Sleep(500 * time.Millisecond)
		if f.shutdowns.Load() != 0 {
			t.Error("positions were committed while a handler was appending")
		}
		close(release)
		if r := <-answer; r != consumer.ConsumeSuccess {
			t.Errorf("what was being appended was answered %v", r)
		}
		<-f.stopped
		// The library still has to note what was answered.
		if took := time.Since(begin); took < 500*time.Millisecond+settle || took > 600*time.Millisecond+settle {
			t.Errorf("Stop took %v", took)
		}
	})
}

func TestStopWaitsNoLongerThanGrace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		entered, release := make(chan struct{}), make(chan struct{})
		c, f := withFake(t, ConsumerConfig{Topic: "t", Handle: func([]*message.Message) Answer {
			close(entered)
			<-release
			return Success
		}})
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		go func() { _, _ = f.pull(queue("t"), stored("t", 1, "x")) }()
		<-entered
		begin := time.Now()
		if err := c.Stop(time.Second); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(begin); took < time.Second || took > time.Second+2*settle {
			t.Errorf("Stop took %v", took)
		}
		if f.shutdowns.Load() != 1 {
			t.Error("positions were not committed")
		}
		close(release)
	})
}

// TestStopCommitsBeforeShutdown wants the positions on their way before the
// connections are closed, also where a broker keeps the library waiting.
func TestStopCommitsBeforeShutdown(t *testing.T) {
	for _, c := range []struct {
		name        string
		hangs       bool
		err         error
		least, most time.Duration
	}{
		{"done", false, nil, settle + commitTime, settle + commitTime},
		{"refused", false, errFake, settle, settle},
		{"hanging", true, nil, settle + commitLimit, settle + commitLimit},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				consumer, f := withFake(t, ConsumerConfig{Topic: "t"})
				f.commitErr = c.err
				if c.hangs {
					f.hangs = make(chan struct{})
					defer close(f.hangs)
				}
				if err := consumer.Start(); err != nil {
					t.Fatal(err)
				}
				begin := time.Now()
				if err := consumer.Stop(time.Second); err != nil {
					t.Fatal(err)
				}
				if took := time.Since(begin); took < c.least || took > c.most {
					t.Errorf("Stop took %v", took)
				}
				if f.commits.Load() != 1 || f.shutdowns.Load() != 1 {
					t.Errorf("%d commits before the shutdown, %d shutdowns", f.commits.Load(), f.shutdowns.Load())
				}
			})
		})
	}
}

// TestOrderedLater wants the queue to rest before the library asks again, and to
// be asked again each time: here the same message comes until it is answered
// with Success.
func TestOrderedLater(t *testing.T) {
	asked := 0
	_, f := withFake(t, ConsumerConfig{Topic: "t", Ordered: true, Handle: func([]*message.Message) Answer {
		if asked++; asked == 3 {
			return Success
		}
		return Later
	}})
	messages := primitive.DecodeMessage(stored("t", 1, "x"))
	for round := 1; ; round++ {
		oc := primitive.NewConsumeOrderlyContext()
		oc.MQ = queue("t")
		got, err := f.callback(primitive.WithOrderlyCtx(t.Context(), oc), messages...)
		if err != nil {
			t.Fatal(err)
		}
		if round == 3 {
			if got != consumer.ConsumeSuccess || asked != 3 {
				t.Errorf("answered %v after %d questions", got, asked)
			}
			return
		}
		if got != consumer.SuspendCurrentQueueAMoment || oc.SuspendCurrentQueueTimeMillis != 1000 {
			t.Fatalf("round %d: answered %v, to be asked again after %d ms", round, got, oc.SuspendCurrentQueueTimeMillis)
		}
	}
}

// TestPanicsBecomeErrors: the library panics over routes that it did not expect.
func TestPanicsBecomeErrors(t *testing.T) {
	var missing []int
	for name, value := range map[string]func(){
		"runtime": func() { _ = missing[1] },
		"value":   func() { panic("body of a message") },
	} {
		c, f := withFake(t, ConsumerConfig{Topic: "t"})
		f.onStart = value
		err := c.Start()
		if !errors.Is(err, ErrPanic) || !errors.Is(err, fault.NotStarted) {
			t.Errorf("%s: %v", name, err)
		}
		if strings.Contains(err.Error(), "body") {
			t.Errorf("%s: the error repeats what may be a message: %v", name, err)
		}
	}
}

func TestStopBeforeAGoodStart(t *testing.T) {
	c, f := withFake(t, ConsumerConfig{Topic: "t"})
	if err := c.Stop(0); err != nil || f.shutdowns.Load() != 0 {
		t.Errorf("never started: %v, %d shutdowns", err, f.shutdowns.Load())
	}
	c, f = withFake(t, ConsumerConfig{Topic: "t"})
	f.startErr = errFake
	if err := c.Start(); !errors.Is(err, fault.NotStarted) || !errors.Is(err, errFake) {
		t.Errorf("a failed start: %v", err)
	}
	if err := c.Stop(0); err != nil || f.shutdowns.Load() != 0 {
		t.Errorf("not started: %v, %d shutdowns", err, f.shutdowns.Load())
	}
}

func TestSubscribes(t *testing.T) {
	for _, c := range []struct {
		cfg  ConsumerConfig
		want consumer.MessageSelector
	}{
		{ConsumerConfig{}, consumer.MessageSelector{Type: consumer.TAG, Expression: "*"}},
		{ConsumerConfig{Expression: "a || b"}, consumer.MessageSelector{Type: consumer.TAG, Expression: "a || b"}},
		{ConsumerConfig{Expression: "a > 1", SQL92: true}, consumer.MessageSelector{Type: consumer.SQL92, Expression: "a > 1"}},
	} {
		c.cfg.Topic = "ns%t"
		_, f := withFake(t, c.cfg)
		if f.topic != "ns%t" || f.selector != c.want {
			t.Errorf("subscribed to %s with %+v, want %+v", f.topic, f.selector, c.want)
		}
	}
	_, err := newConsumer(ConsumerConfig{}, func(ConsumerConfig, hooks.FilterMessageHook) (pushConsumer, error) {
		return &fakeLibrary{subscribeErr: errFake}, nil
	})
	if !errors.Is(err, errFake) {
		t.Errorf("a refused subscription: %v", err)
	}
	_, err = newConsumer(ConsumerConfig{}, func(ConsumerConfig, hooks.FilterMessageHook) (pushConsumer, error) { return nil, errFake })
	if !errors.Is(err, errFake) {
		t.Errorf("a refused consumer: %v", err)
	}
}
