package msglist

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"io"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/lang"

	"gantry/client/message"
	"gantry/gui/files"
	"gantry/gui/widgets"
	"gantry/gui/words"
)

// exported counts what an export did with records.
type exported struct {
	from    message.Export
	written uint64
	Skipped
}

// Export asks for a file and writes messages into it, one line of JSON each
// (message.JSON): those that are chosen where several are, else all that the list shows,
// also those that the filter has not come to yet, and none that come meanwhile.
func (l *List) Export() {
	if l.given == nil || l.p.Window == nil {
		return
	}
	name := ""
	if l.p.Topic != nil {
		name = l.p.Topic()
	}
	name = cmp.Or(name, "messages")
	q := files.Question{Tasks: l.p.Tasks, Title: lang.L("Export messages"), Name: files.Name(name) + ".jsonl", Fail: l.fail}
	from := l.listed
	if l.picked.Several() {
		chosen := l.chosen() // while the file is asked for others may be chosen
		from = func() Listed { return chosen }
	}
	files.AskSave(l.p.Window, q, func(w fyne.URIWriteCloser) { l.export(from(), w, w.URI().Name()) })
}

func (l *List) export(from Listed, w io.WriteCloser, name string) {
	did := exported{from: from.Origin()}
	l.p.Tasks.Job(lang.L("Export to {{.Name}}", map[string]any{"Name": name}), func(ctx context.Context, progress func(string)) error {
		b := bufio.NewWriterSize(w, 256<<10)
		err := did.write(ctx, b, from, func(n uint64) {
			progress(widgets.Count(n) + " / " + widgets.Count(from.Most())) // no words: they are the main goroutine's
		})
		return errors.Join(cmp.Or(err, b.Flush()), w.Close())
	}, func(err error) {
		if err != nil && !errors.Is(err, context.Canceled) {
			l.fail(err)
		} else if l.p.Say != nil {
			l.p.Say(did.words(name, err != nil))
		}
	})
}

// write writes the messages. It blocks.
func (e *exported) write(ctx context.Context, w io.Writer, from Listed, progress func(uint64)) (err error) {
	e.Skipped, err = from.Each(ctx, progress, func(m *message.Message) error {
		line, err := m.ExportJSON(e.from)
		if err == nil {
			_, err = w.Write(append(line, '\n'))
		}
		if err == nil {
			e.written++
		}
		return err
	})
	return err
}

// words says what an export did.
func (e *exported) words(name string, stopped bool) string {
	count := func(n uint64) map[string]any { return map[string]any{"Count": widgets.Count(n), "Name": name} }
	said := []string{lang.N("Exported {{.Count}} messages to {{.Name}}.", int(e.written), count(e.written))}
	if stopped {
		said[0] = lang.N("Stopped after {{.Count}} messages; {{.Name}} lacks the others.", int(e.written), count(e.written))
	}
	if e.Gone > 0 {
		said = append(said, lang.N("{{.Count}} were no longer kept.", int(e.Gone), count(e.Gone)))
	}
	if e.Damaged > 0 {
		said = append(said, lang.N("{{.Count}} could not be read.", int(e.Damaged), count(e.Damaged)))
	}
	return words.Sentences(said...)
}

func (l *List) fail(err error) {
	if l.p.OnError != nil {
		l.p.OnError(err)
	}
}
