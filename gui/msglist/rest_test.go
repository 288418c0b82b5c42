package msglist

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
)

// teller is a source that tells of its changes.
type teller struct {
	*source
	changed func()
}

func (s *teller) OnChange(changed func()) { s.changed = changed }

// more lets n messages come.
func (s *teller) more(n uint64) {
	s.next.Add(n)
	s.changed()
}

// untilRest runs what is queued until the list's ticker has ended.
func (r *rig) untilRest() {
	for r.list.watch.On() {
		(<-r.queue)()
	}
}

// TestTickerRests: a list ticks from a change until nothing more is to do, and never
// while it is hidden.
func TestTickerRests(t *testing.T) {
	r := newRig(t, 0)
	s := &teller{source: r.src}
	r.list.SetSource(s)
	r.list.SetShown(true)
	r.untilRest()
	s.more(200)
	r.untilWoken()
	if r.untilRest(); r.last() != "k199" || !r.list.Live() {
		t.Errorf("the list ends at %q", r.last())
	}
	// The wheel wakes it too: what comes into sight is to be read.
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(r.list.view)
	test.Scroll(r.win.Canvas(), at.AddXY(50, 50), 0, 2000)
	if r.untilRest(); r.list.Live() || r.lines()[0] == "" || r.lines()[0] == "k199" {
		t.Errorf("scrolled: live %v, rows %v", r.list.Live(), r.lines())
	}
	s.more(5)
	r.untilWoken()
	if r.untilRest(); r.news != 5 {
		t.Errorf("%d new", r.news)
	}
	r.list.SetShown(false)
	s.more(5)
	(<-r.queue)()
	if r.list.watch.On() || r.tasks.Tickers() > 1 {
		t.Error("a hidden list ticks")
	}
	r.list.SetShown(true)
	if r.untilRest(); r.news != 10 {
		t.Errorf("shown again: %d new", r.news)
	}
	r.list.SetSource(r.src)
	if r.settle(); s.changed != nil || !r.list.watch.On() {
		t.Errorf("the source before is listened to: %v; another is looked at: %v", s.changed != nil, r.list.watch.On())
	}
}

// untilWoken waits until the list was woken.
func (r *rig) untilWoken() {
	for !r.list.watch.On() {
		(<-r.queue)()
	}
}
