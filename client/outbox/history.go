package outbox

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"slices"
	"sort"
	"sync"
	"time"

	"gantry/client/filter"
	"gantry/client/message"
)

// Item is an entry of the history: a run, or a single message.
type Item struct {
	Run *Info // nil for a single message
	// Of are the messages among which a single one is, Row its number there.
	Of  *Sends
	Row uint64
}

// History is what was sent over a profile, or over all of them, the newest first: single
// messages, and each run as one entry. It may be used from any goroutine; Refresh and Find
// read the disk.
type History struct {
	store *Store
	of    string

	mu      sync.Mutex
	change  uint64 // of the store, when parts and runs were made
	parts   []part // of single sends, the newest first
	runs    []Info // the newest first
	places  []int  // how many single messages are newer than each run
	singles int
	notify  func()
	watched map[*Sends]func()
}

type part struct {
	sends       *Sends
	first, next uint64
	before      int // how many newer single messages there are
}

// History returns what was sent over a profile, or over all where it is "". It is empty
// until Refresh. Close ends it.
func (s *Store) History(of string) *History {
	return &History{store: s, of: of, watched: map[*Sends]func(){}}
}

// Watch has f called when something may have changed, which Refresh shows, from any
// goroutine; it must not wait. nil ends that.
func (h *History) Watch(f func()) {
	h.mu.Lock()
	h.notify = f
	h.mu.Unlock()
	h.store.watch(h, f != nil)
}

func (h *History) tell() {
	h.mu.Lock()
	f := h.notify
	h.mu.Unlock()
	if f != nil {
		f()
	}
}

// Refresh brings the history up to date. It reads the disk where a journal came or went.
// What a journal holds that was not looked at before comes when it was read.
func (h *History) Refresh() error {
	now := h.store.changes.Load()
	h.mu.Lock()
	stale := now != h.change || now == 0
	h.mu.Unlock()
	var err error
	if stale {
		err = h.list(now)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.singles = 0
	for i := range h.parts {
		p := &h.parts[i]
		p.first, p.next = p.sends.Range()
		p.before, h.singles = h.singles, h.singles+int(p.next-p.first)
	}
	h.places = h.places[:0]
	for i, r := range h.runs {
		if open := h.store.open(r.ID); open != nil {
			h.runs[i] = open.Info()
			h.runs[i].Bytes = size(open.dir)
			if !h.runs[i].Keep {
				h.runs[i].Expires = r.Expires
			}
		}
		n := 0
		for _, p := range h.parts {
			n += int(p.next - min(max(p.sends.firstAfter(r.Begun), p.first), p.next))
		}
		if len(h.places) > 0 { // journals may overlap in time
			n = max(n, h.places[len(h.places)-1])
		}
		h.places = append(h.places, n)
	}
	return err
}

// list reads which journals there are.
func (h *History) list(change uint64) error {
	all, err := h.store.entries()
	if err != nil {
		return err
	}
	type single struct {
		id    string
		begun time.Time
	}
	var singles []single
	for id, m := range all {
		if !m.Run && (h.of == "" || m.Profile == h.of) {
			singles = append(singles, single{id, m.Begun})
		}
	}
	slices.SortFunc(singles, func(a, b single) int { return cmp.Or(b.begun.Compare(a.begun), cmp.Compare(a.id, b.id)) })
	var parts []part
	for _, one := range singles {
		x, err := h.store.single(one.id)
		if err != nil {
			if !errors.Is(err, fs.ErrNotExist) {
				h.store.p.Log.Warn("a journal of sends cannot be read", "journal", one.id, "error", err)
			}
			continue
		}
		m, stays := all[one.id], Stays{ID: one.id}
		if stays.Keep = m.Keep; m.Production && !m.Keep {
			stays.Expires = h.store.expires(one.id, m)
		}
		x.mu.Lock()
		x.stays = stays
		x.mu.Unlock()
		parts = append(parts, part{sends: x})
	}
	runs, err := h.store.Runs(h.of)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.change, h.parts, h.runs = change, parts, runs
	had := h.watched
	h.watched = map[*Sends]func(){}
	for _, p := range parts {
		if cancel := had[p.sends]; cancel != nil {
			h.watched[p.sends] = cancel
			delete(had, p.sends)
			continue
		}
		h.watched[p.sends] = p.sends.Watch(h.tell)
	}
	for _, cancel := range had {
		cancel()
	}
	return err
}

// firstAfter is the first row that left after a time, which is taken in milliseconds.
func (s *Sends) firstAfter(t time.Time) uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	at := t.UnixMilli()
	return uint64(sort.Search(len(s.rows), func(i int) bool { return s.rows[i].at > at }))
}

