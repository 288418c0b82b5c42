package send

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"gantry/client/message"
	"gantry/client/outbox"
	"gantry/gui/msglist"
)

// press chooses a row with keys held.
func (s *rig) press(row int, held fyne.KeyModifier) {
	l := s.screen.sent.list
	l.Held = func() fyne.KeyModifier { return held }
	l.Tap(row)
	l.Held = func() fyne.KeyModifier { return 0 }
}

// TestHiddenIsNotSentAgain: a message with a secret value is none to be sent again, as what
// is kept of it is not what was sent.
func TestHiddenIsNotSentAgain(t *testing.T) {
	var each Each
	r := newRig(t, func(s *rig) { s.more = func(p *Params) { p.Replay = func(_ string, _ uint64, e Each) { each = e } } })
	for _, hides := range []bool{true, false} {
		d := &message.Draft{ProducerGroup: "g", Topic: "orders", Body: []byte("key ***"), Hides: hides}
		if err := r.cluster.store.Note(outbox.For{Profile: "p"}, d, message.Receipt{Status: message.StatusFailed, SentAt: time.Now()}); err != nil {
			t.Fatal(err)
		}
	}
	p := r.screen.sent
	p.stir()
	r.Until(t, "the history", func() bool { return p.shelf().Len() == 2 })
	p.picks.all()
	p.picks.sendAgain()
	n := 0
	skipped, err := each(t.Context(), func(uint64) {}, func(*message.Message) error { n++; return nil })
	if err != nil || n != 1 || skipped != (msglist.Skipped{Hidden: 1}) {
		t.Errorf("%d handed over, %+v, %v", n, skipped, err)
	}
}

// TestSeveralSent: rows of a run and of the history are chosen, copied and sent again.
func TestSeveralSent(t *testing.T) {
	const shift, ctrl = fyne.KeyModifierShift, fyne.KeyModifierShortcutDefault
	var each Each
	most := uint64(0)
	r := newRig(t, func(s *rig) {
		s.more = func(p *Params) { p.Replay = func(_ string, n uint64, e Each) { most, each = n, e } }
	})
	run := r.ran()
	p := r.screen.sent
	_ = r.ids() // all are read
	handed := func() (bodies []string) {
		p.picks.sendAgain()
		skipped, err := each(t.Context(), func(uint64) {}, func(m *message.Message) error {
			bodies = append(bodies, string(m.Body))
			return nil
		})
		if err != nil || skipped != (msglist.Skipped{}) {
			t.Errorf("%+v, %v", skipped, err)
		}
		return bodies
	}
	r.press(1, 0)
	r.press(3, shift)
	r.press(2, ctrl)
	// The newest is the first row; what is handed over begins with the oldest.
	if got := handed(); !slices.Equal(got, []string{"5", "7"}) || most != 2 || p.picks.words.Text() != "2 selected" {
		t.Errorf("%v, most %d, %q", got, most, p.picks.words.Text())
	}
	p.list.TypedShortcut(&fyne.ShortcutCopy{})
	r.Until(t, "the copy", func() bool { return strings.Count(fyne.CurrentApp().Clipboard().Content(), "\n") == 2 })
	if text := fyne.CurrentApp().Clipboard().Content(); !strings.HasPrefix(text, "5\tdoubled\t") || !strings.Contains(text, "\tID-6\torders\tbroker-a\t0\t6\t") {
		t.Errorf("%q", text)
	}
	p.list.TypedShortcut(&fyne.ShortcutSelectAll{})
	if got := handed(); len(got) != 8 || got[7] != "8" {
		t.Errorf("%v", got)
	}
	press(p.list, fyne.KeyEscape)
	if p.picks.content.Visible() || p.look() == nil {
		t.Error("Escape leaves no single row")
	}
	p.run.choices.Select(3) // not seen
	r.Until(t, "the choice", func() bool { return p.shelf().Len() == 2 })
	p.list.TypedShortcut(&fyne.ShortcutSelectAll{})
	if got := handed(); !slices.Equal(got, []string{"3", "4"}) {
		t.Errorf("%v", got)
	}
	p.closeRun()
	if p.picks.chosen.Count() != 0 {
		t.Error("the rows of a run are chosen in the history")
	}
	r.screen.Primary()
	r.done(1)
	r.screen.Primary()
	r.done(2)
	r.Until(t, "the history", func() bool { return p.shelf().Len() == 3 })
	p.list.TypedShortcut(&fyne.ShortcutSelectAll{}) // two messages and the run
	if got := handed(); len(got) != 10 || got[9] != "hello" || most != 12 {
		t.Errorf("%v, most %d", got, most)
	}
	before := each
	r.screen.Primary() // it stands before them
	r.done(3)
	r.Until(t, "another", func() bool { return p.shelf().Len() == 4 })
	if n := p.picks.chosen.Count(); n != 3 || p.picks.has(0) || !p.picks.has(1) {
		t.Errorf("%d are chosen, the new one %v", n, p.picks.has(0))
	}
	n := 0
	if _, err := before(context.Background(), func(uint64) {}, func(*message.Message) error { n++; return nil }); err != nil || n != 10 {
		t.Errorf("what was handed over has %d messages by now, %v", n, err)
	}
	if err := r.cluster.store.Delete(run.ID()); err != nil {
		t.Fatal(err)
	}
	p.stir()
	r.Until(t, "the run is gone", func() bool { return p.shelf().Len() == 3 })
	if p.picks.chosen.Several() {
		t.Error("other rows are chosen by now")
	}
}
