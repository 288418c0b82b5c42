package send

import (
	"context"
	"time"

	"gantry/client/message"
	"gantry/client/outbox"
	"gantry/gui/task"
)

const (
	// ledgerTick is how often what changed is shown while it is seen.
	ledgerTick = 150 * time.Millisecond
	// keptRows is how many rows are held in memory, keptBodies what their bodies may take.
	keptRows   = 600
	keptBodies = 32 << 20
	// unsettledFor is for how long a message may still be read back.
	unsettledFor = 30 * time.Second
)

// queryRows is the query that reads rows, queryRefresh the one that looks for new ones.
const (
	queryRows    = "rows"
	queryRefresh = "refresh"
)

// shelf is what a list of sends shows; row 0 is the newest.
type shelf interface {
	Len() int
	At(i int) outbox.Item
}

// found are the entries that fit a filter.
type found []outbox.Item

// Len is how many fit.
func (f found) Len() int { return len(f) }

// At returns one of them.
func (f found) At(i int) outbox.Item { return f[i] }

// rowKey names an entry for as long as it is there.
type rowKey struct {
	run string
	of  *outbox.Sends
	row uint64
}

func keyOf(i outbox.Item) rowKey {
	if i.Run != nil {
		return rowKey{run: i.Run.ID}
	}
	return rowKey{of: i.Of, row: i.Row}
}

// entry is what is known of a row: a run, or a message once it was read.
type entry struct {
	key  rowKey
	run  *outbox.Info
	sent *outbox.Sent
	err  error
	age  uint64 // of the ledger, when it was read
}

// settled tells whether nothing more will be known of a message.
func (e *entry) settled(now time.Time) bool {
	s := e.sent
	switch {
	case e.err != nil:
		return true
	case s == nil || s.State == outbox.UnderWay:
		return false
	case s.Half != nil && s.Half.Stand == outbox.RolledBack:
		return true
	case s.Half != nil && !s.Half.Stand.Over():
		return false
	case request(s) && s.State != outbox.Failed && s.Reply == nil && now.Before(replyDue(s)):
		return false
	case s.State == outbox.Failed || s.Arrival != nil && s.Arrival.Proof == message.ProofArrived:
		return true
	}
	at := sentAt(s)
	if s.Half != nil && s.Half.Ended.After(at) {
		at = s.Half.Ended
	}
	return now.Sub(at) > unsettledFor
}

// ledger reads the rows of a list beside the window, as they are seen.
type ledger struct {
	tasks *task.Runner
	scope *task.Scope
	// shown is called when rows were read.
	shown func()

	known map[rowKey]*entry
	order []rowKey // as they were read, the oldest first
	bytes int      // of known bodies
	age   uint64   // counts changes
	want  map[rowKey]outbox.Item
	reads bool
}

func newLedger(tasks *task.Runner, scope *task.Scope, shown func()) *ledger {
	return &ledger{tasks: tasks, scope: scope, shown: shown, known: map[rowKey]*entry{}, want: map[rowKey]outbox.Item{}}
}

// changed says that what was read may be out of date.
func (l *ledger) changed() { l.age++ }

// look returns what is known of an entry, and has the rest read.
func (l *ledger) look(i outbox.Item) *entry {
	key := keyOf(i)
	if i.Run != nil {
		return &entry{key: key, run: i.Run}
	}
	if i.Of == nil { // it went meanwhile
		return &entry{}
	}
	e := l.known[key]
	if e == nil || e.age != l.age && !e.settled(time.Now()) {
		l.want[key] = i
		l.read()
	}
	if e == nil {
		return &entry{key: key}
	}
	return e
}

// read reads what is wanted, once for all that is asked for at a time.
func (l *ledger) read() {
	if l.reads || len(l.want) == 0 {
		return
	}
	want, age := l.want, l.age
	l.want, l.reads = map[rowKey]outbox.Item{}, true
	task.Ask(l.tasks, l.scope, queryRows, func(ctx context.Context) ([]*entry, error) {
		var out []*entry
		for key, i := range want {
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			e := &entry{key: key, age: age}
			e.sent, e.err = i.Of.Sent(i.Row)
			out = append(out, e)
		}
		return out, nil
	}, func(all []*entry, _ error) {
		l.reads = false
		for _, e := range all {
			l.keep(e)
		}
		l.shown()
		l.read()
	})
}

func (l *ledger) keep(e *entry) {
	size := func(e *entry) int {
		if e.sent == nil || e.sent.Draft == nil {
			return 0
		}
		return len(e.sent.Draft.Body)
	}
	if had := l.known[e.key]; had != nil {
		l.bytes -= size(had)
	} else {
		l.order = append(l.order, e.key)
	}
	l.known[e.key] = e
	l.bytes += size(e)
	for len(l.order) > 1 && (len(l.order) > keptRows || l.bytes > keptBodies) {
		l.bytes -= size(l.known[l.order[0]])
		delete(l.known, l.order[0])
		l.order = l.order[1:]
	}
}
