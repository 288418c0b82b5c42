package worker

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"gantry/client/engine"
	"gantry/client/message"
)

// fakeConsumer plays the engine's consumer.
type fakeConsumer struct {
	cfg      engine.ConsumerConfig
	startErr error
	onStop   func(grace time.Duration)
}

func (f *fakeConsumer) Start() error { return f.startErr }

func (f *fakeConsumer) Stop(grace time.Duration) error {
	f.onStop(grace)
	return nil
}

// joined starts a subscription over a fake.
func joined(t *testing.T, job *Job, f *fakeConsumer) (runner, *heard, error) {
	t.Helper()
	job.Receive.Journal = t.TempDir()
	events, h := hear()
	r, err := startReceiver(job, events, func(s *receiver) (consumer, error) {
		f.cfg = consumerConfig(job, engine.Access{Instance: "i"}, s)
		return f, nil
	})
	return r, h, err
}

func TestSubscriptionIsPassedOn(t *testing.T) {
	from := time.Unix(1_700_000_000, 0)
	for _, tags := range [][]string{nil, {"测试"}} {
		f := &fakeConsumer{onStop: func(time.Duration) {}}
		r, _, err := joined(t, &Job{Group: "g", Receive: &Receive{
			Topic: "t", Queues: 4, Expression: "a > 1", SQL92: true, Broadcast: true, From: from, Tags: tags,
		}}, f)
		if err != nil {
			t.Fatal(err)
		}
		want := engine.ConsumerConfig{
			Access: engine.Access{Instance: "i"}, Topic: "t", Group: "g", Queues: 4, Expression: "a > 1", SQL92: true,
			Broadcast: true, From: from, Single: len(tags) > 0,
		}
		if diff := cmp.Diff(want, f.cfg, cmpopts.IgnoreFields(engine.ConsumerConfig{}, "Handle")); diff != "" {
			t.Error(diff)
		}
		r.stop()
	}
}

func TestStartFails(t *testing.T) {
	refused := errors.New("refused")
	if _, _, err := joined(t, &Job{Receive: &Receive{}}, &fakeConsumer{startErr: refused}); !errors.Is(err, refused) {
		t.Errorf("%v", err)
	}
	events, _ := hear()
	_, err := startReceiver(&Job{Receive: &Receive{Journal: t.TempDir()}}, events,
		func(*receiver) (consumer, error) { return nil, refused })
	if !errors.Is(err, refused) {
		t.Errorf("%v", err)
	}
}

// TestStopOrder: the gate is shut before the library is told, the journal takes
// what is being appended until the library has stopped, the counters come last.
func TestStopOrder(t *testing.T) {
	f := &fakeConsumer{}
	r, h, err := joined(t, &Job{Receive: &Receive{Topic: "t"}}, f)
	if err != nil {
		t.Fatal(err)
	}
	s := r.(*receiver)
	f.onStop = func(grace time.Duration) {
		if grace != stopGrace {
			t.Errorf("grace %v", grace)
		}
		if a := f.cfg.Handle(msgs(0, 1)); a != engine.Block {
			t.Errorf("a message passed the gate at the end: answer %v", a)
		}
		if err := s.log.Append(nil, 0); err != nil {
			t.Errorf("the journal is closed while handlers may append: %v", err)
		}
		// What a handler appended while the library stopped.
		var five []byte
		for _, m := range msgs(0, 5) {
			five = message.AppendMessage(five, m)
		}
		if err := s.log.Append(five, 5); err != nil {
			t.Error(err)
		}
	}
	r.stop()
	var last *Counters
	for _, e := range h.all() {
		if e.Kind == Counted {
			last = e.Counters
		}
	}
	if last == nil || last.Received != 5 {
		t.Errorf("the last counters are %+v", last)
	}
	if err := s.log.Append(nil, 0); err == nil {
		t.Error("the journal is still open")
	}
}

// TestCounting: counters are reported at most twenty times a second, and only when
// they have changed.
func TestCounting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeConsumer{onStop: func(time.Duration) {}}
		r, h, err := joined(t, &Job{Receive: &Receive{Topic: "t"}}, f)
		if err != nil {
			t.Fatal(err)
		}
		for i := range int64(100) {
			f.cfg.Handle(msgs(0, i))
			time.Sleep(10 * time.Millisecond)
		}
		time.Sleep(countEvery)
		busy := h.all()
		if len(busy) < 18 || len(busy) > 22 {
			t.Errorf("%d reports in a busy second", len(busy))
		}
		if last := busy[len(busy)-1]; last.Kind != Counted || last.Counters.Received != 100 {
			t.Errorf("the last report is %+v", last)
		}
		time.Sleep(10 * time.Second)
		if idle := h.all(); len(idle) > 0 {
			t.Errorf("%d reports in ten idle seconds", len(idle))
		}
		r.stop()
	})
}
