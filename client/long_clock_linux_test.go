//go:build long

package client_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"gantry/client/profile"
	"gantry/client/session"
)

// noticed is what a cluster gets to take notice of a new time everywhere.
const noticed = 300 * time.Millisecond

// believesItsClock takes this computer's clock for the brokers'.
var believesItsClock = change{"worker/receiver.go", "Broadcast: j.Broadcast, Ordered: j.Ordered, From: j.From,", "Broadcast: j.Broadcast, Ordered: j.Ordered, From: time.Now().Add(-10 * time.Minute),"}

// TestClock moves the brokers' clock. Their new groups have no position, so that
// the client library starts them by a time. The tests share the clock and run one
// after the other.
func TestClock(t *testing.T) {
	t.Parallel()
	on := serverOf("clock")
	c := on.real(t)
	set := func(t *testing.T, ahead time.Duration) {
		t.Helper()
		if err := c.SetClock(ahead); err != nil {
			t.Fatal(err)
		}
		time.Sleep(noticed)
	}
	t.Run("an hour behind", func(t *testing.T) {
		set(t, -time.Hour)
		if got := receivedFromNow(t, on); !slices.Equal(got, []string{"1 after", "2 after", "3 after"}) {
			t.Errorf("received %q", got)
		}
	})
	t.Run("control that believes its own clock", func(t *testing.T) {
		if got := receivedFromNow(t, on, believesItsClock); slices.Contains(got, "1 after") {
			t.Errorf("nothing was lost (%q): this test cannot fail", got)
		}
	})
	t.Run("an hour ahead", func(t *testing.T) {
		set(t, time.Hour)
		if got := receivedFromNow(t, on); !slices.Equal(got, []string{"1 after", "2 after", "3 after"}) {
			t.Errorf("received %q", got)
		}
	})
	t.Run("jumping while it receives", func(t *testing.T) {
		set(t, 0)
		d, top := on.desk(t), on.topic(t, 1)
		sub := d.subscribe(on.spec(t, top))
		waitState(t, sub, 20*time.Second, session.Receiving)
		var want []string
		for i, ahead := range []time.Duration{0, 2 * time.Hour, -3 * time.Hour, 0} {
			set(t, ahead)
			body := fmt.Sprintf("%d at %v", i, ahead)
			d.send(top, "", body)
			want = append(want, body)
			wait(t, sub, len(want), 20*time.Second)
		}
		if got := bodies(t, sub); !slices.Equal(got, want) {
			t.Errorf("received %q", got)
		}
		ms := messages(t, sub)
		if by := ms[1].StoredAt.Sub(ms[1].ArrivedAt); (by - 2*time.Hour).Abs() > 10*time.Second {
			t.Errorf("the broker's time is not kept: %v", by)
		}
		// What arrived is numbered by its arrival, whatever its time.
		if !ms[2].StoredAt.Before(ms[1].StoredAt) || ms[2].ArrivedAt.Before(ms[1].ArrivedAt) {
			t.Errorf("stored %v then %v", ms[1].StoredAt, ms[2].StoredAt)
		}
	})
	t.Run("from a time of the broker's clock", func(t *testing.T) {
		set(t, -time.Hour)
		d, top := on.desk(t), on.topic(t, 2)
		d.send(top, "", "old")
		time.Sleep(1100 * time.Millisecond)
		s := on.spec(t, top)
		s.From, s.FromTime = profile.FromTime, time.Now().Add(-time.Hour)
		d.send(top, "", "new")
		sub := d.subscribe(s)
		wait(t, sub, 1, 20*time.Second)
		time.Sleep(time.Second)
		if got := bodies(t, sub); !slices.Equal(got, []string{"new"}) {
			t.Errorf("received %q", got)
		}
	})
}

// receivedFromNow subscribes from now on a topic with messages, has messages sent
// at once, as soon as Start returns, and a moment later, and returns what comes.
func receivedFromNow(t *testing.T, on *server, changes ...change) []string {
	t.Helper()
	d, sender := on.desk(t, changes...), on.desk(t)
	top := on.topic(t, 1)
	for i := range 5 {
		sender.send(top, "", fmt.Sprint("before ", i))
	}
	s := on.spec(t, top)
	sub := d.subscribe(s)
	// The library has not asked for its queues yet.
	sender.send(top, "", "1 after", "2 after")
	waitState(t, sub, 20*time.Second, session.Receiving)
	time.Sleep(3 * time.Second)
	sender.send(top, "", "3 after")
	eventually(t, 20*time.Second, func() string {
		if !slices.Contains(bodies(t, sub), "3 after") {
			return fmt.Sprintf("%+v", sub.Status())
		}
		return ""
	})
	return bodies(t, sub)
}
