package replay

import (
	"context"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2/lang"

	"gantry/client"
	"gantry/client/insight"
	"gantry/client/message"
	"gantry/client/outbox/plan"
	"gantry/client/profile"
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
	tried  plan.Tried
	// fresh are topics that their first message makes.
	fresh []string
	// readers, before and done are of a redelivery: who reads the targets, what was redelivered
	// before, and how many of these messages were. Where only the group is to have them, only
	// is what is known of it, or unknown why not.
	readers []reader
	only    insight.Retries
	unknown error
	before  *client.Redelivered
	done    int
}

// noTopicError says that a topic does not exist, and that nobody makes it.
type noTopicError struct{ topic string }

func (e *noTopicError) Error() string { return "no topic " + e.topic }

// try is outbox.Copied.Try.
type try func(ctx context.Context, p *plan.Plan, n int, tell func(read int64)) (plan.Tried, error)

// look asks a target about everything that the plan sends there, and reads all that is to be
// changed; tell hears how far it is.
func look(ctx context.Context, to Target, p *plan.Plan, try try, dead redelivers, tell func(read int64)) (*preview, error) {
	v := &preview{target: to, plan: p}
	if !p.Replay.OnlyGroup { // whose topic no first message makes
		if err := v.lookUp(ctx); err != nil {
			return nil, err
		}
	}
	if err := to.Conn.Prepare(ctx, p); err != nil {
		return nil, err
	}
	if dead.topic != "" {
		if err := v.whose(ctx, dead); err != nil {
			return nil, err
		}
	}
	var err error
	v.tried, err = try(ctx, p, previewed, tell)
	p.Count = v.tried.Messages
	return v, err
}

// lookUp asks whether the targets are there.
func (v *preview) lookUp(ctx context.Context) error {
	for _, topic := range strings.Split(v.plan.Targets(), ", ") {
		if err := message.CheckTarget(topic); err != nil {
			return err
		}
		exists, creates, err := v.target.Conn.Lookup(ctx, topic)
		switch {
		case err != nil:
			return err
		case !exists && !creates:
			return &noTopicError{topic}
		case !exists:
			v.fresh = append(v.fresh, topic)
		}
	}
	return nil
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
func (v *preview) pace() (pace string, lasts time.Duration) {
	p := v.plan
	switch i := slices.Index(plan.Gaps(), p.Replay.MaxGap); {
	case p.Replay.Original && i >= 0:
		return lang.L("as far apart as they were stored"), v.tried.Lasts[i]
	case p.PerSecond > 0:
		return lang.L("{{.Rate}} a second", map[string]any{"Rate": widgets.Tenths(p.PerSecond)}), time.Duration(float64(p.Count) / p.PerSecond * float64(time.Second))
	}
	return lang.L("as fast as it goes"), 0
}

// says is what the sheet says of it.
func (v *preview) says() string {
	pace, lasts := v.pace()
	text := lang.L("They leave {{.Pace}}, {{.AtOnce}} under way at most.", map[string]any{"Pace": pace, "AtOnce": widgets.Count(v.plan.AtOnce)})
	if v.tried.Changed || v.done > 0 || v.tried.Out > 0 {
		n := v.tried.Messages
		if n := v.tried.Out; n > 0 {
			text = words.Sentences(lang.N("{{.Count}} are left out, as the end of this says.", int(n), map[string]any{"Count": widgets.Count(uint64(n))}), text)
		}
		text = words.Sentences(lang.N("{{.Count}} messages leave, {{.Size}}.", int(n), map[string]any{"Count": widgets.Count(uint64(n)), "Size": widgets.Bytes(v.tried.Bodies)}), text)
	}
	if i := slices.Index(plan.Gaps(), v.plan.Replay.MaxGap); i >= 0 && v.tried.Cut[i] > 0 {
		cut := v.tried.Cut[i]
		text = words.Sentences(text, lang.N("{{.Count}} longer pauses are cut to {{.Time}}.", int(cut), map[string]any{"Count": widgets.Count(uint64(cut)), "Time": words.Exact(v.plan.Replay.MaxGap)}))
	}
	if lasts > 0 {
		text = words.Sentences(text, lang.L("That takes {{.Time}}.", map[string]any{"Time": words.Takes(lasts)}))
	}
	if n := len(v.fresh); n > 0 {
		text = words.Sentences(text, lang.N("{{.Count}} topics do not exist yet: the broker makes them.", n, map[string]any{"Count": widgets.Count(n)}))
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
	return lang.N("{{.Count}} topics", len(all), map[string]any{"Count": widgets.Count(len(all))})
}
