package msglist

import (
	"testing"

	"fyne.io/fyne/v2"

	"gantry/client/message"
)

// TestKeepHandsOver: all that the list shows, or what is chosen, with the records as they are.
func TestKeepHandsOver(t *testing.T) {
	r := newFilterRig(t, 50)
	var got []Listed
	r.list.p.Keep = func(l Listed) { got = append(got, l) }
	r.list.p.Origin = func() message.Export { return message.Export{Profile: "p", Production: true} }
	r.list.Keep()
	r.press(1, 0)
	r.press(3, fyne.KeyModifierShift)
	r.list.Keep()
	r.filter("key:k7")
	r.list.Keep()
	for i, want := range []int{50, 3, 1} {
		n := 0
		skipped, err := got[i].Records(t.Context(), func(uint64) {}, func(rec *message.Record, m *message.Message) error {
			if again, err := rec.Message(); err != nil || again.QueueOffset != m.QueueOffset {
				t.Error("the record is another one's", err)
			}
			n++
			return nil
		})
		if err != nil || skipped != (Skipped{}) || n != want || got[i].Origin().Profile != "p" {
			t.Errorf("%d: %d messages, %+v, %v", i, n, skipped, err)
		}
	}
}

// TestStanding: a list that receives nothing begins at its oldest row and stays there while
// it is read; nothing of it is news.
func TestStanding(t *testing.T) {
	r := newRig(t, 0)
	r.src.next.Store(0)
	r.list.Stand()
	r.list.SetSource(r.src)
	for _, next := range []uint64{5, 16_000, 600_000, 1_000_000} {
		r.src.next.Store(next)
		r.turn()
		r.turn()
		if l := r.lines(); l[0] != "k0" || r.news != 0 || r.list.pill.Visible() || r.list.Len() != int(min(next, Span)) {
			t.Fatalf("with %d: %v, %d rows, %d news", next, l[:1], r.list.Len(), r.news)
		}
	}
	r.list.End()
	r.turn()
	r.turn()
	if r.last() != "k999999" {
		t.Errorf("after End: %s", r.last())
	}
	r.list.Home()
	r.turn()
	r.list.view.List.ScrollToBottom()
	r.turn()
	if got := r.last(); got != "k249999" || r.list.base != 125_000 {
		t.Errorf("at the lower edge: last %q, base %d", got, r.list.base)
	}
}
