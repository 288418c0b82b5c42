package gui

import (
	"context"
	"time"

	"fyne.io/fyne/v2/lang"

	"gantry/client"
	"gantry/gui/confirm"
	"gantry/gui/widgets"
)

// makeLift makes the button in the header of a read-only connection that has it take orders
// for some time, and says until when while it does.
func (s *workspace) makeLift() *widgets.Button {
	s.lift = widgets.NewButton("", nil, widgets.Quiet, func() {
		if s.conn.Lifted().IsZero() {
			s.askLift()
			return
		}
		conn := s.conn
		s.tasks.Job(lang.L("End the changes"), func(context.Context, func(string)) error { return conn.Lower() }, s.lifted)
	})
	s.lift.Hide()
	return s.lift
}

// showLift brings the button up to date.
func (s *workspace) showLift() {
	if s.conn == nil || !s.conn.Profile().ReadOnly {
		s.lift.Hide()
		return
	}
	s.lift.Show()
	until := s.conn.Lifted()
	if until.IsZero() {
		s.lift.SetText(lang.L("Read-only"))
		s.lift.SetKind(widgets.Quiet)
		s.lift.SetToolTip(lang.L("Allow changes for a quarter of an hour"))
		return
	}
	s.lift.SetText(lang.L("Changes until {{.Time}}", map[string]any{"Time": until.Local().Format("15:04")}))
	s.lift.SetKind(widgets.Danger)
	s.lift.SetToolTip(lang.L("Read-only again"))
}

// askLift asks for the connection's name before it takes orders.
func (s *workspace) askLift() {
	conn, name := s.conn, s.conn.Profile().Name
	data := map[string]any{"Name": name, "Minutes": int(client.LiftFor.Minutes())}
	confirm.ShowGuard(s.win.Canvas(), confirm.GuardView{
		Head:  lang.L("READ-ONLY"),
		Title: lang.L("Allow changes for {{.Minutes}} minutes?", data),
		Facts: []widgets.Fact{
			{Label: lang.L("Allowed"), Value: lang.L("changes of offsets, topics and groups")},
			{Label: lang.L("Not allowed"), Value: lang.L("sending, and joining groups")},
			{Label: lang.L("After that"), Value: lang.L("read-only again, by itself")},
		},
		Caption: lang.L("Type {{.Name}} to confirm", data), Name: name,
		Action: lang.L("Allow changes"), Cancel: lang.L("Cancel"),
		OnConfirm: func() {
			s.tasks.Job(lang.L("Allow changes"), func(context.Context, func(string)) error {
				_, err := conn.Lift(name)
				return err
			}, s.lifted)
		},
	})
}

// lifted shows what became of it, and again when its time is over.
func (s *workspace) lifted(err error) {
	if err != nil {
		s.shell.fail(err)
	}
	if until := s.conn.Lifted(); !until.IsZero() {
		s.tasks.After(s.scope, time.Until(until)+time.Second, s.refresh)
	}
	s.refresh()
}
