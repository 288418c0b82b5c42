package profile

import "slices"

// ListLook is how lists of messages look; the zero value is the usual look.
type ListLook struct {
	// NoChart folds the chart over time away.
	NoChart bool `json:"noChart,omitempty"`
	// Hidden are the names of columns that are not shown, Widths those of columns that are
	// not as wide as usual, in Fyne units.
	Hidden []string           `json:"hidden,omitempty"`
	Widths map[string]float32 `json:"widths,omitempty"`
}

// Bounds of a column's width, in Fyne units.
const (
	LeastColumn float32 = 30
	MostColumn  float32 = 600
)

// ListColumns are the names of the columns that can be hidden and resized, in their order.
func ListColumns() []string {
	return []string{"time", "topic", "tag", "key", "queue", "retry", "size"}
}

func (l *ListLook) check() {
	known := ListColumns()
	var hidden []string
	for _, name := range known {
		if slices.Contains(l.Hidden, name) {
			hidden = append(hidden, name)
		}
	}
	widths := map[string]float32{}
	for _, name := range known {
		if w := l.Widths[name]; w >= LeastColumn && w <= MostColumn {
			widths[name] = w
		}
	}
	if l.Hidden, l.Widths = hidden, widths; len(widths) == 0 {
		l.Widths = nil
	}
}
