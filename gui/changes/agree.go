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
	// yes is what is agreed to; its Name has to be typed, that of the connection in production.
	yes client.Confirmed
	do  func(yes client.Confirmed)
}

// agree asks whether it shall be done.
func agree(p Params, a agreement) {
	head := lang.L("DELETE")
	if p.Profile.Environment == profile.Production {
		head, a.yes.Name = lang.L("PRODUCTION"), p.Profile.Name
	}
	details := container.New(&arrange.Rows{Gap: 12}, confirm.Whole(a.facts...))
	if a.warning != "" {
		details.Add(widgets.NewParagraph(a.warning, theme.Warn).Object())
	}
	if name := a.yes.Name; name != "" {
		confirm.ShowGuard(p.Window.Canvas(), confirm.GuardView{
			Head: head, Title: a.title, Caption: lang.L("Type {{.Name}} to confirm", map[string]any{"Name": name}), Name: name,
			Action: a.action, Cancel: lang.L("Cancel"), Details: details, OnConfirm: func() { a.do(a.yes) },
		})
		return
	}
	confirm.Show(p.Window.Canvas(), confirm.Question{
		Title: a.title, Cancel: lang.L("Cancel"), Details: details,
		Choices: []widgets.Choice{{Text: a.action, Kind: widgets.Primary, Do: func() { a.do(a.yes) }}},
	})
}
