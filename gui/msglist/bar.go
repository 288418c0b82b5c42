package msglist

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/layout"
	fynetheme "fyne.io/fyne/v2/theme"

	"gantry/gui/theme"
	"gantry/gui/widgets"
)

// barHeight is that of the filter above a list, in Fyne units.
const barHeight float32 = 42

// bar stands above a list: its filter, how many messages fit, and what else can be
// done with all of them.
type bar struct {
	list    *List
	field   *widgets.Entry
	says    *widgets.Word
	clear   *widgets.Button     // hides what is there, or shows it again
	cover   *widgets.EmptyState // over the rows where there are none
	content *fyne.Container
	covers  string // what cover says
	wrong   string // the term that cannot be read
}

func newBar(l *List) *bar {
	b := &bar{list: l, says: widgets.NewCaption("").Shrinks(0)}
	b.field = widgets.NewFilter(lang.L("Filter: word  key:…  tag:…  size>10k"), func(k *fyne.KeyEvent) bool {
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
	b.cover = widgets.NewEmptyState("", "", nil)
	b.cover.Hide()
	b.clear = widgets.NewButton("", nil, widgets.Quiet, nil)
	b.drawClear()
	widgets.Show(b.clear, l.p.Clears)
	export := widgets.NewButton(lang.L("Export…"), fynetheme.DownloadIcon(), widgets.Quiet, l.Export)
	row := container.New(&barLayout{}, widgets.NewField("", b.field), widgets.Middled(b.says), b.clear, export)
	b.content = container.NewStack(widgets.NewGround(theme.Surface),
		container.New(layout.NewCustomPaddedLayout(6, 6, edgeRoom, edgeRoom), row))
	return b
}

// drawClear names the button for what it does now.
func (b *bar) drawClear() {
	words, do := lang.L("Clear list"), b.list.Clear
	if b.list.from > 0 {
		words, do = lang.L("Show all"), b.list.ShowAll
	}
	b.clear.OnTapped = do
	b.clear.SetText(words)
}

var _ fyne.Layout = (*barLayout)(nil)

// barLayout gives the buttons what they need, the field the most of the rest, and
// leaves out the buttons, which are in the menus too, where the field would get too
// little.
type barLayout struct{}

const (
	barGap     float32 = 8
	leastField float32 = 160
	mostField  float32 = 480
)

func (barLayout) MinSize(o []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(leastField, o[0].MinSize().Height)
}

func (barLayout) Layout(o []fyne.CanvasObject, s fyne.Size) {
	right := s.Width
	for i := len(o) - 1; i > 1; i-- {
		if !o[i].Visible() {
			continue
		}
		w := o[i].MinSize().Width
		if right-w-barGap < leastField {
			w = 0
		} else {
			right -= w
		}
		o[i].Move(fyne.NewPos(right, 0))
		o[i].Resize(fyne.NewSize(w, s.Height))
		if w > 0 {
			right -= barGap
		}
	}
	field := min(max(right*0.6, leastField), mostField, right)
	o[0].Move(fyne.Position{})
	o[0].Resize(fyne.NewSize(field, s.Height))
	o[1].Move(fyne.NewPos(field+barGap, 0))
	o[1].Resize(fyne.NewSize(max(right-field-barGap, 0), s.Height))
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
	words, ink := "", theme.Muted
	var cover coverLook
	if l.given != nil {
		first, next := l.all.Range()
		kept, _ := l.given.Range()
		if cleared := first - kept; l.from > 0 && cleared > 0 {
			words = lang.N("{{.Count}} earlier ones are hidden", int(cleared), map[string]any{"Count": widgets.Count(cleared)})
			if first == next {
				cover = coverLook{lang.L("Cleared"), words, lang.L("Show all"), l.ShowAll}
			}
		}
		if s := l.sieve; s != nil && next > first {
			words, cover = b.fitting(s, next-first)
		}
	}
	if b.wrong != "" {
		words, ink = lang.L("“{{.Term}}” is no size: write size>10k or size<1M", map[string]any{"Term": b.wrong}), theme.Err
	}
	b.says.Set(words, ink)
	b.drawCover(cover)
	b.drawClear()
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
	return words, coverLook{
		lang.L("No message matches"),
		lang.N("{{.Count}} messages are hidden by the filter.", int(all), map[string]any{"Count": widgets.Count(all)}),
		lang.L("Clear filter"), func() { b.field.SetText("") },
	}
}

// coverLook is what stands over the rows; no title, nothing.
type coverLook struct {
	title, line, button string
	do                  func()
}

func (b *bar) drawCover(c coverLook) {
	if says := c.title + c.line; says != b.covers {
		b.covers = says
		if says != "" {
			b.cover.Set(c.title, c.line, nil, widgets.NewButton(c.button, nil, widgets.Normal, c.do))
		}
	}
	if shown := c.title != ""; shown != b.cover.Visible() {
		widgets.Show(b.cover, shown)
		b.list.content.Refresh()
	}
}
