package msglist

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/lang"

	"gantry/client/filter"
	"gantry/gui/confirm"
	"gantry/gui/task"
	"gantry/gui/widgets"
	"gantry/gui/words"
)

// goWidth is that of the question, in Fyne units.
const goWidth float32 = 380

// GoTo asks for a time or a number, and goes to that row.
func (l *List) GoTo() {
	c := fyne.CurrentApp().Driver().CanvasForObject(l.content)
	if c == nil || l.src == nil {
		return
	}
	if first, next := l.src.Range(); first == next {
		return
	}
	e := widgets.NewEntry()
	e.SetPlaceHolder(lang.L("14:05, 15m or 1200"))
	field := widgets.NewField("", e)
	field.SetHint(lang.L("A time goes to the first message stored from then on, a number to that row of the list."))
	var open *confirm.Panel
	closes := func() { open.Close(); focus(l.view) }
	do := func() {
		if !l.goTo(e.Text, time.Now()) {
			field.SetError(lang.L("This is neither a time nor a number of a row."))
			open.Relayout()
			return
		}
		closes()
	}
	e.OnEnter, e.OnEscape = do, closes
	open = confirm.ShowPanel(c, confirm.PanelView{
		Title: lang.L("Go to"), Content: field, Width: goWidth, First: e, OnCancel: closes,
		Buttons: []*widgets.Button{widgets.NewButton(lang.L("Cancel"), nil, widgets.Normal, closes), widgets.NewButton(lang.L("Go"), nil, widgets.Primary, do)},
	})
}

// goTo goes to what was typed: a number of a row, the oldest is 1, or a time. It reports
// whether it is one.
func (l *List) goTo(text string, now time.Time) bool {
	text = strings.TrimSpace(text)
	if n, err := strconv.ParseUint(strings.ReplaceAll(text, ",", ""), 10, 64); err == nil {
		if first, next := l.src.Range(); n > 0 && first < next {
			l.goToRow(first + min(n-1, next-first-1))
		}
		return n > 0
	}
	at, ok := filter.ParseTime(text, now)
	if !ok {
		at, ok = words.ParsePast(text, now)
	}
	if ok {
		l.goToTime(at.UnixMilli())
	}
	return ok
}

// goToRow selects a row by its number in what is listed, and brings it into sight.
func (l *List) goToRow(n uint64) {
	first, next := l.src.Range()
	if first == next {
		return
	}
	l.live, l.wantLast = false, false
	l.choose(min(max(n, first), next-1), first, next)
	l.view.ScrollTo(int(l.selected - l.base))
	l.stir()
	l.tick()
}

// nearestTime finds the first message stored from a time on, else the newest before.
type nearestTime struct {
	from          int64
	n, before     uint64
	at, beforeAt  int64
	found, behind bool
}

func (t *nearestTime) take(n uint64, at int64) {
	switch {
	case at == 0:
	case at >= t.from:
		if !t.found || at < t.at {
			t.n, t.at, t.found = n, at, true
		}
	case !t.behind || at >= t.beforeAt:
		t.before, t.beforeAt, t.behind = n, at, true
	}
}

// record is what was found, if anything has a time.
func (t *nearestTime) record() (n uint64, ok bool) {
	if t.found {
		return t.n, true
	}
	return t.before, t.behind
}

// goToTime selects the first message that is listed and was stored at a time or later, in
// milliseconds of Unix time, else the last one before.
func (l *List) goToTime(at int64) {
	if l.src == nil {
		return
	}
	src, all := l.src, l.all
	first, next := all.Range()
	var only []uint64
	if v, ok := src.(numbered); ok {
		only = v.between(src.Range())
	}
	_, isSorted := src.(*sorted)
	task.Ask(l.p.Tasks, l.scope, queryGo, func(ctx context.Context) (t nearestTime, err error) {
		t.from = at
		switch {
		case isSorted:
			eachNumber(ctx, all, slices.Sorted(slices.Values(only)), t.take)
		case only != nil:
			eachNumber(ctx, all, only, t.take)
		default:
			eachTime(ctx, all, first, next, t.take)
		}
		return t, ctx.Err()
	}, func(t nearestTime, err error) {
		if err != nil || l.src != src {
			return
		}
		if n, ok := t.record(); ok {
			if row, ok := l.rowOf(n); ok {
				l.goToRow(row)
			}
		}
	})
}

// rowOf is the number in what is listed of a record, if it is.
func (l *List) rowOf(record uint64) (n uint64, ok bool) {
	switch v := l.src.(type) {
	case *sieve:
		return v.row(record)
	case *sorted:
		i := slices.Index(v.numbers, record)
		return uint64(max(i, 0)), i >= 0
	}
	return record, true
}
