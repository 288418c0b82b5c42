// Package compare shows what differs between two messages: their facts, their properties,
// and their bodies line by line.
//
// Read may be called from any goroutine, and is called beside the main goroutine: bodies
// are long. The rest runs on Fyne's main goroutine only.
package compare

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/tidwall/gjson"
	"znkr.io/diff"

	"gantry/client/message"
	"gantry/gui/bodyview"
	"gantry/gui/inspect"
	"gantry/gui/widgets"
)

// op says how a row of both messages differs.
type op uint8

const (
	same op = iota
	changed
	removed // is in the first message only
	added   // is in the second only
)

// row is a fact, a property or a line of the body, in both messages.
type row struct {
	op          op
	label       string // of a fact or property
	left, right string
	// The numbers of a line of the body, from 1; 0 for none.
	leftLine, rightLine int
}

// Comparison is what two messages have and do not have in common.
type Comparison struct {
	left, right     *message.Message
	facts, props    []row
	laid, asIs      []row  // lines of the body, of JSON laid out with sorted keys, and as it is
	json            bool   // there is the former
	leftIs, rightIs string // the kinds of the bodies
}

// Read compares two messages. Of JSON, and of what is read as JSON, the lines are compared
// with the members of an object in the order of their names; of another text its lines, of
// bytes those of its dump. The formats are those of the bodies.
func Read(ctx context.Context, left, right *message.Message, leftFormat, rightFormat inspect.Format) *Comparison {
	c := &Comparison{left: left, right: right}
	c.facts = facts(inspect.Facts(left), inspect.Facts(right))
	c.props = properties(left, right)
	l, r := inspect.ReadBody(ctx, left.Body, leftFormat), inspect.ReadBody(ctx, right.Body, rightFormat)
	c.leftIs, c.rightIs = l.Kind, r.Kind
	c.asIs = lines(l.Text, r.Text)
	if l.JSON != "" && r.JSON != "" {
		c.json = true
		c.laid = lines(sorted(l.JSON), sorted(r.JSON))
	}
	return c
}

// facts pairs facts by their labels.
func facts(left, right []widgets.Fact) []row {
	var out []row
	for _, l := range left {
		i := slices.IndexFunc(right, func(r widgets.Fact) bool { return r.Label == l.Label })
		if i < 0 {
			out = append(out, row{op: removed, label: l.Label, left: l.Value})
			continue
		}
		out = append(out, pair(l.Label, l.Value, right[i].Value))
	}
	for _, r := range right {
		if !slices.ContainsFunc(left, func(l widgets.Fact) bool { return r.Label == l.Label }) {
			out = append(out, row{op: added, label: r.Label, right: r.Value})
		}
	}
	return out
}

func pair(label, left, right string) row {
	r := row{label: label, left: left, right: right}
	if left != right {
		r.op = changed
	}
	return r
}

// properties pairs properties by name, the user's first; the values of a name that occurs
// several times stand side by side.
func properties(left, right *message.Message) []row {
	values := func(m *message.Message) (all []widgets.Fact) {
		for _, p := range append(m.UserProperties(), m.SystemProperties()...) {
			i := slices.IndexFunc(all, func(f widgets.Fact) bool { return f.Label == p.Name })
			if i < 0 {
				all = append(all, widgets.Fact{Label: p.Name, Value: p.Value})
			} else {
				all[i].Value += " · " + p.Value
			}
		}
		return all
	}
	return facts(values(left), values(right))
}

// lines compares texts line by line. Lines that take the place of others stand beside them.
func lines(left, right string) []row {
	x, y := strings.Split(left, "\n"), strings.Split(right, "\n")
	if left == right {
		y = x
	}
	var out []row
	var gone, come []string
	i, k := 0, 0
	flush := func() {
		for n := range max(len(gone), len(come)) {
			r := row{op: changed}
			switch {
			case n >= len(gone):
				r.op = added
			case n >= len(come):
				r.op = removed
			}
			if n < len(gone) {
				i++
				r.left, r.leftLine = gone[n], i
			}
			if n < len(come) {
				k++
				r.right, r.rightLine = come[n], k
			}
			out = append(out, r)
		}
		gone, come = gone[:0], come[:0]
	}
	for _, e := range diff.Edits(x, y) {
		switch e.Op {
		case diff.Delete:
			gone = append(gone, e.X)
		case diff.Insert:
			come = append(come, e.Y)
		default:
			flush()
			i++
			k++
			out = append(out, row{left: e.X, right: e.Y, leftLine: i, rightLine: k})
		}
	}
	flush()
	return out
}

// deepest is how deep JSON may be nested whose members are sorted: each level is read once
// for each that it is in.
const deepest = 64

// sorted lays JSON out with the members of each object in the order of their names. What is
// nested deeper than deepest stays in its order.
func sorted(text string) string {
	var b strings.Builder
	sortInto(&b, gjson.Parse(text), 0)
	out, err := bodyview.FormatJSON([]byte(b.String()))
	if err != nil {
		return text
	}
	return string(out)
}

func sortInto(b *strings.Builder, v gjson.Result, depth int) {
	if !v.IsObject() && !v.IsArray() || depth > deepest {
		b.WriteString(v.Raw)
		return
	}
	type member struct{ key, value gjson.Result }
	var all []member
	v.ForEach(func(key, value gjson.Result) bool {
		all = append(all, member{key: key, value: value})
		return true
	})
	open, end := "[", "]"
	if v.IsObject() {
		open, end = "{", "}"
		slices.SortStableFunc(all, func(x, y member) int { return cmp.Compare(x.key.Str, y.key.Str) })
	}
	b.WriteString(open)
	for i, m := range all {
		if i > 0 {
			b.WriteString(",")
		}
		if v.IsObject() {
			b.WriteString(m.key.Raw + ":")
		}
		sortInto(b, m.value, depth+1)
	}
	b.WriteString(end)
}
