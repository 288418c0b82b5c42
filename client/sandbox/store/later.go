package store

import (
	"container/heap"
	"errors"
	"slices"
	"strconv"
	"sync"
	"time"

	"gantry/client/fault"
	"gantry/client/message"
)

// later keeps messages until they are due: those with a delay level, with a time,
// and those that a consumer could not handle. Meanwhile each lies in a topic of
// the broker's own, as on 5.5.0; what it is then comes with a record that says
// that the first is over.
type later struct {
	s      *Store
	levels []time.Duration
	wake   chan struct{} // capacity 1

	mu   sync.Mutex
	wait waiting             // guarded by mu
	over map[uint64]struct{} // guarded by mu; while it is loaded
}

// waits is a message that is not due yet.
type waits struct {
	due    time.Time
	record uint64
}

// waiting is a heap, the earliest first.
type waiting []waits

func (w waiting) Len() int           { return len(w) }
func (w waiting) Less(i, j int) bool { return w[i].due.Before(w[j].due) }
func (w waiting) Swap(i, j int)      { w[i], w[j] = w[j], w[i] }

// Push is called by package heap.
func (w *waiting) Push(x any) { *w = append(*w, x.(waits)) }

// Pop is called by package heap.
func (w *waiting) Pop() any {
	last := (*w)[len(*w)-1]
	*w = (*w)[:len(*w)-1]
	return last
}

func newLater(s *Store) *later {
	return &later{s: s, levels: s.opt.DelayLevels, wake: make(chan struct{}, 1), over: map[uint64]struct{}{}}
}

// loaded is called for what was stored before, in order.
func (l *later) loaded(done uint64, m *stored) {
	if m == nil {
		l.over[done] = struct{}{}
		return
	}
	switch m.Topic {
	case ScheduleTopic, TimerTopic:
		l.wait = append(l.wait, waits{l.dueOfStored(m.Message), m.record})
	}
}

// TimerMost is the longest that a message may wait for its time
// (MessageStoreConfig.timerMaxDelaySec).
const TimerMost = 72 * time.Hour

// dueOf tells when a message is to be delivered, and where it lies until then.
// Levels go before times, and a time that is too far, or none, is refused
// (HookUtils.handleScheduleMessage). Both are taken once: a message that was
// delivered has its real topic beside it.
func (l *later) dueOf(m *message.Message) (due time.Time, topic string, queue int, later bool, err error) {
	now := time.Now()
	if level := levelOf(m); level > 0 {
		level = min(level, len(l.levels))
		unset(m, propTimerSec, propTimerMS, propTimerAt)
		return now.Add(l.levels[level-1]), ScheduleTopic, level - 1, true, nil
	}
	for _, name := range []string{propTimerSec, propTimerMS, propTimerAt} {
		value := m.Property(name)
		if value == "" {
			continue
		}
		due, ok := timeOf(now, name, value)
		if !ok || due.After(now.Add(TimerMost)) {
			return due, "", 0, false, ErrTooLate
		}
		return due, TimerTopic, 0, due.After(now), nil
	}
	return time.Time{}, "", 0, false, nil
}

// levelOf is the delay level of a message, 0 for none.
func levelOf(m *message.Message) int {
	v := m.Property(message.PropertyDelay)
	if v == "" {
		return 0 // without the error that costs more than all else here
	}
	level, err := strconv.Atoi(v)
	if err != nil {
		return 0
	}
	return level
}

// timeOf reads one of the properties that give a time.
func timeOf(now time.Time, name, value string) (time.Time, bool) {
	n, err := strconv.ParseInt(value, 10, 64)
	if err != nil {
		return time.Time{}, false
	}
	most := TimerMost.Milliseconds()
	switch name {
	case propTimerSec:
		n = min(max(n, -most), most) * 1000 // no overflow; what is above is too far anyhow
	case propTimerMS:
	default:
		return time.UnixMilli(n), true
	}
	return now.Add(time.Duration(min(max(n, -most), most+1)) * time.Millisecond), true
}

