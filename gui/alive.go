package gui

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"fyne.io/fyne/v2/lang"

	"gantry/client/fault"
	"gantry/client/insight"
	"gantry/gui/problem"
	"gantry/gui/task"
	"gantry/gui/widgets"
)

// aliveEvery is how often the servers of a connection in sight are asked for a sign of
// life.
const aliveEvery = 10 * time.Second

// life is what was last heard of a connection's servers; zero until they were asked.
type life struct {
	at    time.Time // when they answered, or did not
	alive insight.Alive
	err   error // why no name server answered
}

// askAlive asks again, if the connection is in sight and it is time to.
func (s *workspace) askAlive() {
	// A tick may come a little early.
	if s.conn == nil || !s.shown || s.scope.Running(queryAlive) || time.Since(s.life.at) < aliveEvery/2 {
		return
	}
	s.askAliveNow()
}

func (s *workspace) askAliveNow() {
	conn := s.conn
	task.Ask(s.tasks, s.scope, queryAlive, conn.Alive, func(a insight.Alive, err error) {
		if s.conn != conn {
			return
		}
		s.life = life{at: time.Now(), alive: a, err: err}
		s.refresh()
	})
}

// trouble says in a few words what is wrong with an open connection, "" if nothing is
// known to be, and how bad that is.
func (s *workspace) trouble() (string, widgets.DotState) {
	if s.conn == nil {
		return "", widgets.DotOff
	}
	switch l := s.life; {
	case errors.Is(l.err, fault.Refused):
		return problem.Short(l.err), widgets.DotError
	case l.err != nil && len(s.conn.Profile().NameServers) > 1:
		return lang.L("No name server answers"), widgets.DotError
	case l.err != nil:
		return lang.L("The name server does not answer"), widgets.DotError
	case l.alive.Listed && l.alive.Facts.Brokers == 0:
		return lang.L("No broker is there"), widgets.DotError
	case l.alive.Listed && l.alive.Answering == 0:
		return lang.L("No broker answers"), widgets.DotError
	case l.alive.Answering < l.alive.Brokers:
		return lang.L("{{.Answering}} of {{.Count}} brokers answer", map[string]any{
			"Answering": l.alive.Answering, "Count": l.alive.Brokers,
		}), widgets.DotWarn
	}
	return "", widgets.DotOn
}

// dot says how the connection is.
func (s *workspace) dot() widgets.DotState {
	switch {
	case s.busy != "":
		return widgets.DotBusy
	case s.conn != nil:
		_, dot := s.trouble()
		return dot
	case s.err != nil:
		return widgets.DotError
	default:
		return widgets.DotOff
	}
}

// shortProblem is what the sidebar says in place of the address.
func (s *workspace) shortProblem() string {
	if s.err != nil {
		return problem.Short(s.err)
	}
	words, _ := s.trouble()
	return words
}

// stateWords is the line beside the dot.
func (s *workspace) stateWords() string {
	switch {
	case s.busy != "":
		return s.busy
	case s.conn == nil:
		return lang.L("Not connected")
	}
	if words, _ := s.trouble(); words != "" {
		return words
	}
	f, rtt := s.life.alive.Facts, s.life.alive.RTT
	if rtt == 0 {
		_, rtt = s.conn.Via()
	}
	parts := []string{lang.L("Connected")}
	if n := f.Brokers; n > 0 {
		parts = append(parts, lang.N("{{.Count}} brokers", n, map[string]any{"Count": n}))
	}
	if f.Version != "" {
		parts = append(parts, f.Version)
	}
	parts = append(parts, fmt.Sprintf("%d ms", max(rtt.Milliseconds(), 1)))
	if f.Gone > 0 {
		parts = append(parts, lang.L("keeps the newest {{.Most}} messages, {{.Gone}} older ones are gone", map[string]any{
			"Most": widgets.Count(f.Keeps), "Gone": widgets.Count(f.Gone),
		}))
	}
	return strings.Join(parts, " · ")
}
