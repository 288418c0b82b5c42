package changes

import (
	"context"
	"errors"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"

	"gantry/client"
	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/message"
	"gantry/client/orders"
	"gantry/gui/arrange"
	"gantry/gui/confirm"
	"gantry/gui/draw"
	"gantry/gui/problem"
	"gantry/gui/task"
	"gantry/gui/theme"
	"gantry/gui/widgets"
	"gantry/gui/words"
)

// Queries of the sheet.
const (
	queryGroups  = "groups"
	queryMembers = "members"
)

// onceSheet has a member of a group consume a message once, and shows what it said.
type onceSheet struct {
	p     Params
	m     *message.Message
	scope *task.Scope
	open  *confirm.Panel

	group       *widgets.Completion
	groupField  *widgets.Field
	member      *widgets.Select
	memberField *widgets.Field
	members     []cluster.Member
	says        *widgets.Paragraph
	warning     *widgets.Banner
	result      *widgets.Facts
	action      *widgets.Button
	cancel      *widgets.Button
	content     *fyne.Container

	why     error // why it cannot be done here, nil where it can
	asked   bool  // why is known
	running bool
	closing bool
	waits   func() // cancels the look that waits; nil while none does
}

// ConsumeOnce opens the sheet for a message.
func ConsumeOnce(p Params, m *message.Message) { showOnce(p, m) }

func showOnce(p Params, m *message.Message) *onceSheet {
	s := &onceSheet{p: p, m: m, scope: p.Tasks.Scope(), says: widgets.NewParagraph("", theme.Muted), result: widgets.NewFacts()}
	s.group = widgets.NewCompletion(nil)
	s.group.Mono()
	s.groupField = widgets.NewField(lang.L("Group"), s.group)
	s.member = widgets.NewSelect()
	s.member.PlaceHolder = "—"
	s.memberField = widgets.NewField(lang.L("Member"), s.member)
	s.member.OnChanged = func(string) { s.able() }
	s.group.OnEscape, s.group.OnEnter = s.close, s.ask
	s.warning = widgets.NewBanner(true, words.Sentences(
		lang.L("The member's business code runs with this message, beside what it does anyway."),
		lang.L("Whatever it answers, the group's position stays as it is and nothing comes again."), s.seenAs()))
	s.action = widgets.NewButton(lang.L("Consume once…"), nil, widgets.Primary, s.ask)
	s.cancel = widgets.NewButton(lang.L("Cancel"), nil, widgets.Normal, s.close)
	facts := widgets.NewFacts(
		widgets.Fact{Label: lang.L("Topic"), Value: m.Topic, Mono: true}, widgets.Fact{Label: lang.L("Message id"), Value: m.ID(), Mono: true})
	s.content = container.New(&arrange.Rows{Gap: 12}, facts,
		container.New(&arrange.Columns{Gap: 8, Shares: []float32{2, 3}}, s.groupField, s.memberField), s.warning, s.says.Object(), s.result)
	s.result.Hide()
	s.action.Disable()
	s.open = confirm.ShowPanel(p.Window.Canvas(), confirm.PanelView{
		Title: lang.L("Have a member consume it once"), Content: s.content, Width: sheetWidth, Buttons: []*widgets.Button{s.cancel, s.action}, First: s.group, OnCancel: s.close,
	})
	s.group.OnChanged = func(string) { s.changed() }
	s.look()
	return s
}

// seenAs warns that the member sees a dead letter's own topic.
func (s *onceSheet) seenAs() string {
	if message.DeadLetterGroup(s.m.Topic) == "" {
		return ""
	}
	return lang.L("It gets the dead letter, whose topic is {{.Topic}}: code that decides by the topic may not know it.", map[string]any{"Topic": s.m.Topic})
}

