package topics

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
	queryDetail = "detail"
)

// ask asks again for what is shown.
func (s *Screen) ask() {
	if !s.listing && !s.unlisted && (len(s.list.all) <= overview.Few || time.Since(s.listed) >= overview.Seldom) {
		s.askList()
	}
	if !s.Scope.Running(queryDetail) {
		s.askDetail()
	}
}

func (s *Screen) askAll() {
	s.askList()
	s.askDetail()
}

// cancel ends the questions under way.
func (s *Screen) cancel() {
	s.Scope.Cancel(queryList)
	s.Scope.Cancel(queryDetail)
	s.listing = false
}

func (s *Screen) askList() {
	conn := s.P.Conn()
	s.listed, s.listing = time.Now(), true
	task.Query(s.P.Tasks, s.Scope, queryList, conn.TopicList, func(got insight.TopicList, err error) {
		s.listing, s.listErr = false, err
		switch {
		case errors.Is(err, fault.NotOffered):
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
	name, conn := s.list.selected, s.P.Conn()
	if name == "" || conn == nil {
		s.Scope.Cancel(queryDetail)
		return
	}
	task.Query(s.P.Tasks, s.Scope, queryDetail, func(ctx context.Context) (*insight.TopicDetail, error) {
		return conn.TopicDetail(ctx, name)
	}, func(got *insight.TopicDetail, err error) {
		if s.list.selected == name {
			s.detail.show(name, got, err)
		}
	})
}

// entered is Enter in the filter: a topic by its name where none are listed, else
// the first row.
func (s *Screen) entered() {
	name := s.P.Profile.FullName(s.Filter.Text)
	if s.unlisted && strings.TrimSpace(name) != "" {
		all := slices.DeleteFunc(slices.Clone(s.list.all), func(t cluster.TopicConfig) bool { return t.Name == name })
		s.list.set(append(all, cluster.TopicConfig{Name: name, Kind: cluster.TopicKindOf(name)}), false)
		s.Filter.SetText("")
		s.choose(name)
		s.show()
		return
	}
	if first := s.list.at(0); first != "" {
		s.choose(first)
		s.Focus(s.Table.List)
	}
}

// above is what stands above the list.
func (s *Screen) above() string {
	switch {
	case s.unlisted:
		return lang.L("This endpoint does not list topics. Type the name of one and press Enter.")
	case s.listErr != nil && len(s.list.all) > 0:
		return problem.Explain(s.listErr).Text()
	}
	return problem.Missing(s.missing)
}

// words are what stands where no topic is.
func (s *Screen) words() overview.Words {
	switch {
	case !s.Connected():
		return s.NotConnected(lang.L("Connect to see topics and groups."))
	case len(s.list.rows) > 0:
		return overview.Words{}
	case s.unlisted:
		return overview.Words{Title: lang.L("Not offered here"), Line: lang.L("Route and queues of a topic are shown once you type its name above.")}
	case len(s.list.all) > 0 && s.list.filter != "":
		reset := widgets.NewButton(lang.L("Clear filter"), nil, widgets.Normal, func() { s.Filter.SetText("") })
		return overview.Words{Title: lang.L("No topic matches"), Act: reset}
	case len(s.list.all) > 0:
		return overview.Words{Title: lang.L("No topic of this kind")}
	case s.listErr != nil:
		return s.Failed(s.listErr)
	case s.listing || s.listed.IsZero():
		return overview.Words{Title: lang.L("Asking the brokers")}
	}
	return overview.Words{Title: lang.L("No topic yet"), Line: lang.L("Sending to a new topic may create it.")}
}
