package gui

import (
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

// sidebarShell is what the sidebar asks of the window around it.
type sidebarShell interface {
	all() []profile.Profile
	standing(id string) standing
	choose(id string)
	edit(p profile.Profile, isNew bool)
	profileMenu(id string, at fyne.Position)
	showSettings()
	showKeys()
}

// standing is how a connection stands.
type standing struct {
	chosen  bool
	dot     widgets.DotState
	problem string    // in a few words; "" for none
	doing   [3]string // brokers, rate and lag of an open one, ever briefer; "" where nothing is known
	address string    // where an open one leads to; "" for none
}

// sidebar lists the connections, and at its foot what works in the background.
type sidebar struct {
	tools
	shell   sidebarShell
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

func newSidebar(shell sidebarShell, t tools) *sidebar {
	s := &sidebar{tools: t, shell: shell}
	s.title = widgets.NewCaption(lang.L("Connections")).Bold()
	s.add = widgets.NewIconButton(fynetheme.ContentAddIcon(), tip(lang.L("New connection"), keyNew), func() { shell.edit(profile.Profile{}, true) })
	s.head = container.NewBorder(nil, nil, nil, s.add, s.title)
	s.list = container.New(&arrange.Rows{})
	s.welcome = newWelcome(shell)
	s.jobs = container.NewVBox()
	s.foot = container.NewHBox(
		widgets.NewIconButton(fynetheme.SettingsIcon(), tip(lang.L("Settings"), keySettings), shell.showSettings),
		widgets.NewIconButton(fynetheme.HelpIcon(), tip(lang.L("Keys"), keyKeys), shell.showKeys))
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
	all := s.shell.all()
	if len(s.rows) != len(all) {
		s.rebuild()
	}
	s.tell()
	if alone := len(all) == 1 && !s.rail; alone != s.welcome.Visible() {
		if alone {
			s.welcome.Show()
		} else {
			s.welcome.Hide()
		}
	}
	s.content.Refresh()
}

// tell brings the words of the rows up to date.
func (s *sidebar) tell() {
	for i, p := range s.shell.all() {
		if i < len(s.rows) {
			s.rows[i].Set(s.view(&p))
		}
	}
}

func (s *sidebar) rebuild() {
	s.rows, s.list.Objects = nil, nil
	for i := range s.shell.all() {
		row := widgets.NewProfileRow(widgets.ProfileView{}, func() { s.shell.choose(s.shell.all()[i].ID) })
		row.OnMove = func(d int) {
			if j := i + d; j >= 0 && j < len(s.rows) {
				s.win.Canvas().Focus(s.rows[j])
			}
		}
		row.OnMenu = func(at fyne.Position) { s.shell.profileMenu(s.shell.all()[i].ID, at) }
		s.rows = append(s.rows, row)
		s.list.Add(row)
	}
	s.list.Add(s.welcome)
}

// newWelcome says what the sandbox is, and what comes next.
func newWelcome(shell sidebarShell) *fyne.Container {
	words := widgets.NewParagraph(lang.L("The Sandbox is a small RocketMQ inside Gantry, for development. It is always here, and nothing leaves this computer."), theme.Muted)
	add := widgets.NewButton(lang.L("Add a connection"), fynetheme.ContentAddIcon(), widgets.Normal, func() { shell.edit(profile.Profile{}, true) })
	return container.New(layout.NewCustomPaddedLayout(10, 8, 16, 16), container.New(&arrange.Rows{Gap: 10}, words.Object(), add))
}

func (s *sidebar) view(p *profile.Profile) widgets.ProfileView {
	now := s.shell.standing(p.ID)
	v := widgets.ProfileView{
		Name: p.Name, Env: string(p.Environment), EnvWord: profiles.EnvWord(p.Environment),
		Chosen: now.chosen, Rail: s.rail, Dot: now.dot, Problem: now.problem, Doing: now.doing,
	}
	if len(p.NameServers) > 0 {
		v.Address = p.NameServers[0]
	}
	if !own(p.ID) {
		v.Address = lang.L("in this app")
		if now.address != "" {
			v.Address = now.address
		}
	}
	if n := len(p.NameServers); n > 1 {
		v.More = "+" + widgets.Count(n-1)
	}
	return v
}

// mostJobs is how many jobs are listed: more leave no room, and the list is drawn anew whenever
// one of them begins or ends.
const mostJobs = 5

// showJobs lists what is under way, each with Cancel.
func (s *sidebar) showJobs() {
	s.jobs.Objects = nil
	all := s.tasks.Jobs()
	for _, j := range all[:min(len(all), mostJobs)] {
		text := strings.TrimSpace(j.Title() + " " + j.Progress())
		stop := widgets.NewIconButton(fynetheme.CancelIcon(), lang.L("Cancel {{.What}}", map[string]any{"What": j.Title()}), j.Cancel)
		label := widgets.NewCaption(text).Shrinks(40)
		if s.rail {
			s.jobs.Add(stop)
			continue
		}
		s.jobs.Add(container.NewBorder(nil, nil, nil, stop, container.NewClip(label)))
	}
	if more := len(all) - mostJobs; more > 0 && s.rail {
		s.jobs.Add(widgets.NewCaption("+" + widgets.Count(more)))
	} else if more > 0 {
		s.jobs.Add(widgets.NewCaption(lang.L("and {{.Count}} more", map[string]any{"Count": widgets.Count(more)})).Shrinks(40))
	}
	s.jobs.Refresh()
	s.content.Refresh()
}
