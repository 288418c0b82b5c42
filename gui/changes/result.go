package changes

import (
	"context"
	"errors"
	"fmt"
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
	content *fyne.Container
}

func doneColumns() []widgets.Column {
	number := widgets.Column{Kind: widgets.DataColumn, Width: 80, Even: true, Right: true}
	return []widgets.Column{{Kind: widgets.DataColumn, Width: 90, Share: 1, Middle: true}, number, number, {Width: 8}, {Width: 90, Share: 2}}
}

// newResult opens the pane for a record.
func newResult(p Params, title string, rec orders.Record, ended bool) *result {
	r := &result{p: p, scope: p.Tasks.Scope(), rec: rec, ended: ended}
	r.says = widgets.NewHeading("")
	r.table = widgets.NewTable(doneColumns(), []string{lang.L("Queue"), lang.L("Was at"), lang.L("Put to"), "", lang.L("Result")},
		func() int { return len(r.rec.Queues) }, func(i int) []widgets.Item {
			q := r.rec.Queues[i]
			return []widgets.Item{{Text: fmt.Sprintf("%s · %d", q.Broker, q.Queue)}, {Text: offsetText(q.From)}, {Text: offsetText(q.To)}, {}, stateItem(q, r.ended)}
		})
	r.retry = widgets.NewButton(lang.L("Try the failed ones again…"), nil, widgets.Normal, func() { r.again(r.rec.Failed, "") })
	r.back = widgets.NewButton(lang.L("Put back…"), nil, widgets.Normal, func() { r.again(r.rec.Back, backText(&r.rec)) })
	done := widgets.NewButton(lang.L("Close"), nil, widgets.Primary, r.close)
	r.content = container.New(&arrange.Rows{Gap: 12}, r.says.Object(),
		container.NewStack(widgets.NewGround(theme.None).SetMin(0, tableHeight), r.table.Content()))
	r.open = confirm.ShowPanel(p.Window.Canvas(), confirm.PanelView{
		Title: title, Content: r.content, Width: sheetWidth, Buttons: []*widgets.Button{r.retry, r.back, done}, First: done, OnCancel: r.close,
	})
	r.refresh("")
	return r
}

// begin does what was agreed to.
func begin(p Params, conn Connection, agreed *orders.Preview, yes client.Confirmed, topics []string) {
	title := lang.L("Change the offsets of {{.Group}}", map[string]any{"Group": p.Profile.ShortName(agreed.Order.Group)})
	r := newResult(p, title, planned(agreed), false)
	var latest atomic.Pointer[orders.Record]
	told := p.Tasks.Signal(r.scope, func() { r.rec = *latest.Load(); r.refresh("") })
	var rec orders.Record
	p.Tasks.Job(title, func(ctx context.Context, _ func(string)) (err error) {
		rec, err = conn.ChangeOffsets(ctx, agreed, yes, func(now orders.Record) { latest.Store(&now); told() })
		return err
	}, func(err error) {
		if p.Changed(); rec.ID == "" { // nothing was done
			r.close()
			if again := (*orders.ChangedError)(nil); errors.As(err, &again) {
				show(p, agreed.Order, topics, changedText(again.What))
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
	_, has := r.rec.Failed()
	draw.Show(r.retry, r.ended && has)
	_, has = r.rec.Back()
	draw.Show(r.back, r.ended && has)
	text, tint := lang.L("Changing. It goes on when this is closed."), theme.Muted
	if r.ended {
		text, tint = resultText(&r.rec)
	}
	if failed != "" {
		text, tint = failed, theme.Err
	}
	r.says.Set(text, tint)
	r.table.Refresh()
	r.content.Refresh()
	r.open.Relayout()
}

// again opens the sheet for an order that a record makes; note is said on it.
func (r *result) again(order func() (orders.Offsets, bool), note string) {
	o, ok := order()
	if !ok {
		return
	}
	r.close()
	show(r.p, o, nil, note)
}

// close takes the pane away; what it shows goes on.
func (r *result) close() {
	r.open.Close()
	r.scope.Close()
}
