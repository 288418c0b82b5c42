package inspect

import (
	"context"
	"errors"
	"path/filepath"
	"sync"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/lang"

	"gantry/client/decode"
	"gantry/client/filter"
	"gantry/client/message"
	"gantry/client/profile"
	"gantry/client/schema"
	"gantry/gui/confirm"
	"gantry/gui/draw"
	"gantry/gui/files"
	"gantry/gui/problem"
	"gantry/gui/task"
	"gantry/gui/widgets"
)

// queryTypes is the query for the messages that a file describes.
const queryTypes = "types"

// described is the description of the messages of a topic: one of the two, or none.
type described struct {
	schema *schema.Schema
	err    error // why there is none
}

// Formats say in which formats the bodies of topics are. The zero value knows none.
type Formats struct {
	// Of is what the profile says of a topic, by its full name, nil for nothing. It is called
	// on the main goroutine.
	Of func(topic string) *profile.Schema
	// Store has what describes messages.
	Store *schema.Store
	// Looked is called on the main goroutine when it was looked whether files have changed; it
	// may be nil.
	Looked func()
	// Save has the profile say it from now on; the error is a *profile.FieldError. It may be
	// nil.
	Save func(profile.Schema) error
}

// Format is what is known of the format of one message's body; the zero value is nothing.
type Format struct {
	says  *profile.Schema
	store *schema.Store
}

// For is what the formats say of a message.
func (f Formats) For(m *message.Message) Format {
	if f.Of == nil || m == nil {
		return Format{}
	}
	return Format{f.Of(BodyTopic(m)), f.Store}
}

// Decode is how a filter reads the bodies of a topic, nil for as they are. What it returns
// reads files, when it is used first; where these are wrong, fields stand by numbers.
func (f Formats) Decode(topic string) filter.Decode {
	if f.Of == nil {
		return nil
	}
	says, store := f.Of(topic), f.Store
	if says == nil {
		return nil
	}
	read := sync.OnceValue(func() filter.Decode {
		var s *schema.Schema
		if says.Format == decode.Protobuf && store != nil {
			s, _ = store.Load(context.Background(), says.File, says.Type) // the inspector says why not
		}
		return schema.Reading(says.Format, s)
	})
	return func(body []byte) []byte { return read()(body) }
}

// Rule is how bodies of a topic are read at one time; two are equal where they are read alike.
type Rule struct {
	says profile.Schema
	turn int // how often what describes them became another one
}

// Rule is how bodies of a topic are read now, as far as somebody looked at the files.
func (f Formats) Rule(topic string) Rule {
	if f.Of == nil {
		return Rule{}
	}
	says := f.Of(topic)
	if says == nil {
		return Rule{}
	}
	r := Rule{says: *says}
	r.says.Topic = "" // which line of the profile says it does not matter
	if f.Store != nil {
		r.turn = f.Store.Turns()[schema.Ref{File: says.File, Name: says.Type}]
	}
	return r
}

// Reads tells whether what a filter keeps hangs on how bodies are read.
func Reads(text string) bool {
	f, err := filter.Parse(text, time.Now())
	return err == nil && f.Decodes()
}

// filters tells whether a filter reads a body as it is shown: as text, or in the format of
// its topic.
func (i *Inspector) filters() bool {
	f := i.format()
	return i.body.kind == "" || f != nil && f.Format == i.body.kind && i.body.misfit == nil && i.body.unknown == nil
}

// format is what the profile says of the bodies of the message shown, nil for nothing.
func (i *Inspector) format() *profile.Schema { return i.p.Formats.For(i.m).says }

// BodyTopic is the topic that says how a message's body is read: the one to which it was
// sent first.
func BodyTopic(m *message.Message) string { return m.FirstTopic() }

