package subscribe

import (
	"context"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2/lang"

	"gantry/gui/confirm"
	"gantry/gui/widgets"
)

// askClose closes a subscription; what it holds is kept or deleted as the user
// says.
func (s *Screen) askClose(b *sub) {
	if b.closing {
		return
	}
	b.read()
	switch {
	case b.archive && b.of.Titled() != "":
		s.closeBy(b, func(live subscription) error { s.back.leave(live); return nil })
		return
	case b.live == nil || b.st.Kept == 0:
		s.close(b, "")
		return
	}
	body := lang.L("Closing deletes the list of {{.Name}} unless you keep it.", map[string]any{"Name": s.nameOf(b)})
	if b.running() {
		body = lang.L("Closing stops {{.Name}} and deletes its list unless you keep it.", map[string]any{"Name": s.nameOf(b)})
	}
	confirm.Show(s.p.Window.Canvas(), confirm.Question{
		Title:  lang.N("Keep {{.Count}} messages?", int(b.st.Kept), map[string]any{"Count": widgets.Count(b.st.Kept)}),
		Body:   body,
		Cancel: lang.L("Cancel"),
		Choices: []widgets.Choice{
			{Text: lang.L("Delete"), Kind: widgets.Danger, Do: func() { s.close(b, "") }},
			{Text: lang.L("Keep…"), Kind: widgets.Primary, Do: func() { s.askName(s.nameOf(b), func(name string) { s.close(b, name) }) }},
		},
	})
}

// askName asks under which name a list is kept.
func (s *Screen) askName(topic string, then func(string)) {
	entry := widgets.NewEntry()
	entry.SetText(topic + " " + time.Now().Format("2006-01-02"))
	name := func() string {
		if n := strings.TrimSpace(entry.Text); n != "" {
			return n
		}
		return topic
	}
	confirm.Show(s.p.Window.Canvas(), confirm.Question{
		Title:   lang.L("Keep the list as"),
		Details: widgets.NewField(lang.L("Name"), entry),
		Cancel:  lang.L("Cancel"),
		Choices: []widgets.Choice{{Text: lang.L("Keep"), Kind: widgets.Primary, Do: func() { then(name()) }}},
	})
	entry.CursorColumn = len([]rune(entry.Text))
	entry.Refresh()
}

// close stops a subscription and takes it out of the bar; keepAs "" deletes its
// journal.
func (s *Screen) close(b *sub, keepAs string) {
	s.closeBy(b, func(live subscription) error { return s.back.close(live, keepAs) })
}

// closeBy is close with another way to do it.
func (s *Screen) closeBy(b *sub, do func(subscription) error) {
	b.closing = true
	for _, key := range []string{"open:", "start:", "group:", "first:", "gate:"} {
		s.scope.Cancel(key + b.spec.ID)
	}
	if b.live == nil {
		s.closed(b)
		return
	}
	live := b.live
	s.p.Tasks.Job(lang.L("Close {{.Name}}", map[string]any{"Name": s.nameOf(b)}), func(context.Context, func(string)) error {
		return do(live)
	}, func(err error) {
		if err != nil {
			s.p.Fail(err)
		}
		s.closed(b)
		s.lookForLeftovers()
	})
	s.update()
}

func (s *Screen) closed(b *sub) {
	if s.scope.Closed() {
		return
	}
	at := slices.Index(s.subs, b)
	if at < 0 {
		return
	}
	b.list.Close()
	s.closedIDs = append(s.closedIDs, b.spec.ID)
	s.subs = slices.Delete(s.subs, at, at+1)
	s.changed()
	if len(s.subs) == 0 {
		s.add(s.newSpec())
	}
	s.page.setChips()
	if s.current == b {
		s.choose(s.subs[min(at, len(s.subs)-1)])
	}
	s.update()
}
