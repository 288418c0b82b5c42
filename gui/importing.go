package gui

import (
	"context"
	"io"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/lang"

	"gantry/client/exchange"
	"gantry/client/message"
	"gantry/client/profile"
	"gantry/client/session"
	"gantry/gui/files"
	"gantry/gui/widgets"
)

// importRecording asks for an export and reads it into a recording: of the connection that
// its lines name, else of this one.
func (s *workspace) importRecording() {
	s.shell.importRecording(session.Recording{
		Profile: s.profile.ID, ProfileName: s.profile.Name, Production: s.profile.Environment == profile.Production,
	})
}

// importRecording asks for an export and reads it into a recording.
func (w *Window) importRecording(of session.Recording) {
	q := files.Question{Tasks: w.tasks, Title: lang.L("Import messages"), Endings: []string{".jsonl", ".json"}, Fail: w.fail}
	files.AskOpen(w.win, q, func(in fyne.URIReadCloser) {
		name := in.URI().Name()
		of.Name = strings.TrimSuffix(name, in.URI().Extension())
		w.askRecording(lang.L("Import {{.Name}} into a recording", map[string]any{"Name": name}), of, func(of session.Recording) {
			w.importLines(of, in)
		}, func() { _ = in.Close() })
	})
}

// importLines reads an export into a recording, and closes it. Lines that are no messages
// are left out, and named.
func (w *Window) importLines(of session.Recording, in io.ReadCloser) {
	i := imported{}
	w.record(of, func(ctx context.Context, progress func(string), to *session.Recorder) error {
		defer in.Close()
		if err := exchange.Read(ctx, in, func(line int) { progress(widgets.Count(uint64(line))) }, i.taker(to), i.leave); err != nil {
			return err
		}
		to.Came(i.of, i.topic)
		return nil
	}, i.words)
}

// imported is what an import has read.
type imported struct {
	of      message.Export // of a line of production, if there is one, else of the first
	topic   string         // of all; "" of several
	any     bool
	left    uint64 // lines left out
	numbers []string
}

// namedLines is how many of the lines that are left out are named.
const namedLines = 5

// leave notes a line that is left out.
func (i *imported) leave(line int, _ error) {
	if i.left++; len(i.numbers) < namedLines {
		i.numbers = append(i.numbers, strconv.Itoa(line))
	}
}

// taker adds messages to a recording.
func (i *imported) taker(to *session.Recorder) func(int, *message.Message, message.Export) error {
	return func(line int, m *message.Message, from message.Export) error {
		rec, err := exchange.Record(m)
		if err != nil {
			i.leave(line, err)
			return nil
		}
		switch {
		case !i.any:
			i.any, i.topic, i.of = true, m.Topic, from
		case from.Production && !i.of.Production:
			i.of = from
		}
		if m.Topic != i.topic {
			i.topic = ""
		}
		return to.Add(rec)
	}
}

// words say what was left out, and of a file without any message what would be one.
func (i *imported) words() []string {
	var all []string
	if i.left > 0 {
		all = append(all, i.leftOut())
	}
	if !i.any {
		all = append(all, lang.L("What Gantry exported as JSON lines can be imported."))
	}
	return all
}

// leftOut names the lines that are left out.
func (i *imported) leftOut() string {
	lines := strings.Join(i.numbers, lang.L(", "))
	if i.left > uint64(len(i.numbers)) {
		lines += "…"
	}
	return lang.N("{{.Count}} lines are no messages and were left out: {{.Lines}}.", int(i.left), map[string]any{"Count": widgets.Count(i.left), "Lines": lines})
}
