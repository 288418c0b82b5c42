package msglist

import (
	"cmp"
	"context"
	"errors"
	"io"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"

	"gantry/client/exchange"
	"gantry/client/fault"
	"gantry/client/message"
	"gantry/gui/arrange"
	"gantry/gui/confirm"
	"gantry/gui/files"
	"gantry/gui/theme"
	"gantry/gui/widgets"
	"gantry/gui/words"
)

// format is a form of an export.
type format int

// The formats, in the order of their segments.
const (
	asLines format = iota
	asCSV
	asFolder
)

// about says what a format is for.
func (f format) about() string {
	switch f {
	case asCSV:
		return lang.L("For spreadsheets: facts, keys, tag, properties, and the body as text, or as base64 where it is none; a column says which.")
	case asFolder:
		return lang.L("A file for each body, as its bytes are, and an index of JSON lines.")
	}
	return lang.L("A line of JSON for each message, with every byte. Gantry reads it back: into a recording, or to send it again.")
}

// exported counts what an export did with records.
type exported struct {
	written uint64
	Skipped
}

// Export asks in which form and where to, and writes messages there: those that are chosen
// where several are, else all that the list shows, also those that the filter has not come
// to yet, and none that come meanwhile.
func (l *List) Export() {
	if l.given == nil || l.p.Window == nil {
		return
	}
	from, which := l.listed, lang.L("All messages that the list shows.")
	if l.picked.Several() {
		chosen := l.chosen() // while the file is asked for others may be chosen
		from = func() Listed { return chosen }
		which = lang.N("{{.Count}} chosen messages.", int(chosen.Most()), map[string]any{"Count": widgets.Count(chosen.Most())})
	}
	as := asLines
	about := widgets.NewParagraph(as.about(), theme.Muted)
	forms := widgets.NewSegments(func(i int) {
		as = format(i)
		about.Set(as.about(), theme.Muted)
	}, lang.L("JSON lines"), lang.L("CSV"), lang.L("Folder of bodies"))
	confirm.Show(l.p.Window.Canvas(), confirm.Question{
		Title: lang.L("Export messages"), Body: which, Cancel: lang.L("Cancel"),
		Details: container.New(&arrange.Rows{Gap: 10, Width: 440}, forms, container.New(&least{64}, about.Object())),
		Choices: []widgets.Choice{{Text: lang.L("Choose where…"), Kind: widgets.Primary, Do: func() { l.exportAs(as, from) }}},
	})
}

var _ fyne.Layout = (*least)(nil)

// least is a layout of one object that has so much height at least: what is said of the
// formats differs in length, and the question keeps its size.
type least struct{ height float32 }

// MinSize is that of the object, with the height.
func (r *least) MinSize(all []fyne.CanvasObject) fyne.Size {
	return all[0].MinSize().Max(fyne.NewSize(0, r.height))
}

// Layout gives it all.
func (r *least) Layout(all []fyne.CanvasObject, s fyne.Size) { all[0].Resize(s) }

// exportAs asks where to, and exports.
func (l *List) exportAs(as format, from func() Listed) {
	name := ""
	if l.p.Topic != nil {
		name = l.p.Topic()
	}
	name = files.Name(cmp.Or(name, "messages"))
	q := files.Question{Tasks: l.p.Tasks, Title: lang.L("Export messages"), Fail: l.fail}
	switch as {
	case asFolder:
		files.AskFolder(l.p.Window, q, func(dir string) { l.exportFolder(from(), dir, name) })
	case asCSV:
		q.Name = name + ".csv"
		files.AskSave(l.p.Window, q, func(w fyne.URIWriteCloser) {
			l.export(from(), w.URI().Name(), func(message.Export) (exchange.Writer, error) { return exchange.CSV(w) })
		})
	default:
		q.Name = name + ".jsonl"
		files.AskSave(l.p.Window, q, func(w fyne.URIWriteCloser) { l.exportLines(from(), w, w.URI().Name()) })
	}
}

func (l *List) exportLines(from Listed, w io.WriteCloser, name string) {
	l.export(from, name, func(of message.Export) (exchange.Writer, error) { return exchange.Lines(w, of), nil })
}

// exportFolder makes a folder in another one.
func (l *List) exportFolder(from Listed, dir, name string) {
	l.export(from, name, func(of message.Export) (exchange.Writer, error) {
		return exchange.Folder(dir, name, time.Now(), of)
	})
}

// export writes messages by a writer that is made beside the window.
func (l *List) export(from Listed, name string, begin func(message.Export) (exchange.Writer, error)) {
	var did exported
	l.p.Tasks.Job(lang.L("Export to {{.Name}}", map[string]any{"Name": name}), func(ctx context.Context, progress func(string)) error {
		w, err := begin(from.Origin())
		if err != nil {
			return err
		}
		err = did.write(ctx, w, from, func(n uint64) {
			progress(widgets.Count(n) + " / " + widgets.Count(from.Most())) // no words: they are the main goroutine's
		})
		return errors.Join(err, w.Close())
	}, func(err error) {
		if err != nil && !errors.Is(err, context.Canceled) {
			l.fail(err)
		} else if l.p.Say != nil {
			l.p.Say(did.words(name, err != nil))
		}
	})
}

// write writes the messages. It blocks.
func (e *exported) write(ctx context.Context, w exchange.Writer, from Listed, progress func(uint64)) (err error) {
	e.Skipped, err = from.Each(ctx, progress, func(m *message.Message) error {
		err := w.Write(m)
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
	return words.Sentences(append(said, e.Words()...)...)
}

// Words say what of a list was not handed over; "" is nothing.
func (s Skipped) Words() (said []string) {
	count := func(n uint64) map[string]any { return map[string]any{"Count": widgets.Count(n)} }
	if s.Gone > 0 {
		said = append(said, lang.N("{{.Count}} were no longer kept.", int(s.Gone), count(s.Gone)))
	}
	if s.Damaged > 0 {
		said = append(said, lang.N("{{.Count}} could not be read.", int(s.Damaged), count(s.Damaged)))
	}
	return append(said, words.GaveUp(s.GaveUp))
}

// gaveUp says of how many messages it is not known whether they fit.
func gaveUp(g fault.GaveUp) string { return words.GaveUpCount(g) }

// gaveUpToo is a sentence, and behind it what jq gave up at.
func gaveUpToo(text string, g fault.GaveUp) string { return words.Sentences(text, words.GaveUp(g)) }

func (l *List) fail(err error) {
	if l.p.OnError != nil {
		l.p.OnError(err)
	}
}
