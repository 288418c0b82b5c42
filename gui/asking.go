package gui

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"fyne.io/fyne/v2/lang"

	"gantry/client"
	"gantry/client/cluster"
	"gantry/client/orders"
	"gantry/client/outbox"
	"gantry/gui/changes"
	clustertab "gantry/gui/cluster"
	"gantry/gui/groups"
	"gantry/gui/overview"
	"gantry/gui/replay"
	"gantry/gui/task"
	"gantry/gui/topics"
)

// asker is a page that asks servers, and has a filter and something to refresh.
type asker interface {
	filterer
	Refresh()
}

var (
	_ asker = (*topics.Screen)(nil)
	_ asker = (*groups.Screen)(nil)
	_ asker = (*clustertab.Screen)(nil)
)

// asker does something with the page that is shown, if it is one that asks.
func (s *workspace) asker(do func(asker)) {
	if p, ok := s.page().(asker); ok {
		do(p)
	}
}

// makeAskers makes these pages.
func (s *workspace) makeAskers() {
	follow := func(topic string) {
		s.tabs.Select(tabSubscribe)
		s.subscribe.Follow(s.profile.ShortName(topic))
	}
	newest := func(topic string) {
		s.tabs.Select(tabBrowse)
		s.browse.Find(cluster.Query{Kind: cluster.Newest, Topic: topic, Count: 100})
	}
	setup := func(o orders.Setup, shown []string) { changes.Setup(s.changeParams(), o, shown) }
	s.groups = groups.New(groups.Params{
		Params: askerParams(s, "groups", func(c *client.Connection) groups.Connection { return c }), Follow: follow, Browse: newest,
		Offsets: func(group string, topics []string) { changes.Offsets(s.changeParams(), group, topics) },
		Setup:   setup,
		Read:    func(topic string, q cluster.Queue, at int64) { s.changeParams().Read(topic, q, at, 1) },
		Skip: func(group, topic string, q cluster.Queue, at int64) {
			changes.Skip(s.changeParams(), group, topic, q, at)
		},
	})
	s.topicList = topics.New(topics.Params{
		Params: askerParams(s, "topics", func(c *client.Connection) topics.Connection { return c }), Follow: follow, Browse: newest,
		OpenGroup: func(name string) { s.tabs.Select(tabGroups); s.groups.Open(name) }, Setup: setup,
		Locate: func(topic, broker string, queue int, offset int64) {
			s.tabs.Select(tabBrowse)
			s.browse.Locate(topic, broker, queue, offset)
		},
	})
	s.cluster = clustertab.New(clustertab.Params{
		Params: askerParams(s, "cluster", func(c *client.Connection) clustertab.Connection { return c }),
		Setup:  func(o orders.Setup) { setup(o, nil) },
	})
}

// askerParams are what all of them need; as makes of a connection what one asks.
func askerParams[C comparable](s *workspace, name string, as func(*client.Connection) C) overview.Params[C] {
	return overview.Params[C]{
		Tasks: s.tasks, Window: s.win, Profile: s.profile, Connect: s.open, RefreshTip: tip(lang.L("Refresh"), keyRefresh),
		Conn: func() (none C) {
			if s.conn == nil {
				return none
			}
			return as(s.conn)
		},
		Split: s.set.split(name, 0), SaveSplit: func(v float64) { s.set.setSplit(name, v) },
		Fail: s.shell.fail, Say: s.shell.say,
	}
}

// changeParams are what changes over the connection of this workspace need.
func (s *workspace) changeParams() changes.Params {
	of := s.profile
	if s.conn != nil { // as it is in effect
		of = s.conn.Profile()
		of.Name, of.Environment = s.profile.Name, s.profile.Environment
		of.ReadOnly = of.ReadOnly && s.conn.Lifted().IsZero()
	}
	return changes.Params{
		Tasks: s.tasks, Window: s.win, Profile: of,
		Conn: func() changes.Connection {
			if s.conn == nil {
				return nil
			}
			return s.conn
		},
		Read: func(topic string, q cluster.Queue, from int64, count int) {
			s.tabs.Select(tabBrowse)
			s.browse.Find(cluster.Query{Kind: cluster.ByOffset, Topic: topic, Queue: q, Offset: from, Count: count})
		},
		OpenRun: s.openRun, KeptFile: s.client.Diary.KeptFile, SendKept: s.sendKept,
		Changed: func() { s.asker(asker.Refresh) }, Fail: s.shell.fail, Say: s.shell.say,
	}
}

// openRun shows a run of this profile, by its id, if it is kept.
func (s *workspace) openRun(id string) {
	task.Ask(s.tasks, s.scope, "run", func(context.Context) (*outbox.Run, error) { return s.client.Outbox.Open(id) }, func(r *outbox.Run, err error) {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			s.shell.say(lang.L("The run is not kept any more."))
		case err != nil:
			s.shell.fail(err)
		default:
			s.tabs.Select(tabSend)
			s.send.ShowRun(r)
		}
	})
}

// permit asks whether a topic shall be read and written, by its full name.
func (s *workspace) permit(topic string) {
	both := cluster.PermRead | cluster.PermWrite
	changes.Setup(s.changeParams(), orders.Setup{Of: orders.Topics, Act: orders.Alter, Names: []string{topic}, Wish: orders.Wish{Perm: &both}}, nil)
}

// sendKept has the messages sent again that a change skipped and kept.
func (s *workspace) sendKept(file string) {
	in, err := os.Open(file)
	if err != nil {
		s.shell.fail(err)
		return
	}
	of := s.profile
	from := replay.File(filepath.Base(file), in)
	from.Profile = &of
	s.shell.replay(from)
}

// showChanges lists what was changed over the connections of this profile.
func (s *workspace) showChanges() { changes.List(s.changeParams(), s.client.Diary) }
