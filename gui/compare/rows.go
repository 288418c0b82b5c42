package compare

import (
	"fyne.io/fyne/v2/lang"

	"gantry/gui/widgets"
)

// near is how many equal lines are shown before and after what differs.
const near = 2

// What a shown row is besides one of both messages.
const (
	plain = iota
	heading
	folded
)

// shown is a row as it stands in the table.
type shown struct {
	row
	kind int // plain, heading or folded; of the latter two the words are the label
}

// rows are those of the table: only what differs, with how much is equal, or all.
func (c *Comparison) rows(all, laid bool) []shown {
	body := c.asIs
	if laid && c.json {
		body = c.laid
	}
	bodies := lang.L("Body")
	switch {
	case c.leftIs != c.rightIs:
		bodies += " · " + c.leftIs + " | " + c.rightIs
	case c.leftIs != "":
		bodies += " · " + c.leftIs
	}
	var out []shown
	for _, part := range []struct {
		title string
		rows  []row
		near  int
	}{{lang.L("Details"), c.facts, 0}, {lang.L("Properties"), c.props, 0}, {bodies, body, near}} {
		title := part.title
		if n := differing(part.rows); n > 0 {
			title += " · " + lang.N("{{.Count}} differ", n, map[string]any{"Count": widgets.Count(uint64(n))})
		}
		out = append(out, shown{kind: heading, row: row{label: title}})
		out = append(out, fold(part.rows, all, part.near)...)
	}
	return out
}

func differing(rows []row) (n int) {
	for i := range rows {
		if rows[i].op != same {
			n++
		}
	}
	return n
}

// fold leaves out the rows that are equal, but for some near one that is not, and says how
// many they were.
func fold(rows []row, all bool, near int) []shown {
	var out []shown
	hidden := 0
	flush := func(end int) { // a row is as high as the words that would stand for it
		if hidden == 1 {
			out = append(out, shown{row: rows[end-1]})
		} else if hidden > 0 {
			out = append(out, shown{kind: folded, row: row{label: lang.N("{{.Count}} equal", hidden, map[string]any{"Count": widgets.Count(uint64(hidden))})}})
		}
		hidden = 0
	}
	last, next := -1, nextOf(rows, 0) // the rows that differ before and behind
	for i := range rows {
		if i > next && next >= 0 {
			last, next = next, nextOf(rows, i)
		}
		seen := all || i == next || last >= 0 && i-last <= near || next >= 0 && next-i <= near
		if !seen {
			hidden++
			continue
		}
		flush(i)
		out = append(out, shown{row: rows[i]})
	}
	flush(len(rows))
	return out
}

// nextOf is the first row from i on that differs; -1 for none.
func nextOf(rows []row, i int) int {
	for ; i < len(rows); i++ {
		if rows[i].op != same {
			return i
		}
	}
	return -1
}
