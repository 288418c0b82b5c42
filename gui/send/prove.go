package send

import (
	"context"
	"errors"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/lang"

	"gantry/client"
	"gantry/client/outbox"
	"gantry/gui/files"
	"gantry/gui/widgets"
	"gantry/gui/words"
)

// exportProof asks for a file and writes what is known of each message of a run into it, as
// a table: also what a group did with it, where one was looked at.
func (s *Screen) exportProof(r *outbox.Run, settled *client.Settled) {
	name := files.Name(s.targets(r.Plan().Targets())) + "-" + r.Info().Begun.Local().Format("20060102-150405") + ".csv"
	q := files.Question{Tasks: s.p.Tasks, Title: lang.L("Export the run as a table"), Name: name, Endings: []string{".csv"}, Fail: s.p.Fail}
	files.AskSave(s.p.Window, q, func(w fyne.URIWriteCloser) { s.writeProof(r, settled, w, w.URI().Name()) })
}

func (s *Screen) writeProof(r *outbox.Run, settled *client.Settled, w fyne.URIWriteCloser, name string) {
	var did outbox.ProofWritten
	var group *outbox.ProofColumn
	if settled != nil {
		group = &outbox.ProofColumn{Head: "group " + settled.Group, Cell: settled.Word}
	}
	s.p.Tasks.Job(lang.L("Export to {{.Name}}", map[string]any{"Name": name}), func(ctx context.Context, progress func(string)) error {
		var err error
		did, err = r.WriteProof(ctx, w, group, func(n, of int64) {
			progress(widgets.Count(uint64(n)) + " / " + widgets.Count(uint64(of))) // no words: they are the main goroutine's
		})
		return errors.Join(err, w.Close())
	}, func(err error) {
		if err != nil && !errors.Is(err, context.Canceled) {
			s.p.Fail(err)
			return
		}
		s.p.Say(proofWords(r, did, name, err != nil))
	})
}

// proofWords say what an export did.
func proofWords(r *outbox.Run, did outbox.ProofWritten, name string, stopped bool) string {
	data := map[string]any{"Count": widgets.Count(uint64(did.Rows)), "Name": name}
	if stopped {
		return lang.N("Stopped after {{.Count}} messages; {{.Name}} lacks the others.", int(did.Rows), data)
	}
	said := []string{lang.N("Exported {{.Count}} messages to {{.Name}}.", int(did.Rows), data)}
	if n := r.Plan().Count - did.Rows; n > 0 {
		said = append(said, lang.N("{{.Count}} were never made.", int(n), map[string]any{"Count": widgets.Count(uint64(n))}))
	}
	if n := did.Unread; n > 0 {
		said = append(said, lang.N("{{.Count}} could not be read.", int(n), map[string]any{"Count": widgets.Count(uint64(n))}))
	}
	return words.Sentences(said...)
}

// asOf is the time of a moment, for sentences.
func asOf(t time.Time) string { return t.Local().Format("15:04:05") }
