package changes

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"

	"gantry/client"
	"gantry/client/orders"
	"gantry/gui/arrange"
	"gantry/gui/confirm"
	"gantry/gui/draw"
	"gantry/gui/problem"
	"gantry/gui/task"
	"gantry/gui/theme"
	"gantry/gui/widgets"
)

// result shows what becomes of each queue.
type result struct {
	p     Params
	scope *task.Scope
	open  *confirm.Panel

	says    *widgets.Paragraph
	table   *widgets.Table
	rec     orders.Record
	ended   bool
	retry   *widgets.Button
	back    *widgets.Button
	stop    *widgets.Button // ends what runs; what was done stays
	cancel  func()
	kept    *widgets.Button // sends again what was skipped
	content *fyne.Container
}

func doneColumns(of *orders.Record) []widgets.Column {
	if of.Resume != nil {
		return []widgets.Column{{Kind: widgets.DataColumn, Width: 130, Share: 3, Middle: true}, {Width: 90, Share: 3, Middle: true}, {Width: 70, Share: 2}, {Width: 8}, {Width: 80, Share: 2}}
	}
	if of.Setup != nil {
		return []widgets.Column{{Width: 130, Share: 3, Middle: true}, {Width: 70, Share: 1, Middle: true}, {Width: 90, Share: 2, Drop: 1}, {Width: 90, Share: 2}, {Width: 110, Share: 3}}
	}
	number := widgets.Column{Kind: widgets.DataColumn, Width: 80, Even: true, Right: true}
	return []widgets.Column{{Kind: widgets.DataColumn, Width: 90, Share: 1, Middle: true}, number, number, {Width: 8}, {Width: 90, Share: 2}}
}

func doneHeads(of *orders.Record) []string {
	switch {
	case of.Resume != nil:
		return []string{lang.L("Message id"), lang.L("Topic"), lang.L("Broker"), "", lang.L("Result")}
	case of.Setup != nil:
		return []string{lang.L("Name"), lang.L("Broker"), lang.L("Was"), lang.L("Then"), lang.L("Result")}
	}
	return []string{lang.L("Queue"), lang.L("Was at"), lang.L("Put to"), "", lang.L("Result")}
}

// newResult opens the pane for a record.
func newResult(p Params, title string, rec orders.Record, ended bool) *result {
	r := &result{p: p, scope: p.Tasks.Scope(), rec: rec, ended: ended}
	r.says = widgets.NewHeading("")
	r.table = widgets.NewTable(doneColumns(&rec), doneHeads(&rec),
		func() int { return len(r.rec.Queues) }, func(i int) []widgets.Item {
			return doneCells(&r.rec, i, r.ended, p.Profile.ShortName)
		})
	r.retry = widgets.NewButton(lang.L("Try the failed ones again…"), nil, widgets.Normal, r.tryAgain)
	r.back = widgets.NewButton(lang.L("Put back…"), nil, widgets.Normal, func() { r.again(r.rec.Back, r.rec.BackSetup, backText(&r.rec)) })
	r.kept = widgets.NewButton(lang.L("Send the skipped again…"), nil, widgets.Normal, r.sendKept)
	r.stop = widgets.NewButton(lang.L("Stop"), nil, widgets.Normal, func() { r.cancel() })
	done := widgets.NewButton(lang.L("Close"), nil, widgets.Primary, r.close)
	r.content = container.New(&arrange.Rows{Gap: 12}, r.says.Object(),
		container.NewStack(widgets.NewGround(theme.None).SetMin(0, tableHeight), r.table.Content()))
	r.open = confirm.ShowPanel(p.Window.Canvas(), confirm.PanelView{
		Title: title, Content: r.content, Width: sheetWidth, Buttons: []*widgets.Button{r.kept, r.retry, r.back, r.stop, done}, First: done, OnCancel: r.close,
	})
	r.refresh("")
	return r
}

// begin does what was agreed to.
func begin(p Params, conn Connection, agreed *orders.Preview, yes client.Confirmed, topics []string) {
	title := lang.L("Change the offsets of {{.Group}}", map[string]any{"Group": p.Profile.ShortName(agreed.Order.Group)})
	carry(p, title, planned(agreed), func(ctx context.Context, tell func(orders.Record)) (orders.Record, error) {
		return conn.ChangeOffsets(ctx, agreed, yes, tell)
	}, func(what orders.Change) { show(p, agreed.Order, topics, changedText(what)) })
}

