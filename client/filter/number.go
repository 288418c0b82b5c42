package filter

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"gantry/client/message"
)

// The fields that are numbers, as they are typed.
const (
	ofQueue  = "queue"
	ofOffset = "offset"
	ofSize   = "size"
	ofRetry  = "retry"
)

// numbers are ranges of which a number of a message lies in one.
type numbers struct {
	of, op string
	texts  []string // as they were typed
	spans  []span
}

func (n *numbers) match(c *content) bool {
	var v int64
	switch n.of {
	case ofQueue:
		v = int64(c.m.QueueID)
	case ofOffset:
		v = c.m.QueueOffset
	case ofSize:
		v = int64(len(c.m.Body))
	default:
		v = int64(c.m.ReconsumeTimes)
	}
	return slices.ContainsFunc(n.spans, func(s span) bool { return s.from <= v && v <= s.to })
}

func (n *numbers) may([]byte) bool { return true }
func (n *numbers) cost() int       { return costNumber }

func (n *numbers) write(b []byte, _ bool) []byte {
	b = append(append(b, n.of...), n.op...)
	return append(b, strings.Join(n.texts, ",")...)
}

// parseSize reads a number of bytes: "500", "10k" or "1.5MB".
func parseSize(s string) (string, bool) {
	s = strings.TrimSuffix(strings.ToLower(s), "b")
	for suffix, bytes := range map[string]float64{"k": 1 << 10, "m": 1 << 20} {
		number, ok := strings.CutSuffix(s, suffix)
		if !ok {
			continue
		}
		f, err := strconv.ParseFloat(number, 64)
		return strconv.FormatFloat(f*bytes, 'f', -1, 64), err == nil && plainNumber(number)
	}
	return s, plainNumber(s)
}

// plainNumber tells whether a text is a number without a sign or an exponent.
func plainNumber(s string) bool {
	_, ok := parseDecimal(s)
	return ok && strings.Trim(s, "0123456789.") == ""
}

// moment is a bound of when a message was stored.
type moment struct {
	before bool
	at     time.Time
	text   string // as it was typed
}

func (t *moment) match(c *content) bool {
	at := c.m.StoredAt
	if at.Unix() <= 0 { // not stored yet, as what was sent
		at = c.m.BornAt
	}
	return at.Before(t.at) == t.before
}

func (t *moment) may([]byte) bool { return true } // the time is told by decoding

func (t *moment) cost() int { return costNumber }

func (t *moment) write(b []byte, _ bool) []byte {
	if t.before {
		b = append(b, "before:"...)
	} else {
		b = append(b, "after:"...)
	}
	if bare(t.text) {
		return append(b, t.text...)
	}
	return append(b, quoted(t.text)...)
}

// propNumber compares a property with a number.
type propNumber struct {
	prop, op, text string
	value          decimal
}

func (p *propNumber) match(c *content) bool {
	return slices.ContainsFunc(c.m.AllProperties(), func(q message.Property) bool {
		d, ok := parseDecimal(q.Value)
		return ok && strings.EqualFold(q.Name, p.prop) && compares(d, p.op, p.value)
	})
}

func (p *propNumber) may([]byte) bool { return true }
func (p *propNumber) cost() int       { return costField }

func (p *propNumber) write(b []byte, _ bool) []byte {
	return append(append(append(append(b, "prop."...), name(p.prop)...), p.op...), p.text...)
}

// compares tells whether d is to v as op says.
func compares(d decimal, op string, v decimal) bool {
	c := d.compare(v)
	switch op {
	case ">":
		return c > 0
	case ">=":
		return c >= 0
	case "<":
		return c < 0
	case "<=":
		return c <= 0
	}
	return c == 0
}
