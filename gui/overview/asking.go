package overview

import (
	"context"
	"errors"
	"slices"
	"time"

	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/gui/task"
)

// ask asks again for what is shown.
func (l *List[C, T, D]) ask() {
	now := time.Now()
	few := len(l.All) <= Few
	if !l.Listing && !l.Unlisted && (few || now.Sub(l.listed) >= Seldom) {
		l.askList()
	}
	if (few || now.Sub(l.swept) >= Seldom) && !l.Scope.Running(queryPortion) {
		l.swept = now
		l.due(l.All)
	}
	l.due(l.inSight())
	l.next()
	if !l.Scope.Running(queryDetail) {
		l.askDetail()
	}
	if l.shape.OnTick != nil {
		l.shape.OnTick()
	}
}

func (l *List[C, T, D]) askAll() {
	l.due(l.All)
	l.swept = time.Now()
	l.askList()
	l.next()
	l.askDetail()
}

// cancel ends the questions under way.
func (l *List[C, T, D]) cancel() {
	for _, key := range []string{queryList, queryPortion, queryDetail} {
		l.Scope.Cancel(key)
	}
	l.Listing = false
	if l.shape.OnCancel != nil {
		l.shape.OnCancel()
	}
}

func (l *List[C, T, D]) due(es []*Entry[T]) {
	for _, e := range es {
		e.due = true
	}
}

// inSight are those whose rows are seen.
func (l *List[C, T, D]) inSight() []*Entry[T] {
	first := min(max(l.Table.FirstVisible(), 0), len(l.Shown))
	return l.Shown[first:min(first+l.Table.VisibleRows()+2, len(l.Shown))]
}

// lookAfter is how long rows must have been in sight to be asked about while the list moves.
const lookAfter = 150 * time.Millisecond

// moved has the rows that have come into sight asked about soon.
func (l *List[C, T, D]) moved() {
	if l.looking || !l.Asking() {
		return
	}
	l.looking = true
	l.P.Tasks.After(l.Scope, lookAfter, func() {
		l.looking = false
		l.next()
	})
}

func (l *List[C, T, D]) askList() {
	conn := l.P.Conn()
	l.listed, l.Listing = time.Now(), true
	task.Ask(l.P.Tasks, l.Scope, queryList, func(ctx context.Context) (Answer[T], error) {
		return l.asks.List(ctx, conn)
	}, func(got Answer[T], err error) {
		l.Listing, l.Err = false, err
		switch {
		case errors.Is(err, fault.NotOffered):
			l.Unlisted, l.Err = true, nil
		case err != nil:
			l.listed = time.Time{} // with the next tick again
		default:
			l.told = true
			l.set(got.Told)
			l.noteMissing(got.Missing)
			l.arrange()
			if l.asks.Portion == nil || l.asks.Beside {
				l.chooseFirst()
			}
			l.next()
		}
		l.show()
	})
}

// noteMissing notes who did not answer. When others are missing than before, what was told of
// each is out of date.
func (l *List[C, T, D]) noteMissing(missing cluster.Missing) {
	if !slices.Equal(missing.Names(), l.missing.Names()) {
		l.due(l.All)
	}
	l.missing = missing
}

// dueNames are the next to be asked about, those in sight first.
func (l *List[C, T, D]) dueNames() []string {
	parts := [][]*Entry[T]{l.inSight()}
	if !l.asks.Beside {
		parts = append(parts, l.All)
	}
	var names []string
	asking := map[string]bool{}
	for _, part := range parts {
		for _, e := range part {
			if e.due && !asking[e.Name] && len(names) < l.portion {
				names, asking[e.Name] = append(names, e.Name), true
			}
		}
	}
	return names
}

// portionAfter is how many to ask about next: as many as servers answer in portionTakes, at
// most twice as many as before. was is how many could be asked about last, told how many were,
// in the time took.
func portionAfter(was, told int, took time.Duration) int {
	if told < was { // the last ones say little
		return was
	}
	fit := float64(told) * portionTakes.Seconds() / max(took, time.Millisecond).Seconds()
	return min(max(int(fit), Chunk), 2*was, MostAtOnce)
}

// next asks about the next that are due, those in sight first.
func (l *List[C, T, D]) next() {
	if l.asks.Portion == nil || l.Scope.Running(queryPortion) || !l.Asking() {
		return
	}
	names := l.dueNames()
	if len(names) == 0 {
		return
	}
	conn, begun := l.P.Conn(), time.Now()
	task.Ask(l.P.Tasks, l.Scope, queryPortion, func(ctx context.Context) (Answer[T], error) {
		return l.asks.Portion(ctx, conn, names)
	}, func(got Answer[T], err error) {
		if l.Err = err; err != nil {
			for _, n := range names { // with the next tick again
				if e := l.byName[n]; e != nil {
					e.due = false
				}
			}
			l.show()
			return
		}
		l.portion = portionAfter(l.portion, len(names), time.Since(begun))
		if !l.asks.Beside {
			l.noteMissing(got.Missing)
		}
		for _, t := range got.Told {
			l.take(t)
		}
		l.arrange()
		l.chooseFirst()
		l.next()
		l.show()
	})
}

func (l *List[C, T, D]) askDetail() {
	name, conn := l.Selected, l.P.Conn()
	if name == "" || !l.Connected() {
		l.Scope.Cancel(queryDetail)
		return
	}
	task.Ask(l.P.Tasks, l.Scope, queryDetail, func(ctx context.Context) (D, error) {
		return l.asks.Detail(ctx, conn, name)
	}, func(got D, err error) {
		if e := l.Chosen(); e != nil && e.Name == name {
			l.shape.Detail(e, got, err)
		}
	})
}
