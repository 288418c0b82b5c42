package widgets

import (
	"cmp"
	"strings"
	"unicode"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"gantry/gui/draw"
	"gantry/gui/theme"
)

// ProfileView is what a ProfileRow shows.
type ProfileView struct {
	Name    string
	Address string // shown below the name, cut in the middle
	More    string // such as "+2", never cut
	Env     string // the environment's word in the profile
	EnvWord string // the same for the user, on the chip
	Dot     DotState
	Problem string // in place of the address, in the error colour
	// Doing is in place of the address: how an open one does, from the fullest to the
	// briefest. The first that has room is shown.
	Doing  [3]string
	Chosen bool
	Rail   bool // 56 px wide: initials and a dot only
}

// instead is what stands in place of the address, "" where that stands itself.
func (v *ProfileView) instead() string { return cmp.Or(v.Problem, v.Doing[0]) }

// fitting is what of it has room: of what an open one does the fullest.
func (v *ProfileView) fitting(room float32, measure func(string) float32) string {
	if v.Problem == "" {
		for _, words := range v.Doing {
			if words != "" && measure(words) <= room {
				return words
			}
		}
	}
	return CutEnd(v.instead(), room, measure)
}

var (
	_ fyne.Widget            = (*ProfileRow)(nil)
	_ fyne.Focusable         = (*ProfileRow)(nil)
	_ fyne.SecondaryTappable = (*ProfileRow)(nil)
)

// ProfileRow is one connection of the sidebar: 50 high, or 42 in the rail.
type ProfileRow struct {
	touch

	view ProfileView

	// OnMenu runs on a secondary tap, with the place on the canvas.
	OnMenu func(fyne.Position)
	// OnMove runs on Up (-1) and Down (1), for moving the focus.
	OnMove func(int)
}

// NewProfileRow returns a row; chosen runs when it is pressed.
func NewProfileRow(v ProfileView, chosen func()) *ProfileRow {
	r := &ProfileRow{view: v}
	r.act = chosen
	r.OnKey = r.key
	r.ExtendBaseWidget(r)
	r.tip()
	return r
}

// View returns what it shows.
func (r *ProfileRow) View() ProfileView { return r.view }

// Set changes what it shows.
func (r *ProfileRow) Set(v ProfileView) {
	if r.view != v {
		r.view = v
		r.tip()
		r.Refresh()
	}
}

// tip puts what the row may cut into the tooltip.
func (r *ProfileRow) tip() {
	s := strings.TrimSpace(r.view.Address + " " + r.view.More)
	if r.view.Rail {
		s = r.view.Name + " · " + s
	}
	if doing := r.view.instead(); doing != "" {
		s += " · " + doing
	}
	r.SetToolTip(s)
}

func (r *ProfileRow) key(k *fyne.KeyEvent) bool {
	if r.OnMove == nil {
		return false
	}
	switch k.Name {
	case fyne.KeyUp:
		r.OnMove(-1)
	case fyne.KeyDown:
		r.OnMove(1)
	default:
		return false
	}
	return true
}

// TappedSecondary asks for the menu.
func (r *ProfileRow) TappedSecondary(e *fyne.PointEvent) {
	if r.OnMenu != nil {
		r.OnMenu(e.AbsolutePosition)
	}
}

// Initials returns the rail's mark of a name: its first Chinese character, or the
// first letters of its first two words, in capitals.
func Initials(name string) string {
	var b strings.Builder
	n, start := 0, true
	for _, r := range name {
		switch {
		case unicode.Is(unicode.Han, r):
			if b.Len() == 0 {
				return string(r)
			}
			return b.String()
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			start = true
		case start:
			b.WriteRune(unicode.ToUpper(r))
			start = false
			if n++; n == 2 {
				return b.String()
			}
		}
	}
	return b.String()
}

// rowParts is what a row draws.
type rowParts struct {
	ground, hover, stripe, chip, ring *canvas.Rectangle
	dot                               *canvas.Circle
	name, address, more, env          *canvas.Text
}

