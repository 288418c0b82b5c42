package gui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/layout"
	fynetheme "fyne.io/fyne/v2/theme"

	"gantry/client/profile"
	"gantry/gui/arrange"
	"gantry/gui/profiles"
	"gantry/gui/theme"
	"gantry/gui/widgets"
)

// showBand puts the band of the environment into its place.
func (s *workspace) showBand() {
	s.band.Objects = []fyne.CanvasObject{s.makeBand()}
	s.band.Refresh()
}

// makeBand is the line in the environment's colour, or production's red band
// with words.
func (s *workspace) makeBand() fyne.CanvasObject {
	if s.profile.Environment != profile.Production {
		strong, _ := theme.Env(string(s.profile.Environment))
		return widgets.NewGround(strong).SetMin(0, 3)
	}
	icon := canvas.NewImageFromResource(theme.Icon(fynetheme.WarningIcon(), theme.OnBand))
	icon.SetMinSize(fyne.NewSquareSize(16))
	row := inLine(8, icon,
		widgets.NewWord(lang.L("PRODUCTION"), theme.OnBand).Small().Bold(),
		widgets.NewWord(lang.L("Sends, resets and deletes ask you to type the connection name."), theme.OnBand).Small())
	return container.NewStack(widgets.NewGround(theme.Band).SetMin(0, 30),
		container.New(layout.NewCustomPaddedLayout(0, 0, 14, 12), row))
}

func (s *workspace) makeHeader() fyne.CanvasObject {
	s.name = widgets.NewTitle(s.profile.Name)
	s.chip = widgets.NewEnvChip(string(s.profile.Environment), profiles.EnvWord(s.profile.Environment))
	s.state = widgets.NewDot(widgets.DotOff)
	s.words = widgets.NewCaption("")
	s.connect = widgets.NewButton("", nil, widgets.Normal, s.toggle)
	edit := widgets.NewIconButton(fynetheme.DocumentCreateIcon(), tip(lang.L("Edit connection"), keyEdit), func() { s.shell.edit(s.profile, false) })
	more := widgets.NewIconButton(fynetheme.MoreHorizontalIcon(), lang.L("More"), nil)
	more.SetOnTapped(func() {
		at := fyne.CurrentApp().Driver().AbsolutePositionForObject(more)
		s.shell.profileMenu(s.profile.ID, at.AddXY(0, more.Size().Height))
	})
	left := inLine(10, s.name, s.chip, s.state, s.words)
	right := container.NewHBox(s.makeLift(), s.connect, edit, more)
	if !own(s.profile.ID) {
		right.Objects = right.Objects[:2]
	}
	head := container.NewBorder(nil, nil, nil, container.NewCenter(right), left)
	box := container.New(layout.NewCustomPaddedLayout(7, 7, 14, 12), head)
	return box
}

// inLine puts objects side by side on one middle line.
func inLine(gap float32, objects ...fyne.CanvasObject) fyne.CanvasObject {
	row := container.New(&arrange.Columns{Gap: gap})
	for _, o := range objects {
		row.Objects = append(row.Objects, arrange.Middled(o))
	}
	return row
}
