package replay

import (
	"sync/atomic"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"

	"gantry/gui/arrange"
	"gantry/gui/draw"
	"gantry/gui/theme"
	"gantry/gui/widgets"
)

// reading shows how far a look has read the messages, which takes its time where each is
// changed, and ends it.
type reading struct {
	s       *sheet
	content *fyne.Container
	meter   *widgets.Meter
	act     *widgets.Button
	read    *atomic.Int64 // by the look that reads; nil while none does
	stopped bool
}

func newReading(s *sheet) *reading {
	r := &reading{s: s, meter: widgets.NewMeter(120, 4)}
	r.act = widgets.NewButton("", nil, widgets.Quiet, r.stopOrAgain)
	r.content = container.New(&arrange.Columns{Gap: 8, Shares: []float32{1, 0}}, arrange.Middled(r.meter), r.act)
	r.content.Hide()
	return r
}

// begin returns what a look tells how many messages it has read, from its goroutine.
func (r *reading) begin() func(int64) {
	read := &atomic.Int64{} // of this look alone: one before it may tell still
	r.read = read
	show := r.s.p.Tasks.Signal(r.s.scope, func() {
		if r.read == read {
			r.show(read.Load())
		}
	})
	return func(n int64) {
		read.Store(n)
		show()
	}
}

// show says how many messages were read.
func (r *reading) show(n int64) {
	all := r.s.copied.Messages
	r.s.says.Set(lang.L("Reading the messages to change them: {{.Done}} of {{.Count}}", map[string]any{"Done": widgets.Count(uint64(n)), "Count": widgets.Count(uint64(all))}), theme.Muted)
	r.meter.Set(float64(n)/float64(max(all, 1)), theme.Accent)
	r.act.SetText(lang.L("Stop"))
	r.place(true)
}

// stopOrAgain ends the look, or begins it anew where it was ended. Nothing can be sent that
// was not read.
func (r *reading) stopOrAgain() {
	if r.stopped {
		r.s.look()
		return
	}
	r.s.scope.Cancel(queryLook)
	r.read, r.stopped = nil, true
	r.s.say(lang.L("Not all were read, so it is not known what would leave."), theme.Text)
	r.act.SetText(lang.L("Read them"))
	r.place(true)
}

// hide takes it away: nothing is read.
func (r *reading) hide() {
	r.read, r.stopped = nil, false
	r.place(false)
}

func (r *reading) place(shown bool) {
	if r.content.Visible() == shown {
		return
	}
	draw.Show(r.content, shown)
	r.s.relayout()
}