// CreateRenderer is called by Fyne.
func (r *ProfileRow) CreateRenderer() fyne.WidgetRenderer {
	p := &rowParts{
		ground: draw.Box(theme.Sel, 6), hover: draw.Box(theme.None, 6), stripe: draw.Box(theme.EnvDev, 1.5), chip: draw.Box(theme.EnvDevSoft, 4), ring: draw.Ring(6),
		dot:     canvas.NewCircle(nil),
		name:    draw.Text("", theme.SizeText, theme.Text, draw.Regular()),
		address: draw.Text("", theme.SizeCaption, theme.Muted, draw.Regular()),
		more:    draw.Text("", theme.SizeCaption, theme.Muted, draw.Regular()),
		env:     draw.Text("", theme.SizeChip, theme.EnvDev, draw.Bold()),
	}
	p.env.Alignment = fyne.TextAlignCenter
	d := &draw.Renderer{Parts: []fyne.CanvasObject{p.ground, p.hover, p.stripe, p.dot, p.name, p.address, p.more, p.chip, p.env, p.ring}}
	d.Least = func() fyne.Size {
		if r.view.Rail {
			return fyne.NewSize(56, 42)
		}
		return fyne.NewSize(120, 50)
	}
	d.Place = func(s fyne.Size) {
		if r.view.Rail {
			r.layoutRail(p, s)
		} else {
			r.layoutWide(p, s)
		}
	}
	d.Paint = func() { r.draw(p); d.Place(r.Size()) }
	d.Paint()
	return d
}

func (r *ProfileRow) draw(p *rowParts) {
	strong, soft := theme.Env(r.view.Env)
	p.ground.FillColor = theme.Color(theme.Sel)
	draw.Show(p.ground, r.view.Chosen)
	p.hover.FillColor = hoverColor(r.hovered && !r.view.Chosen, false)
	p.stripe.FillColor, p.chip.FillColor, p.env.Color = theme.Color(strong), theme.Color(soft), theme.Color(strong)
	p.env.Text = r.view.EnvWord
	p.name.Color, p.name.TextStyle = theme.Color(theme.Text), draw.Weight(r.view.Chosen || r.view.Rail)
	p.address.Color, p.more.Color = theme.Color(theme.Muted), theme.Color(theme.Muted)
	p.more.Text = r.view.More
	if r.view.Problem != "" {
		p.address.Color = theme.Color(theme.Err)
	}
	if r.view.instead() != "" {
		p.more.Text = ""
	}
	drawDot(p.dot, r.view.Dot)
	wide := !r.view.Rail
	for _, o := range []fyne.CanvasObject{p.address, p.more, p.env} {
		draw.Show(o, wide)
	}
	draw.Show(p.chip, wide && r.view.EnvWord != "")
	draw.PaintRing(p.ring, r.focused)
}

func (r *ProfileRow) layoutWide(p *rowParts, s fyne.Size) {
	for _, o := range []fyne.CanvasObject{p.ground, p.hover, p.ring} {
		draw.Place(o, 8, 1, s.Width-16, s.Height-2)
	}
	draw.Place(p.stripe, 16, 8, 3, s.Height-16)
	draw.Place(p.dot, 27, 12, 8, 8)
	chip := chipWidth(r.view.EnvWord)
	right := s.Width - 18
	draw.Place(p.chip, right-chip, 7, chip, 18)
	draw.Place(p.env, right-chip, 7, chip, 18)
	style := p.name.TextStyle
	room := right - chip - 6 - 43
	p.name.Text = CutEnd(r.view.Name, room, func(t string) float32 { return draw.Width(t, theme.SizeText, style) })
	draw.Place(p.name, 43, 6, room, 20)
	measure := func(t string) float32 { return draw.Width(t, theme.SizeCaption, draw.Regular()) }
	more := measure(p.more.Text)
	if more > 0 {
		more += 7
	}
	room = right - 43
	p.address.Text = CutMiddle(r.view.Address, room-more, measure)
	if r.view.instead() != "" {
		room += 8 // sentences need it more than a margin
		p.address.Text = r.view.fitting(room, measure)
	}
	draw.Place(p.address, 43, 26, room, 17)
	draw.Place(p.more, 43+measure(p.address.Text)+7, 26, more, 17)
}

func (r *ProfileRow) layoutRail(p *rowParts, s fyne.Size) {
	for _, o := range []fyne.CanvasObject{p.ground, p.hover, p.ring} {
		draw.Place(o, 4, 1, s.Width-8, s.Height-2)
	}
	draw.Place(p.stripe, 8, 8, 3, s.Height-16)
	p.name.Text = Initials(r.view.Name)
	w := draw.Width(p.name.Text, theme.SizeText, draw.Bold())
	draw.Place(p.name, 25-w/2, 0, w, s.Height)
	draw.Place(p.dot, 38, (s.Height-8)/2, 8, 8)
}
