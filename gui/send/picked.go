package send

import (
	"context"
	"errors"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/layout"
	fynetheme "fyne.io/fyne/v2/theme"

	"gantry/client/message"
	"gantry/client/outbox"
	"gantry/gui/arrange"
	"gantry/gui/draw"
	"gantry/gui/msglist"
	"gantry/gui/task"
	"gantry/gui/theme"
	"gantry/gui/widgets"
	"gantry/gui/words"
)

// queryCopy is the query that reads what is copied.
const queryCopy = "copy"

// copyLimit is how much text a copy of rows takes at most, in bytes.
const copyLimit = 4 << 20

// picks are the rows that are chosen beside the one that is looked at. They are numbered
// from the oldest, so that new ones change no number. What else changes numbers is noticed
// at the first and the last of them, and ends the selection.
type picks struct {
	p           *sentPane
	chosen      widgets.Selection
	first, last rowKey
	words       *widgets.Word
	again       *widgets.Button
	content     *fyne.Container
}

func newPicks(p *sentPane) *picks {
	k := &picks{p: p, words: widgets.NewWord("", theme.Text).Small().Shrinks(60)}
	copies := widgets.NewButton(lang.L("Copy"), fynetheme.ContentCopyIcon(), widgets.Quiet, k.copy)
	k.again = widgets.NewButton(lang.L("Send selected again…"), fynetheme.MailReplyAllIcon(), widgets.Quiet, k.sendAgain)
	row := container.New(layout.NewCustomPaddedLayout(2, 2, edge, 6), container.New(&arrange.Columns{Gap: 2, Shares: []float32{1, 0, 0}}, arrange.Middled(k.words), copies, k.again))
	k.content = container.New(&arrange.Rows{}, widgets.NewRule(), container.NewStack(widgets.NewGround(theme.Surface), row))
	k.content.Hide()
	return k
}

// number is that of a row, row that of a number: each is the other's way back.
func (k *picks) number(i int) uint64 { return uint64(k.p.shelf().Len() - 1 - i) }
func (k *picks) row(n uint64) int    { return k.p.shelf().Len() - 1 - int(n) }

func (k *picks) key(n uint64) rowKey {
	if i, s := k.row(n), k.p.shelf(); i >= 0 && i < s.Len() {
		return keyOf(s.At(i))
	}
	return rowKey{}
}

// take chooses a row, alone or beside others.
func (k *picks) take(i int, how widgets.Pick) {
	n := k.number(i)
	if k.chosen.Take(n, how); !k.chosen.Has(n) { // it was taken out
		if near, ok := k.chosen.Near(n); ok {
			i = k.row(near)
		}
	}
	k.remember()
	k.p.choose(k.p.at(i))
	k.p.list.SetSelected(i)
	k.draw()
}

// all chooses every row.
func (k *picks) all() {
	n := k.p.shelf().Len()
	if n == 0 {
		return
	}
	k.chosen.All(0, uint64(n))
	k.remember()
	if k.p.look() == nil {
		k.p.choose(k.p.at(0))
		k.p.list.SetSelected(0)
	}
	k.draw()
}

func (k *picks) remember() {
	if all := k.chosen.Stretches(); len(all) > 0 {
		k.first, k.last = k.key(all[0].From), k.key(all[len(all)-1].To-1)
	}
}

// clear ends the selection of several, and reports whether there was one.
func (k *picks) clear() bool {
	several := k.chosen.Several()
	k.chosen.Clear()
	k.draw()
	return several
}

// check ends the selection where its rows are others by now.
func (k *picks) check() {
	all := k.chosen.Stretches()
	if len(all) > 0 && (k.key(all[0].From) != k.first || k.key(all[len(all)-1].To-1) != k.last) {
		k.clear()
	}
}

// has tells whether a row is chosen among others.
func (k *picks) has(i int) bool { return k.chosen.Several() && k.chosen.Has(k.number(i)) }

// draw says how many are chosen.
func (k *picks) draw() {
	n := k.chosen.Count()
	several := k.chosen.Several()
	if several {
		k.words.SetText(lang.N("{{.Count}} selected", int(n), map[string]any{"Count": widgets.Count(n)}))
	}
	draw.Show(k.again, k.p.s.p.Replay != nil && k.p.s.forbidden() == nil)
	draw.Show(k.content, several)
	k.p.filled.Refresh()
	k.p.list.Refresh()
}

// items are what is chosen, the oldest first, as the rows are now. A run is one item.
func (k *picks) items() func(yield func(outbox.Item) bool) {
	s, spans := frozen(k.p.shelf()), k.chosen.Stretches()
	return func(yield func(outbox.Item) bool) {
		for _, x := range spans {
			for at := x.From; at < x.To; at++ {
				if i := s.Len() - 1 - int(at); i >= 0 && !yield(s.At(i)) {
					return
				}
			}
		}
	}
}

