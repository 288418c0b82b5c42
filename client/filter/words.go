package filter

import (
	"bytes"
	"slices"
	"strings"

	"gantry/client/message"
)

// Where a text is looked for. The fields are named as they are typed.
const (
	anywhere = ""
	ofBody   = "body"
	ofKey    = "key"
	ofTag    = "tag"
	ofTopic  = "topic"
	ofID     = "id"
	ofProp   = "prop" // a property of a name
)

// finder finds a text: a needle or a pattern.
type finder interface {
	in(b []byte) bool
	// inBody looks through a body.
	inBody(c *content) bool
	// maybe tells whether a stored message may have it: false is certain.
	maybe(stored []byte) bool
	cost() int
	write(b []byte) []byte
}

// words are texts of which one must stand in a place of a message.
type words struct {
	of   string
	prop string // the name of the property, in any case
	all  []finder
}

func (w *words) match(c *content) bool {
	return slices.ContainsFunc(w.all, func(f finder) bool { return w.found(c, f) })
}

func (w *words) found(c *content, f finder) bool {
	in := func(s string) bool { return s != "" && f.in([]byte(s)) }
	switch w.of {
	case ofBody:
		return f.inBody(c)
	case ofKey:
		return in(c.m.Property(message.PropertyKeys))
	case ofTag:
		return in(c.m.Tag())
	case ofTopic:
		return in(c.m.Topic)
	case ofID:
		return in(c.m.Property(message.PropertyUniqueID)) || in(c.m.OffsetID())
	case ofProp:
		return slices.ContainsFunc(c.m.AllProperties(), func(p message.Property) bool {
			return strings.EqualFold(p.Name, w.prop) && f.in([]byte(p.Value))
		})
	}
	// Most texts are in the body, and no property has to be read for it.
	if f.inBody(c) || in(c.m.Property(message.PropertyKeys)) || in(c.m.Tag()) || in(c.m.Property(message.PropertyUniqueID)) {
		return true
	}
	if n, ok := f.(*needle); ok && offsetID(n.text) && strings.EqualFold(n.text, c.m.OffsetID()) {
		return true
	}
	return slices.ContainsFunc(c.m.UserProperties(), func(p message.Property) bool {
		return f.in([]byte(p.Name)) || f.in([]byte(p.Value))
	})
}

func (w *words) may(stored []byte) bool {
	if w.of == ofID {
		return true // that of the offset stands nowhere
	}
	return slices.ContainsFunc(w.all, func(f finder) bool {
		n, ok := f.(*needle)
		return w.of == anywhere && ok && offsetID(n.text) || f.maybe(stored)
	})
}

func (w *words) cost() int {
	if w.of != anywhere && w.of != ofBody {
		return costField
	}
	return w.all[0].cost()
}

func (w *words) write(b []byte, _ bool) []byte {
	switch w.of {
	case anywhere:
	case ofProp:
		b = append(append(append(b, "prop."...), name(w.prop)...), ':')
	default:
		b = append(append(b, w.of...), ':')
	}
	for i, f := range w.all {
		if i > 0 {
			b = append(b, ',')
		}
		b = f.write(b)
	}
	return b
}

// Costs of parts.
const (
	costNumber = iota
	costField
	costWord
	costPattern
	costPath
	costJq
)

// offsetID tells whether a text has the form of an offset message id: of a store host in
// IPv4 or IPv6, its port and the commit-log offset (MessageDecoder.createMessageId).
func offsetID(text string) bool {
	return (len(text) == 32 || len(text) == 56) && strings.Trim(text, "0123456789abcdefABCDEF") == ""
}

// inBody looks through the body as it is, unpacked, and decoded where it is UTF-16 by its
// mark.
func (n *needle) inBody(c *content) bool {
	if n.in(c.m.Body) {
		return true
	}
	body := c.body()
	if c.decode != nil && n.in(c.text()) {
		return true
	}
	if bytes.HasPrefix(body, []byte("\xFF\xFE")) || bytes.HasPrefix(body, []byte("\xFE\xFF")) {
		return n.in(c.text())
	}
	return len(body) > 0 && (len(c.m.Body) == 0 || &body[0] != &c.m.Body[0]) && n.in(body)
}

func (n *needle) cost() int { return costWord }

func (n *needle) write(b []byte) []byte {
	if !n.exact && bare(n.text) {
		return append(b, n.text...)
	}
	b = append(b, quoted(n.text)...)
	if n.exact {
		b = append(b, 'c')
	}
	return b
}
