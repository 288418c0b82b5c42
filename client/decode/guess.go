package decode

import (
	"bytes"
	"context"
)

// Guess is a format that a body may be in.
type Guess struct {
	Kind Kind
	// Sure says that nothing else is likely: the body is shown so unasked.
	Sure bool
}

// highField is up to which number fields are usual.
const highField = 1000

// Guesses returns the formats that a body has from its first byte to its last, what is sure
// first. text tells that the body reads as a text of a charset other than UTF-8. What can be
// read as a text is never surely something else, unless it has texts of its own in UTF-8
// that no other charset would give.
func Guesses(ctx context.Context, b []byte, text bool) []Guess {
	if len(b) == 0 || readable(b) {
		return nil
	}
	var all []Guess
	sure := 0
	for _, kind := range Kinds() {
		c, err := read(ctx, kind, b)
		if err != nil || !c.whole(text) {
			continue
		}
		all = append(all, Guess{kind, c.sure(text)})
		if all[len(all)-1].Sure {
			sure++
		}
	}
	if sure > 1 { // then none is
		for i := range all {
			all[i].Sure = false
		}
	}
	for i := range all {
		if all[i].Sure {
			all[0], all[i] = all[i], all[0]
		}
	}
	return all
}

// whole tells whether what was read holds anything together: a number or a text alone is
// in every format.
func (c *cursor) whole(text bool) bool {
	if text && !c.sure(text) {
		return false
	}
	return c.kind == Protobuf && c.seen.fields > 0 || c.kind != Protobuf && (c.out[0] == '{' || c.out[0] == '[')
}

// sure tells whether what was read is of the format beyond doubt. MessagePack and CBOR are
// maps, or an array of them, whose keys are texts; Protobuf has no mark of its own, and is
// some usual fields of which one is a text.
func (c *cursor) sure(text bool) bool {
	s := c.seen
	if text && s.wide < 2 {
		return false
	}
	if c.kind == Protobuf {
		return s.fields >= 2 && s.high <= highField && s.texts > 0
	}
	// A sign of Chinese and two of ASCII can be a map of one.
	more := s.keys > 1 || s.wide > 0 || bytes.ContainsFunc(c.b, control)
	return s.maps > 0 && s.keys > 0 && s.textKeys && more
}