// described returns the description of the message shown; load is what finds it where that
// has to read files.
func (i *Inspector) described() (d described, load func(context.Context) described) {
	f := i.format()
	if f == nil || f.Format != decode.Protobuf || i.p.Formats.Store == nil || i.reading != string(decode.Protobuf) {
		return described{}, nil
	}
	if s, err, ok := i.p.Formats.Store.Ready(f.File, f.Type); ok {
		return described{s, err}, nil
	}
	store, file, name := i.p.Formats.Store, f.File, f.Type
	return described{}, func(ctx context.Context) described {
		s, err := store.Load(ctx, file, name)
		return described{s, err}
	}
}

// chooseSchema asks for the file that describes the messages of this topic.
func (i *Inspector) chooseSchema() {
	q := files.Question{
		Tasks: i.p.Tasks, Title: lang.L("A .proto file or a descriptor set"), Fail: i.p.Fail,
	}
	if f := i.format(); f != nil {
		q.At = f.File
	}
	m := i.m
	files.AskOpen(i.p.Window, q, func(r fyne.URIReadCloser) {
		_ = r.Close()
		i.takeFile(m, filepath.FromSlash(r.URI().Path()))
	})
}

// takeFile asks which message of a file the bodies of a topic are.
func (i *Inspector) takeFile(m *message.Message, file string) {
	task.Ask(i.p.Tasks, i.scope, queryTypes, func(ctx context.Context) ([]string, error) {
		names, err := schema.Types(ctx, file)
		if err == nil && len(names) == 0 {
			err = &schema.Error{File: file, Why: schema.NoMessage}
		}
		return names, err
	}, func(names []string, err error) {
		switch {
		case m == nil || m != i.m: // another one is looked at
		case err != nil:
			i.p.Fail(err)
		default:
			i.askType(m, file, names)
		}
	})
}

func (i *Inspector) askType(m *message.Message, file string, names []string) {
	topic := widgets.NewEntry().Mono()
	topic.SetText(i.p.Short(BodyTopic(m)))
	of := widgets.NewField(lang.L("Topic"), topic)
	of.SetHint(lang.L("An asterisk stands for any signs: order-* is each topic that begins so."))
	topic.OnChanged = func(string) { of.SetError("") }
	kind := widgets.NewSelect(names...)
	kind.SetSelectedIndex(0)
	if f := i.format(); f != nil {
		kind.SetSelected(f.Type)
		if f.Format == decode.Protobuf {
			topic.SetText(f.Topic)
		}
	}
	confirm.ShowSheet(i.p.Window.Canvas(), confirm.SheetView{
		Title:  lang.L("Read bodies by {{.File}}", map[string]any{"File": filepath.Base(file)}),
		Fields: []*widgets.Field{of, widgets.NewField(lang.L("Message"), kind)},
		Cancel: lang.L("Cancel"), Action: lang.L("Save"),
		OnConfirm: func() bool {
			f := profile.Schema{Topic: topic.Text, Format: decode.Protobuf, Type: kind.Selected, File: file}
			err := i.p.Formats.Save(f)
			if wrong := (*profile.FieldError)(nil); errors.As(err, &wrong) {
				of.SetError(problem.Field(wrong))
				return false
			}
			i.reading, i.wanted = string(decode.Protobuf), asBest
			i.remember()
			i.prepare(false)
			return true
		},
	})
}

// showSchemaButton offers a description where a body is Protobuf.
func (i *Inspector) showSchemaButton() {
	draw.Show(i.schema, i.p.Formats.Save != nil && i.body != nil && i.body.reading() == string(decode.Protobuf))
}

// notDescribed says why a body is not in the format, or not by the description, of its topic,
// "" where it is.
func (i *Inspector) notDescribed() string {
	p, f := i.body, i.format()
	switch {
	case p.unknown != nil:
		return problem.Explain(p.unknown).What
	case p.misfit != nil:
		return lang.L("Not {{.Message}}. {{.Why}}", map[string]any{"Message": p.message, "Why": p.whyNot(p.misfit)})
	case p.other != nil && f != nil && f.Format == p.other.Kind:
		return lang.L("Not {{.Message}}. {{.Why}}", map[string]any{"Message": p.other.Kind, "Why": p.whyNot(p.other)})
	}
	return ""
}
