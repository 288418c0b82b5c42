package groups

import (
	"errors"
	"strings"
	"time"

	"fyne.io/fyne/v2/lang"

	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/insight"
	"gantry/gui/problem"
	"gantry/gui/theme"
	"gantry/gui/widgets"
	"gantry/gui/words"
)

// deliveryText is how the group is delivered to: "clustering · push".
func deliveryText(g *insight.GroupDetail) string {
	var parts []string
	switch g.Model {
	case "CLUSTERING":
		parts = append(parts, lang.L("clustering"))
	case "BROADCASTING":
		parts = append(parts, lang.L("broadcasting"))
	case "":
		if len(g.Members) == 0 {
			return lang.L("not known while nobody is connected")
		}
	default:
		parts = append(parts, g.Model)
	}
	switch g.Type {
	case "CONSUME_PASSIVELY":
		parts = append(parts, lang.L("push"))
	case "CONSUME_ACTIVELY":
		parts = append(parts, lang.L("pull"))
	case "CONSUME_POP":
		parts = append(parts, "POP")
	}
	for _, m := range g.Members {
		if m.Err == nil {
			if m.Running.Ordered {
				parts = append(parts, lang.L("in order"))
			} else {
				parts = append(parts, lang.L("concurrent"))
			}
			break
		}
	}
	if g.ConfigKnown {
		parts = append(parts, lang.N("{{.Count}} retries", g.Config.RetryTimes, map[string]any{"Count": widgets.Count(g.Config.RetryTimes)}))
	}
	return strings.Join(parts, " · ")
}

// rateText is what comes and is taken, and when nothing waits any more: the list has no
// room for it in a small window.
func rateText(g *group) string {
	in, out, known := g.trend.Rates()
	text := lang.L("{{.Out}} taken", map[string]any{"Out": words.Rate(out)})
	if known {
		text = lang.L("{{.In}} come in · {{.Out}} taken", map[string]any{"In": words.Rate(in), "Out": words.Rate(out)})
	}
	switch in, how := g.trend.ClearsIn(); how {
	case insight.Clears:
		text += " · " + lang.L("clears in {{.Time}}", map[string]any{"Time": words.About(in)})
	case insight.Grows:
		text += " · " + lang.L("grows")
	}
	return text
}

// retryText counts what waits in the group's own topics.
func retryText(g *insight.GroupDetail) string {
	n := func(v int64) string {
		if v < 0 {
			return "?"
		}
		return widgets.Count(uint64(v))
	}
	return lang.L("{{.Retry}} waiting in %RETRY% · {{.Dead}} in %DLQ%", map[string]any{"Retry": n(g.Retry), "Dead": n(g.Dead)})
}

// expressionText is what is wanted of a topic.
func expressionText(w cluster.Wanted) string {
	if strings.TrimSpace(w.Expression) == "" {
		return "*"
	}
	return w.Expression
}

// memberState is what a member does.
func memberState(g *insight.GroupDetail, m *insight.MemberState, now time.Time) (string, widgets.DotState, theme.Token) {
	switch {
	case m.Silent():
		return lang.L("does not answer"), widgets.DotError, theme.Err
	case m.Err != nil:
		return lang.L("connected"), widgets.DotOn, theme.Muted
	}
	if d := g.Stuck(m, now); d > 0 {
		return lang.L("stuck {{.Time}}", map[string]any{"Time": words.Span(d)}), widgets.DotWarn, theme.Warn
	}
	for _, r := range m.Running.Rates {
		if r.Failed > 0 && r.Failed >= r.OK {
			return lang.L("fails {{.Rate}}", map[string]any{"Rate": words.Rate(r.Failed)}), widgets.DotWarn, theme.Warn
		}
	}
	return lang.L("working"), widgets.DotOn, theme.Muted
}

