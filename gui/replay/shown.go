package replay

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/layout"

	"gantry/client/mask"
	"gantry/client/message"
	"gantry/client/outbox/change"
	"gantry/client/outbox/plan"
	"gantry/gui/arrange"
	"gantry/gui/draw"
	"gantry/gui/problem"
	"gantry/gui/theme"
	"gantry/gui/widgets"
	"gantry/gui/words"
)

// mostShown is how much of a text is shown, in bytes.
const mostShown = 400

// line is a text in one line of bounded length.
func line(text string) string {
	text = strings.ToValidUTF8(text[:min(len(text), mostShown)], "·")
	return strings.Join(strings.Fields(text), " ")
}

// showFirst shows the first messages, and what is changed in them.
func (s *sheet) showFirst(v *preview) {
	s.first.RemoveAll()
	for i, d := range v.tried.After {
		fact := widgets.NewFacts(widgets.Fact{Label: fmt.Sprint(i + 1), Value: v.text(d), Mono: true})
		fact.SetLabelWidth(20)
		s.first.Add(fact)
		if !v.tried.Changed {
			continue
		}
		all := differences(v.tried.Before[i], d, labels{body: lang.L("Body"), tag: lang.L("Tag"), keys: lang.L("Keys"), key: lang.L("Sharding key")})
		for _, x := range all[:min(len(all), mostDifferences)] {
			s.first.Add(differs(x))
		}
		switch n := len(all) - mostDifferences; {
		case n > 0:
			s.first.Add(indented(widgets.NewCaption(lang.N("and {{.Count}} more differences", n, map[string]any{"Count": widgets.Count(n)}))))
		case len(all) == 0:
			s.first.Add(indented(widgets.NewCaption(lang.L("goes as it is"))))
		}
	}
	draw.Show(s.firstBox, len(v.tried.After) > 0)
}

func indented(o fyne.CanvasObject) fyne.CanvasObject {
	return container.New(layout.NewCustomPaddedLayout(0, 0, 20, 0), o)
}

// differs is a row with what was and what will be.
func differs(d difference) fyne.CanvasObject {
	label := widgets.NewCaption(d.Label).Shrinks(84)
	part := func(text string, ground theme.Token) fyne.CanvasObject {
		word := widgets.NewData(line(text)).Shrinks(40)
		if text == "" {
			word = widgets.NewCaption(lang.L("none")).Shrinks(40)
			ground = theme.Sunken
		}
		return container.NewStack(widgets.NewGround(ground).SetRadius(3), container.New(layout.NewCustomPaddedLayout(1, 1, 6, 6), word))
	}
	box := container.New(&fixedWidth{84}, arrange.Middled(label))
	return indented(container.New(&arrange.Columns{Gap: 6, Shares: []float32{0, 1, 0, 1}}, box,
		part(d.Was, theme.ErrSoft), arrange.Middled(widgets.NewCaption("→")), part(d.Is, theme.OKSoft)))
}

// fixedWidth gives one object a width.
type fixedWidth struct{ width float32 }

// MinSize has that width.
func (f *fixedWidth) MinSize(o []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(f.width, o[0].MinSize().Height)
}

// Layout places it.
func (f *fixedWidth) Layout(o []fyne.CanvasObject, s fyne.Size) {
	draw.Place(o[0], 0, 0, s.Width, s.Height)
}

// text is a message in one line.
func (v *preview) text(d *message.Draft) string {
	var parts []string
	if len(v.plan.Replay.Ways) > 1 {
		parts = append(parts, "→ "+v.target.Profile.ShortName(d.Topic))
	}
	for _, x := range []string{d.Tag, strings.Join(d.Keys, " "), d.ShardingKey} {
		if x != "" {
			parts = append(parts, x)
		}
	}
	return strings.TrimSpace(strings.Join(parts, " · ") + "  " + line(string(d.Body[:min(len(d.Body), mostShown)])))
}

