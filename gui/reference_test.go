package gui

import (
	"testing"

	"fyne.io/fyne/v2"

	"gantry/client/cluster"
	"gantry/client/message"
)

// TestReference: a reference that was copied opens its message over the connection that it
// names, from the menu or pasted into Browse; which one is asked where none has the name.
func TestReference(t *testing.T) {
	r, _ := newConnectedRig(t)
	from := r.space()
	var meant message.Receipt
	for _, body := range []string{"the first", "the one that is meant"} {
		got, err := from.conn.Send(t.Context(), &message.Draft{ProducerGroup: "test", Topic: "hello", Body: []byte(body)})
		if err != nil || got.Status != message.StatusOK {
			t.Fatal(got, err)
		}
		meant = got
	}
	from.tabs.Select(tabBrowse)
	from.browse.Locate("hello", meant.Broker, meant.QueueID, meant.QueueOffset)
	r.until(func() bool {
		fyne.CurrentApp().Clipboard().SetContent("")
		from.shower(shower.CopyReference)
		_, ok := cluster.ParseReference(fyne.CurrentApp().Clipboard().Content())
		return ok
	})
	copied := fyne.CurrentApp().Clipboard().Content()
	ref, _ := cluster.ParseReference(copied)
	if ref.Topic != "hello" || ref.Connection != from.profile.Name {
		t.Fatalf("%+v", ref)
	}
	if ref.Offset != meant.QueueOffset || ref.Queue.ID != meant.QueueID || ref.ID != meant.MessageID {
		t.Errorf("%+v of %+v", ref, meant)
	}
	from.browse.Find(cluster.Query{Kind: cluster.ByTime, Topic: "hello", Filter: "first"})
	r.until(func() bool { return !from.browse.Running() && !r.has("the one that is meant") })
	r.choose("b")
	r.openClipboard()
	r.until(func() bool { return r.space() == from && !from.browse.Running() && r.has("the one that is meant") })

	ref.Connection = "nobody's"
	fyne.CurrentApp().Clipboard().SetContent("see " + ref.String())
	r.openClipboard()
	r.until(func() bool { return r.has("Open the message in " + from.profile.Name) })
}
