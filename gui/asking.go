package gui

import (
	"fyne.io/fyne/v2/lang"

	"gantry/gui/groups"
)

// The pages that ask brokers, and have a filter and something to refresh.
type asker interface {
	FocusFilter()
	Refresh()
}

var _ asker = (*groups.Screen)(nil)

// asker does something with the page that is shown, if it is one that asks.
func (s *workspace) asker(do func(asker)) {
	if p, ok := s.page().(asker); ok {
		do(p)
	}
}

func (s *workspace) makeGroups() {
	w := s.win
	s.groups = groups.New(groups.Params{
		Tasks: w.tasks, Window: w.win, Profile: s.profile,
		Conn: func() groups.Connection {
			if s.conn == nil {
				return nil
			}
			return s.conn
		},
		Connect: s.open, RefreshTip: w.tip(lang.L("Refresh"), keyRefresh),
		Split: w.set.split("groups", 0), SaveSplit: func(v float64) { w.set.setSplit("groups", v) },
		Fail: w.fail, Say: w.say,
	})
}
