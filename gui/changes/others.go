package changes

import (
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"

	"gantry/client/orders"
	"gantry/gui/arrange"
	"gantry/gui/confirm"
	"gantry/gui/problem"
	"gantry/gui/theme"
	"gantry/gui/widgets"
)

// isOther tells whether a record is of an order that changes neither offsets nor what topics
// and groups there are.
func isOther(r *orders.Record) bool {
	return r.Once != nil || r.Redelivery != nil
}

// otherWord says what was done, in a word.
func otherWord(r *orders.Record) string {
	if r.Once != nil {
		return lang.L("consumed once")
	}
	return lang.L("redelivered")
}

// changeText says from what to what.
func changeText(r *orders.Record, short func(string) string) string {
	switch {
	case r.Once != nil:
		return r.Once.ID
	case r.Redelivery != nil:
		return "→ " + short(r.Redelivery.To) + " · " + widgets.Count(uint64(max(r.Redelivery.Messages, 0)))
	}
	return fromTo(r)
}

// otherResult sums up what became of a record that is not of offsets, which has ended.
func otherResult(r *orders.Record) (string, theme.Token) {
	switch {
	case r.Once != nil && r.Once.Verdict != nil:
		return verdictText(r.Once.Verdict)
	case r.Once != nil:
		return problem.Explain(r.Once.Err).What, theme.Err
	}
	if r.Redelivery.Run == "" {
		return problem.Explain(r.Redelivery.Err).What, theme.Err
	}
	return lang.L("a run, see History"), theme.Muted
}

// otherDetails shows a record that is not of offsets.
func otherDetails(p Params, r *orders.Record) {
	if r.Redelivery != nil && r.Redelivery.Run != "" && p.OpenRun != nil {
		p.OpenRun(r.Redelivery.Run)
		return
	}
	var facts []widgets.Fact
	switch {
	case r.Once != nil:
		facts = append([]widgets.Fact{{Label: lang.L("Message id"), Value: r.Once.ID, Mono: true}, {Label: lang.L("Member"), Value: r.Once.Member, Mono: true}}, onceFacts(r.Once)...)
	case r.Redelivery != nil:
		text, tint := otherResult(r)
		facts = append(facts, widgets.Fact{Label: lang.L("Result"), Value: text, Tint: tint})
	}
	facts = append([]widgets.Fact{{Label: lang.L("Topic"), Value: r.Topic(), Mono: true}, {Label: lang.L("Group"), Value: r.Group(), Mono: true}}, facts...)
	var open *confirm.Panel
	done := widgets.NewButton(lang.L("Close"), nil, widgets.Primary, func() { open.Close() })
	open = confirm.ShowPanel(p.Window.Canvas(), confirm.PanelView{
		Title: otherWord(r) + " · " + clock(r.At), Content: container.New(&arrange.Rows{}, widgets.NewFacts(facts...)),
		Width: sheetWidth, Buttons: []*widgets.Button{done}, First: done, OnCancel: func() { open.Close() },
	})
}
