package changes

import (
	"context"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"

	"gantry/client"
	"gantry/client/orders"
	"gantry/gui/arrange"
	"gantry/gui/confirm"
	"gantry/gui/files"
	"gantry/gui/task"
	"gantry/gui/theme"
	"gantry/gui/widgets"
)

const (
	listWidth float32 = 980
	// listHeight is that of the records: 12 rows.
	listHeight float32 = 386
)

// list shows what was changed over the connections of a profile.
type list struct {
	p     Params
	diary Diary
	scope *task.Scope
	open  *confirm.Panel

	filter *widgets.Entry
	table  *widgets.Table
	says   *widgets.Word
	back   *widgets.Button
	all    []orders.Record // of the profile, the newest first
	shown  []orders.Record // that fit the filter
}

// List opens the list.
func List(p Params, diary Diary) {
	l := &list{p: p, diary: diary, scope: p.Tasks.Scope()}
	l.table = widgets.NewTable(recordColumns(), recordHeads(), func() int { return len(l.shown) }, l.cells)
	l.table.OnSelected = func(int) { l.able() }
	l.table.OnEnter = l.details
	l.table.OnEscape = l.close
	l.filter = widgets.NewFilter(lang.L("Group, topic, who or day"), func(k *fyne.KeyEvent) bool {
		if len(l.shown) == 0 {
			return false
		}
		if p.Window.Canvas().Focus(l.table.List); k != nil {
			l.table.List.TypedKey(k)
		}
		return true
	})
	l.filter.OnChanged = func(string) { l.sift() }
	l.says = widgets.NewCaption("")
	l.back = widgets.NewButton(lang.L("Put back…"), nil, widgets.Normal, l.putBack)
	details := widgets.NewButton(lang.L("Details…"), nil, widgets.Normal, l.details)
	export := widgets.NewButton(lang.L("Export…"), nil, widgets.Normal, l.export)
	done := widgets.NewButton(lang.L("Close"), nil, widgets.Primary, l.close)
	content := container.New(&arrange.Rows{Gap: 12}, widgets.NewField("", l.filter),
		container.NewStack(widgets.NewGround(theme.None).SetMin(0, listHeight), l.table.Content()), l.says)
	l.open = confirm.ShowPanel(p.Window.Canvas(), confirm.PanelView{
		Title: lang.L("Changes over {{.Name}}", map[string]any{"Name": p.Profile.Name}), Content: content, Width: listWidth,
		Buttons: []*widgets.Button{export, details, l.back, done}, First: l.table.List, OnCancel: l.close,
	})
	l.able()
	task.Ask(p.Tasks, l.scope, "list", func(context.Context) ([]orders.Record, error) { return diary.List() }, l.took)
}

func recordColumns() []widgets.Column {
	return []widgets.Column{
		{Kind: widgets.DataColumn, Width: 146},
		{Width: 90, Share: 2, Middle: true},
		{Width: 90, Share: 2, Middle: true},
		{Width: 70, Even: true},
		{Kind: widgets.DataColumn, Width: 172, Share: 1, Drop: 2},
		{Width: 70, Even: true},
		{Width: 40, Even: true, Drop: 1},
	}
}

func recordHeads() []string {
	return []string{lang.L("Time"), lang.L("What"), lang.L("In topic"), lang.L("Change"), lang.L("From and to"), lang.L("Result"), lang.L("Who")}
}

func (l *list) cells(i int) []widgets.Item {
	r, short := &l.shown[i], l.p.Profile.ShortName
	text, tint := resultText(r)
	return []widgets.Item{
		{Text: clock(r.At)},
		{Text: recordSubject(r, short)},
		{Text: short(r.Topic())},
		{Text: recordChange(r, short)},
		{Text: changeText(r, short), Tint: theme.Muted},
		{Text: text, Tint: tint},
		{Text: r.User, Tint: theme.Muted},
	}
}

// took shows what stands in the diary.
func (l *list) took(all []orders.Record, err error) {
	if err != nil {
		l.p.Fail(err)
	}
	for _, r := range all {
		if r.Profile == l.p.Profile.ID {
			l.all = append(l.all, r)
		}
	}
	l.sift()
}

// sift shows the records that fit what is typed.
func (l *list) sift() {
	l.shown = nil
	for i := range l.all {
		if l.all[i].Fits(l.filter.Text) {
			l.shown = append(l.shown, l.all[i])
		}
	}
	l.table.SetSelected(-1)
	l.table.Refresh()
	text := lang.N("{{.Count}} changes", len(l.shown), map[string]any{"Count": widgets.Count(uint64(len(l.shown)))})
	if len(l.all) == 0 {
		text = lang.L("Nothing was changed here yet.")
	}
	l.says.SetText(text)
	l.able()
}

// chosen is the record that is selected, or nil.
func (l *list) chosen() *orders.Record {
	if i := l.table.Selected(); i >= 0 && i < len(l.shown) {
		return &l.shown[i]
	}
	return nil
}

func (l *list) able() {
	r, can := l.chosen(), false
	if r != nil {
		can = has(r.Back, r.BackSetup)
	}
	widgets.Able(can && l.p.Conn() != nil && client.Guard(l.p.Profile, client.ActionOrder) == nil, l.back)
}

// putBack opens the sheet that puts back what the chosen record has changed.
func (l *list) putBack() {
	if r := l.chosen(); r != nil {
		if o, ok := r.Back(); ok {
			l.close()
			show(l.p, o, nil, backText(r))
		} else if o, ok := r.BackSetup(); ok {
			l.close()
			showSetup(l.p, o, nil, "")
		}
	}
}

// details shows each queue of the chosen record.
func (l *list) details() {
	if r := l.chosen(); r != nil && r.Lifted.IsZero() {
		l.close()
		if isOther(r) {
			otherDetails(l.p, r)
			return
		}
		title := lang.L("Change of {{.Group}} at {{.Time}}", map[string]any{"Group": recordSubject(r, l.p.Profile.ShortName), "Time": clock(r.At)})
		newResult(l.p, title, *r, true)
	}
}

// export asks for a file and writes the diary into it.
func (l *list) export() {
	q := files.Question{Tasks: l.p.Tasks, Title: lang.L("Export the changes"), Name: "changes.jsonl", Endings: []string{".jsonl"}, Fail: l.p.Fail}
	files.AskSave(l.p.Window, q, func(out fyne.URIWriteCloser) {
		l.p.Tasks.Job(lang.L("Export the changes"), func(context.Context, func(string)) error {
			if err := l.diary.Export(out); err != nil {
				_ = out.Close()
				return err
			}
			return out.Close()
		}, func(err error) {
			if err != nil {
				l.p.Fail(err)
				return
			}
			l.p.Say(lang.L("Exported to {{.File}}.", map[string]any{"File": out.URI().Name()}))
		})
	})
}

func (l *list) close() {
	l.open.Close()
	l.scope.Close()
}
