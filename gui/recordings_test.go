package gui

import (
	"fmt"
	"testing"

	"fyne.io/fyne/v2"

	"gantry/client/cluster"
	"gantry/client/message"
	"gantry/client/session"
	"gantry/gui/stage"
	"gantry/gui/widgets"
)

// find shows the newest messages of a topic in Browse.
func (r *rig) find(topic string, n int) {
	r.t.Helper()
	s := r.space()
	s.tabs.Select(tabBrowse)
	s.browse.Find(cluster.Query{Kind: cluster.Newest, Topic: topic, Count: 10})
	r.until(func() bool { return !s.browse.Running() && r.has(fmt.Sprint("Found ", n)) })
}

// TestRecordWhatWasFound: what Browse found is kept, opened without a connection as it was,
// counted in Settings and deleted.
func TestRecordWhatWasFound(t *testing.T) {
	r, _ := newConnectedRig(t)
	s := r.space()
	for i := range 3 {
		d := &message.Draft{ProducerGroup: "test", Topic: "hello", Keys: []string{fmt.Sprint("k", i)}, Body: fmt.Append(nil, "正文 \x00\xff ", i)}
		if got, err := s.conn.Send(t.Context(), d); err != nil || got.Status != message.StatusOK {
			t.Fatal(got, err)
		}
	}
	r.find("hello", 3)
	r.tap("Keep…")
	if r.has("They go after 7 days") {
		t.Error("a connection of development has production's words")
	}
	r.tap("Keep")
	r.until(func() bool { return r.has("Kept 3 messages as hello") })
	s.disconnect(func() {})
	r.until(func() bool { return s.conn == nil })
	r.tap("Open")
	r.until(func() bool { return r.has("It receives nothing.") && r.has("k0") && r.has("k2") })
	if s.tabs.Selected() != tabSubscribe {
		t.Error("it is shown elsewhere")
	}
	all, err := r.client.Sessions.Leftovers(nil)
	if err != nil || len(all) != 1 || all[0].Messages != 3 || all[0].Profile != "a" || !all[0].Open || !all[0].Goes().IsZero() {
		t.Fatalf("%+v, %v", all, err)
	}
	r.showSettings()
	r.until(func() bool { return r.has("1 recording · 3 messages · ") })
	r.closeEditor()
	s.subscribe.ShowRecordings()
	r.tap("Delete")
	r.tap("Delete")
	r.until(func() bool {
		all, err := r.client.Sessions.Leftovers(nil)
		return err == nil && len(all) == 0 && !r.has("It receives nothing.")
	})
}

// TestRecordProduction: of production a recording is one that goes, unless it is said that
// it stays; what another connection's list shows keeps its origin.
func TestRecordProduction(t *testing.T) {
	r := newRig(t, someProfiles()...)
	of := session.Recording{Name: "n", Profile: "c", ProfileName: "orders-prod", Production: true}
	var asked []session.Recording
	for range 2 {
		r.askRecording("Keep as a recording", of, func(of session.Recording) { asked = append(asked, of) })
		if !r.has("They go after 7 days") {
			t.Fatal(r.texts())
		}
		if len(asked) > 0 {
			stage.See(r.win, func(o fyne.CanvasObject) {
				if c, ok := o.(*widgets.Check); ok && c.Text == "Keep it until I delete it" {
					c.SetChecked(true)
				}
			})
		}
		r.tap("Keep")
	}
	if len(asked) != 2 || asked[0].Keep || !asked[1].Keep || asked[0].Name != "n" {
		t.Errorf("%+v", asked)
	}
	rec, err := r.client.Sessions.Record(asked[0])
	if err != nil {
		t.Fatal(err)
	}
	l, err := rec.End()
	if err != nil || l.Goes().IsZero() {
		t.Fatalf("%+v, %v", l, err)
	}
	r.recorded()
	r.openRecording(l)
	if r.chosen != "c" {
		t.Error("it opens in another connection")
	}
	r.choose("a")
	r.until(func() bool { return r.space().subscribe != nil })
	r.space().subscribe.ShowRecordings()
	if r.has("orders-prod\nn") {
		t.Error("another connection lists it")
	}
}