// look asks whether it is offered, and which groups there are.
func (s *onceSheet) look() {
	conn, m := s.p.Conn(), s.m
	switch {
	case conn == nil:
		s.say(problem.Explain(fault.NotConnected).Text(), theme.Err)
		return
	case m.OffsetID() == "" || m.Broker == "":
		s.say(lang.L("Where the message lies is not known: a member cannot be given it."), theme.Err)
		return
	}
	if err := client.Guard(s.p.Profile, client.ActionOrder); err != nil {
		s.say(problem.Explain(err).Text(), theme.Err)
		return
	}
	s.say(lang.L("Asking the brokers"), theme.Muted)
	topic := m.FirstTopic()
	task.Ask(s.p.Tasks, s.scope, queryGroups, func(ctx context.Context) ([]string, error) {
		if err := conn.OffersOnce(ctx); err != nil {
			return nil, err
		}
		groups, _, err := conn.GroupsOfTopic(ctx, topic)
		if errors.Is(err, fault.NotOffered) || errors.Is(err, fault.TopicNotFound) {
			err = nil // it can be typed
		}
		return groups, err
	}, func(groups []string, err error) {
		if s.asked, s.why = true, err; err != nil {
			s.say(problem.Explain(err).Text(), theme.Err)
			return
		}
		s.say("", theme.Muted)
		s.offer(groups)
	})
}

// offer puts the groups into the form, the one that gave the message up first.
func (s *onceSheet) offer(groups []string) {
	var names []string
	for _, g := range groups {
		names = append(names, s.p.Profile.ShortName(g))
	}
	s.group.SetOptions(names)
	own := message.DeadLetterGroup(s.m.Topic)
	if own == "" {
		own = message.RetryGroup(s.m.Topic)
	}
	switch {
	case strings.TrimSpace(s.group.Text) != "":
	case own != "":
		s.group.SetText(s.p.Profile.ShortName(own))
	case len(names) == 1:
		s.group.SetText(names[0])
	}
}

// changed asks for the members of what is typed.
func (s *onceSheet) changed() {
	s.members = nil
	s.member.Options = nil
	s.member.ClearSelected()
	s.scope.Cancel(queryMembers)
	if s.waits != nil {
		s.waits()
	}
	s.able()
	if s.asked && s.why == nil && strings.TrimSpace(s.group.Text) != "" {
		s.waits = s.p.Tasks.After(s.scope, lookAfter, s.askMembers)
	}
}

func (s *onceSheet) askMembers() {
	s.waits = nil
	conn, group := s.p.Conn(), s.groupName()
	if conn == nil {
		return
	}
	task.Ask(s.p.Tasks, s.scope, queryMembers, func(ctx context.Context) ([]cluster.Member, error) {
		return conn.GroupMembers(ctx, group)
	}, func(all []cluster.Member, err error) {
		switch {
		case err != nil && !errors.Is(err, fault.GroupOffline):
			s.say(problem.Explain(err).Text(), theme.Err)
			return
		case len(all) == 0:
			s.say(lang.L("No member of this group is connected."), theme.Warn)
			return
		}
		s.members = all
		var names []string
		for _, m := range all {
			names = append(names, m.ID+" · "+words.Client(m.Language, cluster.VersionName(m.Version)))
		}
		s.member.Options = names
		s.member.SetSelectedIndex(0)
		s.say(lang.N("{{.Count}} members are connected.", len(all), map[string]any{"Count": widgets.Count(len(all))}), theme.Muted)
	})
}

func (s *onceSheet) groupName() string {
	return s.p.Profile.FullName(strings.TrimSpace(s.group.Text))
}

func (s *onceSheet) say(text string, ink theme.Token) {
	s.says.Set(text, ink)
	s.able()
	s.content.Refresh()
	if s.open != nil {
		s.open.Relayout()
	}
}

func (s *onceSheet) able() {
	widgets.Able(s.asked && s.why == nil && !s.running && s.chosen() != nil && client.Guard(s.p.Profile, client.ActionOrder) == nil, s.action)
}

func (s *onceSheet) chosen() *cluster.Member {
	if i := s.member.SelectedIndex(); i >= 0 && i < len(s.members) {
		return &s.members[i]
	}
	return nil
}

