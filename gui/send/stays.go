package send

import (
	"context"
	"time"

	"fyne.io/fyne/v2/lang"

	"gantry/client/outbox"
	"gantry/gui/draw"
	"gantry/gui/widgets"
)

// stays says for how long an entry of the history stays, of a single message its journal's
// day.
func stays(e *entry) outbox.Stays {
	switch {
	case e == nil:
		return outbox.Stays{}
	case e.run != nil:
		return outbox.Stays{ID: e.run.ID, Keep: e.run.Keep, Expires: e.run.Expires}
	case e.key.of != nil:
		return e.key.of.Stays()
	}
	return outbox.Stays{}
}

// staysFacts says when it goes.
func staysFacts(s outbox.Stays) []widgets.Fact {
	text := ""
	switch {
	case s.Keep:
		text = lang.L("until you delete it")
	case !s.Expires.IsZero():
		text = lang.L("until {{.Time}}, then it goes by itself", map[string]any{"Time": s.Expires.Local().Format(time.DateOnly)})
	default:
		return nil
	}
	f := fact(lang.L("Kept"), text)
	f.Mono = false
	return []widgets.Fact{f}
}

// showKeep offers to keep what would go by itself, or to let it go: runs where all take too
// much, and what was sent to production.
func (d *detail) showKeep(e *entry) {
	s := stays(e)
	draw.Show(d.keepBox, s.ID != "" && d.p.s.p.KeepSent != nil && (e.run != nil || s.Keep || !s.Expires.IsZero()))
	switch {
	case s.Keep:
		d.keep.SetText(lang.L("Keep no longer"))
	case e.run == nil:
		d.keep.SetText(lang.L("Keep its day"))
	default:
		d.keep.SetText(lang.X("history.keep", "Keep"))
	}
}

// keep keeps an entry from going by itself, or lets it go.
func (p *sentPane) keep(s outbox.Stays) {
	p.s.p.Tasks.Job(lang.L("Keep in the history"), func(context.Context, func(string)) error {
		return p.s.p.KeepSent(s.ID, !s.Keep)
	}, func(err error) {
		if err != nil {
			p.s.p.Fail(err)
		}
		if !p.s.closed {
			p.stir()
		}
	})
}