// showLeftOut lists what will not be sent, nothing where all is: what could not be copied, and
// what a change does not fit.
func (s *sheet) showLeftOut(v *preview) {
	s.out.RemoveAll()
	n, first := s.copied.Out, s.copied.First
	if v != nil {
		n += v.tried.Out
		first = append(append([]plan.LeftOut(nil), first...), v.tried.First...)
		first = first[:min(len(first), plan.MaxLeftOut)]
	}
	if n > 0 {
		var facts []widgets.Fact
		for i, out := range first {
			facts = append(facts, widgets.Fact{Label: fmt.Sprint(i + 1), Value: reason(out.Why) + "  " + cmp.Or(out.ID, s.short(out.Topic))})
		}
		list := widgets.NewFacts(facts...)
		list.SetLabelWidth(20)
		caption := lang.N("{{.Count}} messages are left out", int(n), map[string]any{"Count": widgets.Count(uint64(n))})
		if n > int64(len(facts)) {
			caption = lang.L("{{.Count}} messages are left out, the first of them", map[string]any{"Count": widgets.Count(uint64(n))})
		}
		s.out.Add(widgets.NewWord(caption, theme.Warn))
		s.out.Add(list)
	}
	if n := s.skipped.Gone + s.skipped.Damaged; n > 0 {
		s.out.Add(widgets.NewWord(lang.N("{{.Count}} could not be read.", int(n), map[string]any{"Count": widgets.Count(n)}), theme.Warn))
	}
	if n := s.twice; n > 0 {
		data := map[string]any{"Count": widgets.Count(n)}
		text := lang.N("{{.Count}} were given up once more after another check, and are sent once.", int(n), data)
		if s.dead.topic != message.GivenUpTopic {
			text = lang.N("{{.Count}} are further retries of these messages, of which each is sent once.", int(n), data)
		}
		s.out.Add(widgets.NewWord(text, theme.Muted))
	}
	if n := s.skipped.Hidden; n > 0 {
		s.out.Add(widgets.NewWord(lang.N("{{.Count}} had a secret value, which is kept nowhere.", int(n), map[string]any{"Count": widgets.Count(n)}), theme.Warn))
	}
	if said := words.GaveUp(s.skipped.GaveUp); said != "" {
		s.out.Add(widgets.NewWord(said, theme.Warn))
	}
	draw.Show(s.out, len(s.out.Objects) > 0)
}

// reason says why a message cannot be sent again.
func reason(err error) string {
	if at := (*change.Misfit)(nil); errors.As(err, &at) && at.Index >= 0 {
		data := map[string]any{"Number": widgets.Count(at.Index + 1), "Name": at.Name, "Reason": problem.Explain(at.Why).What}
		return lang.L("Change {{.Number}} ({{.Name}}): {{.Reason}}", data)
	}
	switch {
	case errors.Is(err, plan.NotOpened):
		return lang.L("The body is packed and does not open.")
	case errors.Is(err, plan.NotTaken):
		return lang.L("The body is larger than 4 MB.")
	case errors.Is(err, plan.NoOrigin):
		return lang.L("Nothing tells which topic it was sent to first.")
	case errors.Is(err, plan.NameTwice):
		return lang.L("A property stands twice.")
	}
	return problem.Explain(err).What
}

// ruled names what rules mask.
func ruled(r mask.Rules) string {
	var parts []string
	for _, x := range []struct {
		on   bool
		word string
	}{
		{r.Phone, lang.L("phone numbers")},
		{r.Identity, lang.L("identity numbers")},
		{r.Card, lang.L("bank cards")},
	} {
		if x.on {
			parts = append(parts, x.word)
		}
	}
	for _, names := range [][]string{r.Paths, r.Properties} {
		for _, name := range names {
			if len(parts) == maxNamed {
				parts = append(parts, "…")
				return strings.Join(parts, lang.L(", "))
			}
			parts = append(parts, name)
		}
	}
	return strings.Join(parts, lang.L(", "))
}

// maxNamed is how many things that are masked are named.
const maxNamed = 8