// dueOfStored is the same of a message that lies in such a topic.
func (l *later) dueOfStored(m *message.Message) time.Time {
	if n, err := strconv.ParseInt(m.Property(propTimerOut), 10, 64); err == nil {
		return time.UnixMilli(n)
	}
	return m.StoredAt.Add(l.levels[min(max(m.QueueID, 0), len(l.levels)-1)])
}

// put stores a message until it is due.
func (l *later) put(m *message.Message, due time.Time, topic string, queue int) error {
	SetProperty(m, propRealTopic, m.Topic)
	SetProperty(m, propRealQueue, strconv.Itoa(m.QueueID))
	if topic == TimerTopic {
		SetProperty(m, propTimerOut, number(due.UnixMilli()))
	}
	m.Topic, m.QueueID = topic, queue
	if err := l.s.Put(m); err != nil {
		return err
	}
	l.mu.Lock()
	heap.Push(&l.wait, waits{due, uint64(m.CommitLogOffset)})
	l.mu.Unlock()
	l.stir()
	return nil
}

// Recall takes a message of a topic back that waits for its time; due is within the second in
// which it is due, in milliseconds since 1970. The error is ErrNoTimer where there is none.
func (s *Store) Recall(topic, id string, due int64) error { return s.later.recall(topic, id, due) }

func (l *later) recall(topic, id string, due int64) error {
	l.mu.Lock()
	var found []waits
	for _, w := range l.wait {
		if at := w.due.UnixMilli(); at <= due && due < at+1000 {
			found = append(found, w)
		}
	}
	l.mu.Unlock()
	for _, w := range found {
		m, err := l.s.Message(w.record)
		if err != nil || m.Topic != TimerTopic || m.Property(propRealTopic) != topic || m.Property(message.PropertyUniqueID) != id {
			continue
		}
		l.mu.Lock()
		i := slices.IndexFunc(l.wait, func(x waits) bool { return x.record == w.record })
		if i >= 0 {
			heap.Remove(&l.wait, i)
		}
		l.mu.Unlock()
		if i < 0 { // it was delivered meanwhile
			return ErrNoTimer
		}
		return l.s.put(&put{done: w.record, isDone: true})
	}
	return ErrNoTimer
}

// waiting counts those that are not due yet.
func (l *later) waiting() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.wait)
}

func (l *later) stir() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// run delivers what is due until quit is closed.
func (l *later) run(quit <-chan struct{}) {
	l.mu.Lock()
	kept := l.wait[:0]
	for _, w := range l.wait {
		if _, over := l.over[w.record]; !over {
			kept = append(kept, w)
		}
	}
	l.wait, l.over = kept, nil
	heap.Init(&l.wait)
	l.mu.Unlock()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-quit:
			return
		case <-l.wake:
		case <-timer.C:
		}
		timer.Reset(l.deliver())
	}
}

// deliver stores what is due in its real place, and returns how long nothing is.
func (l *later) deliver() time.Duration {
	for {
		l.mu.Lock()
		if len(l.wait) == 0 {
			l.mu.Unlock()
			return time.Hour
		}
		if left := time.Until(l.wait[0].due); left > 0 {
			l.mu.Unlock()
			return left
		}
		w := heap.Pop(&l.wait).(waits)
		l.mu.Unlock()
		if err := l.move(w.record); err != nil {
			if errors.Is(err, ErrClosed) {
				return time.Hour
			}
			l.s.log.Warn("a delayed message cannot be delivered", "record", w.record, "error", err)
			if errors.Is(err, fault.Evicted) || errors.Is(err, message.ErrDamaged) {
				continue // it was too old to be kept
			}
			l.mu.Lock()
			heap.Push(&l.wait, waits{time.Now().Add(time.Second), w.record})
			l.mu.Unlock()
		}
	}
}

// move stores a message that is due in its real place.
func (l *later) move(record uint64) error {
	m, err := l.s.origin(record)
	if err != nil {
		return err
	}
	unset(m, propTimerOut)
	if err := l.s.put(&put{m: m, done: record, isDone: true}); err != nil {
		return err
	}
	l.s.Figures.delivered()
	return nil
}
