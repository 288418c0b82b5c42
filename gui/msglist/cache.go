package msglist

import (
	"context"
	"errors"
	"slices"
	"time"

	"gantry/client/fault"
	"gantry/client/filter"
	"gantry/client/message"
	"gantry/gui/task"
)

// The keys of the list's queries.
const (
	queryTail    = "tail"    // rows that came, before they are shown
	queryRows    = "rows"    // rows that were scrolled to
	queryMessage = "message" // the selected one
	queryMenu    = "menu"    // the one that a menu acts on
	queryTimes   = "times"   // when messages were stored
	querySort    = "sort"    // the order of a column
	queryGo      = "go"      // the place of a time
	queryFilter  = "filter"  // those that the filter was not asked about
)

// cacheLimit is how many decoded rows are kept, cacheNear how many round those
// on the screen stay when there are more.
const (
	cacheLimit = 4096
	cacheNear  = 512
)

// cache holds decoded rows by record number.
type cache struct {
	rows   map[uint64]*Row
	lowest uint64 // nothing below is kept
}

func newCache() cache { return cache{rows: map[uint64]*Row{}} }

// missing returns the numbers from first to before end that are not there.
func (c *cache) missing(first, end uint64) []uint64 {
	var out []uint64
	for n := first; n < end; n++ {
		if c.rows[n] == nil {
			out = append(out, n)
		}
	}
	return out
}

// drop forgets what lies below first.
func (c *cache) drop(first uint64) {
	for n := c.lowest; n < first && len(c.rows) > 0; n++ {
		if n-c.lowest > cacheLimit { // a long way: the other way round is shorter
			for m := range c.rows {
				if m < first {
					delete(c.rows, m)
				}
			}
			break
		}
		delete(c.rows, n)
	}
	c.lowest = max(c.lowest, first)
}

// trim keeps what lies near the screen.
func (c *cache) trim(first, end uint64) {
	if len(c.rows) <= cacheLimit {
		return
	}
	for n := range c.rows {
		if n+cacheNear < first || n > end+cacheNear {
			delete(c.rows, n)
		}
	}
}

// read decodes records beside the main goroutine and puts their rows into the
// cache.
func (l *List) read(key string, numbers []uint64, then func()) {
	src, short, marks := l.src, l.p.Short, l.marks
	var decode filter.Decode
	if l.p.Decode != nil {
		decode = l.p.Decode()
	}
	jq := l.p.Jq
	task.Ask(l.p.Tasks, l.scope, key, func(ctx context.Context) ([]*Row, error) {
		var judge filter.Judge
		if jq != nil {
			judge = jq(ctx, time.Time{})
		}
		rows := make([]*Row, len(numbers))
		for i, n := range numbers {
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			rows[i] = readRow(src, n, short, marks, decode, judge)
		}
		return rows, nil
	}, func(rows []*Row, err error) {
		if err != nil {
			return
		}
		for i, row := range rows {
			l.cache.rows[numbers[i]] = row
		}
		l.showTopics(l.topics || slices.ContainsFunc(rows, l.otherTopic))
		then()
		at := l.base + uint64(max(l.view.FirstVisible(), 0))
		l.cache.trim(at, at+l.screenful())
	})
}

// readRow decodes one record; one that is gone is a blank row, until eviction
// takes it away, and one that cannot be read says so.
func readRow(src Source, n uint64, short func(string) string, marks marks, decode filter.Decode, judge filter.Judge) *Row {
	m, err := readMessage(src, n)
	switch {
	case errors.Is(err, fault.Evicted):
		return &Row{}
	case err != nil:
		return &Row{Unreadable: true}
	}
	row := NewRow(m, short)
	row.Mark = marks.of(m, decode, judge)
	if text := decoded(m, decode); text != "" {
		row.Body = text
	}
	return &row
}

func readMessage(src Source, n uint64) (*message.Message, error) {
	r, err := src.Record(n)
	if err != nil {
		return nil, err
	}
	return r.Message()
}

// readVisible fetches the rows in sight, and some beside them, that are not
// decoded.
func (l *List) readVisible() {
	if l.src == nil || l.Len() == 0 || l.scope.Running(queryRows) {
		return
	}
	at := l.base + uint64(max(l.view.FirstVisible(), 0))
	end := min(at+l.screenful(), l.end)
	missing := l.cache.missing(at, end)
	if len(missing) == 0 {
		return
	}
	beside := l.screenful() / 2
	missing = append(missing, l.cache.missing(end, min(end+beside, l.end))...)
	missing = append(missing, l.cache.missing(max(l.base, at-min(at, beside)), at)...)
	l.read(queryRows, missing, l.publish)
}

// Reread reads the rows in sight again, because bodies of the topic are read in another way
// now, and asks a filter of bodies again, which then finds the selected message where it
// still fits.
func (l *List) Reread() {
	l.keep = l.decoding(l.keep)
	if l.sieve != nil && l.keep.Decodes() {
		n, selected := l.Selected()
		held := !l.live
		l.relist()
		l.refind, l.refinds, l.holds = n, selected, held
		return
	}
	if l.src == nil || l.Len() == 0 {
		return
	}
	at := l.base + uint64(max(l.view.FirstVisible(), 0))
	end := min(at+l.screenful(), l.end)
	var seen []uint64
	for n := range l.cache.rows {
		if n >= at && n < end {
			seen = append(seen, n) // they stay until the new ones are there
		} else {
			delete(l.cache.rows, n)
		}
	}
	l.read(queryRows, seen, l.publish)
}

// chose reads the message of the row that was selected.
func (l *List) chose(n uint64) {
	l.selected, l.isSelected = n, true
	if _, ok := l.src.(numbered); ok {
		l.found, l.hasFound = l.Selected()
	}
	if l.p.OnSelected == nil {
		return
	}
	l.message(queryMessage, n, l.p.OnSelected)
}

// message reads one message for an action.
func (l *List) message(key string, n uint64, then func(*message.Message)) {
	src := l.src
	task.Ask(l.p.Tasks, l.scope, key, func(context.Context) (*message.Message, error) {
		return readMessage(src, n)
	}, func(m *message.Message, err error) {
		if err == nil {
			then(m)
		} else {
			l.fail(err)
		}
	})
}
