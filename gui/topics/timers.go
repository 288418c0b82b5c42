package topics

import (
	"context"
	"errors"
	"slices"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"

	"gantry/client/fault"
	"gantry/client/filter"
	"gantry/client/insight"
	"gantry/client/message"
	"gantry/gui/arrange"
	"gantry/gui/confirm"
	"gantry/gui/draw"
	"gantry/gui/problem"
	"gantry/gui/task"
	"gantry/gui/theme"
	"gantry/gui/widgets"
	"gantry/gui/words"
)

const (
	timersWidth float32 = 900
	// timersHeight is that of the rows: 10 of them.
	timersHeight float32 = 330
)

// Queries of the list.
const (
	queryTimers = "timers"
	querySift   = "sift"
)

// timers shows what waits for an exact time of one topic, by due time.
type timers struct {
	s     *Screen
	topic string // full name
	scope *task.Scope
	open  *confirm.Panel

	field   *widgets.FilterEntry
	says    *widgets.Paragraph
	notes   *widgets.Paragraph
	table   *widgets.Table
	look    *widgets.Button
	content *fyne.Container

	got   *insight.Timers    // nil until it was told
	shown []*message.Message // that fit the filter
	wrong string             // what of the filter cannot be read
}

// showTimers opens the list for a topic, by its full name.
func (s *Screen) showTimers(topic string) *timers {
	t := &timers{s: s, topic: topic, scope: s.P.Tasks.Scope()}
	number := widgets.Column{Kind: widgets.DataColumn, Width: 70, Even: true, Right: true, Drop: 1}
	t.table = widgets.NewTable([]widgets.Column{
		{Kind: widgets.DataColumn, Width: 146},
		{Width: 70, Even: true},
		{Kind: widgets.DataColumn, Width: 90, Share: 2, Middle: true},
		{Kind: widgets.DataColumn, Width: 60, Share: 1, Middle: true, Drop: 2},
		{Kind: widgets.DataColumn, Width: 90, Share: 2, Middle: true},
		number,
		{Width: 70, Share: 1},
	}, []string{lang.L("Due"), lang.L("Time left"), lang.L("Key"), lang.L("Tag"), lang.L("Message id"), lang.L("Size"), lang.L("Broker")},
		func() int { return len(t.shown) }, func(i int) []widgets.Item { return t.cells(t.shown[i], time.Now()) })
	t.table.OnSelected = func(int) { t.able() }
	t.table.OnEnter, t.table.OnEscape = t.read, t.close
	t.field = widgets.NewFilterEntry(func(*fyne.KeyEvent) bool { s.Focus(t.table.List); return true })
	t.field.OnChanged = func(string) { t.sift() }
	t.field.OnEscape = t.close
	t.says, t.notes = widgets.NewHeading(lang.L("Asking the brokers")), widgets.NewParagraph("", theme.Muted)
	t.notes.Object().Hide() // a sheet that opens with room for them keeps it
	t.look = widgets.NewButton(lang.L("Read it"), nil, widgets.Normal, t.read)
	again := widgets.NewButton(lang.L("Refresh"), nil, widgets.Normal, t.ask)
	done := widgets.NewButton(lang.L("Close"), nil, widgets.Primary, t.close)
	t.content = container.New(&arrange.Rows{Gap: 12}, widgets.NewField("", t.field), t.says.Object(),
		container.NewStack(widgets.NewGround(theme.None).SetMin(0, timersHeight), t.table.Content()), t.notes.Object())
	t.open = confirm.ShowPanel(s.P.Window.Canvas(), confirm.PanelView{
		Title:   lang.L("Waiting for their time in {{.Topic}}", map[string]any{"Topic": s.P.Profile.ShortName(topic)}),
		Content: t.content, Width: timersWidth, Buttons: []*widgets.Button{again, t.look, done}, First: t.table.List, OnCancel: t.close,
	})
	t.able()
	t.ask()
	return t
}

func (t *timers) cells(m *message.Message, now time.Time) []widgets.Item {
	due, _ := m.Due()
	in := widgets.Item{Text: words.Span(due.Sub(now)), Tint: theme.Muted}
	if !due.After(now) {
		in = widgets.Item{Text: lang.L("due"), Tint: theme.Warn}
	}
	return []widgets.Item{
		{Text: due.Local().Format(time.DateTime)},
		in,
		{Text: m.Property(message.PropertyKeys)},
		{Text: m.Tag()},
		{Text: m.ID()},
		{Text: widgets.Bytes(int64(m.StoredBody()))},
		{Text: m.Broker, Tint: theme.Muted},
	}
}

