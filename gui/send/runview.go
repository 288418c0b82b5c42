package send

import (
	"context"
	"errors"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/layout"
	fynetheme "fyne.io/fyne/v2/theme"

	"gantry/client/fault"
	"gantry/client/outbox"
	"gantry/gui/arrange"
	"gantry/gui/confirm"
	"gantry/gui/draw"
	"gantry/gui/problem"
	"gantry/gui/task"
	"gantry/gui/theme"
	"gantry/gui/widgets"
	"gantry/gui/words"
)

// phaseWord says how a run stands.
func phaseWord(p outbox.Phase) (string, theme.Token) {
	switch p {
	case outbox.Starting:
		return lang.L("Starting…"), theme.Muted
	case outbox.Sending:
		return lang.L("Sending…"), theme.Accent
	case outbox.Pausing:
		return lang.L("Pausing…"), theme.Muted
	case outbox.Paused:
		return lang.L("Paused"), theme.Warn
	case outbox.Stopping:
		return lang.L("Stopping…"), theme.Muted
	case outbox.Stopped:
		return lang.L("Stopped"), theme.Muted
	case outbox.Complete:
		return lang.L("Complete"), theme.OK
	}
	return lang.L("Interrupted"), theme.Warn
}

// runView is the head of the pane while it shows one run: how it stands, and what can be
// done with it.
type runView struct {
	p       *sentPane
	run     *outbox.Run
	shelf   *runShelf
	cancel  func() // ends the watching
	content *fyne.Container

	title, counts, speed   *widgets.Word
	why                    *widgets.Paragraph
	bar                    *widgets.Meter
	plot                   *widgets.Sparkline
	pause, stop, more, bad *widgets.Button
	save                   *widgets.IconButton
	consumed               *widgets.Button
	settled                *settledView
	choices                *widgets.Segments
	choiceBox              *fyne.Container
	offered                []choice // of the segments
}

func newRunView(p *sentPane, run *outbox.Run) *runView {
	v := &runView{p: p, run: run, shelf: &runShelf{run: run}, bar: widgets.NewMeter(60, 4), plot: widgets.NewSparkline(), why: widgets.NewParagraph("", theme.Text)}
	v.title = widgets.NewWord("", theme.Text).Bold().Shrinks(60)
	v.counts, v.speed = widgets.NewWord("", theme.Text).Small().Shrinks(60), widgets.NewCaption("").Shrinks(0)
	back := widgets.NewIconButton(fynetheme.NavigateBackIcon(), lang.L("All that was sent"), p.closeRun)
	v.pause = widgets.NewButton("", nil, widgets.Quiet, v.pauseOrResume)
	v.stop = widgets.NewButton(lang.L("Stop"), nil, widgets.Quiet, v.halt)
	v.more = widgets.NewButton(lang.L("Go on"), nil, widgets.Quiet, func() { p.s.goOn(run) })
	v.bad = widgets.NewButton("", nil, widgets.Quiet, func() { p.s.sendFailed(run, v.failing()) })
	// These stand beside the speed, as above there is no room where it failed in part.
	v.save = widgets.NewIconButton(fynetheme.DownloadIcon(), lang.L("Export as a table (CSV)…"), func() { p.s.exportProof(run, v.shelf.settled) })
	v.settled = newSettledView(v)
	v.consumed = widgets.NewButton(lang.L("Consumed?…"), nil, widgets.Quiet, v.settled.ask)
	v.choiceBox = container.NewHBox()
	head := container.New(&arrange.Columns{Gap: 8, Shares: []float32{0, 1, 0}}, arrange.Middled(back), arrange.Middled(v.title),
		container.New(layout.NewCustomPaddedHBoxLayout(2), v.bad, v.pause, v.stop, v.more))
	speed := container.New(&arrange.Columns{Gap: 2, Shares: []float32{1, 0, 0, 0}}, arrange.Middled(v.speed), v.plot, v.consumed, v.save)
	v.content = container.New(layout.NewCustomPaddedLayout(0, 8, 8, 12), container.New(&arrange.Rows{Gap: 6},
		head, v.counts, v.bar, speed, v.why.Object(), v.settled.content, v.choiceBox))
	v.cancel = run.Watch(p.s.p.Tasks.Signal(p.s.scope, p.stir))
	v.draw()
	return v
}

