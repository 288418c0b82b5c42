package subscribe

import (
	"context"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/layout"

	"gantry/client/profile"
	"gantry/client/session"
	"gantry/gui/arrange"
	"gantry/gui/confirm"
	"gantry/gui/msglist"
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
		if b.of.Titled() == "" { // what is kept under a name is listed while it is open
			known = append(known, b.spec.ID)
		}
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
		s.left = s.here(f.left)
		s.page.setLeftovers(len(s.left))
	})
}

func (p *page) setLeftovers(n int) {
	words := lang.L("Recordings")
	if n > 0 {
		words = lang.N("{{.Count}} recordings", n, map[string]any{"Count": widgets.Count(n)})
	}
	p.left.SetText(words)
	p.top.Refresh()
	p.relayout()
}

// here are the lists from earlier that this connection shows: its own, and those of
// connections that are gone.
func (s *Screen) here(all []session.Leftover) []session.Leftover {
	if s.p.Others == nil {
		return all
	}
	others := s.p.Others()
	return slices.DeleteFunc(slices.Clone(all), func(l session.Leftover) bool {
		return l.Profile != s.p.Profile.ID && slices.Contains(others, l.Profile)
	})
}

// Recorded looks for lists anew, because there is one more, or one less.
func (s *Screen) Recorded() { s.lookForLeftovers() }

// over does something with what a list shows, under a name; nil where nobody can.
func over(name func() string, do func(string, msglist.Listed)) func(msglist.Listed) {
	if do == nil {
		return nil
	}
	return func(from msglist.Listed) { do(name(), from) }
}

// ShowRecordings lists recordings and the lists of subscriptions that are gone, with what
// can be done.
func (s *Screen) ShowRecordings() {
	var asked *confirm.Dialog
	rows := container.New(layout.NewCustomPaddedVBoxLayout(10))
	for _, l := range s.left {
		rows.Add(s.leftoverRow(l, func() { asked.Cancel() }))
	}
	q := confirm.Question{Title: lang.L("Recordings"), Cancel: lang.L("Close")}
	if len(s.left) == 0 {
		q.Body = lang.L("What a list shows can be kept under a name: Keep… above the list. It then stands here, also without a connection.")
	} else {
		q.Details = container.New(&arrange.Rows{Width: recordingsWidth}, rows)
	}
	if s.p.Import != nil {
		q.Danger = true // Enter is for what has the focus
		q.Choices = []widgets.Choice{{Text: lang.L("Import messages…"), Kind: widgets.Normal, Do: s.p.Import}}
	}
	asked = confirm.Show(s.p.Window.Canvas(), q)
}

// recordingsWidth is that of the rows of recordings, in Fyne units.
const recordingsWidth float32 = 620

// leftoverRow is one list: name, time, count, and its actions. done closes the
// pop-up first.
func (s *Screen) leftoverRow(l session.Leftover, done func()) fyne.CanvasObject {
	name := s.leftoverName(l)
	buttons := container.New(layout.NewCustomPaddedHBoxLayout(4),
		widgets.NewButton(lang.L("Open"), nil, widgets.Normal, func() { done(); s.OpenRecording(l) }))
	if l.KeptName == "" {
		buttons.Add(widgets.NewButton(lang.L("Keep…"), nil, widgets.Quiet, func() {
			done()
			s.askName(name, func(as string) {
				s.change(lang.L("Keep {{.Name}}", map[string]any{"Name": name}), func() error { return s.back.keep(l.ID, as) })
			})
		}))
	}
	buttons.Add(widgets.NewButton(lang.L("Delete"), nil, widgets.Quiet, func() { done(); s.askDelete(l, name) }))
	words := container.New(&arrange.Rows{Gap: 2}, widgets.NewWord(name, theme.Text).Shrinks(120))
	for _, line := range s.leftoverFacts(l) {
		words.Add(widgets.NewWord(line, theme.Muted).Small().Shrinks(120))
	}
	return container.New(&arrange.Columns{Gap: 8, Shares: []float32{1, 0}}, words, arrange.Middled(buttons))
}

