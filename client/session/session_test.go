package session

import (
	"errors"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"gantry/client/admin"
	"gantry/client/fault"
	"gantry/client/profile"
	"gantry/client/tail"
	"gantry/client/testserver"
	"gantry/client/worker"
)

// joined are the facts of a session whose worker has joined.
func joined() *facts {
	f := &facts{}
	f.begin(false)
	f.launched()
	f.on(worker.Event{Kind: worker.Started}, time.Now())
	return f
}

func TestFailedPullsShowWhileTheyLast(t *testing.T) {
	said := &fault.Answer{Code: 1, Addr: "b"}
	for name, c := range map[string]struct {
		why   fault.Fault
		first State // after the first failure
	}{
		"unknown group":        {fault.Fault{Code: fault.GroupNotFound, Said: said}, Troubled},
		"refused":              {fault.Fault{Code: fault.Refused, Said: said}, Troubled},
		"unreachable":          {fault.Fault{Code: fault.Unreachable}, Troubled},
		"unknown words":        {fault.Fault{Raw: "brand new"}, Troubled},
		"unknown subscription": {fault.Fault{Code: fault.SubscriptionNotKnown, Said: said}, Receiving}, // until the first heartbeat is there
	} {
		f, now := joined(), time.Now()
		f.on(worker.Event{Kind: worker.Trouble, Fault: &c.why}, now)
		if st := f.status(now); st.State != c.first {
			t.Errorf("%s: after the first: %+v", name, st)
		}
		now = now.Add(3 * time.Second)
		f.on(worker.Event{Kind: worker.Trouble, Fault: &c.why}, now)
		if st := f.status(now); st.State != Troubled || fault.Of(st.Err) != c.why.Code || fault.From(st.Err).Raw != c.why.Raw {
			t.Errorf("%s: after the second: %+v", name, st)
		}
		now = now.Add(troubleLasts)
		if st := f.status(now); st.State != Receiving || st.Err != nil {
			t.Errorf("%s: long after: %+v", name, st)
		}
	}
}

func TestWatchShowsOnlyWhileRunning(t *testing.T) {
	f := joined()
	f.watched = fault.NotListed
	if st := f.status(time.Now()); st.State != Troubled || !errors.Is(st.Err, fault.NotListed) {
		t.Errorf("%+v", st)
	}
	f.stopped(nil)
	if st := f.status(time.Now()); st.State != Stopped || st.Err != nil {
		t.Errorf("stopped: %+v", st)
	}
}

func TestStates(t *testing.T) {
	f, now := joined(), time.Now()
	state := func() Status { return f.status(now) }
	f.on(worker.Event{Kind: worker.Counted, Counters: &worker.Counters{ToGo: 3}}, now)
	if st := state(); st.State != Skipping || st.ToGo != 3 {
		t.Errorf("below the floors: %+v", st)
	}
	f.on(worker.Event{Kind: worker.Counted, Counters: &worker.Counters{Received: 1}}, now)
	f.paused = true
	if st := state(); st.State != Receiving || !st.Paused {
		t.Errorf("to be paused: %+v", st)
	}
	f.on(worker.Event{Kind: worker.Counted, Counters: &worker.Counters{Received: 1, Closed: true}}, now)
	if st := state(); st.State != Paused {
		t.Errorf("paused: %+v", st)
	}
	f.on(worker.Event{Kind: worker.Blocked, Fault: &fault.Fault{Code: fault.DiskFull}}, now)
	if st := state(); st.State != Blocked || !errors.Is(st.Err, fault.DiskFull) {
		t.Errorf("blocked: %+v", st)
	}
	f.on(worker.Event{Kind: worker.Blocked}, now)
	if st := state(); st.State != Paused || st.Err != nil {
		t.Errorf("it goes on: %+v", st)
	}
	f.paused = false
	if st := state(); st.State != Receiving {
		t.Errorf("resumed: %+v", st)
	}
	f.on(worker.Event{Kind: worker.Counted, Counters: &worker.Counters{Skipped: 2, Filtered: 3, Missed: 4, Waiting: 5}}, now)
	f.ended()
	f.waits(fault.WorkerDied)
	if st := state(); st.State != Restarting || !errors.Is(st.Err, fault.WorkerDied) || st.Waiting != 0 || st.Restarts != 1 {
		t.Errorf("restarting: %+v", st)
	}
	f.launched()
	if st := state(); st.State != Receiving && st.State != Joining || st.Err != nil {
		t.Errorf("restarted: %+v", st)
	}
	f.on(worker.Event{Kind: worker.Counted, Counters: &worker.Counters{Skipped: 1}}, now)
	if st := state(); st.Skipped != 3 || st.Filtered != 3 || st.Missed != 4 {
		t.Errorf("counts of both workers: %+v", st)
	}
}

