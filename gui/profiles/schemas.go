package profiles

import (
	"context"
	"path/filepath"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	fynetheme "fyne.io/fyne/v2/theme"

	"gantry/client/decode"
	"gantry/client/profile"
	"gantry/client/schema"
	"gantry/gui/arrange"
	"gantry/gui/files"
	"gantry/gui/problem"
	"gantry/gui/task"
	"gantry/gui/widgets"
)

// The queries about files that describe messages: whether those that are named can be used,
// and what one has that was chosen.
const (
	querySchemas = "schemas"
	queryTypes   = "types"
)

// schemas is the field for the formats of bodies, one topic a line.
type schemas struct {
	f       *form
	entry   *widgets.Entry
	content *fyne.Container
}

func newSchemas(f *form, p profile.Profile) *schemas {
	s := &schemas{f: f, entry: widgets.NewMultiLineEntry(2).Mono()}
	s.entry.SetPlaceHolder("orders = Protobuf shop.Order /protos/order.proto")
	s.entry.SetText(profile.FormatSchemas(p.Schemas))
	f.put(profile.FieldSchemas, lang.L("Formats of bodies, one topic per line"), s.entry)
	f.fields[profile.FieldSchemas].SetHint(s.hint())
	f.passTab(s.entry)
	f.left(s.entry, s.check)
	choose := widgets.NewIconButton(fynetheme.FolderOpenIcon(), lang.L("A .proto file or a descriptor set…"), s.choose)
	s.content = container.New(&arrange.Columns{Gap: 4, Shares: []float32{1}},
		f.fields[profile.FieldSchemas], container.New(&arrange.Rows{Top: captionHeight}, choose))
	return s
}

func (s *schemas) hint() string {
	return lang.L("MessagePack, CBOR, or Protobuf with a message and its file. An asterisk stands for any signs of a topic. What it imports is looked for beside the file and above.")
}

// read returns what is typed, with whole paths.
func (s *schemas) read() []profile.Schema {
	all := profile.ParseSchemas(s.entry.Text)
	for i := range all {
		all[i].File = wholePath(all[i].File)
	}
	return all
}

// check says what is wrong with a file that is named; it does not keep from saving: the
// file may be elsewhere today.
func (s *schemas) check() {
	p := profile.Profile{Schemas: s.read()}
	for _, err := range p.Validate(nil) {
		if err.Field == profile.FieldSchemas {
			return // which is said when it is saved
		}
	}
	text := s.entry.Text
	task.Ask(s.f.e.p.Tasks, s.f.e.scope, querySchemas, func(ctx context.Context) (string, error) {
		var said []string
		for _, x := range p.Schemas {
			if x.Format == decode.Protobuf {
				if _, err := schema.Load(ctx, x.File, x.Type); err != nil {
					said = append(said, problem.Explain(err).What)
				}
			}
		}
		return strings.Join(said, "\n"), nil
	}, func(said string, err error) {
		if err == nil && text == s.entry.Text {
			s.f.fields[profile.FieldSchemas].SetError(said)
			s.f.content.Refresh() // the lines below move down
		}
	})
}

// choose asks for a file, and begins a line with it.
func (s *schemas) choose() {
	q := files.Question{Tasks: s.f.e.p.Tasks, Title: lang.L("A .proto file or a descriptor set"), Fail: s.f.e.p.Fail}
	for _, x := range s.read() {
		q.At = x.File
	}
	files.AskOpen(s.f.e.p.Window, q, func(r fyne.URIReadCloser) {
		_ = r.Close()
		if !s.f.e.closed {
			s.take(filepath.FromSlash(r.URI().Path()))
		}
	})
}

// take begins a line for a file with the first of its messages, and tells the others.
func (s *schemas) take(file string) {
	task.Ask(s.f.e.p.Tasks, s.f.e.scope, queryTypes, func(ctx context.Context) ([]string, error) {
		names, err := schema.Types(ctx, file)
		if err == nil && len(names) == 0 {
			err = &schema.Error{File: file, Why: schema.NoMessage}
		}
		return names, err
	}, func(names []string, err error) {
		field := s.f.fields[profile.FieldSchemas]
		if err != nil {
			field.SetError(problem.Explain(err).What)
			s.f.content.Refresh()
			return
		}
		s.begin(profile.Schema{Topic: "*", Format: decode.Protobuf, Type: names[0], File: file})
		field.SetHint(s.hint())
		if len(names) > 1 {
			field.SetHint(lang.L("Messages in it: {{.Names}}", map[string]any{"Names": strings.Join(names[:min(len(names), mostNamed)], ", ")}))
		}
		s.f.content.Refresh()
	})
}

// mostNamed is how many messages of a file are named.
const mostNamed = 20

// begin puts a line at the end, with its topic selected to be typed over.
func (s *schemas) begin(x profile.Schema) {
	text := strings.TrimRight(s.entry.Text, "\n")
	row := 0
	if text != "" {
		row = strings.Count(text, "\n") + 1
		text += "\n"
	}
	s.entry.SetText(text + profile.FormatSchemas([]profile.Schema{x}))
	s.entry.CursorRow, s.entry.CursorColumn = row, len(x.Topic)
	s.f.e.p.Window.Canvas().Focus(s.entry)
	s.entry.Refresh()
}
