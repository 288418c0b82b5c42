package subscribe

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/layout"
	fynetheme "fyne.io/fyne/v2/theme"

	"gantry/client/profile"
	"gantry/gui/arrange"
	"gantry/gui/draw"
	"gantry/gui/theme"
	"gantry/gui/widgets"
)

// fold is the form in one line, which stands in its place while it runs in a narrow
// window: nothing but its buttons can be used then, and the list needs the room.
type fold struct {
	words     *widgets.Word
	run, halt *widgets.Button
	content   *fyne.Container
}

// newFold returns one that is hidden; unfold shows the form instead.
func newFold(s *Screen, unfold func()) *fold {
	d := &fold{words: widgets.NewWord("", theme.Text)}
	d.run = widgets.NewButton("", nil, widgets.Primary, s.runOrPause)
	d.halt = widgets.NewButton(lang.L("Stop"), fynetheme.MediaStopIcon(), widgets.Normal, func() { s.stop(s.form.sub) })
	more := widgets.NewIconButton(fynetheme.MenuDropDownIcon(), lang.L("Show the form"), unfold)
	buttons := container.New(layout.NewCustomPaddedHBoxLayout(8), more, d.run, d.halt)
	d.content = container.New(&arrange.Rows{Edge: 14, Top: 4, Foot: 4}, container.NewBorder(nil, nil, nil, buttons, d.words))
	d.content.Hide()
	return d
}

// show draws what the form would.
func (d *fold) show(l formLook) {
	d.words.SetText(l.about)
	dress(d.run, l)
	widgets.Able(!l.haltOff, d.halt)
	draw.Show(d.content, l.folded)
}

// dress draws the first button: Start, Pause or Resume.
func dress(b *widgets.Button, l formLook) {
	icon, kind := fynetheme.MediaPlayIcon(), widgets.Primary
	if l.pauses {
		icon, kind = fynetheme.MediaPauseIcon(), widgets.Normal
	}
	b.SetText(l.run)
	b.SetIcon(icon)
	b.SetKind(kind)
	widgets.Able(!l.runOff, b)
}

// runWidth is the room of the first button whatever it says, so that the form stands
// still when it says something else.
func runWidth() float32 {
	w := float32(0)
	for _, s := range []string{lang.L("Start"), lang.L("Pause"), lang.L("Resume"), lang.L("Connecting…")} {
		b := widgets.NewButton(s, fynetheme.MediaPlayIcon(), widgets.Primary, nil)
		w = max(w, b.MinSize().Width)
	}
	return w
}

// how tells how it reads: the group that it joins, or that it follows and where from.
func (b *sub) how() string {
	switch {
	case b.spec.Topic == "" || b.archive:
		return ""
	case !b.spec.Follow:
		return b.screen.p.Profile.ShortName(b.spec.Group)
	case b.spec.From == profile.FromEarliest:
		return lang.L("follow · earliest")
	case b.spec.From == profile.FromTime && !b.spec.FromTime.IsZero():
		return lang.L("follow · {{.Time}}", map[string]any{"Time": b.spec.FromTime.Local().Format("01-02 15:04:05")})
	}
	return lang.L("follow · now")
}

// about is the form in one line.
func (b *sub) about() string {
	parts := []string{b.screen.nameOf(b), b.how()}
	if f := b.filter(); f != "" {
		parts = append(parts, f)
	}
	return strings.Join(parts, " · ")
}
