package msglist

import (
	"context"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/layout"

	"gantry/gui/task"
	"gantry/gui/theme"
	"gantry/gui/widgets"
)

// barHeight is that of the filter above a list, in Fyne units.
const barHeight float32 = 42

// bar is the filter of a list, with how many messages fit.
type bar struct {
	list    *List
	field   *widgets.Entry
	says    *widgets.Word
	none    *widgets.EmptyState // over the rows where no message fits
	content *fyne.Container
	hidden  uint64 // how many none says are hidden
	wrong   string // the term that cannot be read
}

func newBar(l *List) *bar {
	b := &bar{list: l, says: widgets.NewCaption("").Shrinks(60)}
	b.field = widgets.NewFilter(lang.L("Filter: word  key:…  tag:…  size>10k"), func(k *fyne.KeyEvent) bool {
		if k != nil && l.Len() == 0 {
			return false
		}
		focus(l.view)
		if k != nil {
			l.view.TypedKey(k)
		}
		return true
	})
	b.field.OnChanged = func(string) { l.filter() }
	b.none = widgets.NewEmptyState("", "", nil)
	b.none.Hide()
	row := container.New(&widgets.Columns{Gap: 10, Shares: []float32{3, 2}},
		widgets.NewField("", b.field), widgets.Middled(b.says))
	b.content = container.NewStack(widgets.NewGround(theme.Surface),
		container.New(layout.NewCustomPaddedLayout(6, 6, edgeRoom, edgeRoom), row))
	return b
}

// focus gives a widget the keyboard.
func focus(o fyne.Focusable) {
	if c := fyne.CurrentApp().Driver().CanvasForObject(o.(fyne.CanvasObject)); c != nil {
		c.Focus(o)
	}
}

// FocusFilter puts the focus into the filter, if there is one and something to
// filter: screens show an empty list not at all.
func (l *List) FocusFilter() {
	if l.bar == nil || l.all == nil {
		return
	}
	if first, next := l.all.Range(); next > first {
		focus(l.bar.field)
	}
}

// escape takes the filter away before the screen gets the key.
func (l *List) escape() {
	switch {
	case l.bar != nil && l.bar.field.Text != "":
		l.bar.field.SetText("")
	case l.p.OnEscape != nil:
		l.p.OnEscape()
	}
}

// filter shows what fits what is typed. Without a filter the selected message is
// seen again among those round it.
func (l *List) filter() {
	keep, wrong := parseFilter(l.bar.field.Text)
	if l.bar.wrong = wrong; wrong != "" {
		l.bar.draw()
		return
	}
	n, selected := l.Selected()
	was := l.sieve
	l.keep = keep
	if l.relist(); l.sieve == nil && was != nil && selected {
		l.reveal(n)
	}
	l.bar.draw()
}

// reveal selects a record, with as many rows above it as below.
func (l *List) reveal(n uint64) {
	first, next := l.src.Range()
	if n < first || n >= next {
		return
	}
	l.live = false
	l.choose(n, first, next)
	l.view.ScrollTo(int(n - l.base))
	l.tick()
}

// sift lets the filter look at what came.
func (l *List) sift() {
	s := l.sieve
	if s == nil {
		return
	}
	if !l.scope.Running(queryFilter) {
		l.bar.draw()
	}
	if s.behind() == 0 || l.scope.Running(queryFilter) {
		return
	}
	at := s.at
	task.Query(l.p.Tasks, l.scope, queryFilter, func(ctx context.Context) (sifted, error) {
		return s.look(ctx, at), nil
	}, func(got sifted, err error) {
		switch {
		case l.sieve != s:
		case err != nil: // it panicked: it would again
			l.bar.field.SetText("")
			if l.p.OnError != nil {
				l.p.OnError(err)
			}
		default:
			s.take(got)
			l.sift()
		}
	})
}

// draw says how many messages fit, or which term cannot be read.
func (b *bar) draw() {
	l := b.list
	words, ink := "", theme.Muted
	if s := l.sieve; s != nil {
		first, next := l.all.Range()
		from, to := s.Range()
		left := s.behind()
		data := map[string]any{
			"Found": widgets.Count(to - from), "All": widgets.Count(next - first), "Read": widgets.Count(next - first - left),
		}
		// What comes to a live list is looked at within a tick or two.
		if words = lang.L("{{.Found}} of {{.All}} match", data); left > l.screenful() {
			words = lang.L("{{.Found}} match of {{.Read}} looked at, {{.All}} in all", data)
		}
		b.hide(from == to && left == 0 && next > first, next-first)
	} else {
		b.hide(false, 0)
	}
	if b.wrong != "" {
		words, ink = lang.L("“{{.Term}}” is no size: write size>10k or size<1M", map[string]any{"Term": b.wrong}), theme.Err
	}
	b.says.Set(words, ink)
}

// hide says over the rows that all messages are hidden.
func (b *bar) hide(all bool, n uint64) {
	if all && (n != b.hidden || !b.none.Visible()) {
		b.none.Set(lang.L("No message matches"),
			lang.N("{{.Count}} messages are hidden by the filter.", int(n), map[string]any{"Count": widgets.Count(n)}), nil,
			widgets.NewButton(lang.L("Clear filter"), nil, widgets.Normal, func() { b.field.SetText("") }))
	}
	b.hidden = n
	if all != b.none.Visible() {
		widgets.Show(b.none, all)
		b.list.content.Refresh()
	}
}