// memberErrText says why a member tells nothing of itself.
func memberErrText(err error) string {
	switch {
	case errors.Is(err, fault.NotOffered):
		return lang.L("Not offered here")
	case errors.Is(err, fault.BadAnswer):
		return lang.L("It answers, but what it says cannot be read.")
	case errors.Is(err, fault.Timeout):
		return lang.L("It does not answer.")
	}
	return problem.Explain(err).What
}

// disagreementText warns of members that want different things; "" if they agree.
func disagreementText(g *insight.GroupDetail, short func(string) string) string {
	all := g.Disagreements()
	if len(all) == 0 {
		return ""
	}
	d := all[0]
	var wishes []string
	for _, w := range d.Wishes {
		want := expressionText(w.Wanted)
		if w.Wanted.Topic == "" {
			want = lang.L("nothing")
		}
		wishes = append(wishes, lang.L("{{.Member}} wants {{.What}}", map[string]any{"Member": words.ClientID(w.Members[0]), "What": want}))
	}
	return lang.L("Members disagree on {{.Topic}}: {{.Wishes}}. Brokers keep one subscription for the whole group, so messages get lost without a trace.", map[string]any{
		"Topic": short(d.Topic), "Wishes": strings.Join(wishes, lang.L(", ")),
	})
}

// causeText is the one sentence, and whether it is bad.
func causeText(c insight.Cause, g *insight.GroupDetail) (text string, bad bool) {
	data := map[string]any{
		"Lag": widgets.Count(uint64(max(c.Lag, 0))), "Percent": c.Percent, "Member": words.ClientID(c.Member), "Idle": words.Span(c.Idle),
		"In": words.Rate(c.In), "Out": words.Rate(c.Out), "Failed": words.Rate(c.Failed), "Topic": c.Topic, "Clears": words.Span(c.Clears), "Count": widgets.Count(c.Queues),
	}
	switch c.Kind {
	case insight.CauseForbidden:
		return lang.L("The group is switched off on the broker: it may not consume."), true
	case insight.CauseNobody:
		return lang.L("Nobody reads: no member is connected, and {{.Lag}} messages wait.", data), true
	case insight.CauseMember:
		return memberCause(c, data)
	case insight.CauseStuck:
		return lang.L("Members are connected and answer, but nothing has been taken for {{.Idle}}.", data), false
	case insight.CauseUnowned:
		return lang.N("{{.Percent}} % of the lag sits on {{.Count}} queues that no member reads.", c.Queues, data), true
	case insight.CauseFailing:
		return lang.L("Consuming fails: {{.Failed}} of {{.Topic}} come back as retries.", data), false
	case insight.CauseGrowing:
		if c.In == 0 && c.Out == 0 {
			return lang.L("{{.Lag}} messages wait, and none is being taken.", data), false
		}
		return lang.L("The lag grows: {{.In}} come in and {{.Out}} are taken.", data), false
	case insight.CauseClearing, insight.CauseWaiting:
		return "", false // the list says it
	case insight.CauseBroadcast:
		return lang.L("Broadcasting: every member gets every message and keeps its own position, so brokers know no lag."), false
	case insight.CauseMisfit:
		return lang.N("The group's position does not fit {{.Count}} queues: it lies behind their end, as after the topic was deleted and made anew, or set by hand. What waits there is not known.", c.Queues, data), true
	case insight.CauseMissing:
		return lang.L("Whether messages wait is not known: not every broker has told."), true
	case insight.CauseUnknown:
		if errors.Is(g.QueuesErr, fault.NotOffered) {
			return lang.L("Lag is not offered here while no member is connected."), false
		}
		return problem.Explain(g.QueuesErr).Text(), true
	}
	return "", false
}

func memberCause(c insight.Cause, data map[string]any) (string, bool) {
	if c.Silent {
		return lang.N("{{.Percent}} % of the lag sits on {{.Count}} queues of one member, {{.Member}}. It does not answer.", c.Queues, data), true
	}
	return lang.N("{{.Percent}} % of the lag sits on {{.Count}} queues of one member, {{.Member}}. It answers, but has taken nothing for {{.Idle}}.", c.Queues, data), false
}
