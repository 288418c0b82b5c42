package send

import (
	"errors"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"

	"gantry/client"
	"gantry/client/fault"
	"gantry/client/filter"
	"gantry/client/message"
	"gantry/client/outbox"
	"gantry/client/profile"
	"gantry/gui/arrange"
	"gantry/gui/draw"
	"gantry/gui/problem"
	"gantry/gui/widgets"
	"gantry/gui/words"
)

// decisions are what becomes of a transactional message, in the order of their segments.
func decisions() []message.Transaction {
	return []message.Transaction{message.Commit, message.Rollback, message.Undecided}
}

// messageKinds are the kinds of a message, in the order of their segments.
func messageKinds() []profile.MessageKind {
	return []profile.MessageKind{profile.NormalMessage, profile.OrderedMessage, profile.DelayedMessage, profile.OneWayMessage, profile.TransactionMessage, profile.RequestMessage}
}

// delivery is the row of the form that says which messages a message stays in order
// with, or when it is delivered. What is typed for another kind stays.
type delivery struct {
	f                   *form
	kinds               *widgets.Segments
	key, when           *widgets.Entry
	keyField, whenField *widgets.Field
	decision            *widgets.Segments // of a transaction
	decisionField       *widgets.Field
	reply               *widgets.Entry // how long one is waited for
	replyField          *widgets.Field
	content             *fyne.Container
}

func newDelivery(f *form) *delivery {
	d := &delivery{f: f}
	d.kinds = widgets.NewSegments(func(int) {
		d.show()
		f.changed()
		// Who chooses by keys is not through yet.
		if c := f.s.p.Window.Canvas(); d.entry() != nil && c.Focused() != d.kinds {
			c.Focus(d.entry())
		}
	}, lang.L("Normal"), lang.L("Ordered"), lang.L("Delayed"), lang.L("One-way"), lang.L("Transaction"), lang.L("Request"))
	d.key, d.keyField = f.entry(lang.L("Sharding key"))
	d.keyField.SetHint(lang.L("Messages of one key go to one queue and keep their order."))
	d.when, d.whenField = f.entry(lang.L("Deliver after, or at"))
	d.when.SetPlaceHolder(words.Exact(30 * time.Second))
	if !f.s.p.Profile.Tencent("") {
		d.whenField.SetHint(lang.L("Brokers before 5.0 have levels only, usually 1, 5, 10, 30 s, 1 to 10, 20, 30 min, 1, 2 h."))
	}
	d.decision = widgets.NewSegments(func(int) { d.showDecision(); f.changed() }, lang.L("Commit"), lang.L("Roll back"), lang.L("Decide later"))
	d.decisionField = widgets.NewField(lang.L("What becomes of it"), d.decision)
	d.reply, d.replyField = f.entry(lang.L("Wait for a reply"))
	d.reply.SetPlaceHolder(words.Exact(usualReply))
	d.content = container.New(&arrange.Rows{Gap: 8}, container.New(&beside{gap: 8, least: 180},
		widgets.NewField(lang.L("Type"), d.kinds), d.keyField, d.whenField, d.replyField), d.decisionField)
	d.showDecision()
	d.show()
	return d
}

func (d *delivery) kind() profile.MessageKind { return messageKinds()[d.kinds.Selected()] }

// entry is the field of the kind, nil where there is none.
func (d *delivery) entry() *widgets.Entry {
	switch d.kind() {
	case profile.OrderedMessage:
		return d.key
	case profile.DelayedMessage:
		return d.when
	case profile.RequestMessage:
		return d.reply
	}
	return nil
}

func (d *delivery) show() {
	draw.Show(d.keyField, d.kind() == profile.OrderedMessage)
	draw.Show(d.whenField, d.kind() == profile.DelayedMessage)
	draw.Show(d.replyField, d.kind() == profile.RequestMessage)
	draw.Show(d.decisionField, d.kind() == profile.TransactionMessage)
	d.content.Refresh()
	d.f.relayout()
}

// showDecision says what the choice means.
func (d *delivery) showDecision() {
	d.decisionField.SetError("")
	d.decisionField.SetHint(map[message.Transaction]string{
		message.Commit:    lang.L("Sent as a half message, then committed: consumers get it."),
		message.Rollback:  lang.L("Sent as a half message, then taken back: no consumer gets it."),
		message.Undecided: lang.L("It waits at the broker, which asks now and then, and gives it up in the end. Decide in the list at the right."),
	}[d.transaction()])
}

// transaction is what becomes of a transactional message.
func (d *delivery) transaction() message.Transaction { return decisions()[d.decision.Selected()] }

// fill puts saved values in place.
func (d *delivery) fill(v profile.SendForm) {
	d.key.SetText(v.ShardingKey)
	d.when.SetText(v.Deliver)
	d.reply.SetText(v.Reply)
	d.decision.Set(max(slices.Index(decisions(), v.Transaction), 0))
	d.kinds.Set(max(slices.Index(messageKinds(), v.Kind), 0))
	d.keyField.SetError("")
	d.whenField.SetError("")
	d.replyField.SetError("")
	d.showDecision()
	d.show()
}

