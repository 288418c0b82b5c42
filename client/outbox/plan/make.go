package plan

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"gantry/client/message"
	"gantry/client/outbox/change"
	"gantry/client/outbox/placeholder"
	"gantry/client/outbox/source"
	"gantry/client/schema"
)

// Errors of a Maker.
var (
	// ErrNoRow: the source does not have the row any more.
	ErrNoRow = errors.New("the row of the message is gone")
	// ErrSecret: a value is secret and not at hand.
	ErrSecret = errors.New("a secret value is not at hand")
)

// Maker makes the messages of a plan. It belongs to one goroutine. Close gives its source
// back.
type Maker struct {
	p                      *Plan
	how                    message.Typed // with its description
	body, tag, keys, shard *placeholder.Template
	fixed                  []byte // the body where it is the same in each message
	needs                  placeholder.Needs
	hid                    bool // a secret value of the message is written as message.Hidden
	properties             []property
	values                 placeholder.Values
	file                   *os.File
	rows                   *source.Reader
	whole                  *records        // of a replay, instead of texts
	changer                *change.Changer // of whole, nil where they go as they are
	stored                 time.Time       // when the latest before the next one of whole was stored
	seq                    int64
	turn                   int
}

type property struct{ name, value *placeholder.Template }

// Maker returns the maker of the plan in a run's folder, which is only needed for a
// source. secrets are the secret values of the connection; nil makes messages for eyes, in
// which they are hidden. ErrSecret says that one which a text names is missing.
func (p *Plan) Maker(dir string, secrets map[string]string) (*Maker, error) {
	m := &Maker{p: p}
	m.values.Seed = p.Seed
	m.values.Env = func(name string) (string, bool) {
		if v, ok := secrets[name]; ok {
			return v, true
		}
		if secrets == nil && slices.Contains(p.Secret, name) {
			m.hid = true
			return message.Hidden, true
		}
		v, ok := p.Env[name]
		return v, ok
	}
	var err error
	switch r := p.Replay; {
	case r == nil:
		err = m.parse()
	case r.changes():
		if m.changer, err = change.New(r.Changes, r.Drop, r.Masks, r.Key); err == nil {
			m.needs, err = change.Needs(r.Changes)
		}
	}
	if err != nil {
		return nil, err
	}
	for _, name := range m.hidden() {
		if _, ok := secrets[name]; secrets != nil && !ok {
			return nil, fmt.Errorf("%w: %s", ErrSecret, name)
		}
	}
	if p.Source == nil && p.Replay == nil {
		return m, nil
	}
	if m.file, err = os.Open(SourceFile(dir)); err != nil {
		return nil, err
	}
	if p.Replay != nil {
		m.whole = newRecords(m.file, p.Replay.Bytes)
		m.whole.skip = p.Replay.Skip
	} else {
		m.rows = source.Open(m.file, *p.Source)
	}
	return m, nil
}

// hidden are the names of the secret values that the texts name.
func (m *Maker) hidden() []string {
	return slices.DeleteFunc(slices.Clone(m.needs.Env), func(name string) bool { return !slices.Contains(m.p.Secret, name) })
}

// Hidden returns the names of the secret values that the texts name. A text that cannot be
// read names none: a Maker says why.
func (p *Plan) Hidden() []string {
	if len(p.Secret) == 0 {
		return nil
	}
	m := &Maker{p: p}
	var err error
	if p.Replay == nil {
		err = m.parse()
	} else {
		m.needs, err = change.Needs(p.Replay.Changes)
	}
	if err != nil {
		return nil
	}
	return m.hidden()
}

// Field names a text of a message.
type Field string

// The fields.
const (
	FieldBody     Field = "body"
	FieldTag      Field = "tag"
	FieldKeys     Field = "keys"
	FieldShard    Field = "shardingKey"
	FieldProperty Field = "property"
)

// FieldError says which text of a message is wrong, and Index which property.
type FieldError struct {
	Field Field
	Index int
	Err   error
}

