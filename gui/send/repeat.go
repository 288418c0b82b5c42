package send

import (
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	fynetheme "fyne.io/fyne/v2/theme"

	"gantry/client/message"
	"gantry/client/outbox/plan"
	"gantry/gui/arrange"
	"gantry/gui/draw"
	"gantry/gui/files"
	"gantry/gui/problem"
	"gantry/gui/widgets"
)

// repeat is the part of the form that makes a run of it: how many, from which file, and
// how fast. It is not kept over a restart: nobody sends a thousand by a press of yesterday.
type repeat struct {
	f                          *form
	times, rate, atOnce, batch *widgets.Entry
	timesField, rateField      *widgets.Field
	atOnceField, batchField    *widgets.Field
	stop                       *widgets.Check
	choose, drop               *widgets.Button
	name                       *widgets.Word
	file                       string // of the rows, "" for none
	content                    *fyne.Container
}

func newRepeat(f *form) *repeat {
	r := &repeat{f: f}
	number := func(caption, holder string) (*widgets.Entry, *widgets.Field) {
		e := widgets.NewEntry().Mono()
		e.SetPlaceHolder(holder)
		w := widgets.NewField(caption, e)
		e.OnChanged = func(string) { w.SetError("") }
		return e, w
	}
	r.times, r.timesField = number(lang.L("Messages"), "100")
	r.rate, r.rateField = number(lang.L("Per second"), lang.L("no limit"))
	r.atOnce, r.atOnceField = number(lang.L("At once"), "1")
	r.batch, r.batchField = number(lang.L("In batches of"), "1")
	r.stop = widgets.NewCheck(lang.L("Stop at the first failure"))
	r.choose = widgets.NewButton(lang.L("Rows from a file…"), fynetheme.FolderOpenIcon(), widgets.Quiet, r.ask)
	r.drop = widgets.NewButton(lang.L("Without a file"), fynetheme.ContentClearIcon(), widgets.Quiet, func() { r.setFile("") })
	r.name = widgets.NewCaption("").Shrinks(40)
	r.content = container.New(&arrange.Rows{Gap: 6},
		container.New(&arrange.Columns{Gap: 8, Shares: []float32{1, 1, 1, 1}}, r.timesField, r.rateField, r.atOnceField, r.batchField),
		container.New(&arrange.Columns{Gap: 4, Shares: []float32{0, 0, 1, 0}}, arrange.Middled(r.stop), r.choose, arrange.Middled(r.name), r.drop))
	r.content.Hide()
	r.setFile("")
	return r
}

// open tells whether the form is for a run.
func (r *repeat) open() bool { return r.content.Visible() }

// fold shows or hides it.
func (r *repeat) fold(open bool) {
	draw.Show(r.content, open)
	icon := fynetheme.MenuExpandIcon()
	if open {
		icon = fynetheme.MenuDropDownIcon()
	}
	r.f.many.SetIcon(icon)
	r.f.s.nameButton()
	r.f.relayout()
	r.f.s.content.Refresh()
	if open {
		r.f.s.p.Window.Canvas().Focus(r.times)
	}
}

func (r *repeat) ask() {
	s := r.f.s
	files.AskOpen(s.p.Window, files.Question{Tasks: s.p.Tasks, Title: lang.L("Rows from a file (CSV, JSON lines, text)"), Fail: s.p.Fail}, func(f fyne.URIReadCloser) {
		path := f.URI().Path()
		_ = f.Close()
		r.setFile(path)
	})
}

// setFile takes a file as the source of rows; "" is none.
func (r *repeat) setFile(path string) {
	r.file = path
	name := path[strings.LastIndexAny(path, `/\`)+1:]
	r.name.SetText(name)
	draw.Show(r.drop, path != "")
	if path != "" {
		r.times.SetPlaceHolder(lang.L("each row"))
	} else {
		r.times.SetPlaceHolder("100")
	}
	r.content.Refresh()
}

// read puts what is typed into a plan; false if it cannot be, which then stands at its
// field.
func (r *repeat) read(p *plan.Plan) bool {
	ok := true
	whole := func(e *widgets.Entry, w *widgets.Field, usual, most int64) int64 {
		text := strings.NewReplacer(",", "", "_", "", " ", "").Replace(e.Text)
		if text == "" {
			return usual
		}
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || n < 1 || n > most {
			w.SetError(lang.L("Enter a number from 1 to {{.Most}}.", map[string]any{"Most": widgets.Count(uint64(most))}))
			if ok {
				r.f.s.p.Window.Canvas().Focus(e)
			}
			ok = false
		}
		return n
	}
	usual := int64(100)
	if r.file != "" {
		usual = plan.MaxMessages
	}
	p.Count = whole(r.times, r.timesField, usual, plan.MaxMessages)
	p.PerSecond = float64(whole(r.rate, r.rateField, 0, plan.MaxPerSecond))
	p.AtOnce = int(whole(r.atOnce, r.atOnceField, 1, plan.MaxAtOnce))
	p.Batch = int(whole(r.batch, r.batchField, 1, plan.MaxBatch))
	p.StopOnError = r.stop.Checked
	if ok && p.Batch > 1 && (p.OneWay || p.Deliver.Later() || p.Transaction != message.NoTransaction) {
		r.batchField.SetError(lang.L("A batch cannot be delayed, sent one-way or transactional."))
		ok = false
	}
	if ok && p.Transaction == message.Undecided {
		r.f.delivery.decisionField.SetError(problem.Explain(plan.ErrUndecided).Text())
		r.f.s.p.Window.Canvas().Focus(r.f.delivery.decision)
		ok = false
	}
	return ok
}
