// Package filter decides which messages fit: those of a list, of a search, of a follow,
// of an export. Nothing else in the program does, but for what a broker is asked to leave
// out itself.
//
// Its language is what a person types into a filter field, see Parse. A Filter is a value
// that is never changed; it may be used from any goroutine.
package filter

import (
	"slices"

	"gantry/client/fault"
	"gantry/client/message"
)

// openLimit bounds how much of a packed body is looked through, in bytes.
const openLimit = 16 << 20

// Filter tells messages that fit from others. The zero Filter takes every message.
type Filter struct {
	root node // nil for all
	// tagged are the tags of which a message has one; empty for any.
	tagged []string
	// decode reads bodies that are no text, nil for none.
	decode Decode
	// without are the places of messages that do not fit.
	without map[string]bool
	// jqs are the expressions of jq in root; judge runs them, gave hears where it gave up.
	jqs   []*jq
	judge Judge
	gave  func(fault.GaveUp)
}

// Decode reads a body, without what packed it, as JSON; nil where it is none. It may be
// called from any goroutine.
type Decode func(body []byte) []byte

// node is a part of a filter.
type node interface {
	match(c *content) bool
	// may tells whether a message in its stored form may match: false is certain.
	may(stored []byte) bool
	// cost ranks how long match takes: the quickest decides first.
	cost() int
	// write appends the part as it is typed; inside one that binds closer in parentheses.
	write(b []byte, inside bool) []byte
}

// Tagged is the filter of messages that have one of these tags, exactly; of all where
// none is named.
func Tagged(tags ...string) Filter { return Filter{tagged: tags} }

// With is the filter of messages that fit f, and have one of these tags, exactly, where
// any is named.
func (f Filter) With(tags ...string) Filter {
	if len(tags) > 0 {
		f.tagged = tags
	}
	return f
}

// Decoding is f for bodies in a format that decode reads: texts are looked for in what it
// gives too, and paths lead into that. nil has bodies looked at as they are. It takes as long
// as reading each body does: nothing can be told from the bytes.
func (f Filter) Decoding(decode Decode) Filter {
	f.decode = decode
	return f
}

// Decodes tells whether another way of reading bodies, see Decoding, may change what fits.
func (f *Filter) Decodes() bool { return f.root != nil && decodes(f.root) }

func decodes(n node) bool {
	switch n := n.(type) {
	case both:
		return slices.ContainsFunc(n, decodes)
	case either:
		return slices.ContainsFunc(n, decodes)
	case not:
		return decodes(n.node)
	case *words:
		return n.of == anywhere || n.of == ofBody
	case *numbers, *propNumber, *moment:
		return false
	}
	return true
}

// Without is the filter of messages that fit f, but for those in these places, see
// message.Message.Place. The map must not be changed any more.
func (f Filter) Without(places map[string]bool) Filter {
	f.without = places
	return f
}

// Empty tells whether every message fits.
func (f *Filter) Empty() bool { return f.root == nil && len(f.tagged) == 0 && len(f.without) == 0 }

// String is the filter as it is typed, in its shortest form: Parse reads the same from it.
// What Tagged, With and Without say is not in it.
func (f *Filter) String() string {
	if f.root == nil {
		return ""
	}
	return string(f.root.write(nil, false))
}

// Match tells whether a message fits. It may take as long as unpacking its body, and as jq
// does where f is Asking: what was cancelled does not fit then. A message
// that holds several, see message.Unwrap, fits where one of them does.
func (f *Filter) Match(m *message.Message) bool {
	if f.Empty() {
		return true
	}
	if f.Jq() {
		fits, _ := f.judged(m)
		return fits
	}
	if !m.Wrapped() {
		return f.one(m)
	}
	return slices.ContainsFunc(f.inner(m), f.one)
}

// inner are the messages that one holds, and last itself.
func (f *Filter) inner(m *message.Message) []*message.Message {
	if !m.Wrapped() {
		return []*message.Message{m}
	}
	all := slices.DeleteFunc(message.Unwrap(m, openLimit), func(in *message.Message) bool { return in == m })
	return append(all, m)
}

// one tells whether a message fits by itself; there is no jq.
func (f *Filter) one(m *message.Message) bool {
	return f.has(m) && (f.root == nil || f.root.match(&content{m: m, decode: f.decode}))
}

// has tells whether a message has one of the tags, and does not lie where none fits.
func (f *Filter) has(m *message.Message) bool {
	return (len(f.tagged) == 0 || slices.Contains(f.tagged, m.Tag())) && (len(f.without) == 0 || !f.without[m.Place()])
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
	var m message.Message
	_, err := m.View(stored)
	return err != nil || f.Match(&m)
}

// MayMatch is Match for a message in its stored form, without decoding it: false is
// certain.
func (f *Filter) MayMatch(stored []byte) bool {
	return f.root == nil || f.decode != nil || f.root.may(stored)
}

// both are parts that must all fit, the quickest first.
type both []node

func (p both) match(c *content) bool {
	return !slices.ContainsFunc(p, func(n node) bool { return !n.match(c) })
}

func (p both) may(stored []byte) bool {
	return !slices.ContainsFunc(p, func(n node) bool { return !n.may(stored) })
}

func (p both) cost() int { return p[len(p)-1].cost() }

func (p both) write(b []byte, inside bool) []byte { return join(b, p, " ", inside) }

// either are parts of which one must fit.
type either []node

func (p either) match(c *content) bool {
	return slices.ContainsFunc(p, func(n node) bool { return n.match(c) })
}

func (p either) may(stored []byte) bool {
	return slices.ContainsFunc(p, func(n node) bool { return n.may(stored) })
}

func (p either) cost() int {
	most := 0
	for _, n := range p {
		most = max(most, n.cost())
	}
	return most
}

func (p either) write(b []byte, _ bool) []byte { return join(b, p, " OR ", true) }

// not is a part that must not fit.
type not struct{ node }

func (p not) match(c *content) bool {
	c.hope = !c.hope // what is hoped is that it does not
	defer func() { c.hope = !c.hope }()
	return !p.node.match(c)
}

func (p not) may([]byte) bool { return true }

func (p not) write(b []byte, _ bool) []byte { return p.node.write(append(b, '-'), true) }

func join(b []byte, parts []node, between string, inside bool) []byte {
	if inside {
		b = append(b, '(')
	}
	for i, n := range parts {
		if i > 0 {
			b = append(b, between...)
		}
		_, open := n.(*jq) // it may take the rest of the line
		b = n.write(b, inside || !open || i < len(parts)-1)
	}
	if inside {
		b = append(b, ')')
	}
	return b
}
