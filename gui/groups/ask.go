package groups

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2/lang"

	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/insight"
	"gantry/gui/overview"
	"gantry/gui/problem"
	"gantry/gui/task"
	"gantry/gui/widgets"
)

// Keys of the screen's queries.
const (
	queryList   = "list"
	queryStates = "states"
	queryDetail = "detail"
	queryStack  = "stack"
)

// chunk is how many groups are asked about at once: some screenfuls, so that what
// comes into sight waits for little.
const chunk = 40

// ask asks again for what is shown.
func (s *Screen) ask() {
	now := time.Now()
	few := len(s.list.all) <= overview.Few
	if !s.listing && !s.unlisted && (few || now.Sub(s.listed) >= overview.Seldom) {
		s.askList()
	}
	all := few || now.Sub(s.swept) >= overview.Seldom
	if all && !s.Scope.Running(queryStates) {
		s.swept = now
		s.due(s.list.all)
	}
	s.due(s.inSight())
	s.next()
	if !s.Scope.Running(queryDetail) {
		s.askDetail()
	}
	s.detail.redraw()
}

func (s *Screen) askAll() {
	s.due(s.list.all)
	s.swept = time.Now()
	s.askList()
	s.next()
	s.askDetail()
}

// cancel ends the questions under way.
func (s *Screen) cancel() {
	for _, key := range []string{queryList, queryStates, queryDetail, queryStack} {
		s.Scope.Cancel(key)
	}
	s.listing = false
}

func (s *Screen) due(es []*entry) {
	for _, e := range es {
		e.due = true
	}
}

// inSight are the groups whose rows are seen.
func (s *Screen) inSight() []*entry {
	first := max(s.Table.FirstVisible(), 0)
	return s.list.rows[min(first, len(s.list.rows)):min(first+s.Table.VisibleRows()+2, len(s.list.rows))]
}

func (s *Screen) askList() {
	conn := s.P.Conn()
	s.listed, s.listing = time.Now(), true
	task.Query(s.P.Tasks, s.Scope, queryList, conn.Groups, func(got insight.GroupList, err error) {
		s.listing, s.listErr = false, err
		switch {
		case errors.Is(err, fault.NotOffered):
			s.unlisted, s.listErr = true, nil
		case err != nil:
			s.listed = time.Time{} // with the next tick again
		default:
			names := make([]string, 0, len(got.Groups))
			for _, g := range got.Groups {
				names = append(names, g.Name)
			}
			s.list.set(names)
			s.say(got.Missing)
			s.arrange()
			s.next()
		}
		s.show()
	})
}

// next asks about the next groups that are due, those in sight first.
func (s *Screen) next() {
	if s.Scope.Running(queryStates) || !s.Asking() {
		return
	}
	var names []string
	asking := map[string]bool{}
	for _, part := range [][]*entry{s.inSight(), s.list.all} {
		for _, e := range part {
			if e.due && !asking[e.name] && len(names) < chunk {
				names, asking[e.name] = append(names, e.name), true
			}
		}
	}
	if len(names) == 0 {
		return
	}
	conn := s.P.Conn()
	task.Query(s.P.Tasks, s.Scope, queryStates, func(ctx context.Context) ([]insight.GroupSummary, error) {
		return conn.GroupSummaries(ctx, names)
	}, func(got []insight.GroupSummary, err error) {
		if err != nil {
			for _, n := range names { // with the next tick again
				if e := s.list.byName[n]; e != nil {
					e.due = false
				}
			}
			s.listErr = err
			s.show()
			return
		}
		s.listErr = nil
		var missing cluster.Missing
		for _, sum := range got {
			missing = missing.Join(sum.Missing)
		}
		s.say(missing)
		for _, sum := range got {
			s.list.take(sum)
		}
		s.arrange()
		if s.list.selected == "" && !s.chosen {
			s.chosen = true // only at first: who closed the details wants none
			s.choose(s.list.at(0))
		}
		s.next()
		s.show()
	})
}

func (s *Screen) askDetail() {
	name, conn := s.list.selected, s.P.Conn()
	if name == "" || conn == nil {
		s.Scope.Cancel(queryDetail)
		return
	}
	task.Query(s.P.Tasks, s.Scope, queryDetail, func(ctx context.Context) (*insight.GroupDetail, error) {
		return conn.GroupDetail(ctx, name)
	}, func(got *insight.GroupDetail, err error) {
		if e := s.list.chosen(); e != nil && e.name == name {
			if err != nil {
				s.detail.fail(e, err)
				return
			}
			s.detail.show(e, got)
		}
	})
}

// entered is Enter in the filter: a group by its name where none are listed, else
// the first row.
func (s *Screen) entered() {
	name := s.P.Profile.FullName(s.Filter.Text)
	if s.unlisted && strings.TrimSpace(name) != "" {
		names := []string{name}
		for _, e := range s.list.all {
			if e.name != name {
				names = append(names, e.name)
			}
		}
		s.list.set(names)
		s.Filter.SetText("")
		s.arrange()
		s.choose(s.list.byName[name])
		s.next()
		s.show()
		return
	}
	if len(s.list.rows) > 0 {
		s.choose(s.list.rows[0])
		s.Focus(s.Table.List)
	}
}

// say puts the brokers whose part is missing above the list; none takes the words
// away. When others are missing than before, what was told of every group is out
// of date.
func (s *Screen) say(missing cluster.Missing) {
	s.bannerNow = problem.Missing(missing)
	if names := missing.Names(); !slices.Equal(names, s.missing) {
		s.missing = names
		s.due(s.list.all)
	}
}

// above is what stands above the list.
func (s *Screen) above() string {
	switch {
	case s.unlisted:
		return lang.L("This endpoint does not list groups. Type the name of one and press Enter.")
	case s.listErr != nil && len(s.list.all) > 0:
		return problem.Explain(s.listErr).Text()
	}
	return s.bannerNow
}

// noteText is what stands beside Refresh.
func (s *Screen) noteText() string {
	c := s.list.counts()
	if c.asked < c.all {
		return lang.L("{{.Asked}} of {{.All}}", map[string]any{"Asked": widgets.Count(uint64(c.asked)), "All": widgets.Count(uint64(c.all))})
	}
	return lang.L("every 5 s")
}

// words are what stands where no group is.
func (s *Screen) words() overview.Words {
	switch {
	case !s.Connected():
		return s.NotConnected(lang.L("Connect to see topics and groups."))
	case len(s.list.rows) > 0:
		return overview.Words{}
	case len(s.list.all) > 0:
		reset := widgets.NewButton(lang.L("Clear filter"), nil, widgets.Normal, func() { s.Segments.Select(0); s.Filter.SetText("") })
		return overview.Words{Title: lang.L("No group matches"), Line: lang.L("{{.Count}} are hidden by the filter.", count(len(s.list.all))), Act: reset}
	case s.listErr != nil:
		return s.Failed(s.listErr)
	case s.unlisted:
		return overview.Words{Title: lang.L("Not offered here"), Line: lang.L("Members and lag of a group are shown once you type its name above.")}
	case s.listing || s.listed.IsZero():
		return overview.Words{Title: lang.L("Asking the brokers")}
	}
	return overview.Words{Title: lang.L("No group reads here yet"), Line: lang.L("A group appears when its first member connects.")}
}
