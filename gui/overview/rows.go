package overview

import (
	"slices"
	"strings"

	"gantry/gui/widgets"
)

// Entry is one thing that a tab lists.
type Entry[T any] struct {
	Name  string // the full one, which tells it from others
	Value T
	Known bool // Value holds an answer

	due bool // it is to be asked about
}

// Told is what was told of one thing; not Known is its name alone.
type Told[T any] struct {
	Name  string
	Value T
	Known bool
}

// Rows are the things that there are, and those of them that are shown. It is plain
// data, used on the main goroutine.
type Rows[T any] struct {
	All      []*Entry[T] // as they were told
	Shown    []*Entry[T] // what the filter and the segment leave, in their order
	Selected string      // the name of the one that is shown in detail; "" for none
	Needle   string      // what is looked for in the names
	Segment  int
	// picked are the rows that are chosen, by their places in Shown: they follow their names,
	// and what is shown no more is not among them.
	picked widgets.Selection

	fits   func(segment int, e *Entry[T]) bool
	order  func(a, b *Entry[T]) int // nil: as in All
	merge  func(e *Entry[T], v T)   // takes a value; nil: in place of the one before
	byName map[string]*Entry[T]
}

// forget drops all but the filter and the segment.
func (r *Rows[T]) forget() {
	r.All, r.Shown, r.Selected, r.byName = nil, nil, "", nil
	r.picked.Clear()
}

// set takes what there is now; what is known of those that stay is kept, and what is
// no more cannot be selected.
func (r *Rows[T]) set(all []Told[T]) {
	old := r.byName
	r.byName, r.All = make(map[string]*Entry[T], len(all)), nil
	for _, t := range all {
		e := old[t.Name]
		if e == nil {
			e = &Entry[T]{Name: t.Name, due: true}
		}
		r.byName[t.Name] = e
		r.All = append(r.All, e)
		due := e.due
		r.take(t)
		e.due = due // what there is does not tell how it stands
	}
	if r.byName[r.Selected] == nil {
		r.Selected = ""
	}
}

// add puts one in front of those that there are, unless it is there.
func (r *Rows[T]) add(t Told[T]) {
	if r.byName[t.Name] != nil {
		return
	}
	all := []Told[T]{t}
	for _, e := range r.All {
		all = append(all, Told[T]{Name: e.Name})
	}
	r.set(all)
}

// take notes what was told of one.
func (r *Rows[T]) take(t Told[T]) {
	e := r.byName[t.Name]
	if e == nil || !t.Known {
		return
	}
	e.Known, e.due = true, false
	if r.merge != nil {
		r.merge(e, t.Value)
	} else {
		e.Value = t.Value
	}
}

// arrange filters and sorts.
func (r *Rows[T]) arrange() {
	needle, before := strings.ToLower(strings.TrimSpace(r.Needle)), r.Shown
	r.Shown = nil
	for _, e := range r.All {
		if r.fits(r.Segment, e) && (needle == "" || strings.Contains(strings.ToLower(e.Name), needle)) {
			r.Shown = append(r.Shown, e)
		}
	}
	if r.order != nil {
		slices.SortStableFunc(r.Shown, r.order)
	}
	r.follow(before)
}

// follow has the rows that are chosen keep their names, which stood so before.
func (r *Rows[T]) follow(before []*Entry[T]) {
	if r.picked.Count() > 0 {
		rows := make(map[string]int, len(r.Shown))
		for i, e := range r.Shown {
			rows[e.Name] = i
		}
		r.picked.Renumber(func(n uint64) (uint64, bool) {
			if n >= uint64(len(before)) {
				return 0, false
			}
			i, stands := rows[before[n].Name]
			return uint64(i), stands
		})
	}
	if i := r.Row(r.Selected); i >= 0 && r.picked.Count() == 0 {
		r.picked.Only(uint64(i))
	}
}

// Picked are the names of the rows that are chosen, in their order.
func (r *Rows[T]) Picked() (names []string) {
	for _, x := range r.picked.Stretches() {
		for n := x.From; n < min(x.To, uint64(len(r.Shown))); n++ {
			names = append(names, r.Shown[n].Name)
		}
	}
	return names
}

// At is the one in a row, nil where there is none.
func (r *Rows[T]) At(i int) *Entry[T] {
	if i < 0 || i >= len(r.Shown) {
		return nil
	}
	return r.Shown[i]
}

// Row is where one stands, or -1.
func (r *Rows[T]) Row(name string) int {
	return slices.IndexFunc(r.Shown, func(e *Entry[T]) bool { return e.Name == name })
}

// Chosen is the one that is shown in detail, or nil.
func (r *Rows[T]) Chosen() *Entry[T] { return r.byName[r.Selected] }
