package topics

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
	queryDetail = "detail"
)

// tick asks again for what is shown.
func (s *Screen) tick() {
	if !s.shown || s.p.Conn() == nil {
		return
	}
	if s.conn != s.p.Conn() {
		s.ConnectionChanged()
		return
	}
	if !s.listing && !s.unlisted && (len(s.list.all) <= fewTopics || time.Since(s.listed) >= listEvery) {
		s.askList()
	}
	if !s.scope.Running(queryDetail) {
		s.askDetail()
	}
}

// Refresh asks for everything again.
func (s *Screen) Refresh() {
	if s.p.Conn() == nil {
		s.p.Connect()
		return
	}
	s.cancel()
	s.askList()
	s.askDetail()
	s.show()
}

// cancel ends the questions under way.
func (s *Screen) cancel() {
	s.scope.Cancel(queryList)
	s.scope.Cancel(queryDetail)
	s.listing = false
}

func (s *Screen) askList() {
	conn := s.p.Conn()
	s.listed, s.listing = time.Now(), true
	task.Query(s.p.Tasks, s.scope, queryList, conn.TopicList, func(got client.TopicList, err error) {
		s.listing, s.listErr = false, err
		switch {
		case errors.Is(err, client.ErrNotOffered):
			s.unlisted, s.listErr = true, nil
		case err != nil:
			s.listed = time.Time{} // with the next tick again
		default:
			s.missing = got.Missing
			s.list.set(got.Topics, got.KindsKnown)
			if s.list.selected == "" && s.detail.name == "" {
				s.choose(s.list.at(0))
			}
		}
		s.show()
	})
}

func (s *Screen) askDetail() {
	name, conn := s.list.selected, s.p.Conn()
	if name == "" || conn == nil {
		s.scope.Cancel(queryDetail)
		return
	}
	task.Query(s.p.Tasks, s.scope, queryDetail, func(ctx context.Context) (*client.TopicDetail, error) {
		return conn.TopicDetail(ctx, name)
	}, func(got *client.TopicDetail, err error) {
		if s.list.selected == name {
			s.detail.show(name, got, err)
		}
	})
}

// entered is Enter in the filter: a topic by its name where none are listed, else
// the first row.
func (s *Screen) entered() {
	name := s.p.Profile.FullName(s.filter.Text)
	if s.unlisted && strings.TrimSpace(name) != "" {
		all := slices.DeleteFunc(slices.Clone(s.list.all), func(t client.TopicConfig) bool { return t.Name == name })
		s.list.set(append(all, client.TopicConfig{Name: name, Kind: client.TopicKindOf(name)}), false)
		s.filter.SetText("")
		s.choose(name)
		s.show()
		return
	}
	if first := s.list.at(0); first != "" {
		s.choose(first)
		s.focus(s.table.List)
	}
}

func (s *Screen) showBanner() {
	text := problem.Missing(s.missing)
	if s.listErr != nil && len(s.list.all) > 0 {
		text = problem.Explain(s.listErr).Text()
	}
	if s.unlisted {
		text = lang.L("This endpoint does not list topics. Type the name of one and press Enter.")
	}
	s.banner.Set(false, text)
	widgets.Show(s.banner, text != "")
}

// emptyWords are what stands where no topic is; no title shows the list.
func (s *Screen) emptyWords() (title, line string, act []*widgets.Button) {
	switch {
	case s.p.Conn() == nil:
		connect := widgets.NewButton(lang.L("Connect"), nil, widgets.Primary, s.p.Connect)
		return lang.L("Not connected"), lang.L("Connect to see topics and groups."), []*widgets.Button{connect}
	case len(s.list.rows) > 0:
		return "", "", nil
	case s.unlisted:
		return lang.L("Not offered here"), lang.L("Route and queues of a topic are shown once you type its name above."), nil
	case len(s.list.all) > 0 && s.list.filter != "":
		reset := widgets.NewButton(lang.L("Clear filter"), nil, widgets.Normal, func() { s.filter.SetText("") })
		return lang.L("No topic matches"), "", []*widgets.Button{reset}
	case len(s.list.all) > 0:
		return lang.L("No topic of this kind"), "", nil
	case s.listErr != nil:
		p := problem.Explain(s.listErr)
		again := widgets.NewButton(lang.L("Try again"), fynetheme.ViewRefreshIcon(), widgets.Normal, s.Refresh)
		return p.What, p.Do, []*widgets.Button{again}
	case s.listing || s.listed.IsZero():
		return lang.L("Asking the brokers"), "", nil
	}
	return lang.L("No topic yet"), lang.L("Sending to a new topic may create it."), nil
}
