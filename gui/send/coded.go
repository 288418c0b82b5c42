package send

import (
	"cmp"
	"context"
	"errors"
	"time"

	"fyne.io/fyne/v2/lang"

	"gantry/client/decode"
	"gantry/client/message"
	"gantry/client/outbox/plan"
	"gantry/client/profile"
	"gantry/client/schema"
	"gantry/gui/problem"
	"gantry/gui/theme"
)

// says is what the profile says of the bodies of the form's topic, nil for nothing.
func (b *body) says() *profile.Schema {
	f := b.s.form
	if f == nil || f.topic == nil {
		return nil
	}
	return b.s.formatOf(b.s.p.Profile.FullName(f.topic.Text))
}

// formatOf is what the profile says of the bodies of a topic, nil for nothing.
func (s *Screen) formatOf(topic string) *profile.Schema {
	if s.p.Formats.Of == nil || topic == "" {
		return nil
	}
	return s.p.Formats.Of(topic)
}

// completing returns what gives a way to type the description that it needs. It is called on
// the main goroutine; what it returns reads files.
func (s *Screen) completing(f *profile.Schema) func(context.Context, message.Typed) (message.Typed, error) {
	store := s.p.Formats.Store
	return func(ctx context.Context, how message.Typed) (message.Typed, error) {
		if how.As != message.AsProtobuf {
			return how, nil
		}
		if f == nil || f.Format != decode.Protobuf || store == nil {
			return how, message.NoSchema
		}
		var err error
		how.Schema, err = store.Load(ctx, f.File, f.Type)
		return how, err
	}
}

// describing returns what gives a plan the description that its body needs; see completing.
func (s *Screen) describing(topic string) func(context.Context, *plan.Plan) error {
	complete := s.completing(s.formatOf(topic))
	return func(ctx context.Context, p *plan.Plan) error {
		how, err := complete(ctx, p.How)
		if err != nil {
			return &plan.FieldError{Field: plan.FieldBody, Err: err}
		}
		if how.Schema != nil {
			p.Described = plan.Describe(how.Schema)
		}
		return nil
	}
}

// follow types JSON as the profile says that the topic's bodies are, unless the user has
// chosen how.
func (b *body) follow() {
	if b.held != nil || b.chosen || b.how != (message.Typed{}) && b.how.As.Coded() == "" {
		return
	}
	text := []byte(b.editor.Text())
	to := message.Typed{}
	if f := b.says(); f != nil && (len(text) == 0 || looksLikeJSON(text)) {
		to.As = message.Typing(f.Format)
	}
	if to != b.how {
		b.become(to, string(text))
	}
}

// topicChanged follows the topic, whose messages may be described otherwise.
func (b *body) topicChanged() {
	if b.s.form == nil || b.s.form.filling {
		return
	}
	b.follow()
	if b.how.As == message.AsProtobuf {
		b.changed() // what fits is another question
	}
}

// asText is how a text is typed that is sent as it is: where the topic has a format, it has to
// be told.
func (s *Screen) asText(how message.Typed, topic string) message.Typed {
	if how == (message.Typed{}) && s.formatOf(topic) != nil {
		how.Charset = message.UTF8
	}
	return how
}

// lookCoded makes the body of JSON, with its dynamic values, as of now.
func lookCoded(p *plan.Plan) (c checked, err error) {
	m, err := p.Maker("", nil)
	var made plan.Made
	if err == nil {
		defer m.Close()
		made, err = m.Next(time.Now())
	}
	at := (*schema.Error)(nil)
	switch {
	case errors.As(err, &c.wrong):
		c.line, c.column = placeIn(p.Body, c.wrong.At)
		return c, nil
	case errors.Is(err, message.NoSchema), errors.As(err, &at):
		return c, err
	case err != nil: // a value, which the editor marks
		return c, nil
	}
	c.size, c.json = len(made.Draft.Body), true
	return c, nil
}

// looking returns what looks at a body as it is typed now.
func (b *body) looking() func(context.Context) (checked, error) {
	typed, how, dynamic := b.bytes(), b.how, b.s.form.dynamic()
	if how.As.Coded() == "" {
		return func(context.Context) (checked, error) { return look(how, typed, dynamic) }
	}
	p := &plan.Plan{Texts: plan.Texts{Body: typed, How: how, JSON: true, Literal: !dynamic}, Count: 1, AtOnce: 1}
	b.s.form.fromConnection(p)
	describe := b.s.describing(b.s.p.Profile.FullName(b.s.form.topic.Text))
	return func(ctx context.Context) (checked, error) {
		if err := describe(ctx, p); err != nil {
			return checked{}, cmp.Or(errors.Unwrap(err), err)
		}
		return lookCoded(p)
	}
}

// notMade says that nothing can be made of what is typed, whatever it is; false is for
// another error.
func (b *body) notMade(err error) bool {
	at := (*schema.Error)(nil)
	if !errors.Is(err, message.NoSchema) && !errors.As(err, &at) {
		return false
	}
	b.setWords(problem.Explain(err).What, theme.Err)
	b.editor.SetError(0, 0)
	return true
}

// codedWords names a format that JSON is made to.
func codedWords(as message.Typing) string {
	return lang.L("JSON as {{.Format}}", map[string]any{"Format": string(as)})
}
