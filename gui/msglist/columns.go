package msglist

import (
	"slices"

	"gantry/client/profile"
)

// column names a column of the list.
type column int

// The columns, in their order.
const (
	colTime column = iota
	colTopic
	colTag
	colKey
	colQueue
	colRetry
	colSize
	colBody
	columnCount
)

// Distances of the list, in Fyne units.
const (
	edgeRoom float32 = 14
	gapRoom  float32 = 8
	// leastBody is the width of Body below which other columns go, leastBodyTopics
	// that below which topics do.
	leastBody       float32 = 150
	leastBodyTopics float32 = 240
	// leastBodyNarrow is that of a list so narrow that place and key must go.
	leastBodyNarrow float32 = 90
)

// cell is where a column is drawn; one of no width is hidden.
type cell struct{ x, w float32 }

// columns is the layout of a row at one width.
type columns struct {
	width float32
	cells [columnCount]cell
}

// columnWidth is how wide a column is: as the user left it, or by the table of the visual
// specification, section 5.
func columnWidth(c column, look profile.ListLook) float32 {
	if w, ok := look.Widths[c.name()]; ok {
		return w
	}
	return [columnCount]float32{colTime: 90, colTopic: 92, colTag: 68, colKey: 140, colQueue: 92, colRetry: 34, colSize: 72}[c]
}

// layoutColumns fits the columns into a width, with topics or without, and without those
// that are hidden. Body takes what is left; when that is too little, other columns go, one
// after the other.
func layoutColumns(width float32, topics bool, look profile.ListLook) columns {
	var hidden [columnCount]bool
	for c := range colBody {
		hidden[c] = slices.Contains(look.Hidden, c.name())
	}
	body := func() float32 {
		left := width - 2*edgeRoom
		for c := range colBody {
			if !hidden[c] {
				left -= columnWidth(c, look) + gapRoom
			}
		}
		return left
	}
	hidden[colTopic] = hidden[colTopic] || !topics || body() < leastBodyTopics
	for _, c := range []column{colSize, colRetry, colTag} {
		hidden[c] = hidden[c] || body() < leastBody
	}
	for _, c := range []column{colQueue, colKey, colTime} {
		hidden[c] = hidden[c] || body() < leastBodyNarrow
	}
	cols := columns{width: width}
	x := edgeRoom
	for c := range columnCount {
		w := columnWidth(c, look)
		if c == colBody {
			w = max(width-edgeRoom-x, 0)
		}
		if hidden[c] {
			continue
		}
		cols.cells[c] = cell{x: x, w: w}
		x += w + gapRoom
	}
	return cols
}
