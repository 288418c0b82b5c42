package overview

import (
	"context"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"gantry/client/cluster"
	"gantry/gui/problem"
	"gantry/gui/widgets"
)

// Keys of a list's queries.
const (
	queryList    = "list"
	queryPortion = "portion"
	queryDetail  = "detail"
)

const (
	// Chunk is how many are asked about at once at first: some screenfuls.
	Chunk = 40
	// MostAtOnce bounds a portion that grows because the servers are quick.
	MostAtOnce = 16 * Chunk
	// portionTakes is how long a portion should take: what comes into sight waits for it.
	portionTakes = 150 * time.Millisecond
)

// Answer is what servers told, and which of them did not.
type Answer[T any] struct {
	Told    []Told[T]
	Missing cluster.Missing
}

// Questions are what a list asks; T is what it knows of each, D the details of one. All
// of them block and run beside the main goroutine.
type Questions[C, T, D any] struct {
	// List tells what there is.
	List func(ctx context.Context, conn C) (Answer[T], error)
	// Portion tells how some of them stand. nil: List tells all.
	Portion func(ctx context.Context, conn C, names []string) (Answer[T], error)
	// Beside: Portion is asked about rows in sight only, because it costs the servers
	// something, and what it tells stands beside what List told of each. Who is missing
	// from it stands in the rows.
	Beside bool
	Detail func(ctx context.Context, conn C, name string) (D, error)
}

// Shape is how a list looks. All functions are called on the main goroutine.
type Shape[T, D any] struct {
	Hint     string // of the filter
	Segments int
	// Fits tells whether one stands in a segment, Order how those that do are sorted; nil
	// leaves them as they are told.
	Fits  func(segment int, e *Entry[T]) bool
	Order func(a, b *Entry[T]) int
	// Merge takes what was told of one into its Value; nil puts it in its place.
	Merge func(e *Entry[T], v T)
	// Typed is what is known of one that was typed where none are listed; may be nil.
	Typed func(name string) T

	Columns []widgets.Column
	Heads   []string
	Cells   func(e *Entry[T]) []widgets.Item

	// Details is the pane at the right, Narrow its width in a window below 1200.
	Details fyne.CanvasObject
	Narrow  float32
	// Inside is what of it Enter in the table leads to.
	Inside fyne.Focusable
	// Detail shows one; got is the zero D while nothing was told, or err says why.
	Detail func(e *Entry[T], got D, err error)
	// Right stands at the right of the filter.
	Right []fyne.CanvasObject
	// Acts are what can be done to all rows that are chosen, while several are.
	Acts []Act

	// Unlisted is said above where the endpoint lists none, Words stand in place of rows.
	Unlisted string
	Words    func() Words
	// OnShow runs before the list is drawn, OnTick with each question for what is shown,
	// OnCancel where questions are given up; they may be nil.
	OnShow, OnTick, OnCancel func()
}

// List is a tab that lists things by name, and one of them in detail: filtered, those
// in sight asked about first and the others in portions, all of it again while the tab
// is seen. Main goroutine only.
type List[C comparable, T, D any] struct {
	*Frame[C]
	Rows[T]

	Err      error // why asking failed last
	Listing  bool  // it is being asked what there is
	Unlisted bool  // the endpoint lists none: those typed are looked up
	asks     Questions[C, T, D]
	shape    Shape[T, D]
	told     bool      // it was told once what there is
	listed   time.Time // when it was asked for last
	swept    time.Time // when all were asked about last
	chosen   bool      // one was shown at first
	looking  bool      // it is soon looked whether other rows have come into sight
	portion  int       // how many are asked about at once
	missing  cluster.Missing
	count    *widgets.Word   // how many rows are chosen
	acts     *fyne.Container // what is done to them
	buttons  []*widgets.Button
}

// NewList returns a list that Fill fills.
func NewList[C comparable, T, D any](p Params[C], asks Questions[C, T, D]) *List[C, T, D] {
	return &List[C, T, D]{Frame: New(p), asks: asks, portion: Chunk}
}