// ask asks what waits now.
func (t *timers) ask() {
	conn := t.s.P.Conn()
	if conn == nil {
		t.show(problem.Explain(fault.NotConnected).Text(), theme.Err)
		return
	}
	topic := t.topic
	t.show(lang.L("Asking the brokers"), theme.Muted)
	task.Ask(t.s.P.Tasks, t.scope, queryTimers, func(ctx context.Context) (*insight.Timers, error) { return conn.Timers(ctx, topic) }, func(got *insight.Timers, err error) {
		switch {
		case errors.Is(err, fault.NotOffered):
			t.show(lang.L("Not told here: brokers before 5.0, proxies and the sandbox do not say what waits."), theme.Muted)
		case err != nil:
			t.show(problem.Explain(err).Text(), theme.Err)
		default:
			t.got = got
			t.sift()
		}
	})
}

// sift shows what fits the filter.
func (t *timers) sift() {
	t.scope.Cancel(querySift)
	if t.got == nil {
		return
	}
	keep, err := filter.Parse(t.field.Text, time.Now())
	t.field.MarkWrong(err)
	switch t.wrong = ""; {
	case errors.Is(err, filter.ErrUnfinished):
		return
	case err != nil:
		t.show(words.Filter(err), theme.Err)
		return
	case keep.Empty():
		t.fit(t.got.Waiting)
		return
	}
	all := t.got.Waiting
	task.Ask(t.s.P.Tasks, t.scope, querySift, func(ctx context.Context) ([]*message.Message, error) {
		fits := slices.DeleteFunc(slices.Clone(all), func(m *message.Message) bool { return ctx.Err() != nil || !keep.Match(m) })
		return fits, ctx.Err()
	}, func(fits []*message.Message, err error) {
		if err == nil {
			t.fit(fits)
		}
	})
}

// fit shows the rows that fit.
func (t *timers) fit(fits []*message.Message) {
	t.shown = fits
	n := len(t.got.Waiting)
	data := map[string]any{"Count": widgets.Count(uint64(n)), "Found": widgets.Count(uint64(len(fits))), "All": widgets.Count(uint64(n))}
	text := lang.N("{{.Count}} messages wait for their time.", n, data)
	switch {
	case n == 0:
		text = lang.L("Nothing waits for its time here, as far as was looked.")
	case len(fits) < n:
		text = lang.L("{{.Found}} of {{.All}} match", data)
	}
	t.table.SetSelected(-1)
	t.show(text, theme.Text)
}

// show says how it stands, and draws the rows.
func (t *timers) show(text string, ink theme.Token) {
	t.says.Set(text, ink)
	if t.got != nil {
		t.notes.Set(timersNotes(t.got), theme.Muted)
	}
	draw.Show(t.notes.Object(), t.got != nil)
	t.table.Refresh()
	t.able()
	t.content.Refresh()
	t.open.Relayout()
}

// timersNotes say what is not among the rows.
func timersNotes(got *insight.Timers) string {
	all := []string{problem.Missing(got.Missing)}
	for _, b := range got.Brokers {
		data := map[string]any{
			"Broker": b.Name, "Read": widgets.Count(uint64(b.Read)), "Total": widgets.Count(uint64(b.Total)), "Count": widgets.Count(uint64(max(b.Count, 0))),
			"Time": b.Since.Local().Format(time.DateTime),
		}
		if !b.Whole() {
			all = append(all, lang.L("Of {{.Broker}} {{.Read}} of {{.Total}} timers of all topics were looked at, from those sent at {{.Time}} on.", data))
		}
		if b.Count > int64(b.Found) {
			all = append(all, lang.L("{{.Broker}} itself counts {{.Count}}; what was taken back may be among them.", data))
		}
	}
	return words.Sentences(append(all, lang.L("What waits in delay levels is not among these."))...)
}

// chosen is the message whose row is selected, nil for none.
func (t *timers) chosen() *message.Message {
	if i := t.table.Selected(); i >= 0 && i < len(t.shown) {
		return t.shown[i]
	}
	return nil
}

func (t *timers) able() { widgets.Able(t.chosen() != nil && t.s.locate != nil, t.look) }

// read shows the message in the Browse tab, where it lies while it waits.
func (t *timers) read() {
	if m := t.chosen(); m != nil && t.s.locate != nil {
		t.close()
		t.s.locate(m.Topic, m.Broker, m.QueueID, m.QueueOffset)
	}
}

func (t *timers) close() {
	t.open.Close()
	t.scope.Close()
}
