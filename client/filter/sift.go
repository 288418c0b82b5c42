package filter

import (
	"bytes"
	"sort"
	"unicode/utf8"

	"gantry/client/message"
)

// Sift returns the indices of those records that are messages which fit: starts are where
// each begins in records, which has them one behind another, the last up to its end. It is
// Match for many at once, and quick where few have a text that the filter asks for: that
// is looked for in all of them together. Records that are damaged fit or not. What jq did not
// come to is left out, see SiftAsking.
func (f *Filter) Sift(records []byte, starts []int) (fit []int) {
	if f.Jq() {
		s, _ := f.SiftAsking(records, starts)
		s.Tell(f, s.Looked)
		return s.Fit
	}
	var m message.Message
	places := f.places(records, starts)
	alone := f.alone()
	for i := range starts {
		if places != nil && places[i] == 0 {
			continue
		}
		rec := cut(records, starts, i)
		if alone && places != nil && inBody(rec, places[i]-1-starts[i]) {
			fit = append(fit, i)
			continue
		}
		if f.view(&m, rec) && f.Match(&m) {
			fit = append(fit, i)
		}
	}
	return fit
}

// view reads a record, as far as f looks at it.
func (f *Filter) view(m *message.Message, rec []byte) bool {
	if m.ViewRecord(rec) != nil {
		return false
	}
	if len(f.without) > 0 { // its broker counts
		if broker, _, _, ok := message.Place(rec); ok {
			m.Broker = string(broker)
		}
	}
	return true
}

func cut(records []byte, starts []int, i int) []byte {
	if i+1 < len(starts) {
		return records[starts[i]:starts[i+1]]
	}
	return records[starts[i]:]
}

// alone tells whether a text in the body is all that the filter asks for.
func (f *Filter) alone() bool {
	w, ok := f.root.(*words)
	if !ok || len(f.tagged) > 0 || len(f.without) > 0 || w.of != anywhere && w.of != ofBody {
		return false
	}
	for _, one := range w.all {
		if _, ok := one.(*needle); !ok {
			return false
		}
	}
	return true
}

// inBody tells whether a place in the record of a message lies in its body.
func inBody(rec []byte, at int) bool {
	stored, ok := message.Payload(rec)
	if !ok || at < 0 || rec[message.RecordKind] != byte(message.KindMessage) {
		return false
	}
	body, ok := message.StoredBody(stored)
	if !ok || len(body) == 0 {
		return false
	}
	begin := cap(rec) - cap(body) // the body is a part of the record: both end where its memory does
	return at >= begin && at < begin+len(body)
}

// hidden is the place of a record of which only decoding tells whether it fits.
const hidden = -1

// places tells where in records those that may fit have a text that the filter asks for,
// plus one, or hidden; 0 is for those that do not fit. It is nil where all may.
func (f *Filter) places(records []byte, starts []int) []int {
	if f.root == nil || f.decode != nil {
		return nil
	}
	sure := sureOf(f.root)
	if sure == nil {
		return nil
	}
	places := make([]int, len(starts))
	often := sample(records)
	for _, t := range sure {
		h := t.hunt(records, t.rarest(often))
		for i, at := 0, h.from(0); at >= 0; at = h.from(starts[i]) {
			i += sort.Search(len(starts)-i, func(j int) bool { return starts[i+j] > at }) - 1
			places[i] = at + 1
			if i++; i == len(starts) {
				break
			}
		}
	}
	for i := range starts {
		if places[i] == 0 {
			if stored, ok := message.Payload(cut(records, starts, i)); !ok || message.Hides(stored) {
				places[i] = hidden
			}
		}
	}
	return places
}

// sample counts how often each byte stands in a part of records.
func sample(records []byte) *[256]int {
	const stretch, most = 512, 16
	var often [256]int
	step := max(stretch, len(records)/most)
	for at := 0; at < len(records); at += step {
		for _, c := range records[at:min(at+stretch, len(records))] {
			often[c]++
		}
	}
	return &often
}

// rarest is where the text has the byte that is seldom.
func (n *needle) rarest(often *[256]int) int {
	count := func(c byte) int {
		if !n.exact && c >= 'a' && c <= 'z' {
			return often[c] + often[c-'a'+'A'] + 1 // it takes two searches
		}
		return often[c]
	}
	best := n.rare
	for i, c := range n.utf8 {
		if count(c) < count(n.utf8[best]) {
			best = i
		}
	}
	return best
}

// mostSure bounds for how many texts records are looked through.
const mostSure = 8

// sureOf are texts of which one stands in all messages that a part fits, unless they hide
// it; nil where there are none, or too many.
func sureOf(n node) []*needle {
	switch n := n.(type) {
	case both:
		var best []*needle
		for _, in := range n {
			if sure := sureOf(in); sure != nil && (best == nil || len(sure) < len(best)) {
				best = sure
			}
		}
		return best
	case either:
		var all []*needle
		for _, in := range n {
			sure := sureOf(in)
			if sure == nil || len(all)+len(sure) > mostSure {
				return nil
			}
			all = append(all, sure...)
		}
		return all
	case *words:
		return n.sure()
	case *path:
		if len(n.sure) == 0 {
			return nil
		}
		if sure := n.sure[0].forms(); sure != nil {
			return append(sure, newNeedle(string(hide), true))
		}
	}
	return nil
}

func (w *words) sure() []*needle {
	var all []*needle
	if w.of == ofID {
		return nil // that of the offset stands nowhere
	}
	for _, f := range w.all {
		var sure []*needle
		switch f := f.(type) {
		case *needle:
			if w.of != anywhere || !offsetID(f.text) {
				sure = f.forms()
			}
		case *pattern:
			if f.sure != nil && !f.kelvin {
				sure = f.sure.forms()
			}
		}
		if sure == nil || len(all)+len(sure) > mostSure {
			return nil
		}
		all = append(all, sure...)
	}
	return all
}

// forms are the texts that are hunted for, of which one stands wherever n does;
// nil where that is not enough.
func (n *needle) forms() []*needle {
	if bytes.ContainsRune(n.utf8, utf8.RuneError) || !n.exact && !n.latin {
		return nil
	}
	all := []*needle{n}
	for _, gbk := range n.gbk {
		all = append(all, &needle{exact: true, utf8: gbk})
	}
	return all
}
