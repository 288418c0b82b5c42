package gui

import (
	"fmt"
	"strings"

	"fyne.io/fyne/v2"
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

const (
	sidebarWidth float32 = 216
	railWidth    float32 = 56
)

// sidebar lists the connections, and at its foot what works in the background.
type sidebar struct {
	win     *Window
	content *fyne.Container
	width   *arrange.Rows
	title   *widgets.Word
	add     *widgets.IconButton
	rail    bool
	head    *fyne.Container
	list    *fyne.Container
	rows    []*widgets.ProfileRow
	welcome *fyne.Container // below the sandbox while it is alone
	jobs    *fyne.Container
	foot    *fyne.Container
}

func newSidebar(w *Window) *sidebar {
	s := &sidebar{win: w}
	s.title = widgets.NewCaption(lang.L("Connections")).Bold()
	s.add = widgets.NewIconButton(fynetheme.ContentAddIcon(), w.tip(lang.L("New connection"), keyNew), func() { w.edit(profile.Profile{}, true) })
	s.head = container.NewBorder(nil, nil, nil, s.add, s.title)
	s.list = container.New(&arrange.Rows{})
	s.welcome = newWelcome(w)
	s.jobs = container.NewVBox()
	s.foot = container.NewHBox(
		widgets.NewIconButton(fynetheme.SettingsIcon(), w.tip(lang.L("Settings"), keySettings), w.showSettings),
		widgets.NewIconButton(fynetheme.HelpIcon(), w.tip(lang.L("Keys"), keyKeys), w.showKeys))
	body := container.NewBorder(
		container.New(layout.NewCustomPaddedLayout(8, 4, 16, 8), s.head),
		container.NewVBox(
			container.New(layout.NewCustomPaddedLayout(4, 4, 8, 8), s.jobs), widgets.NewRule(),
			container.New(layout.NewCustomPaddedLayout(0, 4, 8, 8), s.foot)), nil, nil,
		container.NewVScroll(container.New(layout.NewCustomPaddedLayout(0, 8, 0, 0), s.list)))
	whole := container.New(&arrange.Columns{Shares: []float32{1}}, container.NewStack(widgets.NewGround(theme.Chrome), body), widgets.NewRule())
	s.width = &arrange.Rows{Width: sidebarWidth, Grow: whole}
	s.content = container.New(s.width, whole)
	return s
}

// setRail makes the sidebar a rail of initials, or wide.
func (s *sidebar) setRail(rail bool) {
	if s.rail == rail {
		return
	}
	s.rail = rail
	if rail {
		s.width.Width = railWidth
		s.title.Hide()
		s.foot.Layout = layout.NewVBoxLayout()
	} else {
		s.width.Width = sidebarWidth
		s.title.Show()
		s.foot.Layout = layout.NewHBoxLayout()
	}
	s.refresh()
	s.showJobs()
}

// refresh shows the profiles as they are.
func (s *sidebar) refresh() {
	all := s.win.all()
	if len(s.rows) != len(all) {
		s.rebuild()
	}
	for i, p := range all {
		s.rows[i].Set(s.view(&p))
	}
	if alone := len(all) == 1 && !s.rail; alone != s.welcome.Visible() {
		if alone {
			s.welcome.Show()
		} else {
			s.welcome.Hide()
		}
	}
	s.content.Refresh()
}

func (s *sidebar) rebuild() {
	s.rows, s.list.Objects = nil, nil
	for i := range s.win.all() {
		row := widgets.NewProfileRow(widgets.ProfileView{}, func() { s.win.choose(s.win.all()[i].ID) })
		row.OnMove = func(d int) {
			if j := i + d; j >= 0 && j < len(s.rows) {
				s.win.win.Canvas().Focus(s.rows[j])
			}
		}
		row.OnMenu = func(at fyne.Position) { s.win.profileMenu(s.win.all()[i].ID, at) }
		s.rows = append(s.rows, row)
		s.list.Add(row)
	}
	s.list.Add(s.welcome)
}

// newWelcome says what the sandbox is, and what comes next.
func newWelcome(w *Window) *fyne.Container {
	words := widgets.NewParagraph(lang.L("The Sandbox is a small RocketMQ inside Gantry, for development. It is always here, and nothing leaves this computer."), theme.Muted)
	add := widgets.NewButton(lang.L("Add a connection"), fynetheme.ContentAddIcon(), widgets.Normal, func() { w.edit(profile.Profile{}, true) })
	return container.New(layout.NewCustomPaddedLayout(10, 8, 16, 16), container.New(&arrange.Rows{Gap: 10}, words.Object(), add))
}

func (s *sidebar) view(p *profile.Profile) widgets.ProfileView {
	v := widgets.ProfileView{
		Name: p.Name, Env: string(p.Environment), EnvWord: profiles.EnvWord(p.Environment),
		Chosen: p.ID == s.win.chosen, Rail: s.rail,
	}
	if len(p.NameServers) > 0 {
		v.Address = p.NameServers[0]
	}
	if !own(p.ID) {
		v.Address = lang.L("in this app")
		if space := s.win.spaces[p.ID]; space != nil && space.conn != nil {
			v.Address = space.conn.Profile().NameServers[0]
		}
	}
	if n := len(p.NameServers); n > 1 {
		v.More = fmt.Sprintf("+%d", n-1)
	}
	if space := s.win.spaces[p.ID]; space != nil {
		v.Dot = space.dot()
		v.Problem = space.shortProblem()
	}
	return v
}

// showJobs lists what is under way, each with Cancel.
func (s *sidebar) showJobs() {
	s.jobs.Objects = nil
	for _, j := range s.win.tasks.Jobs() {
		text := strings.TrimSpace(j.Title() + " " + j.Progress())
		stop := widgets.NewIconButton(fynetheme.CancelIcon(), lang.L("Cancel {{.What}}", map[string]any{"What": j.Title()}), j.Cancel)
		label := widgets.NewCaption(text).Shrinks(40)
		if s.rail {
			s.jobs.Add(stop)
			continue
		}
		s.jobs.Add(container.NewBorder(nil, nil, nil, stop, container.NewClip(label)))
	}
	s.jobs.Refresh()
	s.content.Refresh()
}
