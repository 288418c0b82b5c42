package send

import (
	"cmp"
	"context"
	"errors"
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"gantry/client/message"
	"gantry/client/outbox/code"
	"gantry/gui/ascode"
	"gantry/gui/widgets"
)

// showCode offers a draft as code; ask returns it when a language was chosen, nil where
// there is none. typed: its body is not finished.
func (s *Screen) showCode(at fyne.CanvasObject, ask func() (_ *message.Draft, typed, dynamic bool)) {
	ascode.Show(ascode.Params{Tasks: s.p.Tasks, Scope: s.scope, Say: s.p.Say, Fail: s.p.Fail}, at, func() ascode.Work {
		d, typed, dynamic := ask()
		if d == nil {
			return nil
		}
		p := s.p.Profile
		if c := s.p.Conn(); c != nil {
			p = c.Profile()
		}
		send := &code.Send{Where: ascode.Where(p, d.Topic), Draft: d, Dynamic: dynamic}
		complete := s.completing(s.formatOf(d.Topic))
		return func() (_ *code.Send, err error) {
			if typed {
				how, failed := complete(context.Background(), d.How)
				if failed != nil {
					return nil, failed
				}
				d.Body, err = how.Finish(d.Body)
			}
			return send, err
		}
	})
}

// codeButton offers the message that is shown.
func (d *detail) codeButton() *widgets.Button {
	return ascode.NewButton(func(at fyne.CanvasObject) {
		d.p.s.showCode(at, func() (*message.Draft, bool, bool) {
			return d.draft(), false, false
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
		f.s.showCode(at, func() (*message.Draft, bool, bool) {
			d, ok := f.asTyped(time.Now())
			if !ok {
				return nil, false, false
			}
			return &d, true, f.hasValues() && f.dynamic()
		})
	})
}

// asTyped is the message that the form describes, with dynamic values as they are typed;
// ok is false if something in it cannot be sent, which then stands at its field.
func (f *form) asTyped(now time.Time) (d message.Draft, ok bool) {
	d = message.Draft{
		ProducerGroup: cmp.Or(strings.TrimSpace(f.group.Text), defaultGroup), Topic: f.s.p.Profile.FullName(f.topic.Text),
		Tag: strings.TrimSpace(f.tag.Text), Keys: strings.Fields(f.keys.Text), Packed: f.packing.SelectedIndex() == packedOnItsWay, How: f.how(),
	}
	body, err := f.s.body.made()
	d.Body = body
	f.delivery.draft(&d, now)
	d.Properties, ok = f.properties.check()
	// All fields say what is wrong with them; what is too long only together is of
	// interest once none is.
	ok = f.check(&d, now) && ok
	if wrong := (*message.TypedError)(nil); errors.As(err, &wrong) {
		f.s.body.fail(wrong)
		return d, false
	}
	return d, ok
}
