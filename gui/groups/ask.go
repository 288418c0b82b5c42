package groups

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2/lang"
	fynetheme "fyne.io/fyne/v2/theme"

	"gantry/client"
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

// tick asks again for what is shown.
func (s *Screen) tick() {
	if !s.shown || s.p.Conn() == nil {
		return
	}
	if s.conn != s.p.Conn() {
		s.ConnectionChanged()
		return
	}
	now := time.Now()
	few := len(s.list.all) <= fewGroups
	if !s.listing && !s.unlisted && (few || now.Sub(s.listed) >= listEvery) {
		s.askList()
	}
	all := few || now.Sub(s.swept) >= listEvery
	if all && !s.scope.Running(queryStates) {
		s.swept = now
		s.due(s.list.all)
	}
	s.due(s.inSight())
	s.next()
	if !s.scope.Running(queryDetail) {
		s.askDetail()
	}
	s.detail.redraw()
}

// Refresh asks for everything again.
func (s *Screen) Refresh() {
	if s.p.Conn() == nil {
		s.p.Connect()
		return
	}
	s.cancel()
	s.due(s.list.all)
	s.swept = time.Now()
	s.askList()
	s.next()
	s.askDetail()
	s.show()
}

// cancel ends the questions under way.
func (s *Screen) cancel() {
	for _, key := range []string{queryList, queryStates, queryDetail, queryStack} {
		s.scope.Cancel(key)
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
	first := max(s.table.FirstVisible(), 0)
	return s.list.rows[min(first, len(s.list.rows)):min(first+s.table.VisibleRows()+2, len(s.list.rows))]
}

func (s *Screen) askList() {
	conn := s.p.Conn()
	s.listed, s.listing = time.Now(), true
	task.Query(s.p.Tasks, s.scope, queryList, conn.Groups, func(got client.GroupList, err error) {
		s.listing, s.listErr = false, err
		switch {
		case errors.Is(err, client.ErrNotOffered):
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
			s.sort()
			s.next()
		}
		s.show()
	})
}

// next asks about the next groups that are due, those in sight first.
func (s *Screen) next() {
	if s.scope.Running(queryStates) || s.p.Conn() == nil || !s.shown {
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
	conn := s.p.Conn()
	task.Query(s.p.Tasks, s.scope, queryStates, func(ctx context.Context) ([]client.GroupSummary, error) {
		return conn.GroupSummaries(ctx, names)
	}, func(got []client.GroupSummary, err error) {
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
		var missing client.Missing
		for _, sum := range got {
			missing = missing.Join(sum.Missing)
		}
		s.say(missing)
		for _, sum := range got {
			s.list.take(sum)
		}
		s.sort()
		if s.list.selected == "" && !s.chosen {
			s.chosen = true // only at first: who closed the details wants none
			s.choose(s.list.at(0))
		}
		s.next()
		s.show()
	})
}

// sort brings the rows in order; the selection follows its group.
func (s *Screen) sort() {
	s.list.arrange()
}

func (s *Screen) askDetail() {
	name, conn := s.list.selected, s.p.Conn()
	if name == "" || conn == nil {
		s.scope.Cancel(queryDetail)
		return
	}
	task.Query(s.p.Tasks, s.scope, queryDetail, func(ctx context.Context) (*client.GroupDetail, error) {
		return conn.GroupDetail(ctx, name)
	}, func(got *client.GroupDetail, err error) {
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
	name := s.p.Profile.FullName(s.filter.Text)
	if s.unlisted && strings.TrimSpace(name) != "" {
		names := []string{name}
		for _, e := range s.list.all {
			if e.name != name {
				names = append(names, e.name)
			}
		}
		s.list.set(names)
		s.filter.SetText("")
		s.sort()
		s.choose(s.list.byName[name])
		s.next()
		s.show()
		return
	}
	if len(s.list.rows) > 0 {
		s.choose(s.list.rows[0])
		s.p.Window.Canvas().Focus(s.table.List)
	}
}

// say puts the brokers whose part is missing above the list; none takes the words
// away. When others are missing than before, what was told of every group is out
// of date.
func (s *Screen) say(missing client.Missing) {
	s.bannerNow = problem.Missing(missing)
	if names := missing.Names(); !slices.Equal(names, s.missing) {
		s.missing = names
		s.due(s.list.all)
	}
}

func (s *Screen) showBanner() {
	text := s.bannerNow
	if s.listErr != nil && len(s.list.all) > 0 {
		text = problem.Explain(s.listErr).Text()
	}
	if s.unlisted {
		text = lang.L("This endpoint does not list groups. Type the name of one and press Enter.")
	}
	s.banner.Set(false, text)
	widgets.Show(s.banner, text != "")
}

// noteText is what stands beside Refresh.
func (s *Screen) noteText() string {
	c := s.list.counts()
	if c.asked < c.all {
		return lang.L("{{.Asked}} of {{.All}}", map[string]any{"Asked": widgets.Count(uint64(c.asked)), "All": widgets.Count(uint64(c.all))})
	}
	return lang.L("every 5 s")
}

// emptyWords are what stands where no group is; no title shows the list.
func (s *Screen) emptyWords() (title, line string, act []*widgets.Button) {
	switch {
	case s.p.Conn() == nil:
		connect := widgets.NewButton(lang.L("Connect"), nil, widgets.Primary, s.p.Connect)
		return lang.L("Not connected"), lang.L("Connect to see topics and groups."), []*widgets.Button{connect}
	case len(s.list.rows) > 0:
		return "", "", nil
	case len(s.list.all) > 0:
		reset := widgets.NewButton(lang.L("Clear filter"), nil, widgets.Normal, func() { s.segments.Select(0); s.filter.SetText("") })
		return lang.L("No group matches"), lang.L("{{.Count}} are hidden by the filter.", count(len(s.list.all))), []*widgets.Button{reset}
	case s.listErr != nil:
		p := problem.Explain(s.listErr)
		again := widgets.NewButton(lang.L("Try again"), fynetheme.ViewRefreshIcon(), widgets.Normal, s.Refresh)
		return p.What, p.Do, []*widgets.Button{again}
	case s.unlisted:
		return lang.L("Not offered here"), lang.L("Members and lag of a group are shown once you type its name above."), nil
	case s.listing || s.listed.IsZero():
		return lang.L("Asking the brokers"), "", nil
	}
	return lang.L("No group reads here yet"), lang.L("A group appears when its first member connects."), nil
}
