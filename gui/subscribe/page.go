package subscribe

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/layout"
	fynetheme "fyne.io/fyne/v2/theme"

	"gantry/gui/arrange"
	"gantry/gui/draw"
	"gantry/gui/theme"
	"gantry/gui/widgets"
)

// page puts the parts of the screen in place.
type page struct {
	screen  *Screen
	chips   *fyne.Container
	more    *widgets.Button // adds a subscription
	left    *widgets.Button // recordings and kept lists
	banner  *widgets.Banner
	archive *widgets.Paragraph
	about   fyne.CanvasObject
	empty   *widgets.EmptyState
	top     *fyne.Container
	content *fyne.Container

	drawnBanner bannerLook
	drawnEmpty  emptyLook
	drawnList   *sub
}

func newPage(s *Screen) *page {
	p := &page{screen: s}
	p.chips = container.New(layout.NewCustomPaddedHBoxLayout(6))
	p.more = widgets.NewButton(lang.L("New subscription"), fynetheme.ContentAddIcon(), widgets.Quiet, s.NewSubscription)
	p.left = widgets.NewButton(lang.L("Recordings"), fynetheme.FolderIcon(), widgets.Quiet, s.ShowRecordings)
	bar := container.New(&arrange.Rows{Edge: 14, Top: 4, Foot: 4},
		container.NewBorder(nil, nil, nil, p.left, container.NewHScroll(p.chips)))
	p.banner = widgets.NewBanner(false, "")
	p.banner.Hide()
	p.archive = widgets.NewParagraph("", theme.Muted)
	p.about = container.New(&arrange.Rows{Edge: 14, Top: 8, Foot: 8}, p.archive.Object())
	p.about.Hide()
	p.top = container.New(&arrange.Rows{}, bar, s.form.content, s.form.fold.content, p.about, p.banner, widgets.NewRule())
	p.empty = widgets.NewEmptyState("", "", nil)
	foot := container.New(&arrange.Rows{}, widgets.NewRule(), s.status)
	p.content = container.New(&arrange.Rows{Grow: s.beside.Content()}, p.top, s.beside.Content(), foot)
	return p
}

// relayout follows a change of heights, of the whole page: the list stands where the
// form ends, and what comes into a row has its place there. What wraps knows its
// height only once it is placed, so it is done twice.
func (p *page) relayout() {
	f := p.screen.form
	for range 2 {
		for _, c := range []*fyne.Container{p.top, f.fold.content, f.content, f.rows[0], f.rows[1]} {
			c.Layout.Layout(c.Objects, c.Size())
		}
		p.content.Layout.Layout(p.content.Objects, p.content.Size())
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
		p.screen.beside.SetList(b.list.Content())
		draw.Show(p.about, b.archive)
		if b.archive {
			p.archive.Set(archiveWords(b), theme.Muted)
		}
		p.relayout()
	}
	if empty := b.spec.Topic == "" && !b.archive; empty == p.more.Visible() {
		draw.Show(p.more, !empty) // this is the new one
		p.chips.Refresh()
	}
	bare := b.list.Len() == 0 && b.st.Kept == 0
	if e := emptyOf(b); bare && e != p.drawnEmpty {
		p.drawnEmpty = e
		p.empty.Set(e.title, e.line, nil)
	}
	if bare {
		p.screen.beside.SetAlone(p.empty)
	} else {
		p.screen.beside.SetAlone(nil)
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
	if l.skip {
		actions = append(actions, widgets.Choice{Text: lang.L("Skip it"), Kind: widgets.Quiet, Do: p.screen.askSkip})
	}
	p.banner.Set(l.failed, l.words, actions...)
	draw.Show(p.banner, l.words != "")
	p.relayout()
}
