package msglist

import (
	"math"

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

// barHeight is that of the filter above a list, in Fyne units.
const barHeight float32 = 42

// bar stands above a list: its filter, how many messages fit, and what else can be
// done with all of them.
type bar struct {
	list    *List
	field   *widgets.FilterEntry
	status  *widgets.Word
	all     *widgets.Button     // shows what was cleared
	again   *widgets.Button     // sends all, or what is chosen
	copies  *widgets.Button     // what is chosen
	keeps   *widgets.Button     // as a recording
	cover   *widgets.EmptyState // over the rows where there are none
	act     *widgets.Button     // of cover
	content *fyne.Container
	covers  string  // what cover says
	wrong   string  // why the filter cannot be read
	offers  bool    // Show all
	several bool    // rows are chosen
	sends   Again   // what to send again is called
	needed  float32 // the room for the words when buttons were placed last
}

func newBar(l *List) *bar {
	b := &bar{list: l, status: widgets.NewCaption("").Shrinks(0)}
	b.field = widgets.NewFilterEntry(func(k *fyne.KeyEvent) bool {
		if k != nil && l.Len() == 0 {
			return false
		}
		focus(l.view)
		if k != nil {
			l.view.TypedKey(k)
		}
		return true
	})
	b.field.OnChanged = func(string) { l.filter() }
	b.field.Tags = l.tags
	if l.p.Memory != nil {
		b.field.Memory, b.field.OnEdit = l.p.Memory, l.editFilters
	}
	b.act = widgets.NewButton("", nil, widgets.Normal, nil)
	b.cover = widgets.NewEmptyState("", "", nil)
	b.cover.Hide()
	b.all = widgets.NewButton(lang.L("Show all"), nil, widgets.Quiet, l.ShowAll)
	b.copies = widgets.NewButton(lang.L("Copy"), fynetheme.ContentCopyIcon(), widgets.Quiet, l.copyPicked)
	b.again = widgets.NewButton(lang.L("Send all again…"), fynetheme.MailReplyAllIcon(), widgets.Quiet, func() {
		if b.several {
			l.SendChosen()
		} else {
			l.SendAll()
		}
	})
	b.keeps = widgets.NewButton(lang.L("Keep…"), fynetheme.FolderIcon(), widgets.Quiet, l.Keep)
	row := &barLayout{
		all: b.all, copies: b.copies, keeps: b.keeps, again: b.again, clear: widgets.NewButton(lang.L("Clear list"), nil, widgets.Quiet, l.Clear),
		export: widgets.NewButton(lang.L("Export…"), fynetheme.DownloadIcon(), widgets.Quiet, l.Export), list: l,
		field: widgets.NewField("", b.field), status: arrange.Middled(b.status),
	}
	b.content = container.NewStack(widgets.NewGround(theme.Surface), container.New(layout.NewCustomPaddedLayout(6, 6, edgeRoom, edgeRoom),
		container.New(row, row.field, row.status, row.all, row.clear, row.again, row.export, row.keeps, row.copies)))
	return b
}

var _ fyne.Layout = (*barLayout)(nil)

// barLayout gives the words and the buttons what they need and the field the most of the
// rest. It leaves out the buttons, which are in the menus too, and the words, where there is
// too little room.
type barLayout struct {
	list                      *List
	field, status             fyne.CanvasObject
	all, clear, again, export *widgets.Button
	copies, keeps             *widgets.Button
}

const (
	barGap      float32 = 8
	leastField  float32 = 280
	mostField   float32 = 480
	leastStatus float32 = 40
)

// MinSize is that of the field alone.
func (r *barLayout) MinSize([]fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(leastField, r.field.MinSize().Height)
}

// Layout places what there is room for: the words have theirs before the buttons.
func (r *barLayout) Layout(_ []fyne.CanvasObject, s fyne.Size) {
	several := r.list.picked.Several()
	room := s.Width - leastField
	if need := r.list.bar.need(); need > 0 {
		room -= need + barGap
	}
	shown := map[*widgets.Button]bool{}
	for _, b := range []struct {
		*widgets.Button
		wanted bool
	}{
		{r.copies, several},
		{r.all, r.list.cleared() > 0 && !several},
		{r.export, true},
		{r.again, r.list.p.SendAll != nil},
		{r.keeps, r.list.p.Keep != nil},
		{r.clear, r.list.p.Clears && !several && !r.list.standing},
	} {
		if w := b.MinSize().Width + barGap; b.wanted && w <= room {
			shown[b.Button], room = true, room-w
		}
	}
	right := s.Width
	for _, b := range []*widgets.Button{r.export, r.again, r.keeps, r.copies, r.clear, r.all} {
		// Nothing but this layout changes it, and it is drawn anew after a layout.
		if b.Hidden = !shown[b]; b.Hidden {
			continue
		}
		w := b.MinSize().Width
		right -= w
		b.Move(fyne.NewPos(right, 0))
		b.Resize(fyne.NewSize(w, s.Height))
		right -= barGap
	}
	field := min(max(min(right*0.6, right-r.list.bar.need()-barGap), leastField), mostField, right)
	r.field.Move(fyne.Position{})
	r.field.Resize(fyne.NewSize(field, s.Height))
	rest := right - field - barGap
	draw.Show(r.status, rest >= leastStatus)
	r.status.Move(fyne.NewPos(field+barGap, 0))
	r.status.Resize(fyne.NewSize(max(rest, 0), s.Height))
}

// needStep is in which steps the room for the words grows: a count that runs on does not move
// the buttons with each digit.
const needStep float32 = 40

// need is the room for the words, 0 for none.
func (b *bar) need() float32 {
	words := b.status.Text()
	if words == "" {
		return 0
	}
	w := fyne.MeasureText(words, theme.SizeCaption, fyne.TextStyle{}).Width
	return needStep * float32(math.Ceil(float64(w/needStep)))
}

// focus gives a widget the keyboard.
func focus(o fyne.Focusable) {
	if c := fyne.CurrentApp().Driver().CanvasForObject(o.(fyne.CanvasObject)); c != nil {
		c.Focus(o)
	}
}

// draw says how many messages fit, how many are cleared, or which term cannot be
// read.
func (b *bar) draw() {
	l := b.list
	words, tip, ink := "", "", theme.Muted // tip is what there may be no room for
	var cover coverLook
	cleared := l.cleared()
	if cleared > 0 {
		words = lang.N("{{.Count}} earlier ones are hidden", int(cleared), map[string]any{"Count": widgets.Count(cleared)})
	}
	if l.all != nil {
		first, next := l.all.Range()
		switch s := l.sieve; {
		case first == next && cleared > 0:
			cover = coverLook{lang.L("Cleared"), words, lang.L("Show all"), l.ShowAll}
		case s != nil && first < next:
			words, cover = b.fitting(s, next-first)
		}
	}
	if s := l.sieve; s != nil && s.gaveUp.Count > 0 {
		words, ink, tip = gaveUp(s.gaveUp)+" · "+words, theme.Warn, gaveUpToo("", s.gaveUp)
	}
	if order := l.orderWords(); order != "" && words != "" {
		words += " · " + order
	} else if order != "" {
		words = order
	}
	if l.picked.Several() {
		words, ink = l.pickedWords(), theme.Text
	}
	if b.wrong != "" {
		words, ink, tip = b.wrong, theme.Err, b.wrong
	}
	b.status.Set(words, ink)
	need := b.need()
	b.status.SetToolTip(tip)
	b.drawCover(cover)
	offers, several, sends := cleared > 0, l.picked.Several(), l.again()
	if offers != b.offers || several != b.several || sends != b.sends || need != b.needed {
		b.offers, b.several, b.sends, b.needed = offers, several, sends, need
		b.again.SetText(sends.label(several))
		b.content.Refresh() // buttons come or go
	}
}

// fitting says how many of all fit the filter, and what stands over the rows if none
// does.
func (b *bar) fitting(s *sieve, all uint64) (string, coverLook) {
	from, to := s.Range()
	left := s.behind()
	data := map[string]any{"Found": widgets.Count(to - from), "All": widgets.Count(all), "Part": 100 * (all - min(left, all)) / all}
	// What comes to a live list is looked at within a tick or two.
	if left > b.list.screenful() {
		return lang.L("{{.Found}} match, {{.Part}} % looked at", data), coverLook{}
	}
	words := lang.L("{{.Found}} of {{.All}} match", data)
	if from < to || left > 0 {
		return words, coverLook{}
	}
	hidden := lang.N("{{.Count}} messages are hidden by the filter.", int(all), map[string]any{"Count": widgets.Count(all)})
	return words, coverLook{
		lang.L("No message matches"), gaveUpToo(hidden, s.gaveUp),
		lang.L("Clear filter"), b.list.ClearFilter,
	}
}

// coverLook is what stands over the rows; no title, nothing.
type coverLook struct {
	title, line, button string
	do                  func()
}

func (b *bar) drawCover(c coverLook) {
	if look := c.title + c.line; look != b.covers {
		b.covers = look
		if look != "" {
			b.act.OnTapped = c.do
			b.act.SetText(c.button)
			b.cover.Set(c.title, c.line, nil, b.act)
		}
	}
	if shown := c.title != ""; shown != b.cover.Visible() {
		draw.Show(b.cover, shown)
		b.list.content.Refresh()
	}
}
