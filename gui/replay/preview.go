package replay

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2/lang"

	"gantry/client/message"
	"gantry/client/outbox"
	"gantry/client/outbox/plan"
	"gantry/client/profile"
	"gantry/gui/problem"
	"gantry/gui/widgets"
	"gantry/gui/words"
)

// previewed is how many messages are shown before they leave.
const previewed = 3

// busyPace is the pace above which production is warned of, in messages a second.
const busyPace = 100

// preview is what a replay will do, as a target was looked at.
type preview struct {
	target Target
	plan   *plan.Plan
	first  []*message.Draft
	// fresh are topics that their first message makes.
	fresh []string
}

// noTopicError says that a topic does not exist, and that nobody makes it.
type noTopicError struct{ topic string }

func (e *noTopicError) Error() string { return "no topic " + e.topic }

// look asks a target about everything that the plan sends there.
func look(ctx context.Context, to Target, p *plan.Plan, copied *outbox.Copied) (*preview, error) {
	v := &preview{target: to, plan: p}
	for _, topic := range strings.Split(p.Targets(), ", ") {
		if err := message.CheckTopic(topic); err != nil {
			return nil, err
		}
		exists, creates, err := to.Conn.Lookup(ctx, topic)
		switch {
		case err != nil:
			return nil, err
		case !exists && !creates:
			return nil, &noTopicError{topic}
		case !exists:
			v.fresh = append(v.fresh, topic)
		}
	}
	if err := to.Conn.Prepare(ctx, p); err != nil {
		return nil, err
	}
	var err error
	v.first, err = copied.Preview(p, previewed)
	return v, err
}

// ways say where the messages of each topic go: to the topic that the target knows by the
// same short name.
func ways(topics []plan.OfTopic, from *profile.Profile, to profile.Profile) []plan.Way {
	var out []plan.Way
	for _, t := range topics {
		short := to.ShortName(t.Topic)
		if from != nil {
			short = from.ShortName(t.Topic)
		}
		out = append(out, plan.Way{From: t.Topic, To: to.FullName(short)})
	}
	return out
}

// ownTopics tells whether each message can go to its own topic: it is one of a sender's,
// and there are not too many.
func ownTopics(topics []plan.OfTopic) bool {
	return len(topics) <= plan.MaxWays && !slices.ContainsFunc(topics, func(t plan.OfTopic) bool {
		return message.RetryGroup(t.Topic) != "" || message.DeadLetterGroup(t.Topic) != ""
	})
}

// unmasked tells whether messages leave production for somewhere else.
func unmasked(from *profile.Profile, to profile.Profile) bool {
	return from != nil && from.Environment == profile.Production && to.Environment != profile.Production
}

// pace says how fast the messages leave, and how long that takes where it is known.
func (v *preview) pace(k plan.Kept) (pace string, lasts time.Duration) {
	p := v.plan
	switch i := slices.Index(plan.Gaps(), p.Replay.MaxGap); {
	case p.Replay.Original && i >= 0:
		return lang.L("as far apart as they were stored"), k.Lasts[i]
	case p.PerSecond > 0:
		return lang.L("{{.Rate}} a second", map[string]any{"Rate": fmt.Sprint(p.PerSecond)}), time.Duration(float64(p.Count) / p.PerSecond * float64(time.Second))
	}
	return lang.L("as fast as it goes"), 0
}

// says is what the sheet says of it.
func (v *preview) says(k plan.Kept) string {
	pace, lasts := v.pace(k)
	text := lang.L("They leave {{.Pace}}, {{.AtOnce}} under way at most.", map[string]any{"Pace": pace, "AtOnce": v.plan.AtOnce})
	if i := slices.Index(plan.Gaps(), v.plan.Replay.MaxGap); i >= 0 && k.Cut[i] > 0 {
		text = words.Sentences(text, lang.N("{{.Count}} longer pauses are cut to {{.Time}}.", int(k.Cut[i]), map[string]any{"Count": widgets.Count(uint64(k.Cut[i])), "Time": words.Exact(v.plan.Replay.MaxGap)}))
	}
	if lasts > 0 {
		text = words.Sentences(text, lang.L("That takes {{.Time}}.", map[string]any{"Time": words.Span(lasts)}))
	}
	if n := len(v.fresh); n > 0 {
		text = words.Sentences(text, lang.N("{{.Count}} topics do not exist yet: the broker makes them.", n, map[string]any{"Count": n}))
	}
	return text
}

// busy tells whether the pace is high for production.
func (v *preview) busy() bool {
	return !v.plan.Replay.Original && (v.plan.PerSecond == 0 || v.plan.PerSecond > busyPace)
}

// topics names where the messages go, for people.
func (v *preview) topics() string {
	all := strings.Split(v.plan.Targets(), ", ")
	for i := range all {
		all[i] = v.target.Profile.ShortName(all[i])
	}
	if len(all) == 1 {
		return all[0]
	}
	return lang.N("{{.Count}} topics", len(all), map[string]any{"Count": len(all)})
}

// facts are the first messages, one a line.
func (v *preview) facts() []widgets.Fact {
	var out []widgets.Fact
	several := len(v.plan.Replay.Ways) > 1
	for i, d := range v.first {
		var parts []string
		if several {
			parts = append(parts, "→ "+v.target.Profile.ShortName(d.Topic))
		}
		for _, x := range []string{d.Tag, strings.Join(d.Keys, " "), d.ShardingKey} {
			if x != "" {
				parts = append(parts, x)
			}
		}
		body := strings.Join(strings.Fields(strings.ToValidUTF8(string(d.Body[:min(len(d.Body), 400)]), "·")), " ")
		out = append(out, widgets.Fact{Label: fmt.Sprint(i + 1), Value: strings.TrimSpace(strings.Join(parts, " · ") + "  " + body), Mono: true})
	}
	return out
}

// reason says why a message cannot be sent again.
func reason(err error) string {
	switch {
	case errors.Is(err, plan.NotOpened):
		return lang.L("The body is packed and does not open.")
	case errors.Is(err, plan.NotTaken):
		return lang.L("The body is larger than 4 MB.")
	case errors.Is(err, plan.NameTwice):
		return lang.L("A property stands twice.")
	}
	return problem.Explain(err).What
}
