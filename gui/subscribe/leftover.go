package subscribe

import (
	"context"
	"slices"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/layout"

	"gantry/client/profile"
	"gantry/client/session"
	"gantry/gui/confirm"
	"gantry/gui/draw"
	"gantry/gui/task"
	"gantry/gui/theme"
	"gantry/gui/widgets"
	"gantry/gui/words"
)

// found is what looking for lists of earlier subscriptions yields.
type found struct {
	left, gone []session.Leftover
}

// lookForLeftovers lists journals whose subscription is gone, and lets those go
// that nobody kept or opened for long.
func (s *Screen) lookForLeftovers() {
	var known []string
	for _, b := range s.subs {
		known = append(known, b.spec.ID)
	}
	closed := slices.Clone(s.closedIDs)
	sure := s.p.Known != nil
	if sure {
		known = append(known, s.p.Known()...)
	}
	task.Ask(s.p.Tasks, s.scope, "leftovers", func(context.Context) (found, error) {
		// Without the ids of all profiles, their lists would pass for left over.
		if !sure {
			ids, ok := s.back.saved()
			if !ok {
				return found{}, nil
			}
			known = append(known, ids...)
		}
		// What was closed a moment ago may stand in the settings still.
		known = slices.DeleteFunc(known, func(id string) bool { return slices.Contains(closed, id) })
		gone, err := s.back.expire(known, time.Now())
		if err != nil {
			return found{gone: gone}, err
		}
		left, err := s.back.leftovers(known)
		return found{left: left, gone: gone}, err
	}, func(f found, err error) {
		if err != nil {
			s.p.Fail(err)
		}
		if text := words.ListsGone(f.gone); text != "" {
			s.p.Say(text)
		}
		s.left = f.left
		s.page.setLeftovers(len(f.left))
	})
}

func (p *page) setLeftovers(n int) {
	draw.Show(p.left, n > 0)
	if n > 0 {
		p.left.SetText(lang.N("{{.Count}} kept lists from earlier", n, map[string]any{"Count": n}))
	}
	p.top.Refresh()
	p.relayout()
}

// showLeftovers lists them with what can be done.
func (s *Screen) showLeftovers() {
	var asked *confirm.Dialog
	rows := container.New(layout.NewCustomPaddedVBoxLayout(10))
	for _, l := range s.left {
		rows.Add(s.leftoverRow(l, func() { asked.Cancel() }))
	}
	scroll := container.NewVScroll(rows)
	scroll.SetMinSize(fyne.NewSize(200, min(rows.MinSize().Height, 320)))
	asked = confirm.Show(s.p.Window.Canvas(), confirm.Question{
		Title: lang.L("Lists from earlier"), Details: scroll, Cancel: lang.L("Close"),
	})
}

// leftoverRow is one list: name, time, count, and its actions. done closes the
// pop-up first.
func (s *Screen) leftoverRow(l session.Leftover, done func()) fyne.CanvasObject {
	name, data := s.leftoverName(l), map[string]any{"Count": widgets.Count(l.Messages)}
	about := l.Last.Local().Format("2006-01-02 15:04") + " · " + lang.N("{{.Count}} messages", int(l.Messages), data)
	if l.ProfileName != "" && l.ProfileName != s.p.Profile.Name {
		about += " · " + l.ProfileName
	}
	words := container.New(layout.NewCustomPaddedVBoxLayout(2),
		widgets.NewParagraph(name, theme.Text).Object(), widgets.NewParagraph(about, theme.Muted).Object())
	buttons := container.New(layout.NewCustomPaddedHBoxLayout(4),
		widgets.NewButton(lang.L("Open"), nil, widgets.Normal, func() { done(); s.openLeftover(l) }))
	if l.KeptName == "" {
		buttons.Add(widgets.NewButton(lang.L("Keep…"), nil, widgets.Quiet, func() {
			done()
			s.askName(name, func(as string) {
				s.change(lang.L("Keep {{.Name}}", map[string]any{"Name": name}), func() error { return s.back.keep(l.ID, as) })
			})
		}))
	}
	buttons.Add(widgets.NewButton(lang.L("Delete"), nil, widgets.Quiet, func() { done(); s.askDelete(l, name) }))
	return container.NewBorder(nil, nil, nil, buttons, words)
}

func (s *Screen) leftoverName(l session.Leftover) string {
	switch {
	case l.KeptName != "":
		return l.KeptName
	case l.Topic != "":
		return s.p.Profile.ShortName(l.Topic)
	}
	return l.ID
}

func (s *Screen) askDelete(l session.Leftover, name string) {
	confirm.Show(s.p.Window.Canvas(), confirm.Question{
		Title:  lang.L("Delete {{.Name}}?", map[string]any{"Name": name}),
		Body:   lang.N("{{.Count}} messages are deleted from this computer.", int(l.Messages), map[string]any{"Count": widgets.Count(l.Messages)}),
		Cancel: lang.L("Cancel"), Danger: true,
		Choices: []widgets.Choice{{Text: lang.L("Delete"), Kind: widgets.Danger, Do: func() {
			s.change(lang.L("Delete {{.Name}}", map[string]any{"Name": name}), func() error { return s.back.remove(l.ID) })
		}}},
	})
}

// change does something to a list that is left over, and looks again.
func (s *Screen) change(title string, work func() error) {
	s.p.Tasks.Job(title, func(context.Context, func(string)) error { return work() }, func(err error) {
		if err != nil {
			s.p.Fail(err)
		}
		s.lookForLeftovers()
	})
}

// openLeftover shows a list from earlier, which cannot be started.
func (s *Screen) openLeftover(l session.Leftover) {
	spec := profile.Subscription{ID: l.ID, Profile: s.p.Profile.ID, Topic: l.Topic, Group: l.Group}
	b := newSub(s, spec)
	b.archive, b.keptName = true, l.KeptName
	s.closedIDs = slices.DeleteFunc(s.closedIDs, func(id string) bool { return id == l.ID })
	s.subs = append(s.subs, b)
	s.page.setChips()
	s.open(b, nil)
	s.choose(b)
	s.lookForLeftovers()
}

// archiveWords tell what a list from earlier is.
func archiveWords(b *sub) string {
	short := b.screen.p.Profile.ShortName
	if b.keptName != "" {
		return lang.L("Kept list {{.Name}}: topic {{.Topic}}, group {{.Group}}. It receives nothing.", map[string]any{
			"Name": b.keptName, "Topic": short(b.spec.Topic), "Group": short(b.spec.Group),
		})
	}
	return lang.L("List from earlier: topic {{.Topic}}, group {{.Group}}. It receives nothing.", map[string]any{
		"Topic": short(b.spec.Topic), "Group": short(b.spec.Group),
	})
}
