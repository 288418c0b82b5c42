package subscribe

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/layout"
	fynetheme "fyne.io/fyne/v2/theme"

	"gantry/gui/theme"
	"gantry/gui/widgets"
)

// The sides of the inspector, as they stand in the settings.
const (
	sideRight  = "right"
	sideBelow  = "below"
	sideHidden = "hidden"
)

// inspectorWidth is the inspector's usual width at the right, belowShare its
// usual share of the height below.
const (
	inspectorWidth = 416
	belowShare     = 0.45
)

// page puts the parts of the screen in place.
type page struct {
	screen  *Screen
	chips   *fyne.Container
	more    *widgets.Button // adds a subscription
	left    *widgets.Button // kept lists from earlier
	banner  *widgets.Banner
	archive *widgets.Paragraph
	about   fyne.CanvasObject
	empty   *widgets.EmptyState
	lists   *fyne.Container // the list of the current subscription
	middle  *fyne.Container
	top     *fyne.Container
	content *fyne.Container

	offset float64 // at the right, as the user left it; 0 for the usual

	drawnBanner bannerLook
	drawnEmpty  emptyLook
	drawnList   *sub
	bare        bool // no list: the empty state has the middle
	side        string
}

func newPage(s *Screen) *page {
	p := &page{screen: s, offset: s.p.Split}
	p.chips = container.New(layout.NewCustomPaddedHBoxLayout(6))
	p.more = widgets.NewButton(lang.L("New subscription"), fynetheme.ContentAddIcon(), widgets.Quiet, s.NewSubscription)
	p.left = widgets.NewButton("", fynetheme.FolderIcon(), widgets.Quiet, s.showLeftovers)
	p.left.Hide()
	bar := container.New(&linesLayout{edge: 14, pad: 4},
		container.NewBorder(nil, nil, nil, p.left, container.NewHScroll(p.chips)))
	p.banner = widgets.NewBanner(false, "")
	p.banner.Hide()
	p.archive = widgets.NewParagraph("", theme.Muted)
	p.about = container.New(&linesLayout{edge: 14, pad: 8}, p.archive.Object())
	p.about.Hide()
	p.top = container.New(&linesLayout{}, bar, s.form.content, p.about, p.banner, widgets.NewRule())
	p.empty = widgets.NewEmptyState("", "", nil)
	p.lists = container.NewStack()
	p.middle = container.NewStack()
	foot := container.New(&linesLayout{}, widgets.NewRule(), s.status)
	p.content = container.New(&pageLayout{}, p.top, p.middle, foot)
	return p
}

// relayout follows a change of heights: what wraps knows its height only once
// it is placed, so it is done twice.
func (p *page) relayout() {
	for range 2 {
		p.top.Layout.Layout(p.top.Objects, p.top.Size())
		whole := p.content.Objects[1].(*fyne.Container)
		whole.Layout.Layout(whole.Objects, whole.Size())
	}
}

// setChips puts the subscriptions into the bar.
func (p *page) setChips() {
	p.chips.Objects = nil
	for _, b := range p.screen.subs {
		p.chips.Objects = append(p.chips.Objects, b.chip)
	}
	p.chips.Objects = append(p.chips.Objects, p.more)
	p.chips.Refresh()
}

// update shows banner, list or empty state of a subscription.
func (p *page) update(b *sub) {
	p.updateBanner(bannerOf(b))
	if p.drawnList != b {
		p.lists.Objects = []fyne.CanvasObject{b.list.Content()}
		p.lists.Refresh()
		show(p.about, b.archive)
		if b.archive {
			p.archive.Set(archiveWords(b), theme.Muted)
		}
		p.relayout()
	}
	if empty := b.spec.Topic == "" && !b.archive; empty == p.more.Visible() {
		show(p.more, !empty) // this is the new one
		p.chips.Refresh()
	}
	bare := b.list.Len() == 0 && b.st.Kept == 0
	if e := emptyOf(b); bare && e != p.drawnEmpty {
		p.drawnEmpty = e
		p.empty.Set(e.title, e.line, nil)
	}
	if p.drawnList == nil || bare != p.bare {
		p.bare = bare
		p.arrange()
	}
	p.drawnList = b
}

func (p *page) updateBanner(l bannerLook) {
	if l == p.drawnBanner {
		return
	}
	p.drawnBanner = l
	var actions []widgets.Choice
	if l.details != "" {
		actions = append(actions, widgets.Choice{Text: lang.L("Copy details"), Kind: widgets.Quiet, Do: func() {
			fyne.CurrentApp().Clipboard().SetContent(l.details)
			p.screen.p.Say(lang.L("Copied."))
		}})
	}
	if l.follow {
		actions = append(actions, widgets.Choice{Text: lang.L("Follow instead"), Kind: widgets.Quiet, Do: p.screen.followInstead})
	}
	p.banner.Set(l.failed, l.words, actions...)
	show(p.banner, l.words != "")
	p.relayout()
}

// arrange puts list and inspector side by side, one below the other, or the
// list alone.
func (p *page) arrange() {
	s := p.screen
	p.side = s.visibleSide()
	if p.bare {
		p.middle.Objects = []fyne.CanvasObject{p.empty}
		p.middle.Refresh()
		return
	}
	pane := s.inspect.Content()
	s.inspect.SetBelow(p.side == sideBelow)
	var middle fyne.CanvasObject = p.lists
	switch p.side {
	case sideRight:
		split := widgets.NewSplit(p.lists, pane, false, func(total float32) float32 { return min(inspectorWidth, total/2) })
		split.SetOffset(p.offset)
		split.OnMoved = p.moved
		middle = split
	case sideBelow:
		middle = widgets.NewSplit(p.lists, pane, true, func(total float32) float32 { return total * belowShare })
	}
	p.middle.Objects = []fyne.CanvasObject{middle}
	p.middle.Refresh()
}

// moved keeps where the user put the line at the right.
func (p *page) moved(offset float64) {
	p.offset = offset
	if p.screen.p.SaveSplit != nil {
		p.screen.p.SaveSplit(offset)
	}
}

// visibleSide is where the inspector stands in this window.
func (s *Screen) visibleSide() string {
	if s.narrow && s.side == sideRight {
		return sideBelow
	}
	return s.side
}

func (s *Screen) setSide(side string) {
	s.side = side
	if s.p.SaveInspector != nil {
		s.p.SaveInspector(side)
	}
	s.page.arrange()
	s.FocusFirst()
}

// CycleInspector moves the inspector: right, below, hidden.
func (s *Screen) CycleInspector() {
	switch s.visibleSide() {
	case sideRight:
		s.setSide(sideBelow)
	case sideBelow:
		s.setSide(sideHidden)
	default:
		s.setSide(sideRight)
	}
}

// openInspector shows the inspector and goes into its body.
func (s *Screen) openInspector() {
	if s.visibleSide() == sideHidden {
		s.setSide(sideRight)
	}
	if s.inspect.Message() != nil {
		s.focus(s.inspect.Focus())
	}
}

// escape in the list closes the inspector.
func (s *Screen) escape() {
	if s.visibleSide() != sideHidden {
		s.setSide(sideHidden)
	}
}
