package send

import (
	"context"
	"strings"

	"fyne.io/fyne/v2/lang"

	"gantry/client/message"
	"gantry/client/profile"
	"gantry/gui/task"
	"gantry/gui/words"
)

// edit puts a message that was sent into the form, as it was typed, but for its dynamic
// values, which it has no more.
func (s *Screen) edit(e *entry) {
	if e == nil || e.sent == nil || e.sent.Draft == nil || s.closed || s.asking || s.forbidden() != nil {
		return
	}
	d := e.sent.Draft
	f := profile.SendForm{
		ProducerGroup: d.ProducerGroup, Topic: s.p.Profile.ShortName(d.Topic), Tag: d.Tag, Keys: strings.Join(d.Keys, " "),
		ShardingKey: d.ShardingKey, Packed: d.Packed, Literal: true,
	}
	how, body := d.How, d.Body
	for _, p := range d.Properties {
		f.Properties = append(f.Properties, profile.FormProperty{Name: p.Name, Value: p.Value})
	}
	switch {
	case d.ShardingKey != "":
		f.Kind = profile.OrderedMessage
	case d.Deliver.After > 0:
		f.Kind, f.Deliver = profile.DelayedMessage, words.Exact(d.Deliver.After)
	case !d.Deliver.At.IsZero():
		f.Kind, f.Deliver = profile.DelayedMessage, d.Deliver.At.Local().Format("2006-01-02 15:04:05")
	case d.OneWay:
		f.Kind = profile.OneWayMessage
	case d.Reply > 0:
		f.Kind, f.Reply, f.ProducerGroup = profile.RequestMessage, words.Exact(d.Reply), ""
	case d.Transaction != message.NoTransaction:
		// Its producer group is that of transactions, and no other message may have it.
		f.Kind, f.Transaction, f.ProducerGroup = profile.TransactionMessage, d.Transaction, ""
	}
	type typed struct {
		how  message.Typed
		text []byte
	}
	complete := s.completing(s.formatOf(d.Topic))
	task.Ask(s.p.Tasks, s.scope, queryAgain, func(ctx context.Context) (t typed, _ error) {
		if d.Text != "" {
			return typed{how, []byte(d.Text)}, nil
		}
		whole, err := complete(ctx, how)
		if err != nil { // then its bytes are what is left
			whole = message.Typed{As: message.AsIs, Gzip: how.Gzip}
		}
		t.how, t.text = retypedAgain(whole, body)
		return t, nil
	}, func(t typed, err error) {
		f.How = s.asText(t.how, d.Topic)
		s.replacing(func() {
			s.refill(f, t.text, lang.L("from the history"))
			if d.Hides {
				s.p.Say(hiddenWords())
			}
		})
	})
}
