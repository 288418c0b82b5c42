package browse

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	fynetheme "fyne.io/fyne/v2/theme"

	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/gui/arrange"
	"gantry/gui/draw"
	"gantry/gui/problem"
	"gantry/gui/widgets"
)

// modes are the ways to ask, in the order of their segments.
func modes() []string {
	return []string{lang.L("Time range"), lang.L("Key"), lang.L("Message id"), lang.L("Queue and offset"), lang.L("Newest")}
}

// kinds are those of the modes.
var kinds = [...]cluster.QueryKind{cluster.ByTime, cluster.ByKey, cluster.ByID, cluster.ByOffset, cluster.Newest}

// What may be read, and how many found; 0 is all.
var (
	limits = [...]int64{50_000, 200_000, 1_000_000, 0}
	counts = [...]int{1, 32, 100, 1_000, 10_000}
	mosts  = [...]int64{0, 1, 10, 100, 1_000, 10_000}
)

// boundWidth is that of the choices of what is read and found at most, in Fyne units.
const boundWidth float32 = 184

// form is what a search asks for. Each mode has some of the fields.
type form struct {
	s       *Screen
	filling bool
	// lent is the topic that was put into a form that had none; own says that it has one since.
	lent string
	own  bool

	mode                                       *widgets.Segments
	topic                                      *widgets.Completion
	from, to, tag, fits, key, id, queue, start *widgets.Entry
	group                                      *widgets.Entry // to read as, where the tools' may not be
	limit, most, count                         *widgets.Select
	limits                                     *fyne.Container           // limit and most, above the row
	howMany                                    map[cluster.QueryKind]int // of each mode, as an index of counts
	run                                        *widgets.Button
	ranges                                     *widgets.IconButton // the usual times

	fields  map[fyne.CanvasObject]*widgets.Field
	row     *fyne.Container
	about   fyne.CanvasObject // left out where the bounds need its room
	narrow  bool
	errs    map[fyne.CanvasObject]string
	place   place // what is typed for the queue
	content fyne.CanvasObject
	drawn   formLook
}

type formLook struct {
	mode    int
	narrow  bool
	run     string
	stops   bool // what run does
	off     bool
	errs    string
	changed bool
	group   bool
	barred  string // why the topic may not be read
}

func newForm(s *Screen) *form {
	f := &form{s: s, fields: map[fyne.CanvasObject]*widgets.Field{}, errs: map[fyne.CanvasObject]string{}, howMany: map[cluster.QueryKind]int{}}
	f.mode = widgets.NewSegments(func(int) { f.showCount(); f.changed(); s.update() }, modes()...)
	f.topic = widgets.NewCompletion(nil)
	f.topic.Mono()
	f.topic.SetPlaceHolder(lang.L("topic name"))
	f.topic.OnChanged = func(text string) { f.pasted(text); f.changed() }
	f.topic.OnEscape = s.FocusFirst
	f.from, f.to = f.entry("2026-11-23 14:00:00"), f.entry(lang.L("now"))
	f.tag, f.fits = f.entry(lang.L("all")), f.entry(lang.L("word  key:…  .path:…  /regex/  jq:…"))
	f.key, f.id = f.entry(""), f.entry("")
	f.id.OnChanged = func(text string) { f.pasted(text); f.changed() }
	f.group = f.entry(lang.L("group name"))
	f.queue, f.start = f.entry("broker-a/0"), f.entry("0")
	f.limit = widgets.NewSelect(limitWords()...)
	f.limit.SetSelectedIndex(0)
	f.most = widgets.NewSelect(mostWords()...)
	f.most.SetSelectedIndex(0)
	f.count = widgets.NewSelect(countWords()...)
	f.count.SetSelectedIndex(usualCount)
	f.count.OnChanged = func(string) { f.howMany[f.kind()] = f.count.SelectedIndex() }
	f.run = widgets.NewButton(lang.L("Search"), fynetheme.SearchIcon(), widgets.Primary, f.press)
	f.ranges = widgets.NewIconButton(fynetheme.HistoryIcon(), lang.L("Usual times"), f.offerRanges)
	f.build()
	f.from.SetText(time.Now().Add(-time.Hour).Truncate(time.Minute).Format(time.DateTime))
	return f
}

func (f *form) entry(hint string) *widgets.Entry {
	e := widgets.NewEntry().Mono()
	e.SetPlaceHolder(hint)
	e.OnChanged = func(string) { f.changed() }
	e.OnEscape = f.s.FocusFirst
	return e
}

func limitWords() []string {
	var out []string
	for _, n := range limits {
		if n == 0 {
			out = append(out, lang.L("Read all"))
		} else {
			out = append(out, lang.L("Read {{.Count}} at most", map[string]any{"Count": widgets.Count(uint64(n))}))
		}
	}
	return out
}

func mostWords() []string {
	var out []string
	for _, n := range mosts {
		if n == 0 {
			out = append(out, lang.L("Find all"))
		} else {
			out = append(out, lang.N("Stop after {{.Count}} found", int(n), map[string]any{"Count": widgets.Count(uint64(n))}))
		}
	}
	return out
}

func countWords() []string {
	var out []string
	for _, n := range counts {
		out = append(out, widgets.Count(uint64(n)))
	}
	return out
}

