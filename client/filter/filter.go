// Package filter decides which messages fit: those of a list, of a search, of a follow,
// of an export. Nothing else in the program does, but for what a broker is asked to leave
// out itself.
//
// A Filter is a value that is never changed; it may be used from any goroutine.
package filter

import (
	"slices"

	"gantry/client/message"
)

// Filter tells messages that fit from others: all of it must. The zero Filter takes
// every message.
type Filter struct {
	words   []*message.Words // stand in the body, keys, tag, an id or a user property
	content []*message.Words // stand in the body or the keys
	keys    []*message.Words // stand in the keys
	tags    []*message.Words // stand in the tag
	// tagged are the tags of which a message has one; empty for any.
	tagged []string
	// A body has more bytes than each of over and fewer than each of under.
	over, under []float64
}

// Tagged is the filter of messages that have one of these tags, exactly; of all where
// none is named.
func Tagged(tags ...string) Filter { return Filter{tagged: tags} }

// Containing is the filter of messages in whose body or keys a text stands, see
// message.Words; of all where it is blank.
func Containing(text string) Filter { return Filter{content: add(nil, text)} }

// With is the filter of messages that fit f, and have one of these tags, exactly, where
// any is named.
func (f Filter) With(tags ...string) Filter {
	if len(tags) > 0 {
		f.tagged = tags
	}
	return f
}

// Empty tells whether every message fits.
func (f *Filter) Empty() bool {
	return len(f.words)+len(f.content)+len(f.keys)+len(f.tags)+len(f.tagged)+len(f.over)+len(f.under) == 0
}

// Match tells whether a message fits. It may take as long as unpacking its body.
func (f *Filter) Match(m *message.Message) bool {
	if len(f.tagged) > 0 && !slices.Contains(f.tagged, m.Tag()) {
		return false
	}
	size := float64(len(m.Body))
	bad := func(n float64) bool { return size <= n }
	if slices.ContainsFunc(f.over, bad) || slices.ContainsFunc(f.under, func(n float64) bool { return size >= n }) {
		return false
	}
	lacks := func(in string) func(*message.Words) bool {
		return func(w *message.Words) bool { return !w.Inside([]byte(in)) }
	}
	if slices.ContainsFunc(f.tags, lacks(m.Tag())) || slices.ContainsFunc(f.keys, lacks(m.Property(message.PropertyKeys))) {
		return false
	}
	return !slices.ContainsFunc(f.content, func(w *message.Words) bool { return !w.In(m) }) &&
		!slices.ContainsFunc(f.words, func(w *message.Words) bool { return !anywhere(w, m) })
}

// MatchStored tells whether a message in its stored form fits. One that cannot be read
// does: it is shown as it is.
func (f *Filter) MatchStored(stored []byte) bool {
	if f.Empty() {
		return true
	}
	if !f.MayMatch(stored) {
		return false
	}
	m, _, err := message.ParseStored(stored)
	return err != nil || f.Match(m)
}

// MayMatch is Match for a message in its stored form, without decoding it: false is
// certain.
func (f *Filter) MayMatch(stored []byte) bool {
	for _, words := range [][]*message.Words{f.content, f.keys, f.tags} {
		if slices.ContainsFunc(words, func(w *message.Words) bool { return !w.MaybeIn(stored) }) {
			return false
		}
	}
	return true // a word may be an offset id, which stands nowhere
}

// anywhere tells whether words stand in the body, keys, tag, an id or a user property.
func anywhere(w *message.Words, m *message.Message) bool {
	if w.In(m) || w.Inside([]byte(m.Tag())) || w.Inside([]byte(m.ID())) || w.Inside([]byte(m.OffsetID())) {
		return true
	}
	return slices.ContainsFunc(m.UserProperties(), func(p message.Property) bool {
		return w.Inside([]byte(p.Name)) || w.Inside([]byte(p.Value))
	})
}