// carry runs an order as a job and shows what becomes of it; anew opens its sheet again
// where the cluster has changed since it was looked at.
func carry(p Params, title string, plan orders.Record, do func(context.Context, func(orders.Record)) (orders.Record, error), anew func(orders.Change)) {
	r := newResult(p, title, plan, false)
	var latest atomic.Pointer[orders.Record]
	told := p.Tasks.Signal(r.scope, func() { r.rec = *latest.Load(); r.refresh("") })
	var rec orders.Record
	job := p.Tasks.Job(title, func(ctx context.Context, progress func(string)) (err error) {
		rec, err = do(ctx, func(now orders.Record) {
			latest.Store(&now)
			told()
			progress(widgets.Count(doneOf(&now)) + " / " + widgets.Count(len(now.Queues)))
		})
		return err
	}, func(err error) {
		if p.Changed(); rec.ID == "" { // nothing was done
			r.close()
			if again := (*orders.ChangedError)(nil); errors.As(err, &again) {
				anew(again.What)
				return
			}
			p.Fail(err)
			return
		}
		r.rec, r.ended = rec, true
		failed := ""
		if err != nil && !errors.Is(err, context.Canceled) {
			failed = problem.Explain(err).Text()
		}
		if r.scope.Closed() {
			if text, _ := resultText(&rec); failed == "" {
				p.Say(title + ": " + text)
				return
			}
			p.Fail(err)
			return
		}
		r.refresh(failed)
	})
	r.cancel = job.Cancel
}

// planned is a record of which nothing was done yet.
func planned(p *orders.Preview) orders.Record {
	r := orders.Record{At: p.At, Order: p.Order}
	for _, l := range p.Lines {
		if l.Moves() {
			r.Queues = append(r.Queues, orders.Done{Broker: l.Broker, Queue: l.ID, From: l.From, To: l.To})
		}
	}
	return r
}

// refresh shows the record as it is; failed says what is wrong with all of it.
func (r *result) refresh(failed string) {
	_, halves := r.rec.FailedResume()
	draw.Show(r.retry, r.ended && (halves || has(r.rec.Failed, r.rec.FailedSetup)))
	draw.Show(r.back, r.ended && has(r.rec.Back, r.rec.BackSetup))
	draw.Show(r.kept, r.ended && r.rec.Kept != "" && r.p.SendKept != nil)
	draw.Show(r.stop, !r.ended && len(r.rec.Queues) > 1)
	text, tint := lang.L("Changing. It goes on when this is closed."), theme.Muted
	switch done := doneOf(&r.rec); {
	case done == len(r.rec.Queues) && slices.ContainsFunc(r.rec.Queues, func(q orders.Done) bool { return q.State == orders.Told }):
		text = lang.L("All are changed. The members are waited for, also when this is closed.")
	case done > 0:
		text = lang.L("{{.Done}} of {{.Count}} are done. It goes on when this is closed.", map[string]any{"Done": widgets.Count(done), "Count": widgets.Count(len(r.rec.Queues))})
	}
	if r.ended {
		text, tint = resultText(&r.rec)
		if why := firstFailure(&r.rec); why != "" {
			text += ": " + why
		}
	}
	if failed != "" {
		text, tint = failed, theme.Err
	}
	r.says.Set(text, tint)
	r.table.Refresh()
	r.content.Refresh()
	r.open.Relayout()
}

// firstFailure says why the first part failed, whole: a row may cut it.
func firstFailure(r *orders.Record) string {
	for _, q := range r.Queues {
		if q.State == orders.Failed {
			return problem.Explain(q.Err).Text()
		}
	}
	return ""
}

// tryAgain opens the sheet for the parts that failed.
func (r *result) tryAgain() {
	if o, ok := r.rec.FailedResume(); ok {
		r.close()
		showResume(r.p, o.Halves, "")
		return
	}
	r.again(r.rec.Failed, r.rec.FailedSetup, "")
}

// again opens the sheet for an order that a record makes; note is said on it.
func (r *result) again(order func() (orders.Offsets, bool), setup func() (orders.Setup, bool), note string) {
	if o, ok := order(); ok {
		r.close()
		show(r.p, o, nil, note)
	} else if o, ok := setup(); ok {
		r.close()
		showSetup(r.p, o, nil, "")
	}
}

// has tells whether a record makes an order of one kind or the other.
func has(order func() (orders.Offsets, bool), setup func() (orders.Setup, bool)) bool {
	_, one := order()
	_, other := setup()
	return one || other
}

// doneOf is how many parts of a record are done, well or not.
func doneOf(r *orders.Record) (done int) {
	for _, q := range r.Queues {
		if q.State != orders.Waiting {
			done++
		}
	}
	return done
}

// sendKept has the messages sent again that were skipped, in place of the pane.
func (r *result) sendKept() {
	if file := r.p.KeptFile(&r.rec); file != "" {
		r.close()
		r.p.SendKept(file)
	}
}

// close takes the pane away; what it shows goes on.
func (r *result) close() {
	r.open.Close()
	r.scope.Close()
}
