package profile

import (
	"slices"
	"unicode/utf8"
)

// Bounds of what is kept of filters: how many that were used and that are saved, and the
// bytes of a filter and of a name.
const (
	MostRecentFilters = 50
	MostSavedFilters  = 100
	MostFilter        = 4 << 10 // what the language takes
	MostFilterName    = 200
)

// SavedFilter is a filter that is kept: under a name, to be taken again, or with a colour
// for the rows that fit it, or with both. The first of several that fits a row colours it.
type SavedFilter struct {
	Name   string `json:"name,omitempty"`
	Filter string `json:"filter"`
	Mark   Mark   `json:"mark,omitempty"`
}

// Mark is the colour of rows; none is the zero value.
type Mark string

// The colours.
const (
	NoMark     Mark = ""
	VioletMark Mark = "violet"
	GreenMark  Mark = "green"
	YellowMark Mark = "yellow"
	RedMark    Mark = "red"
)

// Marks are the colours that there are.
func Marks() []Mark { return []Mark{VioletMark, GreenMark, YellowMark, RedMark} }

// checkFilters makes filters that were read ones that Gantry could have written: what is
// too long is none.
func (s *Settings) checkFilters() {
	s.Filters = slices.DeleteFunc(s.Filters, func(f string) bool { return !filterText(f) })
	s.Filters = s.Filters[:min(len(s.Filters), MostRecentFilters)]
	s.SavedFilters = slices.DeleteFunc(s.SavedFilters, func(f SavedFilter) bool {
		return !filterText(f.Filter) || len(f.Name) > MostFilterName || !utf8.ValidString(f.Name)
	})
	s.SavedFilters = s.SavedFilters[:min(len(s.SavedFilters), MostSavedFilters)]
	for i := range s.SavedFilters {
		s.SavedFilters[i].Mark = among(s.SavedFilters[i].Mark, Marks()...)
	}
}

func filterText(s string) bool { return s != "" && len(s) <= MostFilter && utf8.ValidString(s) }
