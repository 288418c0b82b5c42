package subscribe

import (
	"errors"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/lang"

	"gantry/client/fault"
	"gantry/client/filter"
	"gantry/client/profile"
	"gantry/client/session"
	"gantry/gui/draw"
	"gantry/gui/widgets"
)

// look tells what the form shall show for a subscription.
func (f *form) look(b *sub) formLook {
	running := b.running()
	l := formLook{
		sub: b, errs: b.errs, locked: running || b.stopping, position: b.positioned(), archive: b.archive,
		sql: b.spec.SQL92, timeFrom: b.spec.From == profile.FromTime && !b.positioned(), broadcast: b.spec.Broadcast,
		newGroup: f.screen.ownGroups() && !running && !b.spec.Follow, follow: b.spec.Follow, readAs: b.spec.Follow && b.readsAs(),
		run: lang.L("Start"), runOff: b.stopping || b.forbidden() != nil, haltOff: b.stopping || b.st.State == session.Stopping,
	}
	l.fromOff = l.locked || l.position
	if f.screen.p.Profile.Prefix() != "" {
		l.topicHint, l.groupHint = b.names()
	}
	l.groupCaption = lang.L("Consumer group")
	switch {
	case b.spec.Follow:
		l.groupCaption, l.groupHint = lang.L("Read as this group, without joining it"), ""
	case l.position:
		l.groupHint = lang.L("This group goes on from its own position.")
	case b.spec.OwnGroup && !running:
		l.groupCaption = lang.L("Consumer group · starting creates this group")
	}
	switch {
	case b.wantStart:
		l.run, l.runOff = lang.L("Connecting…"), true
	case running && b.st.Paused:
		l.run = lang.L("Resume")
	case running:
		l.run, l.pauses = lang.L("Pause"), true
		l.runOff = b.st.State == session.Checking || b.st.State == session.Stopping || b.starting
	}
	l.halts = running
	l.folded, l.about = running && f.screen.narrow && !f.unfolded && !b.archive, b.about()
	return l
}

// readsAs tells whether a follow's group is asked for: the account may not read as
// the group that tools read as.
func (b *sub) readsAs() bool {
	return b.spec.Group != "" || b.errs.group != "" || errors.Is(b.failed, fault.Refused) && !errors.Is(b.failed, fault.NotReadable)
}

// update shows what a subscription's state does to the form.
func (f *form) update(b *sub) {
	if !b.running() {
		f.unfolded = false
	}
	l := f.look(b)
	if l == f.drawn {
		return
	}
	f.drawn = l
	f.topicField.SetError(l.errs.topic)
	f.topicField.SetHint(l.topicHint)
	f.filterField.SetError(l.errs.filter)
	f.markWrong(l)
	f.atField.SetError(l.errs.at)
	f.groupField.SetError(l.errs.group)
	f.groupField.SetHint(l.groupHint)
	f.groupField.SetCaption(l.groupCaption)
	widgets.Able(!l.locked, f.topicField, f.filterByField, f.filterField, f.readingField, f.groupField, f.model, f.ordered)
	f.showFrom(b)
	widgets.Able(!l.fromOff, f.fromField, f.atField)
	widgets.Able(!l.broadcast, f.answer)
	draw.Show(f.atField, l.timeFrom)
	draw.Show(f.newGroup, l.newGroup)
	for _, o := range []fyne.CanvasObject{f.modelField, f.orderField, f.answerField} {
		draw.Show(o, !l.follow)
	}
	draw.Show(f.rows[1], !l.follow || l.readAs)
	f.buttons(l)
	f.fold.show(l)
	draw.Show(f.content, !l.archive && !l.folded)
	f.screen.page.relayout()
}

// markWrong underlines the term of a filter that cannot be read.
func (f *form) markWrong(l formLook) {
	var wrong error
	if l.errs.filter != "" && l.sub.spec.Any {
		_, wrong = filter.Parse(f.filter.Text, time.Now())
	}
	f.filter.MarkWrong(wrong)
}

func (f *form) buttons(l formLook) {
	dress(f.run, l)
	widgets.Able(!l.haltOff, f.halt)
	draw.Show(f.rows[0].Objects[len(f.rows[0].Objects)-1], l.halts)
	draw.Show(f.rows[1].Objects[1], l.newGroup)
}

// runOrPause is what the first button does.
func (s *Screen) runOrPause() {
	if s.current.running() {
		s.TogglePause()
		return
	}
	s.start(s.current)
}
