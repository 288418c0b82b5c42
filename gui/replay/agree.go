package replay

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"fyne.io/fyne/v2/lang"

	"gantry/client"
	"gantry/client/fault"
	"gantry/client/message"
	"gantry/client/outbox"
	"gantry/client/outbox/plan"
	"gantry/client/profile"
	"gantry/gui/draw"
	"gantry/gui/problem"
	"gantry/gui/task"
	"gantry/gui/theme"
	"gantry/gui/widgets"
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
	if s.asked != nil {
		s.asked.Cancel()
	}
	s.scope.Cancel(queryLook)
	s.reading.hide()
	s.able()
	if s.waits != nil {
		s.waits()
	}
	s.waits = s.p.Tasks.After(s.scope, lookAfter, s.look)
}

// look asks the target about what stands on the sheet.
func (s *sheet) look() {
	s.ready, s.waits = nil, nil
	s.reading.hide()
	s.topicField.SetError("")
	s.toField.SetError("")
	p, ok := s.plan()
	if !ok {
		s.say("", theme.Muted)
		s.dead.show(nil)
		s.showLeftOut(nil)
		s.relayout()
		return
	}
	s.say(lang.L("Looking at the target…"), theme.Muted)
	to, try, read := s.target(), s.try, s.reading.begin()
	dead := s.dead.asked(to, p, s.copied)
	task.Ask(s.p.Tasks, s.scope, queryLook, func(ctx context.Context) (*preview, error) {
		return look(ctx, to, p, try, dead, read)
	}, s.looked)
}

// looked shows what became of a look.
func (s *sheet) looked(v *preview, err error) {
	no := (*noTopicError)(nil)
	to := s.target().Profile
	s.reading.hide()
	s.dead.show(v)
	switch {
	case errors.As(err, &no):
		s.say("", theme.Muted)
		s.wrongTopic(lang.L("The topic {{.Topic}} does not exist, and the cluster creates none.", map[string]any{"Topic": to.ShortName(no.topic)}))
	case errors.Is(err, message.ErrEmptyName), errors.Is(err, message.ErrLongName), errors.Is(err, message.ErrBadName), errors.Is(err, message.ErrInnerTopic):
		s.say("", theme.Muted)
		s.wrongTopic(problem.Explain(err).What)
	case errors.Is(err, fault.NotConnected):
		s.say("", theme.Muted)
		s.toField.SetError(problem.Explain(err).What)
	case err != nil:
		s.say(problem.Explain(err).Text(), theme.Err)
	case v.nobody() != "":
		s.say(v.nobody(), theme.Err)
	case v.plan.Count == 0 && v.done > 0 && v.tried.Out == 0:
		s.say(lang.L("All of these messages were redelivered before."), theme.Err)
		s.showLeftOut(v)
	case v.plan.Count == 0:
		s.say(lang.L("None of the messages is left to be sent."), theme.Err)
		s.showLeftOut(v)
	default:
		s.ready = v
		s.say(v.says(), theme.Muted)
		s.showFirst(v)
		s.showLeftOut(v)
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
		s.first.RemoveAll()
		draw.Show(s.firstBox, false)
	}
	s.able()
}

// able lets the messages be sent once they were looked at, and what is to be typed was.
func (s *sheet) able() {
	widgets.Able(s.ready != nil && s.freed(), s.send)
}

// freed tells whether nothing is to be typed, as nothing leaves production or all of it is
// masked, or it was.
func (s *sheet) freed() bool {
	if s.unmasked || !unmasked(s.from.Profile, s.target().Profile) {
		return true
	}
	rules := s.from.Profile.MaskRules()
	return rules.Any()
}

// plan is what stands on the sheet; what is wrong stands at its field, and ok is false.
func (s *sheet) plan() (p *plan.Plan, ok bool) {
	t := s.target()
	p = &plan.Plan{Texts: plan.Texts{ProducerGroup: t.Group, Literal: true}, Prove: true, Seed: s.seed, Env: t.Profile.Env, Secret: t.Profile.SecretEnv}
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
	switch s.which.Selected() {
	case toOwn:
		s.copied.Replay(p, ways(s.copied.Topics, s.from.Profile, t.Profile))
	case toGroup:
		p.Topic = message.RetryTopic(message.RedeliveryGroup(s.dead.topic))
		s.copied.Replay(p, nil)
		p.Replay.OnlyGroup = true
	default:
		p.Topic = t.Profile.FullName(s.topic.Text)
		s.copied.Replay(p, nil)
		if p.Topic == "" { // nothing is typed yet
			s.topicField.SetError(lang.L("Enter a topic."))
			ok = false
		}
	}
	if from := s.from.Profile; from != nil {
		p.Replay.From, p.Replay.Production = from.ID, from.Environment == profile.Production
		p.Replay.Unmasked = s.unmasked && unmasked(from, t.Profile)
	}
	p.Replay.Drop, p.Replay.Redelivers = s.ticks.dropped(), s.dead.topic
	all, right := s.changes.list()
	p.Replay.Changes, ok = all, ok && right
	if s.pace.Selected() == paceOriginal {
		p.Replay.Original, p.Replay.MaxGap = true, plan.Gaps()[max(s.gap.SelectedIndex(), 0)]
	}
	return p, ok
}

// begin begins the run that was agreed to.
func (s *sheet) begin(v *preview, yes client.Confirmed) {
	if v == s.ready && !s.stands(v.target) {
		s.p.Say(lang.L("The target is not what it was. Nothing was sent."))
		s.changed()
	}
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