// Len is how many entries there are.
func (h *History) Len() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.singles + len(h.runs)
}

// Frozen is the history as it is now: what comes later is not in it, and Refresh must not
// be called.
func (h *History) Frozen() *History {
	h.mu.Lock()
	defer h.mu.Unlock()
	return &History{store: h.store, of: h.of, parts: slices.Clone(h.parts), runs: slices.Clone(h.runs), places: slices.Clone(h.places), singles: h.singles}
}

// At returns an entry; 0 is the newest.
func (h *History) At(i int) Item {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.at(i)
}

func (h *History) at(i int) Item {
	// The k-th run stands behind its newer single messages and k runs.
	k := sort.Search(len(h.runs), func(k int) bool { return h.places[k]+k >= i })
	if k < len(h.runs) && h.places[k]+k == i {
		run := h.runs[k]
		return Item{Run: &run}
	}
	i -= k
	for _, p := range h.parts {
		if n := int(p.next - p.first); i < p.before+n {
			return Item{Of: p.sends, Row: p.next - 1 - uint64(i-p.before)}
		}
	}
	return Item{}
}

// Undecided returns the half messages that wait for a decision, as of the last Refresh, the
// newest first, at most that many.
func (h *History) Undecided(most int) []Item {
	h.mu.Lock()
	defer h.mu.Unlock()
	var out []Item
	for _, p := range h.parts {
		for _, row := range p.sends.Undecided(most - len(out)) {
			if row >= p.first { // else it is kept no more
				out = append(out, Item{Of: p.sends, Row: row})
			}
		}
	}
	return out
}

// Find returns the entries that fit, the newest first, most of them at most: single
// messages by what was sent, runs by the texts of their plan. found is told how many fit
// and were looked at, now and then. What cannot be read fits not, and is counted.
func (h *History) Find(ctx context.Context, keep filter.Filter, most int, found func(fit, looked, unread int)) (out []Item, unread int, err error) {
	n := h.Len()
	for i := range n {
		if err := ctx.Err(); err != nil {
			return out, unread, context.Cause(ctx)
		}
		item := h.At(i)
		m, err := h.store.texts(item)
		if err != nil {
			unread++
		} else if keep.Match(m) {
			if out = append(out, item); len(out) == most {
				break
			}
		}
		if found != nil && i%1000 == 999 {
			found(len(out), i+1, unread)
		}
	}
	return out, unread, nil
}

// texts is an entry as a message, for a filter.
func (s *Store) texts(i Item) (*message.Message, error) {
	if i.Run == nil {
		if i.Of == nil {
			return nil, errNoRow
		}
		sent, err := i.Of.Sent(i.Row)
		if err != nil {
			return nil, err
		}
		m, err := sent.Message()
		if err == nil && sent.Draft.Text != "" {
			m.Body = []byte(sent.Draft.Text) // of which its own was made
		}
		return m, err
	}
	r, err := s.Open(i.Run.ID)
	if err != nil {
		return nil, err
	}
	p := r.Plan()
	d := &message.Draft{Topic: p.Targets(), Tag: p.Tag, Keys: []string{p.Keys}, Properties: p.Properties, Body: p.Body}
	return d.Message(), nil
}

// Message is what was sent, as a message for eyes and filters: without what only the
// broker knows, but for its place.
func (s *Sent) Message() (*message.Message, error) {
	if s.Draft == nil {
		return nil, cmp.Or(s.Lost, errNoRow)
	}
	m := s.Draft.Message()
	m.BornAt = s.Leave.At
	if r := s.Receipt; r != nil {
		m.Broker, m.QueueID, m.QueueOffset = r.Broker, r.QueueID, r.QueueOffset
	}
	return m, nil
}

// Close ends the history.
func (h *History) Close() {
	h.Watch(nil)
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, cancel := range h.watched {
		cancel()
	}
	clear(h.watched)
}
