package gui

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"fyne.io/fyne/v2"

	"gantry/client/cluster"
	"gantry/client/message"
	"gantry/client/outbox"
	"gantry/gui/stage"
	"gantry/gui/widgets"
)

// TestReplayToAnotherConnection: what one connection's list shows is sent over another one,
// and its run is shown there.
func TestReplayToAnotherConnection(t *testing.T) {
	r, _ := newConnectedRig(t)
	from := r.space()
	want := []string{"正文 {{uuid}}", "\x00\xff", string(bytes.Repeat([]byte("0123456789"), 5000))}
	for i, body := range want {
		d := &message.Draft{ProducerGroup: "test", Topic: "hello", Tag: fmt.Sprint("t", i), Keys: []string{"k", "", fmt.Sprint(i)}, Packed: i == 2, Body: []byte(body)}
		if got, err := from.conn.Send(t.Context(), d); err != nil || got.Status != message.StatusOK {
			t.Fatal(got, err)
		}
	}
	r.choose("b")
	r.connect()
	r.choose("a")
	from.tabs.Select(tabBrowse)
	from.browse.Find(cluster.Query{Kind: cluster.Newest, Topic: "hello", Count: 10})
	r.until(func() bool { return !from.browse.Running() && r.has("Found 3") })
	from.browse.SendAll()
	r.until(func() bool { b := stage.Button(r.win, "Send…"); return b != nil && !b.Disabled() })
	if !r.has("orders-dev · hello") || !r.has("t0 · k  0  正文 {{uuid}}") {
		t.Fatal(r.texts())
	}
	to := r.spaces["b"]
	pick(t, r, "orders-test (TEST)", "copy")
	r.until(func() bool { b := stage.Button(r.win, "Send…"); return b != nil && !b.Disabled() })
	r.tap("Send…")
	if !r.has("From\nDEV\norders-dev\nhello\nTo\nTEST\norders-test\ncopy") || !r.has("Send 3 messages to copy?") {
		t.Fatal(r.texts())
	}
	r.tap("Send 3")
	r.until(func() bool {
		runs, err := r.client.Outbox.Runs("b")
		return err == nil && len(runs) == 1 && runs[0].Counts.Arrived == 3
	})
	r.until(func() bool { return r.space() == to && to.tabs.Selected() == tabSend && r.has("copy · Complete") })
	info, _ := r.client.Outbox.Runs("b")
	run, err := r.client.Outbox.Open(info[0].ID)
	if err != nil || info[0].Phase != outbox.Complete {
		t.Fatal(info, err)
	}
	var got []string
	for row := range uint64(3) {
		s, err := run.Sent(row)
		if err != nil {
			t.Fatal(err)
		}
		if i := slices.Index(want, string(s.Draft.Body)); i < 0 || s.Draft.Tag != fmt.Sprint("t", i) || s.Draft.Packed != (i == 2) || s.Draft.Topic != "copy" {
			t.Errorf("%+v", s.Draft)
		}
		got = append(got, string(s.Draft.Body))
	}
	if !slices.Equal(got, want) {
		t.Errorf("in the order of %q", got)
	}
	if runs, err := r.client.Outbox.Runs("a"); err != nil || len(runs) != 0 {
		t.Errorf("runs of the source: %v, %v", runs, err)
	}
}

// pick chooses the target's connection and topic on the sheet.
func pick(t *testing.T, r *rig, connection, topic string) {
	t.Helper()
	var choice *widgets.Select
	var field *widgets.Completion
	stage.See(r.win, func(o fyne.CanvasObject) {
		switch o := o.(type) {
		case *widgets.Select:
			choice = o
		case *widgets.Completion:
			field = o // the last is the sheet's, which lies on top
		}
	})
	choice.SetSelected(connection)
	field.SetText(topic)
}
