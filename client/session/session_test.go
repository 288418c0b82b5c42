package client

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"gantry/client/fault"
	"gantry/client/profile"
	"gantry/client/worker"
)

// idle is a subscription whose worker has joined, without a worker.
func idle(t *testing.T) *Subscription {
	t.Helper()
	c, err := New(Params{Folders: FoldersIn(t.TempDir())})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	s, err := c.OpenSubscription(profile.Subscription{ID: "s"})
	if err != nil {
		t.Fatal(err)
	}
	s.on(worker.Event{Kind: worker.Started})
	return s
}

func TestFailedPullsShowWhileTheyLast(t *testing.T) {
	for name, c := range map[string]struct {
		code  int
		want  error
		first State // after the first failure
	}{
		"unknown group":        {26, fault.GroupNotFound, Troubled},
		"refused":              {16, fault.Refused, Troubled},
		"unreachable":          {0, fault.Unreachable, Troubled},
		"unknown subscription": {24, fault.SubscriptionNotKnown, Receiving}, // until the first heartbeat is there
	} {
		t.Run(name, func(t *testing.T) {
			s := idle(t)
			synctest.Test(t, func(t *testing.T) {
				s.on(worker.Event{Kind: worker.Trouble, Code: c.code, Text: "x"})
				if st := s.Status(); st.State != c.first {
					t.Errorf("after the first: %+v", st)
				}
				time.Sleep(3 * time.Second)
				s.on(worker.Event{Kind: worker.Trouble, Code: c.code, Text: "x"})
				if st := s.Status(); st.State != Troubled || !errors.Is(st.Err, c.want) {
					t.Errorf("after the second: %+v", st)
				}
				time.Sleep(troubleLasts)
				if st := s.Status(); st.State != Receiving || st.Err != nil {
					t.Errorf("long after: %+v", st)
				}
			})
		})
	}
}

func TestWatchShowsOnlyWhileRunning(t *testing.T) {
	s := idle(t)
	s.watched = fault.NotListed
	if st := s.Status(); st.State != Troubled || !errors.Is(st.Err, fault.NotListed) {
		t.Errorf("%+v", st)
	}
	s.status.State = Stopped
	if st := s.Status(); st.State != Stopped || st.Err != nil {
		t.Errorf("stopped: %+v", st)
	}
}

func TestStateWords(t *testing.T) {
	s := idle(t)
	s.on(worker.Event{Kind: worker.Counted, Counters: &worker.Counters{ToGo: 3}})
	if st := s.Status(); st.State != Skipping || st.ToGo != 3 {
		t.Errorf("below the floors: %+v", st)
	}
	s.on(worker.Event{Kind: worker.Counted, Counters: &worker.Counters{Received: 1}})
	if err := s.Pause(); err != nil {
		t.Fatal(err)
	}
	if st := s.Status(); st.State != Paused {
		t.Errorf("paused: %+v", st)
	}
	s.on(worker.Event{Kind: worker.Blocked, Text: "no space left on device"})
	if st := s.Status(); st.State != Blocked || st.Err == nil {
		t.Errorf("blocked: %+v", st)
	}
	s.on(worker.Event{Kind: worker.Blocked})
	if st := s.Status(); st.State != Paused || st.Err != nil {
		t.Errorf("it goes on: %+v", st)
	}
	if err := s.Resume(); err != nil {
		t.Fatal(err)
	}
	if st := s.Status(); st.State != Receiving {
		t.Errorf("resumed: %+v", st)
	}
}

func TestAGroupIsClaimedOnce(t *testing.T) {
	c, err := New(Params{Folders: FoldersIn(t.TempDir())})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
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

// TestStartTimes: the library sends the time at which a new group begins, and
// brokers compare it with their own clocks.
func TestStartTimes(t *testing.T) {
	first := time.Unix(1_700_000_000, 0)
	before, after := first.Add(-time.Hour), first.Add(time.Hour)
	for name, c := range map[string]struct {
		meta journalMeta
		want time.Time
	}{
		"now":                            {journalMeta{First: first}, first.Add(-earlyBy)},
		"now, this clock is ahead":       {journalMeta{First: first, Ahead: time.Minute}, first.Add(-earlyBy - time.Minute)},
		"now, this clock is behind":      {journalMeta{First: first, Ahead: -time.Minute}, first.Add(-earlyBy + time.Minute)},
		"a time":                         {journalMeta{First: first, Start: profile.FromTime, StartTime: before}, before.Add(-earlyBy)},
		"a time, this clock is ahead":    {journalMeta{First: first, Start: profile.FromTime, StartTime: before, Ahead: time.Minute}, before.Add(-earlyBy)},
		"a time to come":                 {journalMeta{First: first, Start: profile.FromTime, StartTime: after}, first.Add(-earlyBy)},
		"earliest, before every message": {journalMeta{First: first, Start: profile.FromEarliest, Ahead: time.Minute}, time.Unix(24*60*60, 0)},
	} {
		if got := c.meta.from(); !got.Equal(c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}