// leftoverFacts are what is known of a list: what it has, and when it goes.
func (s *Screen) leftoverFacts(l session.Leftover) []string {
	const minutes = "2006-01-02 15:04"
	has := []string{lang.N("{{.Count}} messages", int(l.Messages), map[string]any{"Count": widgets.Count(l.Messages)}), widgets.Bytes(l.Bytes)}
	if l.Name == "" || l.Oldest.IsZero() {
		has = append(has, l.Last.Local().Format(minutes))
	} else {
		from, to := l.Oldest.Local(), l.Newest.Local()
		end := to.Format(minutes)
		if from.Format(time.DateOnly) == to.Format(time.DateOnly) {
			end = to.Format("15:04")
		}
		has = append(has, lang.L("stored {{.From}} to {{.To}}", map[string]any{"From": from.Format(minutes), "To": end}))
	}
	var of []string
	if l.Topic != "" && l.Titled() != "" {
		of = append(of, s.p.Profile.ShortName(l.Topic))
	}
	if l.Name == "" {
		of = append(of, lang.L("a list of Subscribe"))
	}
	if l.ProfileName != "" && l.ProfileName != s.p.Profile.Name {
		of = append(of, l.ProfileName)
	}
	if goes := l.Goes(); !goes.IsZero() {
		of = append(of, lang.L("goes on {{.Day}}, unless it is kept", map[string]any{"Day": goes.Local().Format("2006-01-02")}))
	}
	facts := []string{strings.Join(has, " · ")}
	if len(of) > 0 {
		facts = append(facts, strings.Join(of, " · "))
	}
	return facts
}

func (s *Screen) leftoverName(l session.Leftover) string {
	switch {
	case l.Titled() != "":
		return l.Titled()
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
		Choices: []widgets.Choice{{Text: lang.L("Delete"), Kind: widgets.Danger, Do: func() { s.deleteLeftover(l, name) }}},
	})
}

// deleteLeftover deletes a list, and closes it first where it is shown here.
func (s *Screen) deleteLeftover(l session.Leftover, name string) {
	if at := slices.IndexFunc(s.subs, func(b *sub) bool { return b.spec.ID == l.ID }); at >= 0 {
		s.closeBy(s.subs[at], func(live subscription) error {
			s.back.leave(live)
			return s.back.remove(l.ID)
		})
		return
	}
	s.change(lang.L("Delete {{.Name}}", map[string]any{"Name": name}), func() error { return s.back.remove(l.ID) })
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

// OpenRecording shows a list from earlier, which receives nothing and cannot be started. It
// needs no connection.
func (s *Screen) OpenRecording(l session.Leftover) {
	if at := slices.IndexFunc(s.subs, func(b *sub) bool { return b.spec.ID == l.ID }); at >= 0 {
		s.choose(s.subs[at])
		s.FocusFirst()
		return
	}
	spec := profile.Subscription{ID: l.ID, Profile: s.p.Profile.ID, Topic: l.Topic, Group: l.Group}
	b := newSub(s, spec)
	b.archive, b.keptName, b.of = true, l.KeptName, l
	b.list.Stand()
	s.closedIDs = slices.DeleteFunc(s.closedIDs, func(id string) bool { return id == l.ID })
	s.subs = append(s.subs, b)
	s.page.setChips()
	s.open(b, func() {
		if s.current == b && s.shown {
			s.focus(b.list.Focus()) // its keys are there from now on
		}
	})
	s.choose(b)
	s.lookForLeftovers()
}

// archiveWords tell what a list from earlier is.
func archiveWords(b *sub) string {
	short := b.screen.p.Profile.ShortName
	data := map[string]any{"Name": b.of.Titled(), "Topic": short(b.spec.Topic), "Group": short(b.spec.Group)}
	switch {
	case b.of.Name != "":
		return words.Sentences(lang.L("Recording {{.Name}}.", data), b.screen.leftoverFacts(b.of)[0]+lang.L("."), lang.L("It receives nothing."))
	case b.keptName != "":
		return lang.L("Kept list {{.Name}}: topic {{.Topic}}, group {{.Group}}. It receives nothing.", data)
	}
	return lang.L("List from earlier: topic {{.Topic}}, group {{.Group}}. It receives nothing.", data)
}

// archiveState says what such a list does.
func archiveState(b *sub) string {
	if all := b.of.Bytes; all > 0 && b.live != nil && b.st.KeptBytes < all {
		return lang.L("Reading the list, {{.Part}} %", map[string]any{"Part": 100 * b.st.KeptBytes / all})
	}
	if b.of.Name != "" {
		return lang.L("Recording")
	}
	return lang.L("Kept list")
}
