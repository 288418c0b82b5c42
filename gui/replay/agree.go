package replay

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"

	"gantry/client"
	"gantry/client/fault"
	"gantry/client/message"
	"gantry/client/outbox"
	"gantry/client/outbox/plan"
	"gantry/client/profile"
	"gantry/gui/arrange"
	"gantry/gui/confirm"
	"gantry/gui/problem"
	"gantry/gui/task"
	"gantry/gui/theme"
	"gantry/gui/widgets"
	"gantry/gui/words"
)

// lookAfter is how long the sheet waits for more typing before it asks the target.
const lookAfter = 300 * time.Millisecond

// queryLook is the query that looks at a target.
const queryLook = "look"

// changed takes back what was looked at: it was something else.
func (s *sheet) changed() {
	if s.open == nil {
		return
	}
	s.ready = nil
	s.scope.Cancel(queryLook)
	s.able()
	if s.waits != nil {
		s.waits()
	}
	s.waits = s.p.Tasks.After(s.scope, lookAfter, s.look)
}

// look asks the target about what stands on the sheet.
func (s *sheet) look() {
	s.ready, s.waits = nil, nil
	s.topicField.SetError("")
	s.toField.SetError("")
	p, ok := s.plan()
	if !ok {
		s.say("", theme.Muted)
		s.relayout()
		return
	}
	s.say(lang.L("Looking at the target…"), theme.Muted)
	to, copied := s.target(), s.copied
	task.Ask(s.p.Tasks, s.scope, queryLook, func(ctx context.Context) (*preview, error) {
		return look(ctx, to, p, copied)
	}, s.looked)
}

// looked shows what became of a look.
func (s *sheet) looked(v *preview, err error) {
	no := (*noTopicError)(nil)
	to := s.target().Profile
	switch {
	case errors.As(err, &no):
		s.say("", theme.Muted)
		s.wrongTopic(lang.L("The topic {{.Topic}} does not exist, and the cluster creates none.", map[string]any{"Topic": to.ShortName(no.topic)}))
	case errors.Is(err, message.ErrEmptyName), errors.Is(err, message.ErrLongName), errors.Is(err, message.ErrBadName):
		s.say("", theme.Muted)
		s.wrongTopic(problem.Explain(err).What)
	case errors.Is(err, fault.NotConnected):
		s.say("", theme.Muted)
		s.toField.SetError(problem.Explain(err).What)
	case err != nil:
		s.say(problem.Explain(err).Text(), theme.Err)
	default:
		s.ready = v
		s.say(v.says(s.copied.Kept), theme.Muted)
		s.first.Set(v.facts()...)
	}
	s.relayout()
}

// wrongTopic says it at the topic, or where each goes to its own, below.
func (s *sheet) wrongTopic(text string) {
	if s.which.Selected() == toOne {
		s.topicField.SetError(text)
		return
	}
	s.say(text, theme.Err)
}

func (s *sheet) say(text string, ink theme.Token) {
	s.says.Set(text, ink)
	if s.ready == nil {
		s.first.Set()
	}
	s.able()
}

// able lets the messages be sent once they were looked at, and what is to be typed was.
func (s *sheet) able() {
	widgets.Able(s.ready != nil && s.freed(), s.send)
}

// freed tells whether nothing is to be typed, or it was.
func (s *sheet) freed() bool {
	return !unmasked(s.from.Profile, s.target().Profile) || s.typed.Text == unmaskedWord
}

// plan is what stands on the sheet; what is wrong stands at its field, and ok is false.
func (s *sheet) plan() (p *plan.Plan, ok bool) {
	t := s.target()
	p = &plan.Plan{Texts: plan.Texts{ProducerGroup: t.Group, Literal: true}, Prove: true}
	ok = true
	number := func(e *widgets.Entry, f *widgets.Field, usual, most int) int {
		f.SetError("")
		text := strings.NewReplacer(",", "", "_", "", " ", "").Replace(e.Text)
		if text == "" {
			return usual
		}
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > most {
			f.SetError(lang.L("Enter a number from 1 to {{.Most}}.", map[string]any{"Most": widgets.Count(uint64(most))}))
			ok = false
		}
		return n
	}
	p.AtOnce = number(s.atOne, s.atOneField, 1, plan.MaxAtOnce)
	if s.pace.Selected() == paceRate {
		p.PerSecond = float64(number(s.rate, s.rateField, 100, plan.MaxPerSecond))
	}
	if s.which.Selected() == toOwn {
		s.copied.Replay(p, ways(s.copied.Topics, s.from.Profile, t.Profile))
	} else {
		p.Topic = t.Profile.FullName(s.topic.Text)
		s.copied.Replay(p, nil)
		if p.Topic == "" { // nothing is typed yet
			s.topicField.SetError(lang.L("Enter a topic."))
			ok = false
		}
	}
	p.Replay.Production = s.from.Profile != nil && s.from.Profile.Environment == profile.Production
	if s.pace.Selected() == paceOriginal {
		p.Replay.Original, p.Replay.MaxGap = true, plan.Gaps()[max(s.gap.SelectedIndex(), 0)]
	}
	return p, ok
}

