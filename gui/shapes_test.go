package gui

import (
	"fmt"
	"strings"
	"testing"

	"gantry/client/message"
	"gantry/gui/widgets"
)

// filterBy types a filter over the list that is shown.
func (r *rig) filterBy(text string) {
	r.t.Helper()
	r.space().focusFilter()
	e, ok := r.win.Canvas().Focused().(*widgets.FilterEntry)
	if !ok {
		r.t.Fatalf("%T has the focus", r.win.Canvas().Focused())
	}
	e.SetText(text)
}

// TestCompareByShape: the first side waits for the second, which is of the same list with
// another filter here; cancelled, it waits no more.
func TestCompareByShape(t *testing.T) {
	r, _ := newConnectedRig(t)
	s := r.space()
	for i := range 6 {
		d := &message.Draft{ProducerGroup: "test", Topic: "hello", Tag: fmt.Sprint("v", i%2), Body: fmt.Appendf(nil, `{"id":%d}`, i)}
		if i%2 == 1 {
			d.Body = fmt.Appendf(nil, `{"id":"%d","gift":true}`, i)
		}
		if got, err := s.conn.Send(t.Context(), d); err != nil || got.Status != message.StatusOK {
			t.Fatal(got, err)
		}
	}
	r.find("hello", 6)
	s.browse.Shape()
	if !r.has("The first side is hello.") {
		t.Fatal(r.texts())
	}
	r.tap("Cancel")
	if r.first != nil {
		t.Error("it waits still")
	}
	r.filterBy("tag:v0")
	s.browse.Shape()
	r.tap("Choose the second")
	r.filterBy("tag:v1")
	s.browse.Shape()
	r.until(func() bool { return r.has("hello with tag:v0") && r.has("hello with tag:v1") })
	if text := r.texts(); strings.Count(text, "3 messages") < 2 || r.first != nil {
		t.Error(text)
	}
}
