package send

import (
	"context"
	"time"

	"fyne.io/fyne/v2/lang"

	"gantry/client"
	"gantry/client/message"
	"gantry/client/outbox"
	"gantry/client/profile"
	"gantry/gui/draw"
	"gantry/gui/problem"
	"gantry/gui/theme"
	"gantry/gui/widgets"
)

// decisionWord is what becomes of a transactional message, in words.
func decisionWord(t message.Transaction) string {
	switch t {
	case message.Commit:
		return lang.L("commit")
	case message.Rollback:
		return lang.L("roll back")
	}
	return lang.L("not decided")
}

// halfState puts a half message that the broker has into words.
func halfState(h *outbox.Half) state {
	why := problem.Problem{}
	switch h.Stand {
	case outbox.Committed:
		return state{word: lang.L("Committed"), token: theme.OK, soft: theme.OKSoft}
	case outbox.RolledBack:
		return state{word: lang.L("Rolled back"), token: theme.Muted, soft: theme.Hover, why: problem.Problem{What: lang.L("It was rolled back: no consumer gets it.")}}
	case outbox.Committing, outbox.RollingBack:
		word := lang.L("Commit not confirmed")
		if h.Stand == outbox.RollingBack {
			word = lang.L("Rollback not confirmed")
		}
		if h.Fault != nil {
			why = problem.Explain(h.Fault)
			why.Do = lang.L("The decision stands, and is told when the broker asks.")
		}
		return state{word, theme.Warn, theme.WarnSoft, why}
	}
	why.What = lang.L("It waits at the broker. No consumer gets it before it is committed.")
	return state{lang.L("Half, waiting"), theme.Accent, theme.Hover, why}
}

// halfText says in a row how a half message stands that nobody gets, or not yet: "" for
// others.
func halfText(x *outbox.Sent, now time.Time) string {
	h := x.Half
	if h == nil || h.Stand == outbox.Committed {
		return ""
	}
	text := halfState(h).word
	if h.Stand != outbox.RolledBack && h.Checks > 0 {
		text += " · " + checksText(h, now)
	}
	return text
}

// waits tells whether nobody has decided what becomes of a half message.
func waits(x *outbox.Sent) bool { return x.Half != nil && x.Half.Stand == outbox.Waiting }

// checksText says how often a broker has asked, and when it did last.
func checksText(h *outbox.Half, now time.Time) string {
	return lang.L("asked {{.Count}}×, {{.Time}}", map[string]any{"Count": widgets.Count(h.Checks), "Time": checkTime(h.Asked, now)})
}

// checkTime is a time to the second, with its day where that is not today.
func checkTime(at, now time.Time) string {
	at = at.Local()
	if y, m, d := at.Date(); y != now.Year() || m != now.Month() || d != now.Day() {
		return at.Format("01-02 15:04")
	}
	return at.Format(time.TimeOnly)
}

// halfFacts are what is known of a half message.
func halfFacts(x *outbox.Sent, now time.Time) []widgets.Fact {
	h := x.Half
	if h == nil || h.Stand == outbox.NoHalf {
		return nil
	}
	var out []widgets.Fact
	text := func(label, words string) {
		f := fact(label, words)
		f.Mono = false
		out = append(out, f)
	}
	text(lang.L("Transaction"), halfState(h).word)
	at := func(label string, t time.Time) {
		if !t.IsZero() {
			out = append(out, fact(label, t.Local().Format(time.DateOnly+" "+clock)))
		}
	}
	at(lang.L("Decided"), h.Decided)
	if h.Checks > 0 {
		text(lang.L("Check-backs"), checksText(h, now)+" · "+decisionWord(h.Answer))
	}
	at(lang.L("Confirmed"), h.Ended)
	if x.Draft != nil {
		out = append(out, fact(lang.L("Producer group"), x.Draft.ProducerGroup))
	}
	return out
}

// sentAt is when consumers could have a message at the earliest: a half message when it
// was decided, others when they were sent.
func sentAt(x *outbox.Sent) time.Time {
	at := x.Leave.At
	if r := x.Receipt; r != nil {
		if at = r.SentAt; !r.Due.IsZero() {
			at = r.Due
		}
	}
	if h := x.Half; h != nil && h.Decided.After(at) {
		at = h.Decided
	}
	return at
}

// canDecide tells whether what becomes of a message can be decided now.
func (s *Screen) canDecide(e *entry) bool {
	return e != nil && e.sent != nil && e.sent.Draft != nil && waits(e.sent) && s.forbidden() == nil && s.p.Conn() != nil
}

// decide commits a half message, or takes it back.
func (s *Screen) decide(e *entry, what message.Transaction) {
	conn := s.needConnection()
	if conn == nil || !s.canDecide(e) || s.asking {
		return
	}
	topic, of, row := e.sent.Draft.Topic, e.key.of, e.key.row
	data := map[string]any{"Topic": s.p.Profile.ShortName(topic)}
	title, action := lang.L("Commit one message to {{.Topic}}?", data), lang.L("Commit")
	if what == message.Rollback {
		title, action = lang.L("Roll back one message to {{.Topic}}?", data), lang.L("Roll back")
	}
	do := func(ctx context.Context, yes client.Confirmed) error { return conn.Decide(ctx, of, row, what, yes) }
	if s.p.Profile.Environment == profile.Production {
		s.agreed(title, "", action, 1, topic, do)
		return
	}
	s.p.Tasks.Job(action, func(ctx context.Context, _ func(string)) error {
		return do(ctx, client.Confirmed{Topic: topic, Count: 1})
	}, func(err error) {
		if err != nil {
			s.p.Fail(err)
		}
		s.sent.stir()
	})
}

// showHalves shows only what waits for a decision, or everything again.
func (p *sentPane) showHalves(only bool) {
	p.halves = only
	if only {
		p.field.SetText("") // it looks for others
		p.halves = true
	}
	p.list.ScrollToTop()
	p.draw()
}

// drawHalves offers what waits for a decision while something does.
func (p *sentPane) drawHalves() {
	n := len(p.waiting)
	text := lang.L("{{.Count}} undecided", map[string]any{"Count": widgets.Count(n)})
	if p.halves {
		text = lang.L("Show all")
	}
	p.wait.SetText(text)
	draw.Show(p.waitBox, n > 0 || p.halves)
}
