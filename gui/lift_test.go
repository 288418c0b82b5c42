package gui

import (
	"strings"
	"testing"

	"gantry/client/profile"
)

// TestLiftingReadOnly: a read-only connection takes orders once its name is typed, says until
// when in its header, and is read-only again when that is ended.
func TestLiftingReadOnly(t *testing.T) {
	r, _ := newConnectedRig(t)
	if r.space().lift.Visible() {
		t.Error("a connection that is not read-only can be lifted")
	}
	s := r.space()
	r.save(func(p *profile.Profile) { p.ReadOnly = true }, false)
	r.until(func() bool { return r.editing == nil && r.space() != s && r.space().conn != nil })
	s = r.space()
	r.until(func() bool { return s.lift.Visible() })
	if !s.changeParams().Profile.ReadOnly {
		t.Error("it takes orders")
	}
	r.tap("Read-only")
	field := r.win.Canvas().Focused().(interface{ SetText(string) })
	field.SetText("another")
	r.tap("Allow changes")
	if !s.conn.Lifted().IsZero() {
		t.Fatal("another name was enough")
	}
	field.SetText(s.profile.Name)
	r.tap("Allow changes")
	r.until(func() bool { return strings.HasPrefix(s.lift.Text(), "Changes until ") })
	if s.changeParams().Profile.ReadOnly || s.conn.Lifted().IsZero() {
		t.Error("it takes no orders")
	}
	r.tap(s.lift.Text())
	r.until(func() bool { return s.lift.Text() == "Read-only" })
	if !s.changeParams().Profile.ReadOnly {
		t.Error("it takes orders still")
	}
	s.disconnect(func() {})
	r.until(func() bool { return !s.lift.Visible() })
}
