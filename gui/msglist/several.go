package msglist

import (
	"context"
	"errors"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/lang"

	"gantry/client/message"
	"gantry/gui/task"
	"gantry/gui/widgets"
	"gantry/gui/words"
)

// copyLimit is how much text a copy of rows takes at most, in bytes: other programs take
// a clipboard whole.
const copyLimit = 4 << 20

// pickRow follows a row that the user chose: alone, or among others. The last one is what
// the screen shows.
func (l *List) pickRow(i int, how widgets.Pick) {
	n := l.base + uint64(i)
	if l.picked.Take(n, how); !l.picked.Has(n) { // it was taken out
		n = l.nearest(n)
	}
	l.chose(n)
	l.showPicked()
}

// nearest moves the mark from a row that was taken out to one that is still chosen.
func (l *List) nearest(n uint64) uint64 {
	near, ok := l.picked.Near(n)
	if !ok {
		return n
	}
	l.selected = near
	l.reselect()
	return near
}

// pickAll chooses all that there is now.
func (l *List) pickAll() {
	if l.src == nil {
		return
	}
	first, next := l.src.Range()
	if first == next {
		return
	}
	if l.picked.All(first, next); !l.isSelected || !l.picked.Has(l.selected) {
		at := min(max(l.base+uint64(max(l.view.FirstVisible(), 0)), first), next-1)
		l.chose(at)
		l.reselect()
	}
	l.showPicked()
}

// pickOne leaves only the row that the screen shows, and reports whether there were more.
func (l *List) pickOne() bool {
	if !l.picked.Several() {
		return false
	}
	l.picked.Only(l.selected)
	l.showPicked()
	return true
}

// dropPicked takes the rows out whose records are gone, before a tick says how many there
// are: no row in sight is among them.
func (l *List) dropPicked() {
	first, _ := l.src.Range()
	if !l.picked.Drop(first) {
		return
	}
	if near, ok := l.picked.Near(first); ok && l.isSelected && l.selected < first {
		l.selected = near // what the screen shows stays
		l.reselect()
	}
}

// showPicked draws which rows are chosen, and says how many.
func (l *List) showPicked() {
	l.publish()
	if l.bar != nil {
		l.bar.draw()
	}
}

// pickedWords say how many rows are chosen, and how many were and are gone.
func (l *List) pickedWords() string {
	n := l.picked.Count()
	text := lang.N("{{.Count}} selected", int(n), map[string]any{"Count": widgets.Count(n)})
	if gone := l.picked.Gone(); gone > 0 {
		text += " · " + lang.N("{{.Count}} no longer kept", int(gone), map[string]any{"Count": widgets.Count(gone)})
	}
	return text
}

// chosen are the messages of the rows that are selected.
func (l *List) chosen() Listed {
	out := Listed{src: l.src, picked: true, origin: l.origin()}
	for _, x := range l.picked.Stretches() {
		p := part{first: x.From, next: x.To}
		if v, ok := l.src.(numbered); ok {
			out.src = l.all
			p = part{numbers: v.between(x.From, x.To)}
		}
		out.parts = append(out.parts, p)
	}
	return out
}

// SendChosen hands over the messages that are selected, to be sent again.
func (l *List) SendChosen() {
	if l.picked.Count() > 0 && l.p.SendAll != nil {
		l.p.SendAll(l.chosen())
	}
}

// errFull: the clipboard takes no more.
var errFull = errors.New("full")

// copied is text of rows for the clipboard.
type copied struct {
	text string
	rows uint64
	cut  bool // there were more
}

// copyPicked copies the rows that are selected, as many as the clipboard may take.
func (l *List) copyPicked() {
	if !l.picked.Several() {
		if l.isSelected {
			l.copy(l.selected, Text)
		}
		return
	}
	from := l.chosen()
	task.Ask(l.p.Tasks, l.scope, queryMenu, func(ctx context.Context) (copied, error) { return copyText(ctx, from) }, func(c copied, err error) {
		if err != nil {
			l.fail(err)
			return
		}
		fyne.CurrentApp().Clipboard().SetContent(c.text)
		if l.p.Say != nil {
			l.p.Say(c.words(from.Most()))
		}
	})
}

// comparePicked has the two rows that are chosen compared.
func (l *List) comparePicked() {
	from := l.chosen()
	task.Ask(l.p.Tasks, l.scope, queryMenu, func(ctx context.Context) (both []*message.Message, err error) {
		_, err = from.Each(ctx, func(uint64) {}, func(m *message.Message) error {
			both = append(both, m)
			return nil
		})
		return both, err
	}, func(both []*message.Message, err error) {
		switch {
		case err != nil:
			l.fail(err)
		case len(both) == 2: // else one of them is gone
			l.p.Compare(both[0], both[1])
		}
	})
}

// copyText writes rows as lines, each with tabs between its cells. It blocks.
func copyText(ctx context.Context, from Listed) (c copied, err error) {
	var out strings.Builder
	_, err = from.Each(ctx, func(uint64) {}, func(m *message.Message) error {
		line := Text(m) + "\n"
		if out.Len()+len(line) > copyLimit {
			c.cut = true
			return errFull
		}
		c.rows++
		_, _ = out.WriteString(line)
		return nil
	})
	if c.cut {
		err = nil
	}
	c.text = out.String()
	return c, err
}

// words says what was copied.
func (c copied) words(of uint64) string {
	data := map[string]any{"Count": widgets.Count(c.rows), "All": widgets.Count(of), "Size": widgets.Bytes(copyLimit)}
	if c.cut {
		return words.Sentences(lang.L("Copied the first {{.Count}} of {{.All}} rows.", data), lang.L("The clipboard takes {{.Size}} of them; export the rest.", data))
	}
	return lang.N("Copied {{.Count}} rows.", int(c.rows), data)
}
