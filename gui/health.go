package gui

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2/lang"

	"gantry/client"
	"gantry/client/insight"
	"gantry/gui/problem"
	"gantry/gui/widgets"
)

// hear has an open connection tell how its servers are, in sight or not.
func (s *workspace) hear(conn *client.Connection) {
	heard := s.tasks.Signal(s.scope, func() {
		if s.conn == conn {
			s.heard = conn.Heard()
			s.refresh()
		}
	})
	conn.OnHeard(heard)
	heard() // what was heard before
}

// trouble says in a few words what is wrong with an open connection, "" if nothing is
// known to be, and how bad that is.
func (s *workspace) trouble() (string, widgets.DotState) {
	if s.conn == nil {
		return "", widgets.DotOff
	}
	h := &s.heard
	known, listed, answering := h.Count()
	signIn, _ := h.SignIn()
	silent, masterless := h.Silent(), h.Masterless()
	switch {
	case signIn == insight.SignInRefused:
		return lang.L("Sign-in refused"), widgets.DotError
	case h.Err != nil && len(h.NameServers) > 1:
		return lang.L("No name server answers"), widgets.DotError
	case h.Err != nil:
		return lang.L("The name server does not answer"), widgets.DotError
	case h.Listed && listed == 0:
		return lang.L("No broker is there"), widgets.DotError
	case h.Listed && answering == 0:
		return lang.L("No broker answers"), widgets.DotError
	case answering < known:
		return lang.L("{{.Answering}} of {{.Count}} brokers answer", map[string]any{
			"Answering": widgets.Count(answering), "Count": widgets.Count(known),
		}), widgets.DotWarn
	case len(masterless) > 0:
		return lang.L("No master of {{.Names}} answers", map[string]any{"Names": strings.Join(masterless, lang.L(", "))}), widgets.DotWarn
	case len(silent) > 0:
		return lang.L("{{.Names}} does not answer", map[string]any{"Names": strings.Join(silent, lang.L(", "))}), widgets.DotWarn
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

// doing is what the sidebar says of an open connection in place of the address: its
// brokers, what its subscriptions receive and what waits for them, each where it is known;
// ever briefer, for there may be too little room. Others are to connect to the Sandbox, so
// its address stays.
func (s *workspace) doing() (doing [3]string) {
	if s.conn == nil || !own(s.profile.ID) {
		return doing
	}
	brokers, brief, lag := "", "", ""
	if known, _, answering := s.heard.Count(); s.heard.Listed && known > 0 {
		data := map[string]any{"Count": widgets.Count(known), "Answering": widgets.Count(answering)}
		brokers, brief = lang.N("{{.Answering}} of {{.Count}} brokers", known, data), lang.N("{{.Count}} brokers", known, data)
	}
	rate := s.subscribe.Rate(time.Now())
	if s.heard.LagKnown && s.subscribe.Running() > 0 {
		lag = lang.L("lag {{.Count}}", map[string]any{"Count": widgets.Amount(uint64(s.heard.Lag))})
	}
	moves := joined(" ", rate, lag)
	for i, words := range []string{brokers, brief, ""} {
		doing[i] = joined(" · ", words, moves)
	}
	return doing
}

// doingChanged shows in the sidebar how the open connections do.
func (w *Window) doingChanged() { w.sidebar.tell() }

// joined are the parts that say something.
func joined(between string, parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(part string) bool { return part == "" }), between)
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
	f, rtt := s.heard.Facts(), s.heard.RTT()
	if rtt == 0 {
		_, rtt = s.conn.Via()
	}
	parts := []string{lang.L("Connected")}
	if n := f.Brokers; n > 0 {
		parts = append(parts, lang.N("{{.Count}} brokers", n, map[string]any{"Count": widgets.Count(n)}))
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
