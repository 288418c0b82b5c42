package send

import (
	"bytes"
	"context"
	"errors"
	"reflect"

	"fyne.io/fyne/v2/lang"

	"gantry/client/message"
	"gantry/client/profile"
	"gantry/gui/confirm"
	"gantry/gui/inspect"
	"gantry/gui/task"
	"gantry/gui/widgets"
)

// queryAgain is the key of the query that unpacks a body.
const queryAgain = "again"

// errPacked: a client packed the body, and it does not open.
var errPacked = errors.New("the body does not open")

// settled is what the form held when it was sent or filled last: nothing is lost when
// another message takes its place.
type settled struct {
	form profile.SendForm
	body []byte
}

func (s *Screen) settle(form profile.SendForm, body []byte) {
	form.Body = "" // the bytes are exact, and not cut
	s.settled = settled{form, body}
}

// Again puts a message that was received into the form, to be looked at and sent again:
// the topic that it was sent to first, its tag and keys, the key of its order, the user's
// properties, and the body as it was before a client packed it. The form is kept if the
// user wants it so.
func (s *Screen) Again(m *message.Message) {
	if s.closed || s.asking || s.forbidden() != nil {
		return
	}
	type typed struct {
		how  message.Typed
		text []byte
	}
	format := s.formatOf(inspect.BodyTopic(m))
	complete := s.completing(format)
	task.Ask(s.p.Tasks, s.scope, queryAgain, func(ctx context.Context) (t typed, _ error) {
		body, ok := m.Unpacked(fileLimit)
		if !ok {
			return t, errPacked
		}
		how := message.Typed{}
		if format != nil {
			if whole, err := complete(ctx, message.Typed{As: message.Typing(format.Format)}); err == nil {
				how = whole
			}
		}
		t.how, t.text = typedIn(how, body)
		return t, nil
	}, func(t typed, err error) {
		switch {
		case errors.Is(err, errPacked):
			s.p.Say(lang.L("The body is packed in a way that does not open here. It can be saved to a file."))
			return
		case err != nil:
			s.p.Fail(err)
			return
		}
		s.replacing(func() { s.take(m, s.asText(t.how, inspect.BodyTopic(m)), t.text) })
	})
}

// replacing does what takes the place of the form, after a question where something would
// be lost.
func (s *Screen) replacing(take func()) {
	if !s.unsent() {
		take()
		return
	}
	s.ask(func() {
		confirm.Show(s.p.Window.Canvas(), confirm.Question{
			Title:    lang.L("Replace what is in the send form?"),
			Body:     lang.L("It may not have been sent."),
			Cancel:   lang.L("Cancel"),
			Choices:  []widgets.Choice{{Text: lang.L("Replace it"), Kind: widgets.Primary, Do: func() { s.answered(); take() }}},
			OnCancel: s.answered, Danger: true,
		})
	})
}

// unsent reports whether the form holds what would be lost.
func (s *Screen) unsent() bool {
	form, body := s.form.read(), s.body.bytes()
	form.Body = ""
	if form.Tag == "" && form.Keys == "" && len(form.Properties) == 0 && len(body) == 0 && form.ShardingKey == "" {
		return false
	}
	return !reflect.DeepEqual(form, s.settled.form) || !bytes.Equal(body, s.settled.body)
}

// take fills the form with a message.
func (s *Screen) take(m *message.Message, how message.Typed, body []byte) {
	m = m.Redelivered() // if that is what it will be
	f := profile.SendForm{
		ProducerGroup: s.form.group.Text, Topic: s.p.Profile.ShortName(m.FirstTopic()),
		Tag: m.Tag(), Keys: m.Property(message.PropertyKeys), How: how, Literal: true, // what comes from elsewhere is sent as it is
	}
	for _, p := range m.UserProperties() {
		f.Properties = append(f.Properties, profile.FormProperty{Name: p.Name, Value: p.Value})
	}
	// What is typed for another type of message stays.
	f.Deliver, f.ShardingKey, f.Reply = s.form.delivery.when.Text, s.form.delivery.key.Text, s.form.delivery.reply.Text
	if key := m.ShardingKey(); key != "" {
		f.Kind, f.ShardingKey = profile.OrderedMessage, key
	}
	s.refill(f, body, lang.L("from the message"))
}

// refill fills the form with what is elsewhere too.
func (s *Screen) refill(f profile.SendForm, body []byte, source string) {
	s.scope.Cancel("load") // a file is for the message before
	s.form.put(f, body, source)
	s.using.set(nil) // the message is not what the template was
	s.settle(s.form.read(), body)
	s.changed()
	s.FocusFirst()
	s.p.Say(lang.L("The message is in the form. Nothing was sent yet."))
}