// setIn is a set whose workers cannot be started.
func setIn(t *testing.T) *Set {
	t.Helper()
	dir := t.TempDir()
	return NewSet(Params{Program: worker.Program{Path: filepath.Join(dir, "none")}, Dir: dir, Room: tail.NewRoom(dir), Log: slog.New(slog.DiscardHandler)})
}

func TestAGroupIsClaimedOnce(t *testing.T) {
	c := setIn(t)
	p := profile.Profile{NameServers: []string{"b:1", "a:1"}}
	release, err := c.claim(p, "g", "one")
	if err != nil {
		t.Fatal(err)
	}
	p.NameServers = []string{"a:1", "b:1"}
	if _, err := c.claim(p, "g", "two"); !errors.Is(err, fault.GroupInUse) {
		t.Errorf("twice: %v", err)
	}
	if _, err := c.claim(p, "h", "two"); err != nil {
		t.Errorf("another group: %v", err)
	}
	release()
	if _, err := c.claim(p, "g", "two"); err != nil {
		t.Errorf("after it was given back: %v", err)
	}
}

// TestOpenedByMany: whoever opens a session while it is being opened gets the same one,
// and nobody waits under the lock of the set.
func TestOpenedByMany(t *testing.T) {
	c := setIn(t)
	got := make(chan *Session, 20)
	for range 20 {
		go func() {
			s, err := c.Open(profile.Subscription{ID: "s"})
			if err != nil {
				t.Error(err)
			}
			got <- s
		}()
	}
	first := <-got
	for range 19 {
		if s := <-got; s != first {
			t.Error("another object of the same id")
		}
	}
	c.CloseAll()
	if _, err := c.Open(profile.Subscription{ID: "s"}); !errors.Is(err, fault.NotConnected) {
		t.Errorf("opened after the end: %v", err)
	}
}

// TestStopAtAnyMoment: a stop while it is checked, while it waits for another worker, and
// twice at once, ends it; what it held is given back.
func TestStopAtAnyMoment(t *testing.T) {
	addr := testserver.Serve(t, testserver.Silent)
	for name, states := range map[string][]State{"checking": {Checking}, "stopped": {Stopped}} {
		t.Run(name, func(t *testing.T) {
			c := setIn(t)
			s, err := c.Open(profile.Subscription{ID: "s"})
			if err != nil {
				t.Fatal(err)
			}
			changed := make(chan struct{}, 1000)
			s.OnChange(func() { changed <- struct{}{} })
			ask := admin.New(admin.Config{NameServers: []string{addr}})
			defer ask.Close()
			started := make(chan error, 1)
			go func() {
				started <- s.Start(t.Context(), Endpoint{Profile: profile.Profile{NameServers: []string{addr}}, Admin: ask}, profile.Subscription{ID: "s", Topic: "t", Group: "g"})
			}()
			for s.Status().State != Checking {
				<-changed
			}
			if states[0] == Stopped {
				c.CloseAll()
			} else {
				var twice sync.WaitGroup
				twice.Go(s.Stop)
				twice.Go(s.Stop)
				twice.Wait()
			}
			if err := <-started; err == nil {
				t.Error("it started")
			}
			if st := s.Status().State; st != Stopped {
				t.Errorf("it is %v", st)
			}
			if _, err := c.claim(profile.Profile{NameServers: []string{addr}}, "g", "other"); err != nil && states[0] != Stopped {
				t.Errorf("the group is still held: %v", err)
			}
		})
	}
}

