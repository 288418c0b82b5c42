package filter

import (
	"slices"

	"gantry/client/message"
)

// Bounds of what a judge is asked about at once: the bodies may be unpacked ones.
const (
	mostAsked     = 256
	mostAskedSize = 1 << 20
)

// SiftAsking is Sift for a filter that is Asking: it stops where the time of the judge is up,
// and looked is how many of the records were decided about. The error is the judge's.
func (f *Filter) SiftAsking(records []byte, starts []int) (fit []int, looked int, err error) {
	if !f.Jq() {
		return f.Sift(records, starts), len(starts), nil
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
	looked = len(starts)
	if len(b.waiting) > 0 {
		looked = b.waiting[0].index
	}
	slices.Sort(b.fit)
	end, _ := slices.BinarySearch(b.fit, looked)
	return b.fit[:end], looked, err
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
	return fits, nil
}

// judged is Match for a filter with jq.
func (f *Filter) judged(m *message.Message) (bool, error) {
	b := batch{f: f}
	b.add(0, m)
	err := b.settle()
	return len(b.fit) > 0, err
}

// batch are messages that a judge is asked about together.
type batch struct {
	f       *Filter
	waiting []asked
	size    int   // of their bodies
	fit     []int // those that fit, in no order
	stopped bool  // the judge told of fewer than it was asked about
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
	fits, err := b.f.settle(b.waiting)
	if err != nil {
		return err
	}
	for i, fits := range fits {
		if fits {
			b.fit = append(b.fit, b.waiting[i].index)
		}
	}
	b.waiting, b.size = b.waiting[len(fits):], 0
	b.stopped = len(b.waiting) > 0
	for _, a := range b.waiting {
		for _, c := range a.all {
			b.size += len(c.jsonText())
		}
	}
	return nil
}
