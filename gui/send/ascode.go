package send

import (
	"cmp"
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"gantry/client/message"
	"gantry/client/outbox/code"
	"gantry/gui/ascode"
	"gantry/gui/widgets"
)

// showCode offers a draft as code; ask returns it when a language was chosen, nil where
// there is none.
func (s *Screen) showCode(at fyne.CanvasObject, ask func() (_ *message.Draft, dynamic bool)) {
	ascode.Show(ascode.Params{Tasks: s.p.Tasks, Scope: s.scope, Say: s.p.Say, Fail: s.p.Fail}, at, func() ascode.Work {
		d, dynamic := ask()
		if d == nil {
			return nil
		}
		p := s.p.Profile
		if c := s.p.Conn(); c != nil {
			p = c.Profile()
		}
		send := &code.Send{Where: ascode.Where(p, d.Topic), Draft: d, Dynamic: dynamic}
		return func() (*code.Send, error) { return send, nil }
	})
}

// codeButton offers the message that is shown.
func (d *detail) codeButton() *widgets.Button {
	return ascode.NewButton(func(at fyne.CanvasObject) {
		d.p.s.showCode(at, func() (*message.Draft, bool) {
			return d.draft(), false
		})
	})
}

// draft is that of the message shown, nil where it is not known.
func (d *detail) draft() *message.Draft {
	if d.shown == nil || d.shown.sent == nil {
		return nil
	}
	return d.shown.sent.Draft
}

// codeButton offers the form as it is typed.
func (f *form) codeButton() fyne.CanvasObject {
	return ascode.NewButton(func(at fyne.CanvasObject) {
		f.s.showCode(at, func() (*message.Draft, bool) {
			d, ok := f.asTyped(time.Now())
			if !ok {
				return nil, false
			}
			return &d, f.hasValues() && f.dynamic()
		})
	})
}

// asTyped is the message that the form describes, with dynamic values as they are typed;
// ok is false if something in it cannot be sent, which then stands at its field.
func (f *form) asTyped(now time.Time) (d message.Draft, ok bool) {
	d = message.Draft{
		ProducerGroup: cmp.Or(strings.TrimSpace(f.group.Text), defaultGroup), Topic: f.s.p.Profile.FullName(f.topic.Text),
		Tag: strings.TrimSpace(f.tag.Text), Keys: strings.Fields(f.keys.Text), Body: f.s.body.bytes(), Packed: f.packed.Checked,
	}
	f.delivery.draft(&d, now)
	d.Properties, ok = f.properties.check()
	// All fields say what is wrong with them; what is too long only together is of
	// interest once none is.
	return d, f.check(&d, now) && ok
}