// ask asks whether it shall be done, over the sheet.
func (s *onceSheet) ask() {
	m := s.chosen()
	if m == nil || s.running || s.action.Disabled() {
		return
	}
	o := orders.Once{Group: s.groupName(), Member: m.ID, Topic: s.m.Topic, Broker: s.m.Broker, ID: s.m.ID(), OffsetID: s.m.OffsetID()}
	agree(s.p, agreement{
		title: lang.L("Run the business code of {{.Member}}?", map[string]any{"Member": words.ClientID(m.ID)}), action: lang.L("Consume once"),
		facts: []widgets.Fact{
			{Label: lang.L("Message id"), Value: o.ID, Mono: true},
			{Label: lang.L("Topic"), Value: o.Topic, Mono: true},
			{Label: lang.L("Group"), Value: o.Group, Mono: true},
			{Label: lang.L("Member"), Value: o.Member, Mono: true},
		},
		warning: lang.L("It does for real what it does with a message: payments, mails, writes."),
		yes:     client.Confirmed{Topic: o.Subject(), Count: 1},
		do:      func(yes client.Confirmed) { s.run(o, yes) },
	})
}

// run has it done, and shows the verdict.
func (s *onceSheet) run(o orders.Once, yes client.Confirmed) {
	conn := s.p.Conn()
	if conn == nil || s.running {
		return
	}
	s.running = true
	s.result.Hide()
	s.say(lang.L("The member is at work. It has 10 s."), theme.Muted)
	title := lang.L("Consume once")
	var rec orders.Record
	s.p.Tasks.Job(title, func(ctx context.Context, _ func(string)) (err error) {
		rec, err = conn.ConsumeOnce(ctx, o, yes)
		return err
	}, func(err error) {
		s.running = false
		s.p.Changed()
		if s.scope.Closed() {
			text, _ := resultText(&rec)
			if rec.Once == nil {
				s.p.Fail(err)
				return
			}
			s.p.Say(title + ": " + text)
			return
		}
		s.cancel.SetText(lang.L("Close"))
		if rec.Once == nil {
			s.say(problem.Explain(err).Text(), theme.Err)
			return
		}
		s.result.Set(onceFacts(rec.Once)...)
		draw.Show(s.result, true)
		text, tint := resultText(&rec)
		if errors.Is(err, fault.Timeout) {
			text = lang.L("It has said nothing within 10 s. Its code may still be running.")
		}
		s.say(text, tint)
	})
}

// onceFacts are what a member said.
func onceFacts(o *orders.OnceDone) (facts []widgets.Fact) {
	if o.Verdict == nil {
		return []widgets.Fact{{Label: lang.L("Verdict"), Value: problem.Explain(o.Err).What, Tint: theme.Err}}
	}
	text, tint := verdictText(o.Verdict)
	facts = []widgets.Fact{
		{Label: lang.L("Verdict"), Value: text, Tint: tint},
		{Label: lang.L("Took"), Value: words.Exact(o.Verdict.Took.Round(time.Millisecond))},
	}
	if o.Verdict.Remark != "" {
		facts = append(facts, widgets.Fact{Label: lang.L("Remark"), Value: o.Verdict.Remark, Mono: true})
	}
	return facts
}

// verdictText is a verdict in words, with RocketMQ's own behind it.
func verdictText(v *cluster.Verdict) (string, theme.Token) {
	text, tint := lang.L("unknown"), theme.Warn
	switch v.Is {
	case cluster.ConsumeSuccess:
		text, tint = lang.L("✓ consumed"), theme.OK
	case cluster.ConsumeCommit:
		text, tint = lang.L("✓ committed"), theme.OK
	case cluster.ConsumeLater:
		text = lang.L("wants it later")
	case cluster.ConsumeRollback:
		text = lang.L("rolled back")
	case cluster.ConsumeThrows:
		text, tint = lang.L("threw an exception"), theme.Err
	case cluster.ConsumeReturnNull:
		text, tint = lang.L("returned nothing"), theme.Err
	}
	return text + " (" + string(v.Is) + ")", tint
}

// close closes the sheet; what runs goes on.
func (s *onceSheet) close() {
	if s.closing {
		return
	}
	s.closing = true
	s.group.Close()
	s.open.Close()
	s.scope.Close()
}
