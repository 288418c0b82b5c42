package browse

import (
	"context"
	"time"

	"gantry/client"
	"gantry/client/cluster"
	"gantry/client/search"
	"gantry/gui/task"
)

// Primary searches for what the form says. What is wrong stands at its field.
func (s *Screen) Primary() { s.search(false) }

// search begins a search instead of the one before; locate selects what it finds and
// shows its timeline.
func (s *Screen) search(locate bool) {
	s.wanted, s.locate = locate, false
	if locate {
		s.list.ClearFilter() // it is to be seen, whatever was looked for before
	}
	s.form.commit()
	q, ok := s.form.read(time.Now())
	if !ok {
		s.update()
		s.form.focusError()
		return
	}
	s.form.own = true
	conn := s.p.Conn()
	if conn == nil {
		s.want = true
		s.p.Connect()
		s.update()
		return
	}
	s.starting, s.failed = true, nil
	if s.weighs(q) {
		s.weigh(conn, q, locate)
	} else {
		s.put(conn, q, locate)
	}
	s.update()
}

// put begins a search that is agreed to.
func (s *Screen) put(conn *client.Connection, q cluster.Query, locate bool) {
	old, at := s.found, s.form.place
	task.Ask(s.p.Tasks, s.scope, "search", func(ctx context.Context) (begun, error) {
		if old != nil {
			old.Close()
		}
		return s.beginAt(ctx, conn, q, at, !locate)
	}, func(got begun, err error) {
		s.starting, s.stopping, s.locate = false, false, locate
		s.found, s.query, s.failed, s.st = got.search, got.query, err, search.Status{}
		s.rule, s.outdated = s.readNow(), false
		s.inspect.Show(nil)
		if err != nil {
			s.found = nil
			s.list.SetSource(nil)
			s.form.put(err)
		} else {
			s.showFound(got)
		}
		s.update()
	})
}

// begun is a search that began, and what it was asked.
type begun struct {
	search searching
	query  cluster.Query
}

// beginAt begins a search; a place is looked for among the topic's queues first, if
// it is checked. It blocks.
func (s *Screen) beginAt(ctx context.Context, conn *client.Connection, q cluster.Query, at place, check bool) (begun, error) {
	got := begun{query: q}
	var err error
	if q.Kind == cluster.ByOffset {
		var all []cluster.Queue
		if check {
			// Where nobody tells, what is typed is searched.
			all, _ = s.queues(ctx, conn, s.p.Profile.FullName(q.Topic))
		}
		if got.query, err = at.find(q, all); err != nil {
			return got, err
		}
	}
	if got.search, err = s.begin(conn, got.query); err == nil && ctx.Err() != nil { // nobody waits for it any more
		got.search.Close()
		err = ctx.Err()
	}
	return got, err
}

// showFound shows a search that began.
func (s *Screen) showFound(got begun) {
	s.p.UseTopic(got.query.Topic)
	s.st = s.found.Status()
	s.list.SetSource(s.found)
	if got.query.Kind == cluster.ByOffset { // as it was understood
		s.form.fill(got.query)
	}
	if s.p.Conn() == nil { // it was closed meanwhile
		s.StopRunning()
	}
}

// StopRunning gives the search up; what was found stays.
func (s *Screen) StopRunning() {
	s.want = false
	if s.found == nil || !s.st.Running || s.stopping {
		s.update()
		return
	}
	s.stopping = true
	found := s.found
	task.Ask(s.p.Tasks, s.scope, "stop", func(context.Context) (struct{}, error) {
		found.Stop()
		return struct{}{}, nil
	}, func(struct{}, error) {
		s.stopping = false
		s.tick()
	})
	s.update()
}

// readOn goes on where the limit ended a search.
func (s *Screen) readOn() {
	q := s.query
	q.From = s.st.Through
	s.Find(q)
}

// readMore repeats a search that found nothing within its limit, with a higher one.
func (s *Screen) readMore(limit int64) {
	q := s.query
	q.Limit = limit
	s.Find(q)
}
