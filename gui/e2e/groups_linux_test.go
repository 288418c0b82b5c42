package e2e

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestHowFarAGroupIs: a member joins and goes, messages come, and the Groups tab
// says how many wait and that nobody reads them; read from what copying a row
// yields.
func TestHowFarAGroupIs(t *testing.T) {
	d := newDesktop(t)
	p := d.open(build(t))
	d.key("ctrl+Return") // the topic is there
	d.pause(1500 * time.Millisecond)
	d.key("ctrl+2")
	d.pause(500 * time.Millisecond)
	d.key("ctrl+t")
	d.pause(500 * time.Millisecond)
	d.write("hello")
	d.key("Escape", "Tab", "Tab", "Tab", "Right", "ctrl+Return") // join
	d.pause(5 * time.Second)
	d.key("ctrl+1", "ctrl+Return") // it takes one
	d.pause(5 * time.Second)
	d.key("ctrl+5")
	// Down goes from the filter into the list, Enter into the details.
	d.row(t, "with-member", "Lag per queue\thello · ", " · total 0")
	d.key("ctrl+2")
	d.pause(300 * time.Millisecond)
	d.key("ctrl+period") // it leaves
	d.pause(3 * time.Second)
	d.key("ctrl+1", "ctrl+Return")
	d.pause(500 * time.Millisecond)
	d.key("ctrl+Return")
	d.pause(500 * time.Millisecond)
	d.key("ctrl+5")
	d.row(t, "without-member", "Lag per queue\thello · ", " · total 2")
	p.quit()
	p.checkThreads()
}

// row waits until the first row of the details of the first group is this.
func (d *desktop) row(t *testing.T, picture, prefix, suffix string) {
	t.Helper()
	d.eventually(30*time.Second, func() error {
		d.key("ctrl+f", "Down", "Home", "Return", "Down", "Home")
		got := d.copied(func() { d.key("ctrl+c") })
		d.picture(picture)
		if !strings.HasPrefix(got, prefix) || !strings.HasSuffix(got, suffix) {
			d.pause(time.Second)
			return fmt.Errorf("the details begin with %q", got)
		}
		return nil
	})
}
