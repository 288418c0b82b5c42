package msglist

import (
	"slices"

	"fyne.io/fyne/v2/data/binding"
)

var (
	_ binding.DataList = (*feed)(nil)
	_ binding.DataItem = (*item)(nil)
)

// feed is the list as a binding.DataList. Fyne's own lists compare every element
// at each change; this one makes items for rows in sight only, and a change is
// one call to its listeners, whatever the list's length. It is used on the main
// goroutine only, so a change is seen at once.
type feed struct {
	list      *List
	listeners []binding.DataListener
}

// item is one row of the feed: the number of a record, which never changes.
type item struct{ n uint64 }

// AddListener is called by the list widget.
func (f *feed) AddListener(l binding.DataListener) { f.listeners = append(f.listeners, l) }

// RemoveListener is called by the list widget.
func (f *feed) RemoveListener(l binding.DataListener) {
	f.listeners = slices.DeleteFunc(f.listeners, func(o binding.DataListener) bool { return o == l })
}

// Length returns the number of rows.
func (f *feed) Length() int { return f.list.Len() }

// GetItem returns the row at i: one past the end is a blank, as Fyne may ask for
// rows that have just left.
func (f *feed) GetItem(i int) (binding.DataItem, error) {
	return &item{n: f.list.base + uint64(max(i, 0))}, nil
}

// publish tells the listeners that something changed.
func (f *feed) publish() {
	for _, l := range f.listeners {
		l.DataChanged()
	}
}

// AddListener does nothing: a record never changes.
func (*item) AddListener(binding.DataListener) {}

// RemoveListener does nothing.
func (*item) RemoveListener(binding.DataListener) {}
