package send

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/lang"

	"gantry/client"
	"gantry/client/insight"
	"gantry/client/outbox"
	"gantry/gui/draw"
	"gantry/gui/widgets"
)

// choice says which messages of a run are listed.
type choice int

// The choices, in their order.
const (
	chooseAll choice = iota
	chooseFailed
	chooseUncertain
	chooseUnseen
	chooseDoubled
	chooseOpen // not consumed by the group that was looked at
)

func (c choice) words() string {
	return [...]string{
		chooseAll: lang.L("All"), chooseFailed: lang.L("Failed"), chooseUncertain: lang.L("Uncertain"),
		chooseUnseen: lang.L("Not seen"), chooseDoubled: lang.L("Doubled"), chooseOpen: lang.L("Not consumed"),
	}[c]
}

// openFates are what a message has that its group has not consumed, as far as is known.
func openFates() []insight.Fate {
	return []insight.Fate{
		insight.FateWaiting, insight.FateOffline, insight.FateRetrying, insight.FateDead, insight.FateFiltered, insight.FateTaken, insight.FateEach, insight.FateUnknown,
	}
}

// choices are those of which a run has messages, and the one that is chosen.
func choices(c outbox.Counts, settled *client.Settled, chosen choice) []choice {
	out := []choice{chooseAll}
	add := func(which choice, n int64) {
		if n > 0 || chosen == which {
			out = append(out, which)
		}
	}
	add(chooseFailed, c.Failed)
	add(chooseUncertain, c.Uncertain)
	add(chooseUnseen, c.Missing+c.NotFound+c.Differing)
	add(chooseDoubled, c.Doubled)
	if settled != nil {
		open := int64(0)
		for _, f := range openFates() {
			open += settled.Counts[f]
		}
		add(chooseOpen, open)
	}
	return out
}

// runShelf are the messages of a run, or those of them that were chosen.
type runShelf struct {
	run     *outbox.Run
	choice  choice
	settled *client.Settled // nil until it is asked for
	rows    []uint64        // of the choice, as they were found
}

// find returns the rows of a choice. It may be called from any goroutine.
func find(r *outbox.Run, which choice, settled *client.Settled) []uint64 {
	switch which {
	case chooseFailed:
		return r.States(outbox.Failed, maxRows)
	case chooseUncertain:
		return r.States(outbox.Uncertain, maxRows)
	case chooseUnseen:
		return r.Unseen(maxRows)
	case chooseDoubled:
		return r.Doubled(maxRows)
	case chooseOpen:
		if settled != nil {
			return settled.Rows(maxRows, openFates()...)
		}
	}
	return nil
}

// Len is how many rows there are.
func (r *runShelf) Len() int {
	if r.choice != chooseAll {
		return len(r.rows)
	}
	first, next := r.run.Range()
	return int(min(next-first, maxRows))
}

// maxRows is the most rows that a list places.
const maxRows = 250_000

// At returns a message of the run.
func (r *runShelf) At(i int) outbox.Item {
	if r.choice != chooseAll {
		if i >= len(r.rows) {
			return outbox.Item{}
		}
		return outbox.Item{Of: r.run.Sends, Row: r.rows[len(r.rows)-1-i]}
	}
	_, next := r.run.Range()
	return outbox.Item{Of: r.run.Sends, Row: next - 1 - uint64(i)}
}

// drawChoices offers what there is to choose from.
func (v *runView) drawChoices(c outbox.Counts) {
	all := choices(c, v.shelf.settled, v.shelf.choice)
	if !slices.Equal(all, v.offered) {
		v.offered = all
		var words []string
		for _, c := range all {
			words = append(words, c.words())
		}
		v.choices = widgets.NewSegments(func(i int) { v.choose(all[i]) }, words...)
		v.choiceBox.Objects = []fyne.CanvasObject{v.choices}
		v.choiceBox.Refresh()
	}
	v.choices.Set(slices.Index(all, v.shelf.choice))
	draw.Show(v.choiceBox, len(all) > 1)
}

// choose lists some of the messages.
func (v *runView) choose(c choice) {
	v.p.picks.clear()
	v.shelf.choice, v.shelf.rows = c, nil
	v.p.choose(nil)
	v.p.stir()
}
