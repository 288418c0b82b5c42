package gui

import (
	"bytes"
	"fmt"
	"io"
	"net/netip"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"gantry/client/cluster"
	"gantry/client/message"
	"gantry/client/profile"
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
	r.win.Canvas().Focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
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
		r.askRecording("Keep as a recording", of, func(of session.Recording) { asked = append(asked, of) }, nil)
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

// TestImportOfAnotherFile: a file without any message makes no recording, and is no success.
func TestImportOfAnotherFile(t *testing.T) {
	r := newRig(t, someProfiles()...)
	for in, want := range map[string]string{
		`[{"a":1}]`: "Nothing was kept. 1 line is no message and was left out: 1. What Gantry exported as JSON lines can be imported.",
		"":          "Nothing was kept. What Gantry exported as JSON lines can be imported.",
	} {
		r.importLines(session.Recording{Name: "other", Profile: "a"}, io.NopCloser(strings.NewReader(in)))
		r.until(func() bool { return strings.Contains(strings.Join(strings.Fields(r.texts()), " "), want) })
	}
	if all, err := r.client.Sessions.Leftovers(nil); err != nil || len(all) > 0 || r.has("Kept") {
		t.Errorf("%+v, %v", all, err)
	}
}

// TestImportIsWhatWasExported: a recording that was exported and imported exports the same
// bytes again; broken lines are named, and what came from production stays that.
func TestImportIsWhatWasExported(t *testing.T) {
	r := newRig(t, someProfiles()...)
	var lines bytes.Buffer
	for i, body := range []string{"plain", "\x00\xff", `{"a":1}`} {
		m := &message.Message{Topic: "orders", Broker: "broker-a", QueueID: i, QueueOffset: 7, StoredAt: time.UnixMilli(1_800_000_000_000), BornHost: netip.MustParseAddrPort("10.0.0.1:99"), StoreHost: netip.MustParseAddrPort("10.0.0.2:10911"), Body: []byte(body)}
		line, err := m.ExportJSON(message.Export{Profile: "c", Production: true})
		if err != nil {
			t.Fatal(err)
		}
		lines.Write(append(line, '\n'))
	}
	in := "{broken\n" + lines.String() + "\nnot json"
	r.importLines(session.Recording{Name: "back", Profile: "a", ProfileName: "orders-dev"}, io.NopCloser(strings.NewReader(in)))
	r.until(func() bool { return r.has("Kept 3 messages as back.") })
	if !r.has("2 lines are no messages and were left out: 1, 6.") {
		t.Error(r.texts())
	}
	all, err := r.client.Sessions.Leftovers(nil)
	if err != nil || len(all) != 1 || all[0].Profile != "c" || !all[0].Production || all[0].Goes().IsZero() || all[0].Topic != "orders" {
		t.Fatalf("%+v, %v", all, err)
	}
	r.tap("Open")
	s := r.space()
	r.until(func() bool { return r.has("It receives nothing.") && r.has("plain") })
	if s.profile.ID != "c" {
		t.Error("it is shown over another connection")
	}
	list, err := r.client.Sessions.Open(profile.Subscription{ID: all[0].ID})
	if err != nil {
		t.Fatal(err)
	}
	var again bytes.Buffer
	for n := range uint64(3) {
		rec, err := list.Record(n)
		if err != nil {
			t.Fatal(err)
		}
		m, err := rec.Message()
		if err != nil {
			t.Fatal(err)
		}
		line, err := m.ExportJSON(message.Export{Profile: "c", Production: true})
		if err != nil {
			t.Fatal(err)
		}
		again.Write(append(line, '\n'))
	}
	if !bytes.Equal(again.Bytes(), lines.Bytes()) {
		t.Errorf("%s\nwas\n%s", again.Bytes(), lines.Bytes())
	}
}