// read adds the values as typed.
func (d *delivery) read(v *profile.SendForm) {
	v.Kind, v.ShardingKey, v.Deliver, v.Reply = d.kind(), d.key.Text, d.when.Text, d.reply.Text
	if v.Transaction = d.transaction(); v.Transaction == message.Commit {
		v.Transaction = message.NoTransaction // the usual one
	}
}

// draft adds what the kind says to a draft. What cannot be is said by check.
func (d *delivery) draft(m *message.Draft, now time.Time) {
	switch d.kind() {
	case profile.OrderedMessage:
		m.ShardingKey = d.key.Text // to the byte: another key is another queue
	case profile.DelayedMessage:
		m.Deliver, _ = d.parse(now)
	case profile.OneWayMessage:
		m.OneWay = true
	case profile.TransactionMessage:
		m.Transaction = d.transaction()
	case profile.RequestMessage:
		m.Reply, _ = d.within()
	}
}

// usualReply is how long a reply is waited for unless that is said.
const usualReply = 5 * time.Second

// within reads how long a reply is waited for.
func (d *delivery) within() (_ time.Duration, err string) {
	if strings.TrimSpace(d.reply.Text) == "" {
		return usualReply, ""
	}
	if t, ok := words.ParseSpan(d.reply.Text); ok && t >= 100*time.Millisecond && t <= message.MaxReply {
		return t, ""
	}
	return usualReply, lang.L("Write a time up to 10 min, such as 5 s.")
}

// replyProblem is why no reply can be waited for, "" where one can, or need not.
func (d *delivery) replyProblem() string {
	if d.kind() != profile.RequestMessage {
		return ""
	}
	_, err := d.within()
	return err
}

// parse reads a length of time, or a time to come.
func (d *delivery) parse(now time.Time) (_ message.Delivery, err string) {
	if after, ok := words.ParseSpan(d.when.Text); ok && after >= time.Millisecond {
		return message.Delivery{After: after}, ""
	}
	at, ok := filter.ParseTime(d.when.Text, now)
	switch {
	case !ok:
		return message.Delivery{}, lang.L("Write a time such as 30 s, 10 min, 1 h 30 min, or {{.Time}}.", map[string]any{"Time": now.Add(time.Hour).Format("2006-01-02 15:04")})
	case !at.After(now):
		return message.Delivery{}, lang.L("This time has passed.")
	}
	return message.Delivery{At: at}, ""
}

// keyProblem is why there is no sharding key, "" where there is one or none is needed.
func (d *delivery) keyProblem() string {
	if d.kind() == profile.OrderedMessage && strings.TrimSpace(d.key.Text) == "" {
		return lang.L("Enter the key whose messages keep their order.")
	}
	return ""
}

// whenProblem is why there is no time of delivery.
func (d *delivery) whenProblem(now time.Time) string {
	if d.kind() != profile.DelayedMessage {
		return ""
	}
	_, err := d.parse(now)
	return err
}

// failed says at the field what the brokers cannot do, if that is why a form failed that
// still says the same.
func (d *delivery) failed(from profile.SendForm, err error) bool {
	if errors.Is(err, fault.NoReplies) && from.Kind == profile.RequestMessage && d.kind() == from.Kind {
		d.replyField.SetError(problem.Explain(err).Text())
		d.f.s.p.Window.Canvas().Focus(d.reply)
		return true
	}
	var none *client.LevelsError
	if !errors.As(err, &none) || from.Kind != d.kind() || from.Kind != profile.DelayedMessage || from.Deliver != d.when.Text {
		return false
	}
	var all []string
	for _, l := range none.Levels {
		all = append(all, words.Exact(l))
	}
	d.whenField.SetError(lang.L("These brokers delay by levels only: {{.Levels}}.", map[string]any{"Levels": strings.Join(all, lang.L(", "))}))
	d.f.s.p.Window.Canvas().Focus(d.when)
	return true
}

// refused says at the choice that the endpoint takes no transactional message, where that is
// why one failed.
func (d *delivery) refused(got *message.Receipt) bool {
	if d.kind() != profile.TransactionMessage || got.Fault == nil || got.Fault.Code != fault.NoTransactions && got.Fault.Code != fault.WrongMessageType {
		return false
	}
	d.decisionField.SetError(problem.Receipt(got).Text())
	return true
}

// locate shows where a message is. One that waits lies in a list of the broker's own,
// and comes to its topic's queue when it is due.
func (s *Screen) locate(x *outbox.Sent) {
	now, r := time.Now(), x.Receipt
	switch {
	case x.Half != nil && x.Half.Stand == outbox.Waiting:
		s.p.Say(lang.L("It waits at the broker. No consumer gets it before it is committed."))
	case x.Half != nil && (x.Half.Stand == outbox.RolledBack || x.Half.Stand == outbox.RollingBack):
		s.p.Say(lang.L("It was rolled back: no consumer gets it."))
	case x.Half != nil:
		s.p.LocateID(r.Topic, r.MessageID)
	case r.Due.IsZero():
		s.p.Locate(r.Topic, r.Broker, r.QueueID, r.QueueOffset)
	case r.Due.After(now):
		s.p.Say(lang.L("It waits at the broker until {{.Time}}.", map[string]any{"Time": words.Clock(r.Due, now)}))
	default:
		s.p.LocateID(r.Topic, r.MessageID)
	}
}