// moves tells whether time alone changes what is shown.
func (v *runView) moves() bool { return !v.run.Info().Phase.Over() }

// failing is the state whose messages can be sent again.
func (v *runView) failing() outbox.State {
	if v.run.Counts().Failed == 0 {
		return outbox.Uncertain
	}
	return outbox.Failed
}

// draw says how the run stands.
func (v *runView) draw() {
	st := v.run.Status()
	c := st.Counts
	word, token := phaseWord(st.Phase)
	v.title.SetText(v.p.s.targets(v.run.Plan().Targets()) + " · " + word)
	count := func(n int64) string { return widgets.Count(uint64(n)) }
	text := lang.L("{{.Done}} of {{.Count}}", map[string]any{"Done": count(c.Stored + c.HandedOver), "Count": count(st.Planned)})
	if c.Arrived > 0 {
		text += " · " + lang.L("{{.Count}} arrived", map[string]any{"Count": count(c.Arrived)})
	}
	if c.Committed > 0 {
		text += " · " + lang.L("{{.Count}} committed", map[string]any{"Count": count(c.Committed)})
	}
	if c.RolledBack > 0 {
		text += " · " + lang.L("{{.Count}} rolled back", map[string]any{"Count": count(c.RolledBack)})
	}
	if c.Deciding > 0 && st.Phase.Over() {
		text += " · " + lang.L("{{.Count}} not confirmed", map[string]any{"Count": count(c.Deciding)})
	}
	if c.Failed > 0 {
		text += " · " + lang.L("{{.Count}} failed", map[string]any{"Count": count(c.Failed)})
	}
	if c.Uncertain > 0 {
		text += " · " + lang.L("{{.Count}} uncertain", map[string]any{"Count": count(c.Uncertain)})
	}
	if n := c.Missing + c.NotFound + c.Differing; n > 0 {
		text += " · " + lang.L("{{.Count}} not seen", map[string]any{"Count": count(n)})
	}
	if c.Doubled > 0 {
		text += " · " + lang.L("{{.Count}} doubled", map[string]any{"Count": count(c.Doubled)})
	}
	v.counts.SetText(text)
	v.drawSpeed(&st)
	if c.Failed+c.Uncertain > 0 {
		token = theme.Warn
	}
	if token == theme.Muted {
		token = theme.Accent
	}
	v.bar.Set(float64(c.Left())/float64(max(st.Planned, 1)), token)
	v.drawWhy(&st)
	over, send := st.Phase.Over(), v.p.s.forbidden() == nil && v.p.s.p.Conn() != nil
	v.pause.SetText(lang.L("Pause"))
	if st.Phase == outbox.Paused || st.Phase == outbox.Pausing {
		v.pause.SetText(lang.L("Resume"))
	}
	draw.Show(v.pause, !over && st.Phase != outbox.Stopping)
	draw.Show(v.stop, !over && st.Phase != outbox.Stopping)
	draw.Show(v.more, send && over && st.Phase != outbox.Complete && v.run.Made() < st.Planned)
	draw.Show(v.bad, send && over && c.Failed+c.Uncertain > 0)
	v.bad.SetText(lang.L("Send the failed again"))
	if c.Failed == 0 {
		v.bad.SetText(lang.L("Send the uncertain again"))
	}
	draw.Show(v.consumed, over && v.p.s.p.Conn() != nil && c.Left() > 0 && v.settled.group == "")
	draw.Show(v.save, over && c.Left() > 0)
	v.drawChoices(c)
	v.content.Refresh()
}

func (v *runView) drawSpeed(st *outbox.Status) {
	text := ""
	if sp := st.Speed; sp.P99 > 0 {
		text = lang.L("p50 {{.Half}} · p99 {{.Most}}", map[string]any{"Half": milliseconds(sp.P50), "Most": milliseconds(sp.P99)})
		if sp.PerSecond > 0 && !st.Phase.Over() {
			text = lang.L("{{.Rate}} /s", map[string]any{"Rate": widgets.Count(uint64(sp.PerSecond + 0.5))}) + " · " + text
		}
	}
	v.speed.SetText(text)
	v.plot.Set(st.Speed.Seconds)
	draw.Show(v.plot, !st.Phase.Over())
}

