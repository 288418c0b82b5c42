package browse

import (
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/widget"

	"gantry/client/cluster"
	"gantry/client/filter"
	"gantry/gui/widgets"
	"gantry/gui/words"
)

func (f *form) readTimes(q *cluster.Query, now time.Time) {
	for e, to := range map[*widgets.Entry]*time.Time{f.from: &q.From, f.to: &q.To} {
		t, ok := filter.ParseTime(e.Text, now)
		if !ok {
			t, ok = words.ParsePast(e.Text, now)
		}
		if strings.TrimSpace(e.Text) == "" {
			t = time.Time{}
		} else if !ok {
			f.errs[e] = lang.L("Write the time as 2026-11-23 14:32:00, 15 min, 1 h or today.")
		}
		*to = t
	}
	if !q.To.IsZero() && q.To.Before(q.From) {
		f.errs[f.to] = lang.L("This is before the beginning.")
	}
}

// usual are the ranges that are offered: how long ago each begins, as it is typed.
func usual() []string {
	return []string{"15 " + lang.L("min"), "1 " + lang.L("h"), "24 " + lang.L("h"), lang.L("today"), lang.L("yesterday"), "7 " + lang.L("d")}
}

// offerRanges opens the menu of usual times; each begins so long ago at every search.
func (f *form) offerRanges() {
	menu := fyne.NewMenu("")
	for _, from := range usual() {
		menu.Items = append(menu.Items, fyne.NewMenuItem(lang.L("From {{.Time}} until now", map[string]any{"Time": from}), func() { f.pickRange(from) }))
	}
	c := f.s.p.Window.Canvas()
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(f.ranges)
	widget.ShowPopUpMenuAtPosition(menu, c, at.AddXY(0, f.ranges.Size().Height))
}

func (f *form) pickRange(from string) {
	f.from.SetText(from)
	f.to.SetText("")
}

func timeText(t time.Time) string {
	switch {
	case t.IsZero():
		return ""
	case t.Nanosecond() == 0:
		return t.Local().Format(time.DateTime)
	}
	return t.Local().Format("2006-01-02 15:04:05.000")
}