// Error says where and why.
func (e *FieldError) Error() string { return fmt.Sprintf("%s %d: %v", e.Field, e.Index, e.Err) }

// Unwrap is why.
func (e *FieldError) Unwrap() error { return e.Err }

func (m *Maker) parse() error {
	var err error
	one := func(f Field, at int, text string, format placeholder.Format) *placeholder.Template {
		if err != nil || m.p.Literal {
			return nil
		}
		t, why := placeholder.Parse(text, format)
		if why != nil {
			err = &FieldError{f, at, why}
			return nil
		}
		m.needs.Join(t.Needs())
		return t
	}
	if m.how = m.p.How; m.how.As == message.AsProtobuf && m.how.Schema == nil && m.p.Described != nil {
		s, why := schema.Parse(m.p.Described.Set, m.p.Described.Message)
		if why != nil {
			return &FieldError{FieldBody, 0, why}
		}
		m.how.Schema = s
	}
	format := placeholder.Plain
	if m.p.JSON {
		format = placeholder.JSON
	}
	m.tag, m.keys = one(FieldTag, 0, m.p.Tag, placeholder.Plain), one(FieldKeys, 0, m.p.Keys, placeholder.Plain)
	m.shard = one(FieldShard, 0, m.p.ShardingKey, placeholder.Plain)
	for i, p := range m.p.Properties {
		m.properties = append(m.properties, property{one(FieldProperty, i, p.Name, placeholder.Plain), one(FieldProperty, i, p.Value, placeholder.Plain)})
	}
	if m.how.As.IsText() {
		m.body = one(FieldBody, 0, string(m.p.Body), format)
	}
	if err != nil {
		return err
	}
	return m.fix()
}

// fix makes a body that is the same in each message, and finds what of a text that is not
// does not fit the charset, at its place.
func (m *Maker) fix() error {
	if m.body != nil && m.body.Literal() {
		m.body = nil
	}
	var err error
	if m.body == nil {
		m.fixed, err = m.how.Finish(m.p.Body)
	} else if m.how.As == message.AsText {
		_, err = m.how.Encode(m.p.Body)
	}
	if err != nil {
		return &FieldError{FieldBody, 0, err}
	}
	return nil
}

// GoOn goes on with the message of that place in the run; the row of the one before it
// stands at after, which is -1 where there is none.
func (m *Maker) GoOn(seq, after int64) error {
	m.seq = seq
	if m.whole != nil && after >= 0 {
		m.whole.from(after)
		_, _, err := m.whole.take()
		return err
	}
	if m.rows == nil || after < 0 {
		return nil
	}
	m.rows.From(after)
	_, err := m.rows.Next()
	return err
}

// Next makes the next message, as of a time: io.EOF behind the last. The draft's body must
// not be changed; ID is the caller's to set.
func (m *Maker) Next(at time.Time) (Made, error) {
	if m.seq >= m.p.Count {
		return Made{}, io.EOF
	}
	l := message.Leave{Seq: m.seq, At: precise(at), Row: -1}
	if m.whole != nil {
		return m.nextWhole(l)
	}
	var row placeholder.Row
	if m.rows != nil {
		r, err := m.rows.Next()
		if err != nil {
			return Made{}, err
		}
		row, l.Row = r, r.Offset()
	}
	m.seq++
	d, err := m.make(&l, row)
	return Made{Leave: l, Draft: d}, err
}

// nextWhole is Next for a replay. It goes past what a change does not fit.
func (m *Maker) nextWhole(l message.Leave) (Made, error) {
	for {
		from, at, err := m.whole.take()
		if err != nil {
			return Made{}, err
		}
		l.Row = at
		d, err := m.take(&l, from)
		if misfit(err) {
			continue
		}
		m.seq++
		if from.At.After(m.stored) {
			m.stored = from.At
		}
		return Made{Leave: l, Draft: d}, err
	}
}

// Transaction is what becomes of each message.
func (m *Maker) Transaction() message.Transaction { return m.p.Transaction }