// TestRestartsAndStops: a worker that cannot be started is tried again after a pause, and
// a stop ends that at once.
func TestRestartsAndStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := setIn(t)
		s := newSession(c, profile.Subscription{ID: "s"}, meta{})
		go s.own()
		r := &run{s: s, spec: profile.Subscription{ID: "s", Follow: true}, release: func() {}, job: &worker.Job{Kind: worker.Follow, Receive: &worker.Receive{}}}
		s.order(func() {
			s.facts.begin(false)
			s.stopped = make(chan struct{})
			_ = s.started(t.Context(), r, nil)
		})
		for n := 1; n < 4; n++ {
			synctest.Wait()
			if st := s.Status(); st.State != Restarting || st.Restarts != n || st.Err == nil {
				t.Fatalf("after %d tries: %+v", n, st)
			}
			time.Sleep(firstBackOff << (n - 1))
		}
		s.Stop()
		if st := s.Status(); st.State != Stopped || st.Err != nil {
			t.Errorf("%+v", st)
		}
		s.close()
	})
}

// TestCountsOfASiftedStart: what a start looked at and kept is counted over all its workers,
// stays once it is stopped, and is forgotten by a start that keeps everything.
func TestCountsOfASiftedStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSession(setIn(t), profile.Subscription{ID: "s"}, meta{})
		go s.own()
		start := func(keep string) {
			s.order(func() {
				s.facts.begin(false)
				s.stopped = make(chan struct{})
				_ = s.started(t.Context(), &run{s: s, release: func() {}, job: &worker.Job{Kind: worker.Follow, Receive: &worker.Receive{Keep: keep}}}, nil)
			})
		}
		start("tag:paid")
		s.order(func() {
			s.facts.on(worker.Event{Kind: worker.Counted, Counters: &worker.Counters{Received: 20, Filtered: 80}}, time.Now())
			s.facts.ended()
			s.facts.on(worker.Event{Kind: worker.Counted, Counters: &worker.Counters{Received: 5, Filtered: 10}}, time.Now())
		})
		if st := s.Status(); !st.Sifts || st.Fit != 25 || st.Filtered != 90 {
			t.Errorf("%+v", st)
		}
		s.Stop()
		if st := s.Status(); st.State != Stopped || !st.Sifts || st.Fit != 25 || st.Filtered != 90 {
			t.Errorf("stopped: %+v", st)
		}
		start("")
		if st := s.Status(); st.Sifts || st.Fit != 0 {
			t.Errorf("of all: %+v", st)
		}
		s.Stop()
		s.close()
	})
}

// TestStartTimes: the library sends the time at which a new group begins, and
// brokers compare it with their own clocks.
func TestStartTimes(t *testing.T) {
	first := time.Unix(1_700_000_000, 0)
	before, after := first.Add(-time.Hour), first.Add(time.Hour)
	for name, c := range map[string]struct {
		meta meta
		want time.Time
	}{
		"now":                            {meta{First: first}, first.Add(-earlyBy)},
		"now, this clock is ahead":       {meta{First: first, Ahead: time.Minute}, first.Add(-earlyBy - time.Minute)},
		"now, this clock is behind":      {meta{First: first, Ahead: -time.Minute}, first.Add(-earlyBy + time.Minute)},
		"a time":                         {meta{First: first, Start: profile.FromTime, StartTime: before}, before.Add(-earlyBy)},
		"a time, this clock is ahead":    {meta{First: first, Start: profile.FromTime, StartTime: before, Ahead: time.Minute}, before.Add(-earlyBy)},
		"a time to come":                 {meta{First: first, Start: profile.FromTime, StartTime: after}, first.Add(-earlyBy)},
		"earliest, before every message": {meta{First: first, Start: profile.FromEarliest, Ahead: time.Minute}, time.Unix(24*60*60, 0)},
	} {
		if got := c.meta.from(); !got.Equal(c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}
