package store

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"gantry/client/message"
)

// loading is the state of reading what was stored before.
type loading struct {
	s *Store
	// next is the number that the next record was given when it was written.
	next uint64
	// lost are the records that damage took, by the segment where the first of them
	// was.
	lost map[string]uint64
	// segments are the files of the journal.
	segments []string
}

// read indexes what is kept. What is damaged is left out and said: it costs only
// itself.
func (s *Store) read() error {
	if err := s.poll(); err != nil {
		return err
	}
	l := loading{s: s, lost: map[string]uint64{}}
	var err error
	if l.segments, err = segmentsOf(filepath.Join(s.opt.Dir, "messages")); err != nil {
		return err
	}
	first, next := s.r.Range()
	l.next = first
	for n := first; n < next; n++ {
		rec, err := s.r.Record(n)
		if unreadable(err) {
			continue
		}
		if err != nil {
			return err
		}
		l.record(n, rec)
	}
	for _, file := range l.segments {
		if count := l.lost[file]; count > 0 {
			s.log.Warn("messages are lost to damage", "file", file, "count", count)
		}
	}
	if cut := s.w.Cut(); cut > 0 {
		s.log.Warn("a record at the end is not whole: it is dropped", "file", l.segments[len(l.segments)-1], "bytes", cut)
	}
	return l.goOn()
}

// record indexes a record; n is its number in the journal.
func (l *loading) record(n uint64, rec *message.Record) {
	if rec.Kind == message.KindDone {
		l.at(max(l.next, n))
		if len(rec.Payload) == 8 {
			l.s.loaded(binary.BigEndian.Uint64(rec.Payload), nil)
		}
		return
	}
	m, err := rec.Message()
	if err != nil || m.CommitLogOffset < 0 {
		return
	}
	was := uint64(m.CommitLogOffset)
	l.at(was)
	if was != n {
		l.s.moved[was] = n
	}
	if !l.s.Topics.keeps(m.Topic, was) {
		return
	}
	l.s.Topics.widen(m.Topic, m.QueueID+1)
	l.s.index(m, was, len(rec.Payload))
	l.s.loaded(0, &stored{m, was})
}

// at notes that a record had a number, and what is missing before it.
func (l *loading) at(n uint64) {
	if n > l.next {
		l.lost[l.fileOf(l.next)] += n - l.next
	}
	l.next = n + 1
}

// goOn sees to it that no number is given twice, and that what was deleted before
// damage does not take what comes now.
func (l *loading) goOn() error {
	var fill []byte
	records := 0
	for n := l.s.w.Next(); n < l.next; n++ {
		fill = message.AppendRecord(fill, &message.Record{Kind: message.KindDone, ArrivedAt: time.Now()})
		records++
	}
	if records > 0 {
		if err := l.s.w.Append(fill, records); err != nil {
			return err
		}
	}
	t := l.s.Topics
	t.mu.Lock()
	defer t.mu.Unlock()
	for name, next := range t.gone {
		t.gone[name] = min(next, l.s.w.Next())
	}
	return nil
}

// fileOf is the segment in which a record lies, or would.
func (l *loading) fileOf(n uint64) string {
	name := fmt.Sprintf("%012d.seg", n)
	i, has := slices.BinarySearch(l.segments, name)
	if !has && i > 0 {
		i--
	}
	if i < len(l.segments) {
		return l.segments[i]
	}
	return name
}

// segmentsOf are the names of a journal's segments, in order.
func segmentsOf(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var all []string
	for _, e := range entries {
		if filepath.Ext(e.Name()) == ".seg" {
			all = append(all, e.Name())
		}
	}
	slices.Sort(all)
	return all, nil
}