// build puts the fields into one row; update shows those of the mode.
func (f *form) build() {
	grow := []float32{}
	add := func(caption string, o fyne.CanvasObject, least, share float32) {
		field := widgets.NewField(caption, o).SetMinWidth(least)
		f.fields[o] = field
		f.row.Add(field)
		grow = append(grow, share)
	}
	f.row = container.New(&arrange.Fields{})
	add(lang.L("Topic"), f.topic, 120, 3)
	add(lang.L("Stored from"), f.from, 178, 0)
	add(lang.L("Until"), f.to, 178, 0)
	add(" ", f.ranges, 28, 0)
	add(lang.L("Tags"), f.tag, 72, 1)
	add(lang.L("Filter"), f.fits, 110, 2)
	add(lang.L("Key"), f.key, 160, 2)
	add(lang.L("Message id"), f.id, 280, 3)
	add(lang.L("Queue"), f.queue, 140, 1)
	add(lang.L("Offset"), f.start, 100, 1)
	add(lang.L("How many"), f.count, 96, 0)
	add(lang.L("Read as group"), f.group, 120, 1)
	f.row.Add(widgets.NewField(" ", f.run))
	f.row.Layout.(*arrange.Fields).Grow = grow
	f.about = arrange.Middled(widgets.NewCaption(lang.L("Reads without joining a group. Nothing is consumed.")).Shrinks(40))
	bound := func(o fyne.CanvasObject) fyne.CanvasObject {
		return container.NewGridWrap(fyne.NewSize(boundWidth, o.MinSize().Height), o)
	}
	f.limits = container.New(&arrange.Columns{Gap: 8, Shares: []float32{0, 0}}, bound(f.limit), bound(f.most))
	head := container.New(&arrange.Columns{Gap: 12, Shares: []float32{0, 1, 0}}, f.mode, f.about, f.limits)
	f.content = container.New(&arrange.Rows{Edge: 14, Gap: 6, Top: 8, Foot: 8}, head, f.row)
}

// modeFields lists the fields that the chosen mode has, the topic beside.
func (f *form) modeFields() []fyne.CanvasObject {
	switch f.kind() {
	case cluster.ByTime:
		return []fyne.CanvasObject{f.from, f.to, f.ranges, f.tag, f.fits}
	case cluster.ByKey:
		return []fyne.CanvasObject{f.key}
	case cluster.ByID:
		return []fyne.CanvasObject{f.id}
	case cluster.ByOffset:
		return []fyne.CanvasObject{f.queue, f.start, f.count}
	default:
		return []fyne.CanvasObject{f.count}
	}
}

// pulls tells whether the mode reads queues, as a group.
func (f *form) pulls() bool {
	k := f.kind()
	return k != cluster.ByKey && k != cluster.ByID
}

// usualCount is the number of counts that a mode begins with.
const usualCount = 2

// showCount shows how many the mode asks for: each keeps its own number.
func (f *form) showCount() {
	n, ok := f.howMany[f.kind()]
	if !ok {
		n = usualCount
	}
	f.count.SetSelectedIndex(n)
}

func (f *form) kind() cluster.QueryKind { return kinds[f.mode.Selected()] }

// changed takes away what was said of the fields, and of a search that did not begin
// because of them.
func (f *form) changed() {
	if f.filling {
		return
	}
	if len(f.errs) > 0 {
		clear(f.errs)
		f.s.failed = nil
		f.s.update()
	}
	f.update()
}

// press searches, or gives the search up.
func (f *form) press() {
	if f.s.Running() {
		f.s.StopRunning()
		return
	}
	f.s.Primary()
}

// look is how the form is to be drawn.
func (f *form) look() formLook {
	l := formLook{mode: f.mode.Selected(), narrow: f.narrow, run: lang.L("Search"), errs: fmt.Sprint(f.errs)}
	switch {
	case f.s.want:
		l.run, l.off = lang.L("Connecting…"), true
	case f.s.stopping:
		l.run, l.off = lang.L("Stopping…"), true
	case f.s.Running():
		l.run, l.stops, l.off = lang.L("Stop"), true, f.s.starting
	}
	failed := f.s.failure()
	barred := errors.Is(failed, fault.NotReadable) && strings.TrimSpace(f.topic.Text) == f.s.p.Profile.ShortName(f.s.query.Topic)
	if barred {
		l.barred = problem.Explain(failed).Text()
	}
	l.group = f.pulls() && (f.group.Text != "" || errors.Is(failed, fault.Refused) && !errors.Is(failed, fault.NotReadable))
	l.changed = true // once, for the first
	return l
}

// update shows the fields of the mode, their errors, and what the button does.
func (f *form) update() {
	l := f.look()
	if l == f.drawn {
		return
	}
	f.drawn = l
	shown := map[fyne.CanvasObject]bool{f.topic: true}
	for _, o := range f.modeFields() {
		shown[o] = true
	}
	shown[f.group] = l.group
	for o, field := range f.fields {
		field.SetError(f.errs[o])
		if o == f.topic && f.errs[o] == "" {
			field.SetError(l.barred)
		}
		if shown[o] {
			field.Show()
		} else {
			field.Hide()
		}
	}
	draw.Show(f.limits, f.kind() == cluster.ByTime)
	draw.Show(f.about, f.kind() != cluster.ByTime || !f.narrow)
	icon, kind := fynetheme.SearchIcon(), widgets.Primary
	if l.stops {
		icon, kind = fynetheme.MediaStopIcon(), widgets.Normal
	}
	f.run.SetText(l.run)
	f.run.SetIcon(icon)
	f.run.SetKind(kind)
	if l.off {
		f.run.Disable()
	} else {
		f.run.Enable()
	}
	f.row.Refresh()
	f.content.Refresh()
	if f.s.page != nil {
		f.s.page.relayout()
	}
}

// commit closes the list of suggestions.
func (f *form) commit() { f.topic.Close() }

// focusError goes to the first field that has an error.
func (f *form) focusError() {
	for _, o := range append([]fyne.CanvasObject{f.topic}, f.modeFields()...) {
		if focusable, ok := o.(fyne.Focusable); ok && f.errs[o] != "" {
			f.s.focus(focusable)
			return
		}
	}
}