// ask asks whether the messages shall be sent, over the sheet: Cancel leads back to it.
func (s *sheet) ask() {
	v := s.ready
	if v == nil || !s.freed() {
		return
	}
	to := v.target.Profile
	data := map[string]any{"Count": widgets.Count(uint64(v.plan.Count)), "Topic": v.topics(), "Name": to.Name}
	title := lang.L("Send {{.Count}} messages to {{.Topic}}?", data)
	yes := client.Confirmed{Topic: v.plan.Targets(), Count: v.plan.Count, Unmasked: s.typed.Text == unmaskedWord}
	facts := s.agreement(v)
	if to.Environment == profile.Production {
		if v.busy() {
			facts = append(facts, widgets.Fact{Label: lang.L("Beware"), Value: lang.L("That is more than {{.Rate}} a second on production.", map[string]any{"Rate": busyPace})})
		}
		confirm.ShowGuard(s.p.Window.Canvas(), confirm.GuardView{
			Head: lang.L("PRODUCTION"), Title: title, Facts: facts, Caption: lang.L("Type {{.Name}} to confirm", data), Name: to.Name,
			Action: lang.L("Send {{.Count}} to production", data), Cancel: lang.L("Cancel"),
			OnConfirm: func() { yes.Name = to.Name; s.begin(v, yes) },
		})
		return
	}
	list := widgets.NewFacts(facts...)
	list.SetLabelWidth(94)
	confirm.Show(s.p.Window.Canvas(), confirm.Question{
		Title: title, Cancel: lang.L("Cancel"), Details: container.New(&arrange.Rows{}, list),
		Choices: []widgets.Choice{{Text: lang.L("Send {{.Count}}", data), Kind: widgets.Primary, Do: func() { s.begin(v, yes) }}},
	})
}

// agreement are source and target, one below the other, with what will happen.
func (s *sheet) agreement(v *preview) []widgets.Fact {
	from := s.from.Name
	if p := s.from.Profile; p != nil {
		from = p.Name + " (" + s.p.EnvWord(p.Environment) + ") · " + from
	}
	to := v.target.Profile
	pace, lasts := v.pace(s.copied.Kept)
	facts := []widgets.Fact{
		{Label: lang.L("From"), Value: from},
		{Label: lang.L("To"), Value: to.Name + " (" + s.p.EnvWord(to.Environment) + ")"},
		{Label: lang.L("Topic"), Value: v.plan.Targets(), Mono: true},
		{Label: lang.L("Pace"), Value: pace},
	}
	if lasts > 0 {
		facts = append(facts, widgets.Fact{Label: lang.L("Takes"), Value: words.Span(lasts)})
	}
	if len(v.fresh) > 0 {
		facts = append(facts, widgets.Fact{Label: lang.L("New topics"), Value: strings.Join(v.fresh, ", "), Mono: true})
	}
	if n := s.copied.Out; n > 0 {
		facts = append(facts, widgets.Fact{Label: lang.L("Left out"), Value: widgets.Count(uint64(n))})
	}
	return facts
}

// begin begins the run that was agreed to.
func (s *sheet) begin(v *preview, yes client.Confirmed) {
	if v != s.ready || !s.close() { // it was changed meanwhile
		return
	}
	var run *outbox.Run
	p, copied := s.p, s.copied
	p.Tasks.Job(lang.L("Begin a run to {{.Topic}}", map[string]any{"Topic": v.topics()}), func(context.Context, func(string)) (err error) {
		run, err = v.target.Conn.Begin(v.plan, yes, copied.Fill)
		return errors.Join(err, copied.Close())
	}, func(err error) {
		if err != nil {
			p.Fail(err)
		}
		if run != nil {
			p.Begun(v.target.Profile.ID, run)
		}
	})
}
