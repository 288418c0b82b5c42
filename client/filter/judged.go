package filter

import (
	"slices"

	"gantry/client/fault"
	"gantry/client/message"
)

// Bounds of what a judge is asked about at once: the bodies may be unpacked ones.
const (
	mostAsked     = 256
	mostAskedSize = 1 << 20
)

// Sifted is what SiftAsking found.
type Sifted struct {
	// Fit are the indices of the records that fit, ascending; Looked is how many of the
	// records were decided about.
	Fit    []int
	Looked int

	gave []outcome
}

// Tell tells where jq gave up, at records before an index, to whom f was given for that.
func (s *Sifted) Tell(f *Filter, before int) {
	for _, o := range s.gave {
		if o.index < before {
			f.tell(o.gave)
		}
	}
}

func (f *Filter) tell(g fault.GaveUp) {
	if f.gave != nil {
		f.gave(g)
	}
}

// SiftAsking is Sift for a filter that is Asking: it stops where the time of the judge is up.
// Where it gave up is told by Tell alone. The error is the judge's.
func (f *Filter) SiftAsking(records []byte, starts []int) (s Sifted, err error) {
	if !f.Jq() {
		return Sifted{Fit: f.Sift(records, starts), Looked: len(starts)}, nil
	}
	places := f.places(records, starts)
	b := batch{f: f}
	for i := range starts {
		if places != nil && places[i] == 0 {
			continue
		}
		m := new(message.Message)
		if !f.view(m, cut(records, starts, i)) {
			continue
		}
		if b.add(i, m); b.full() {
			if err = b.settle(); err != nil || b.stopped {
				break
			}
		}
	}
	if err == nil && !b.stopped {
		err = b.settle()
	}
	s.Looked = len(starts)
	if len(b.waiting) > 0 {
		s.Looked = b.waiting[0].index
	}
	slices.Sort(b.fit)
	end, _ := slices.BinarySearch(b.fit, s.Looked)
	s.Fit, s.gave = b.fit[:end], b.gave
	return s, err
}

// Hopes tells whether a message in its stored form may fit once jq is asked: nothing else is
// against it. One that cannot be read does, as for MatchStored.
func (f *Filter) Hopes(stored []byte) bool {
	if !f.MayMatch(stored) {
		return false
	}
	var m message.Message
	if _, err := m.View(stored); err != nil {
		return true
	}
	fits, ask := f.consider(&m)
	return fits || len(ask) > 0
}

// Fit tells which of messages in their stored form fit. It is MatchStored for several at once,
// and asks the judge about all of them together. The error is the judge's.
func (f *Filter) Fit(stored [][]byte) ([]bool, error) {
	fits := make([]bool, len(stored))
	b := batch{f: f}
	for i, one := range stored {
		if !f.Jq() {
			fits[i] = f.MatchStored(one)
			continue
		}
		if !f.MayMatch(one) {
			continue
		}
		m := new(message.Message)
		if _, err := m.View(one); err != nil {
			fits[i] = true
			continue
		}
		for b.add(i, m); b.full(); {
			if err := b.settle(); err != nil {
				return nil, err
			}
		}
	}
	for len(b.waiting) > 0 {
		if err := b.settle(); err != nil {
			return nil, err
		}
	}
	for _, i := range b.fit {
		fits[i] = true
	}
	for _, o := range b.gave {
		f.tell(o.gave)
	}
	return fits, nil
}

// judged is Match for a filter with jq.
func (f *Filter) judged(m *message.Message) (bool, error) {
	b := batch{f: f}
	b.add(0, m)
	err := b.settle()
	for _, o := range b.gave {
		f.tell(o.gave)
	}
	return len(b.fit) > 0, err
}

// batch are messages that a judge is asked about together.
type batch struct {
	f       *Filter
	waiting []asked
	size    int   // of their bodies
	fit     []int // those that fit, in no order
	gave    []outcome
	stopped bool // the judge told of fewer than it was asked about
}

// add takes a message with its number; what is in it must stay until settle.
func (b *batch) add(index int, m *message.Message) {
	fits, ask := b.f.consider(m)
	switch {
	case fits:
		b.fit = append(b.fit, index)
	case len(ask) > 0:
		b.waiting = append(b.waiting, asked{index, ask})
		for _, c := range ask {
			b.size += len(c.jsonText())
		}
	}
}

func (b *batch) full() bool { return len(b.waiting) >= mostAsked || b.size >= mostAskedSize }

// settle asks the judge; those stay that it did not tell of.
func (b *batch) settle() error {
	if len(b.waiting) == 0 {
		return nil
	}
	told, err := b.f.settle(b.waiting)
	if err != nil {
		return err
	}
	for _, o := range told {
		switch {
		case o.fits:
			b.fit = append(b.fit, o.index)
		case o.gave.Count > 0:
			b.gave = append(b.gave, o)
		}
	}
	b.waiting, b.size = b.waiting[len(told):], 0
	b.stopped = len(b.waiting) > 0
	for _, a := range b.waiting {
		for _, c := range a.all {
			b.size += len(c.jsonText())
		}
	}
	return nil
}
