package subscribe

import (
	"context"
	"errors"

	"fyne.io/fyne/v2/lang"

	"gantry/client/fault"
	"gantry/client/profile"
	"gantry/client/session"
	"gantry/gui/confirm"
	"gantry/gui/widgets"
)

// stuck tells whether the subscription ended at a message that a worker cannot take, past
// which its group can be set.
func (b *sub) stuck() bool {
	return b.st.State == session.Stopped && errors.Is(b.st.Err, fault.UnpacksTooLarge)
}

// askSkip asks whether the group is to go past the message at which a subscription ended: on
// a production connection by its typed name.
func (s *Screen) askSkip() {
	b := s.current
	if !b.stuck() {
		return
	}
	at := map[string]any{"Queue": fault.Arg(b.st.Err, fault.ArgQueue), "Offset": fault.Arg(b.st.Err, fault.ArgOffset)}
	title := lang.L("Skip the message at {{.Queue}} · {{.Offset}}?", at)
	if s.p.Profile.Environment == profile.Production {
		confirm.ShowGuard(s.p.Window.Canvas(), confirm.GuardView{
			Head: lang.L("PRODUCTION"), Title: title,
			Facts:   []widgets.Fact{{Label: lang.L("Group"), Value: b.spec.Group, Mono: true}},
			Caption: lang.L("Type {{.Name}} to confirm", map[string]any{"Name": s.p.Profile.Name}), Name: s.p.Profile.Name,
			Action: lang.L("Skip it"), Cancel: lang.L("Cancel"), OnConfirm: func() { s.skip(b) },
		})
		return
	}
	confirm.Show(s.p.Window.Canvas(), confirm.Question{
		Title:  title,
		Body:   lang.L("The group goes past it and never gets it. Here it stays in the list, as it is stored."),
		Cancel: lang.L("Cancel"), Danger: true,
		Choices: []widgets.Choice{{Text: lang.L("Skip it"), Kind: widgets.Danger, Do: func() { s.skip(b) }}},
	})
}

// skip sets the group past the message, as a job.
func (s *Screen) skip(b *sub) {
	conn := s.p.Conn()
	if conn == nil {
		s.p.Fail(fault.NotConnected)
		return
	}
	live := b.live
	s.p.Tasks.Job(lang.L("Skip a message"), func(ctx context.Context, _ func(string)) error {
		return live.Skip(ctx, conn)
	}, func(err error) {
		b.read()
		if err != nil {
			s.p.Fail(err)
		} else {
			s.p.Say(lang.L("Skipped. Start goes on behind it."))
		}
		s.update()
	})
}