// Again makes the message that left before.
func (m *Maker) Again(l *message.Leave) (*message.Draft, error) {
	if m.whole != nil {
		from, err := m.whole.find(l.Row)
		if err != nil {
			return nil, err
		}
		return m.take(l, from)
	}
	var row placeholder.Row
	if l.Row >= 0 {
		if m.rows == nil {
			return nil, ErrNoRow
		}
		r, err := m.rows.At(l.Row)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrNoRow, err)
		}
		row = r
	}
	return m.make(l, row)
}

// Source is the message of a replay that left before, as it lies in the source.
func (m *Maker) Source(l *message.Leave) (*message.Draft, error) {
	if m.whole == nil {
		return nil, ErrNoRow
	}
	from, err := m.whole.find(l.Row)
	if err != nil {
		return nil, err
	}
	return from.Draft, nil
}

func (m *Maker) make(l *message.Leave, row placeholder.Row) (*message.Draft, error) {
	p := m.p

	m.values.Seq, m.values.At, m.values.Row = l.Seq+1, l.At, row // people count from 1
	m.hid = false
	var err error
	text := func(f Field, at int, t *placeholder.Template, literal string) string {
		if t == nil || err != nil {
			return literal
		}
		out, why := t.Append(nil, &m.values)
		if why != nil {
			err = &FieldError{f, at, why}
		}
		return string(out)
	}
	d := &message.Draft{
		ProducerGroup: p.ProducerGroup, Topic: p.Topic, Tag: text(FieldTag, 0, m.tag, p.Tag),
		Keys: strings.Fields(text(FieldKeys, 0, m.keys, p.Keys)), ShardingKey: text(FieldShard, 0, m.shard, p.ShardingKey),
		Deliver: p.Deliver, To: p.To, OneWay: p.OneWay, Transaction: p.Transaction, Reply: p.Reply, Packed: p.Packed,
		ID: l.ID, Body: m.fixed, How: p.How,
	}
	for i, prop := range p.Properties {
		t := m.properties[i]
		d.Properties = append(d.Properties, message.Property{Name: text(FieldProperty, i, t.name, prop.Name), Value: text(FieldProperty, i, t.value, prop.Value)})
	}
	if err == nil {
		err = m.makeBody(d)
	}
	if err != nil {
		return nil, err
	}
	d.Hides = m.hid
	m.direct(d, l.At, p.Queues)
	return d, nil
}

// makeBody makes the body of a draft, unless it is the same in each.
func (m *Maker) makeBody(d *message.Draft) error {
	coded := m.how.As.Coded() != ""
	if m.body == nil {
		if coded && len(m.p.Body) <= message.MaxText {
			d.Text = string(m.p.Body)
		}
		return nil
	}
	text, why := m.body.Append(make([]byte, 0, len(m.p.Body)+len(m.p.Body)/4), &m.values)
	if why != nil {
		return &FieldError{FieldBody, 0, why}
	}
	if coded && len(text) <= message.MaxText {
		d.Text = string(text)
	}
	d.Body, why = m.how.Body(text)
	switch at := (*message.TypedError)(nil); {
	case why == nil:
	case coded && m.hid: // the value that is hidden may be what would fit
		d.Body = text
	case coded && errors.As(why, &at):
		there := *at
		there.At = m.body.Place(&m.values, at.At)
		return &FieldError{FieldBody, 0, &there}
	default:
		return &FieldError{FieldBody, 0, why}
	}
	return nil
}

// direct says when and where a message goes, which of these queues if there are any.
func (m *Maker) direct(d *message.Draft, at time.Time, queues []message.Target) {
	d.System = m.p.Timing.At(d.Deliver, at)
	if n := len(queues); n > 0 && d.To == nil {
		to := m.turn % n
		m.turn++
		if d.ShardingKey != "" {
			to = message.Shard(d.ShardingKey, n)
		}
		d.To = &queues[to]
	}
}

// Close gives the source back.
func (m *Maker) Close() error {
	if m.file == nil {
		return nil
	}
	return m.file.Close()
}