// Fill builds the tab. It asks nothing before it is shown.
func (l *List[C, T, D]) Fill(shape Shape[T, D]) {
	l.shape = shape
	l.fits, l.order, l.merge = shape.Fits, shape.Order, shape.Merge
	table := widgets.NewTable(shape.Columns, shape.Heads, func() int { return len(l.Shown) }, func(i int) []widgets.Item {
		if e := l.At(i); e != nil {
			return shape.Cells(e)
		}
		return nil
	})
	table.OnPicked, table.OnAll = l.pickRow, l.pickAll
	table.Picked = func(i int) bool { return l.picked.Several() && l.picked.Has(uint64(i)) }
	table.OnEnter = func() { l.Focus(shape.Inside) }
	table.OnEscape = l.escape
	table.OnCopy = func() {
		names := l.Picked()
		if len(names) == 0 && l.Selected != "" { // the filter hides it
			names = []string{l.Selected}
		}
		if len(names) > 0 {
			fyne.CurrentApp().Clipboard().SetContent(strings.Join(names, "\n"))
		}
	}
	if l.asks.Beside {
		table.OnMoved = l.moved
	}
	bar := l.FilterBar(shape.Hint, shape.Segments, l.rearrange, l.entered, append([]fyne.CanvasObject{l.RefreshButton()}, shape.Right...)...)
	l.Build(l.several(bar, shape.Acts), table, shape.Details, shape.Narrow, Hooks{
		Ask: l.ask, AskAll: l.askAll, Cancel: l.cancel, Forget: l.drop, Show: l.show,
	})
}

// rearrange lists what the filter and the segment say; the selection follows its name.
func (l *List[C, T, D]) rearrange() {
	l.Needle, l.Segment = l.Filter.Text, l.Segments.Selected()
	l.arrange()
	if l.asks.Beside {
		l.moved()
	}
}

// drop forgets what another connection said.
func (l *List[C, T, D]) drop() {
	l.forget()
	l.listed, l.swept, l.Err, l.Unlisted, l.chosen, l.missing = time.Time{}, time.Time{}, nil, false, false, nil
	l.told = false
	l.detail(nil, nil)
}

// detail shows one with what was told before.
func (l *List[C, T, D]) detail(e *Entry[T], err error) {
	var none D
	l.shape.Detail(e, none, err)
}

// Choose shows the details of one; nil shows none.
func (l *List[C, T, D]) Choose(e *Entry[T]) {
	name := ""
	if e != nil {
		name = e.Name
	}
	if name == l.Selected {
		return
	}
	l.Selected = name
	if i := l.Row(name); i < 0 {
		l.picked.Clear()
	} else if !l.picked.Has(uint64(i)) {
		l.picked.Only(uint64(i))
	}
	l.detail(e, nil)
	l.askDetail()
	l.Table.SetSelected(l.Row(name))
	l.Table.Refresh()
}

// chooseFirst shows the first, once: who closed the details wants none.
func (l *List[C, T, D]) chooseFirst() {
	if l.Selected == "" && !l.chosen {
		l.chosen = true
		l.Choose(l.At(0))
	}
}

// Open shows one by its name, also before the list has it.
func (l *List[C, T, D]) Open(name string) {
	l.Filter.SetText("")
	l.Segments.Select(0)
	l.add(Told[T]{Name: name})
	l.pick(name)
	if at := l.Row(name); at >= 0 {
		l.Table.ScrollTo(at)
	}
}

// pick chooses one by its name.
func (l *List[C, T, D]) pick(name string) {
	l.chosen = true
	l.rearrange()
	l.Choose(l.byName[name])
	l.next()
	l.show()
}

// entered is Enter in the filter: one by its name where none are listed, else the
// first row.
func (l *List[C, T, D]) entered() {
	name := l.P.Profile.FullName(l.Filter.Text)
	if l.Unlisted && strings.TrimSpace(name) != "" {
		t := Told[T]{Name: name}
		if l.shape.Typed != nil {
			t.Value, t.Known = l.shape.Typed(name), true
		}
		l.add(t)
		l.Filter.SetText("")
		l.pick(name)
		return
	}
	if first := l.At(0); first != nil {
		l.Choose(first)
		l.Focus(l.Table.List)
	}
}

// show brings list and words up to date.
func (l *List[C, T, D]) show() {
	if l.shape.OnShow != nil {
		l.shape.OnShow()
	}
	l.showPicked()
	l.alone = l.told && len(l.All) == 0 && l.Selected == ""
	l.Show(l.Above(), l.shape.Words(), l.Row(l.Selected))
}

// Above is what is said above the list.
func (l *List[C, T, D]) Above() string {
	switch {
	case l.Unlisted:
		return l.shape.Unlisted
	case l.Err != nil && len(l.All) > 0:
		return problem.Explain(l.Err).Text()
	}
	return problem.Missing(l.missing)
}

// Waiting tells whether it is not known yet what there is.
func (l *List[C, T, D]) Waiting() bool { return !l.told }

// Busy tells whether a question is under way.
func (l *List[C, T, D]) Busy() bool {
	return slices.ContainsFunc([]string{queryList, queryPortion, queryDetail}, l.Scope.Running)
}
