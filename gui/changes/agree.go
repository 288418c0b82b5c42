package changes

import (
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"

	"gantry/client"
	"gantry/client/profile"
	"gantry/gui/arrange"
	"gantry/gui/confirm"
	"gantry/gui/theme"
	"gantry/gui/widgets"
)

// agreement is what is asked before something is changed.
type agreement struct {
	title, action string
	facts         []widgets.Fact
	warning       string // below the facts; "" for none
	yes           client.Confirmed
	do            func(yes client.Confirmed)
}

// agree asks whether it shall be done, in production with the connection's typed name.
func agree(p Params, a agreement) {
	data := map[string]any{"Name": p.Profile.Name}
	if p.Profile.Environment == profile.Production {
		v := confirm.GuardView{
			Head: lang.L("PRODUCTION"), Title: a.title, Facts: a.facts, Caption: lang.L("Type {{.Name}} to confirm", data), Name: p.Profile.Name,
			Action: a.action, Cancel: lang.L("Cancel"), OnConfirm: func() { a.yes.Name = p.Profile.Name; a.do(a.yes) },
		}
		if a.warning != "" {
			v.Details = widgets.NewParagraph(a.warning, theme.Warn).Object()
		}
		confirm.ShowGuard(p.Window.Canvas(), v)
		return
	}
	list := widgets.NewFacts(a.facts...)
	list.SetLabelWidth(94)
	details := container.New(&arrange.Rows{Gap: 12}, list)
	if a.warning != "" {
		details.Add(widgets.NewParagraph(a.warning, theme.Warn).Object())
	}
	confirm.Show(p.Window.Canvas(), confirm.Question{
		Title: a.title, Cancel: lang.L("Cancel"), Details: details,
		Choices: []widgets.Choice{{Text: a.action, Kind: widgets.Primary, Do: func() { a.do(a.yes) }}},
	})
}
