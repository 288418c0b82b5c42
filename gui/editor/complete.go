package editor

import (
	"fyne.io/fyne/v2"

	"gantry/gui/widgets"
)

var _ widgets.Suggester = (*page)(nil)

// Item is what could stand at the cursor: Label and Detail are shown, Insert takes the
// place of the bytes From to To of the line as Complete was given it. Cursor, if above 0,
// is how many bytes before the end of Insert the cursor stays.
type Item struct {
	Label, Detail string
	Insert        string
	From, To      int
	Cursor        int
}

// completion is the list below the cursor.
type completion struct {
	drop  *widgets.Suggestions
	items []Item
	at    int // the place where the line begins that Complete was given
}

// complete asks what could stand at the cursor, and shows it.
func (e *Editor) complete() {
	if e.Complete == nil || e.readOnly || e.m.anchor != e.m.head {
		e.list.drop.Close()
		return
	}
	_, start := e.m.lineOf(e.m.head)
	from := e.m.align(max(start, e.m.head-chunkMost))
	to := e.m.align(min(e.m.lineEnd(e.m.head), e.m.head+chunkMost))
	e.list.at = from
	if e.list.items = e.Complete(e.m.slice(from, to), e.m.head-from); len(e.list.items) == 0 {
		e.list.drop.Close()
		return
	}
	shown := make([]widgets.Suggestion, len(e.list.items))
	for i, item := range e.list.items {
		shown[i] = widgets.Suggestion{Text: item.Label, About: item.Detail}
	}
	e.list.drop.Set(shown, 0)
	line, _ := e.m.lineOf(e.m.head)
	x := e.m.x(start, from+min(max(e.list.items[0].From, 0), e.m.head-from)) - e.left
	y := float64(margin) + float64(line)*float64(lineHeight) - e.top
	e.list.drop.Open(fyne.NewPos(float32(x)-12, float32(y)), lineHeight, 0)
}

// Suggested takes an item of the list.
func (p *page) Suggested(i int) {
	e := p.e
	if i < 0 || i >= len(e.list.items) {
		return
	}
	item := e.list.items[i]
	from := e.inside(e.list.at + item.From)
	to := e.inside(max(e.list.at+item.To, from))
	e.edit(func() {
		e.m.settle()
		e.m.change(from, to, item.Insert, other)
		e.m.move(max(e.m.head-max(item.Cursor, 0), from), false)
	})
}