// drawWhy says why a run ended early, or waits.
func (v *runView) drawWhy(st *outbox.Status) {
	text := whyWaits(st)
	v.why.Set(text, theme.Text)
	draw.Show(v.why.Object(), text != "")
}

// whyWaits are the words for why a run ended early, or waits; "" while it does neither.
func whyWaits(st *outbox.Status) string {
	switch {
	case st.Alike > 0:
		return words.Sentences(
			lang.L("Paused by itself: {{.Count}} messages in a row failed for the same cause.", map[string]any{"Count": widgets.Count(uint64(st.Alike))}),
			problem.Explain(st.Blocked).Text())
	case st.Blocked != nil:
		return lang.L("Nothing is sent while it cannot be written down: {{.Why}}", map[string]any{"Why": problem.Explain(st.Blocked).Text()})
	case st.Err != nil:
		return problem.Explain(st.Err).Text()
	case st.Phase == outbox.Interrupted:
		return lang.L("It did not come to its end. Nothing goes on by itself.")
	case st.Phase == outbox.Paused:
		return lang.L("Nothing leaves until you resume it.")
	}
	return ""
}

func (v *runView) pauseOrResume() {
	act := v.run.Pause
	if p := v.run.Info().Phase; p == outbox.Paused || p == outbox.Pausing {
		act = v.run.Resume
	}
	if err := act(); err != nil {
		v.p.s.p.Fail(err)
	}
	v.p.stir()
}

// halt ends the run; what is under way comes to its end.
func (v *runView) halt() {
	run := v.run
	v.p.s.p.Tasks.Job(lang.L("Stop the run to {{.Topic}}", map[string]any{"Topic": v.p.s.targets(run.Plan().Targets())}), func(ctx context.Context, _ func(string)) error {
		run.Stop(ctx)
		return nil
	}, nil)
}

// open shows the messages of a run.
func (p *sentPane) open(id string) {
	task.Ask(p.s.p.Tasks, p.s.scope, "open", func(context.Context) (*outbox.Run, error) { return p.s.p.OpenRun(id) },
		func(r *outbox.Run, err error) {
			if err != nil {
				p.s.p.Fail(err)
				return
			}
			p.showRun(r)
		})
}

// showRun shows the messages of a run in the place of everything.
func (p *sentPane) showRun(r *outbox.Run) {
	p.closeRun()
	p.picks.clear()
	p.run = newRunView(p, r)
	p.top.Objects = []fyne.CanvasObject{p.run.content}
	p.top.Refresh()
	p.head.Refresh()
	p.choose(nil)
	p.list.ScrollToTop()
	p.stir()
	p.draw()
}

// closeRun shows everything again.
func (p *sentPane) closeRun() {
	if p.run == nil {
		return
	}
	id := p.run.run.ID()
	p.run.cancel()
	p.run = nil
	p.picks.clear()
	p.top.Objects = []fyne.CanvasObject{p.finder}
	p.top.Refresh()
	p.head.Refresh()
	if p.s.closed {
		return
	}
	p.selected = rowKey{run: id}
	p.follow = false
	p.draw()
	p.detail.content.Show()
	p.area.Refresh()
}

// drop deletes a run once it was asked for.
func (p *sentPane) drop(r *outbox.Info) {
	p.s.ask(func() {
		confirm.Show(p.s.p.Window.Canvas(), confirm.Question{
			Title:  lang.L("Delete this run from the history?"),
			Body:   lang.L("Its drafts and receipts go. The messages stay at the broker."),
			Cancel: lang.L("Cancel"), Danger: true, OnCancel: p.s.answered,
			Choices: []widgets.Choice{{Text: lang.L("Delete"), Kind: widgets.Danger, Do: func() {
				p.s.answered()
				p.s.p.Tasks.Job(lang.L("Delete a run"), func(context.Context, func(string)) error { return p.s.p.DeleteRun(r.ID) }, func(err error) {
					if errors.Is(err, fault.JournalLocked) {
						err = fault.Busy
					}
					if err != nil {
						p.s.p.Fail(err)
						return
					}
					p.choose(nil)
					p.stir()
				})
			}}},
		})
	})
}
