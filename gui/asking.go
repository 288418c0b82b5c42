package gui

import (
	"fyne.io/fyne/v2/lang"

	"gantry/gui/cluster"
	"gantry/gui/groups"
	"gantry/gui/topics"
)

// asker is a page that asks servers, and has a filter and something to refresh.
type asker interface {
	FocusFilter()
	Refresh()
}

var (
	_ asker = (*topics.Screen)(nil)
	_ asker = (*groups.Screen)(nil)
	_ asker = (*cluster.Screen)(nil)
)

// asker does something with the page that is shown, if it is one that asks.
func (s *workspace) asker(do func(asker)) {
	if p, ok := s.page().(asker); ok {
		do(p)
	}
}

// makeAskers makes these pages.
func (s *workspace) makeAskers() {
	w, tip := s.win, s.win.tip(lang.L("Refresh"), keyRefresh)
	split := func(name string) (float64, func(float64)) {
		return w.set.split(name, 0), func(v float64) { w.set.setSplit(name, v) }
	}
	follow := func(topic string) {
		s.tabs.Select(tabSubscribe)
		s.subscribe.Follow(s.profile.ShortName(topic))
	}
	g := groups.Params{
		Follow: follow,
		Tasks:  w.tasks, Window: w.win, Profile: s.profile, Connect: s.open, RefreshTip: tip, Fail: w.fail, Say: w.say,
		Conn: func() groups.Connection {
			if s.conn == nil {
				return nil
			}
			return s.conn
		},
	}
	g.Split, g.SaveSplit = split("groups")
	s.groups = groups.New(g)
	t := topics.Params{
		Follow: follow,
		Tasks:  w.tasks, Window: w.win, Profile: s.profile, Connect: s.open, RefreshTip: tip, Say: w.say,
		OpenGroup: func(name string) { s.tabs.Select(tabGroups); s.groups.Open(name) },
		Conn: func() topics.Connection {
			if s.conn == nil {
				return nil
			}
			return s.conn
		},
	}
	t.Split, t.SaveSplit = split("topics")
	s.topicList = topics.New(t)
	c := cluster.Params{
		Tasks: w.tasks, Window: w.win, Profile: s.profile, Connect: s.open, RefreshTip: tip, Say: w.say,
		Conn: func() cluster.Connection {
			if s.conn == nil {
				return nil
			}
			return s.conn
		},
	}
	c.Split, c.SaveSplit = split("cluster")
	s.cluster = cluster.New(c)
}
