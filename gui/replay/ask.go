package replay

import (
	"reflect"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"

	"gantry/client"
	"gantry/client/message"
	"gantry/client/profile"
	"gantry/gui/arrange"
	"gantry/gui/confirm"
	"gantry/gui/theme"
	"gantry/gui/widgets"
	"gantry/gui/words"
)

// asking is an open question.
type asking interface{ Cancel() }

// ask asks whether the messages shall be sent, over the sheet: Cancel leads back to it, and so
// does whatever makes the target another one.
func (s *sheet) ask() {
	v := s.ready
	if v == nil || !s.freed() || s.asked != nil {
		return
	}
	to := v.target.Profile
	data := map[string]any{"Count": widgets.Count(uint64(v.plan.Count)), "Topic": v.topics(), "Name": to.Name}
	title, act := lang.L("Send {{.Count}} messages to {{.Topic}}?", data), lang.L("Send {{.Count}}", data)
	if s.dead.topic != "" {
		title, act = lang.L("Redeliver {{.Count}} messages to {{.Topic}}?", data), lang.L("Redeliver {{.Count}}", data)
	}
	if v.plan.Replay.OnlyGroup {
		data["Group"] = v.group()
		title = lang.L("Redeliver {{.Count}} messages to {{.Group}} only?", data)
	}
	if s.dead.topic == message.GivenUpTopic {
		title, act = lang.N("Send {{.Count}} half messages to {{.Topic}} as normal ones?", int(v.plan.Count), data), lang.L("Send {{.Count}} as normal", data)
	}
	yes := client.Confirmed{Topic: v.plan.Targets(), Count: v.plan.Count, Unmasked: v.plan.Replay.Unmasked}
	facts := s.agreement(v)
	closed := func() { s.asked = nil }
	if to.Environment == profile.Production {
		if v.busy() {
			facts = append(facts, widgets.Fact{Label: lang.L("Beware"), Value: lang.L("That is more than {{.Rate}} a second on production.", map[string]any{"Rate": widgets.Count(busyPace)})})
		}
		s.asked = confirm.ShowGuard(s.p.Window.Canvas(), confirm.GuardView{
			Head: lang.L("PRODUCTION"), Title: title, Details: s.fromTo(v), Facts: facts, Caption: lang.L("Type {{.Name}} to confirm", data), Name: to.Name,
			Action: lang.L("Send {{.Count}} to production", data), Cancel: lang.L("Cancel"),
			OnConfirm: func() { closed(); yes.Name = to.Name; s.begin(v, yes) }, OnCancel: closed,
		})
		return
	}
	list := widgets.NewFacts(facts...)
	list.SetLabelWidth(94)
	s.asked = confirm.Show(s.p.Window.Canvas(), confirm.Question{
		Title: title, Cancel: lang.L("Cancel"), Details: container.New(&arrange.Rows{Gap: 12}, s.fromTo(v), list), OnCancel: closed,
		Choices: []widgets.Choice{{Text: act, Kind: widgets.Primary, Do: func() { closed(); s.begin(v, yes) }}},
	})
}

// stands tells whether a target is still there as it was looked at.
func (s *sheet) stands(t Target) bool {
	return slices.ContainsFunc(s.p.Targets(), func(now Target) bool {
		return now.Conn == t.Conn && reflect.DeepEqual(now.Profile, t.Profile)
	})
}

// fromTo are source and target, side by side.
func (s *sheet) fromTo(v *preview) fyne.CanvasObject {
	side := func(caption, name, topics string, of *profile.Profile) fyne.CanvasObject {
		env, word := "", lang.L("not known")
		if of != nil {
			env, word = string(of.Environment), s.p.EnvWord(of.Environment)
		}
		return container.New(&arrange.Rows{Gap: 4},
			container.New(&arrange.Columns{Gap: 8}, arrange.Middled(widgets.NewCaption(caption)), widgets.NewEnvChip(env, word)),
			widgets.NewWord(name, theme.Text).Bold().Shrinks(60), widgets.NewData(topics).Shrinks(60))
	}
	name := s.from.Name
	if p := s.from.Profile; p != nil && s.from.Origin == nil {
		name = p.Name
	}
	var topics []string
	for _, t := range s.copied.Topics {
		topics = append(topics, s.short(t.Topic))
	}
	if s.dead.topic != "" {
		topics = []string{s.dead.topic} // where they lie
	}
	to := v.target.Profile
	left := side(lang.L("From"), name, several(topics), s.from.Profile)
	right := side(lang.L("To"), to.Name, v.topics(), &to)
	return container.New(&arrange.Columns{Gap: 16, Shares: []float32{1, 0, 1}}, left, widgets.NewRule(), right)
}

// several names topics, or how many there are.
func several(topics []string) string {
	if len(topics) == 1 {
		return topics[0]
	}
	return lang.N("{{.Count}} topics", len(topics), map[string]any{"Count": widgets.Count(len(topics))})
}

// agreement is what will happen on the way.
func (s *sheet) agreement(v *preview) []widgets.Fact {
	pace, lasts := v.pace()
	var facts []widgets.Fact
	if len(v.plan.Replay.Ways) > 1 {
		facts = append(facts, widgets.Fact{Label: lang.L("Topic"), Value: v.plan.Targets(), Mono: true})
	}
	facts = append(facts, widgets.Fact{Label: lang.L("Pace"), Value: pace})
	if lasts > 0 {
		facts = append(facts, widgets.Fact{Label: lang.L("Takes"), Value: words.Takes(lasts)})
	}
	r := v.plan.Replay
	if r.Masks != nil {
		facts = append(facts, widgets.Fact{Label: lang.L("Masked"), Value: ruled(*r.Masks)})
	}
	if r.Unmasked {
		facts = append(facts, widgets.Fact{Label: lang.L("Masked"), Value: lang.L("nothing"), Tint: theme.Warn})
	}
	if n := len(r.Changes); n > 0 {
		facts = append(facts, widgets.Fact{Label: lang.L("Changes"), Value: widgets.Count(uint64(n))})
	}
	if n := len(r.Drop); n > 0 {
		facts = append(facts, widgets.Fact{Label: lang.L("Not copied"), Value: strings.Join(r.Drop, ", "), Mono: true})
	}
	if len(v.fresh) > 0 {
		facts = append(facts, widgets.Fact{Label: lang.L("New topics"), Value: strings.Join(v.fresh, ", "), Mono: true})
	}
	if v.plan.Replay.Redelivers != "" {
		facts = append(facts, v.redelivered()...)
	}
	if n := s.copied.Out + v.tried.Out; n > 0 {
		facts = append(facts, widgets.Fact{Label: lang.L("Left out"), Value: widgets.Count(uint64(n))})
	}
	return facts
}
