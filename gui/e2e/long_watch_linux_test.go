//go:build long

package e2e

import (
	"fmt"
	"testing"
	"time"

	"gantry/client/profile"
	"gantry/client/testcluster"
)

const (
	watchedRate   = 20_000 // messages a second
	watchedFor    = 12 * time.Second
	watchedQueues = 8
	// hangs is a window that does not answer: one whose main loop had to look at what comes
	// would be further behind with each second. A machine that does other things too lets any
	// window wait for some hundred milliseconds; what was measured is logged.
	hangs = 2 * time.Second
)

// TestWatchAsAPerson: a follow keeps only what fits, of a topic with 20,000 messages a second
// or as many as the machine gives, whose load is this process. The one order that fits is
// there while the load goes on, and the window answers all the time. That nothing is left
// out on the way is counted by a test of package client.
func TestWatchAsAPerson(t *testing.T) {
	d := newDesktop(t)
	exe := buildPackage(t, "./gui/measure")
	c := testcluster.StartT(t, testcluster.Options{Version: testcluster.V550, FullSpeed: true})
	b := newBroker(t, c)
	b.createTopic(topic, watchedQueues)
	d.saveProfiles(profile.Profile{ID: "p", Name: "watch", Environment: profile.Development, NameServers: []string{c.NameServer()}, Mapping: profile.OpenSource})
	w := d.measure(exe, "-data", d.data())
	w.paint()
	w.waitWindow()
	const queue, n = 5, 3 * watchedRate / watchedQueues // early enough for a slow machine to send it
	d.watch(fmt.Sprintf(`.items[0].sku:"SKU-%06d"`, queue*ordersEach+n))

	l, err := testcluster.NewLoader(t.Context(), c.BrokerAddr(0), topic, watchedQueues, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	l.Make = order
	w.waits() // from here on
	sent, err := l.Pace(t.Context(), watchedRate, watchedFor)
	if err != nil {
		t.Fatal(err)
	}
	d.picture("watch-load")
	waits := w.waits()
	t.Logf("sent %.0f/s; main loop wait p50 %v, p99 %v, max %v", float64(sent)/watchedFor.Seconds(), waits[0], waits[1], waits[2])
	if waits[1] > hangs {
		t.Errorf("the window lets others wait: p99 is %v", waits[1])
	}
	list := d.list("")
	list.wait(1)
	want := order(queue, n)
	d.eventually(10*time.Second, func() error {
		got, err := d.readBody(firstFollowed)
		if err == nil && got != string(want.Body) {
			err = fmt.Errorf("the list shows %q", got)
		}
		return err
	})
	d.picture("watch-found")
	if got := list.kept(); got != 1 {
		t.Errorf("%d messages are kept", got)
	}
	w.quit("Return")
}

// watch connects, and follows the topic to keep only what fits a filter.
func (d *desktop) watch(filter string) {
	d.t.Helper()
	d.key("alt+2")
	d.pause(500 * time.Millisecond)
	d.key("ctrl+Return") // connect
	d.pause(2500 * time.Millisecond)
	d.key("ctrl+2")
	d.pause(500 * time.Millisecond)
	d.write(topic)
	d.key("Escape", "Tab", "Right", "Right", "Tab") // filtered by any field
	d.write(filter)
	d.picture("watch-form")
	d.key("ctrl+Return")
	d.pause(2 * time.Second)
}

// waits are how long the window let functions wait for its main goroutine since they were
// asked for last: in the middle, 99 of 100, and at most.
func (m *measured) waits() (waits [3]time.Duration) {
	m.d.t.Helper()
	if _, err := m.in.WriteString("wait\n"); err != nil {
		m.d.t.Fatal(err)
	}
	for i, s := range m.fields("wait")[:3] {
		waits[i] = m.duration(s)
	}
	return waits
}
