package msglist

import (
	"cmp"
	"context"
	"slices"

	"gantry/client/fault"
	"gantry/client/filter"
	"gantry/client/message"
	"gantry/gui/task"
)

// order is how a list is sorted.
type order struct {
	by   column
	desc bool
	on   bool
}

// numbered is a Source whose numbers are not those of the list below it: the sieve, and
// what was sorted.
type numbered interface {
	// number is that of the record in the list below; between are those of several.
	number(n uint64) (record uint64, ok bool)
	between(first, next uint64) []uint64
}

// sorted is the Source of a list in the order of a column. It holds what was there when it
// was sorted: what came later is not in it, and what is evicted is a blank row.
type sorted struct {
	src     Source
	numbers []uint64 // in their order; never changed
	to      uint64   // the number after the newest that was there
}

// Range counts the rows.
func (s *sorted) Range() (first, next uint64) {
	if _, end := s.src.Range(); end < s.to { // another journal under the same name
		return 0, 0
	}
	return 0, uint64(len(s.numbers))
}

// Record returns the record of a row.
func (s *sorted) Record(n uint64) (*message.Record, error) {
	record, ok := s.number(n)
	if !ok {
		return nil, fault.Evicted
	}
	return s.src.Record(record)
}

func (s *sorted) number(n uint64) (record uint64, ok bool) {
	if n >= uint64(len(s.numbers)) {
		return 0, false
	}
	return s.numbers[n], true
}

func (s *sorted) between(first, next uint64) []uint64 {
	next = min(next, uint64(len(s.numbers)))
	return s.numbers[min(first, next):next:next]
}

// newer is how many messages came since, whether they fit a filter or not.
func (s *sorted) newer() uint64 {
	_, next := s.src.Range()
	return next - min(next, s.to)
}

// Sift is not offered: the sieve sifts what is below it.
func (s *sorted) Sift(context.Context, uint64, uint64, filter.Filter) ([]uint64, uint64, error) {
	panic("a sorted list is filtered")
}

// Times is not offered.
func (s *sorted) Times(uint64, []int64) (uint64, int) { panic("a sorted list has no times") }

// Each is not offered.
func (s *sorted) Each(context.Context, uint64, uint64, func(uint64, *message.Message)) error {
	panic("a sorted list is read record by record")
}

// SortBy puts the rows into the order of a column: ascending, a second time descending, and
// a third time as they came. What comes later is not put in: the bar says how much.
func (l *List) SortBy(c column) {
	switch {
	case l.src == nil || !c.sortable():
		return
	case !l.order.on || l.order.by != c:
		l.order = order{by: c, on: true}
	case !l.order.desc:
		l.order.desc = true
	default:
		l.order = order{}
	}
	l.reorder()
}

// Unsort shows the rows as they came.
func (l *List) Unsort() {
	l.order = order{}
	l.reorder()
}

// reorder begins to sort, or ends it. The row that is selected stays so once it is as it
// came.
func (l *List) reorder() {
	n, selected := l.Selected()
	l.unsorted()
	l.reset()
	l.head.Refresh()
	l.stir()
	if l.tick(); selected && !l.order.on {
		l.reveal(n)
	}
	if l.bar != nil {
		l.bar.draw()
	}
}

// unsorted lists what is below the order, which is made anew from what is there now.
func (l *List) unsorted() {
	l.scope.Cancel(querySort)
	l.sorted, l.src = nil, l.all
	if l.sieve != nil {
		l.src = l.sieve
	}
	if l.all != nil {
		_, l.sortTo = l.all.Range()
	}
}

// sort sorts, once the filter has looked at all that is to be sorted.
func (l *List) sort() {
	if l.sorted != nil {
		if _, next := l.all.Range(); next < l.sorted.to {
			l.order = order{}
			l.relist()
			l.head.Refresh()
		}
		return
	}
	if !l.order.on || l.all == nil || l.scope.Running(querySort) || l.sieve != nil && l.sieve.at < l.sortTo && l.sieve.behind() > 0 {
		return
	}
	o, src := l.order, l.all
	first, _ := src.Range()
	to := l.sortTo
	var only []uint64
	if l.sieve != nil {
		from, next := l.sieve.Range()
		only = l.sieve.between(from, next)
		only = append([]uint64{}, only...)
	}
	task.Ask(l.p.Tasks, l.scope, querySort, func(ctx context.Context) (*sorted, error) {
		numbers, err := sortRecords(ctx, src, o, min(first, to), to, only)
		return &sorted{src: src, numbers: numbers, to: to}, err
	}, func(s *sorted, err error) {
		if err != nil {
			l.order = order{}
			l.head.Refresh()
			l.fail(err)
			return
		}
		l.sorted, l.src = s, s
		l.reset()
		l.live, l.end = false, min(uint64(len(s.numbers)), Span)
		l.publish()
		l.view.ScrollToTop()
		l.stir()
		l.tick()
	})
}

// sortKey is what a record is sorted by.
type sortKey struct {
	n           uint64
	major, last int64
	text        string
	ok          bool // it could be read
}

// sortRecords returns the records from from up to to in an order: of those only, where that
// is not nil, which ascend. What cannot be read is last. It blocks.
func sortRecords(ctx context.Context, src Source, o order, from, to uint64, only []uint64) ([]uint64, error) {
	count := to - from
	if only != nil {
		count = uint64(len(only))
	}
	keys := make([]sortKey, count)
	for i := range keys {
		if keys[i].n = from + uint64(i); only != nil {
			keys[i].n = only[i]
		}
	}
	place := func(n uint64) *sortKey { // each record has its own: no lock is needed
		i := n - from
		if only != nil {
			at, found := slices.BinarySearch(only, n)
			if !found {
				return nil
			}
			i = uint64(at)
		}
		if i >= uint64(len(keys)) {
			return nil
		}
		return &keys[i]
	}
	if err := readKeys(ctx, src, o.by, from, to, place); err != nil {
		return nil, err
	}
	slices.SortFunc(keys, func(a, b sortKey) int {
		if a.ok != b.ok {
			if a.ok {
				return -1
			}
			return 1
		}
		by := cmp.Or(cmp.Compare(a.text, b.text), cmp.Compare(a.major, b.major), cmp.Compare(a.last, b.last))
		if o.desc {
			by = -by
		}
		return cmp.Or(by, cmp.Compare(a.n, b.n))
	})
	numbers := make([]uint64, len(keys))
	for i := range keys {
		numbers[i] = keys[i].n
	}
	return numbers, ctx.Err()
}

// readKeys fills in what records are sorted by. It blocks.
func readKeys(ctx context.Context, src Source, by column, from, to uint64, place func(uint64) *sortKey) error {
	if by == colTime {
		eachTime(ctx, src, from, to, func(n uint64, at int64) {
			if k := place(n); k != nil {
				k.major, k.ok = at, at != 0
			}
		})
		return ctx.Err()
	}
	return src.Each(ctx, from, to, func(n uint64, m *message.Message) {
		k := place(n)
		if k == nil {
			return
		}
		k.ok = true
		switch by {
		case colTopic:
			k.text = m.Topic
		case colTag:
			k.text = m.Tag()
		case colKey:
			if keys := m.Keys(); len(keys) > 0 {
				k.text = keys[0]
			}
		case colQueue:
			k.major, k.last = int64(m.QueueID), m.QueueOffset
		case colRetry:
			k.major = int64(m.ReconsumeTimes)
		case colSize:
			k.major = int64(m.StoredBody())
		}
	})
}