// frozen is a shelf as it is now, which may be read beside the main goroutine.
func frozen(s shelf) shelf {
	switch s := s.(type) {
	case *runShelf:
		_, next := s.run.Range()
		n := s.Len()
		return &frozenRun{of: s.run.Sends, rows: s.rows, all: s.choice == chooseAll, first: next - uint64(n), n: n}
	case interface{ Frozen() *outbox.History }:
		return s.Frozen()
	}
	return s
}

// frozenRun are messages of a run: some rows, or all of a moment.
type frozenRun struct {
	of    *outbox.Sends
	rows  []uint64
	all   bool
	first uint64
	n     int
}

// Len is how many there are.
func (f *frozenRun) Len() int { return f.n }

// At returns one of them; 0 is the newest.
func (f *frozenRun) At(i int) outbox.Item {
	if f.all {
		return outbox.Item{Of: f.of, Row: f.first + uint64(f.n-1-i)}
	}
	return outbox.Item{Of: f.of, Row: f.rows[len(f.rows)-1-i]}
}

// copy puts the rows that are chosen on the clipboard, in the columns of the table of a run.
func (k *picks) copy() {
	items, all := k.items(), k.chosen.Count()
	if !k.chosen.Several() {
		return
	}
	type copied struct {
		text string
		rows uint64
	}
	p := k.p.s.p
	task.Ask(p.Tasks, k.p.s.scope, queryCopy, func(ctx context.Context) (c copied, err error) {
		var out strings.Builder
		for i := range items {
			if ctx.Err() != nil {
				return c, context.Cause(ctx)
			}
			line := tabbed(cells(i))
			if out.Len()+len(line) > copyLimit {
				break
			}
			_, _ = out.WriteString(line)
			c.rows++
		}
		c.text = out.String()
		return c, nil
	}, func(c copied, err error) {
		if err != nil {
			p.Fail(err)
			return
		}
		fyne.CurrentApp().Clipboard().SetContent(c.text)
		data := map[string]any{"Count": widgets.Count(c.rows), "All": widgets.Count(all), "Size": widgets.Bytes(copyLimit)}
		if c.rows < all {
			p.Say(words.Sentences(lang.L("Copied the first {{.Count}} of {{.All}} rows.", data), lang.L("The clipboard takes {{.Size}} of them; export the rest.", data)))
			return
		}
		p.Say(lang.N("Copied {{.Count}} rows.", int(c.rows), data))
	})
}

func cells(i outbox.Item) []string {
	switch {
	case i.Run != nil:
		return i.Run.Cells()
	case i.Of == nil:
		return nil
	}
	return i.Of.Cells(i.Row)
}

// tabbed is a line of cells with tabs between them; what would end a cell is a blank.
func tabbed(cells []string) string {
	for i, c := range cells {
		cells[i] = strings.Map(func(r rune) rune {
			if r < 0x20 || r == 0x7F {
				return ' '
			}
			return r
		}, c)
	}
	return strings.Join(cells, "\t") + "\n"
}

// sendAgain has the messages that are chosen sent again, those of runs too.
func (k *picks) sendAgain() {
	items, open := k.items(), k.p.s.p.OpenRun
	most := uint64(0)
	for i := range items {
		if most++; i.Run != nil {
			most += uint64(max(i.Run.Planned, 1)) - 1
		}
	}
	k.p.s.p.Replay(lang.L("Sent"), most, func(ctx context.Context, progress func(uint64), do func(*message.Message) error) (skipped msglist.Skipped, err error) {
		looked := uint64(0)
		one := func(of *outbox.Sends, row uint64) error {
			if ctx.Err() != nil {
				return context.Canceled
			}
			if looked%1000 == 0 {
				progress(looked)
			}
			looked++
			m, err := again(of, row)
			switch {
			case errors.Is(err, message.ErrHides):
				skipped.Hidden++
				return nil
			case err != nil:
				skipped.Damaged++
				return nil
			}
			return do(m)
		}
		for i := range items {
			switch {
			case i.Run != nil:
				run, err := open(i.Run.ID)
				if err != nil {
					return skipped, err
				}
				_, next := run.Range()
				for row := range next {
					if err := one(run.Sends, row); err != nil {
						return skipped, err
					}
				}
			case i.Of == nil:
				skipped.Gone++
			default:
				if err := one(i.Of, i.Row); err != nil {
					return skipped, err
				}
			}
		}
		return skipped, nil
	})
}

// again is what was sent, as a message that can be sent again.
func again(of *outbox.Sends, row uint64) (*message.Message, error) {
	x, err := of.Sent(row)
	if err != nil {
		return nil, err
	}
	if x.Draft != nil && x.Draft.Hides { // what would be sent is not what was
		return nil, message.ErrHides
	}
	m, err := x.Message()
	if err != nil {
		return nil, err
	}
	m.StoredAt = x.Leave.At // they leave as far apart as they left
	return m, nil
}
