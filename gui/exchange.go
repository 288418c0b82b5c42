package gui

import (
	"context"
	"io"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/lang"
	"github.com/google/uuid"

	"gantry/client/profile"
	"gantry/gui/files"
	"gantry/gui/widgets"
)

// exportProfiles writes all connections, without tokens, to a file.
func (w *Window) exportProfiles() {
	b, err := profile.Export(w.profiles)
	if err != nil {
		w.fail(err)
		return
	}
	files.AskSave(w.win, files.Question{Tasks: w.tasks, Title: lang.L("Export connections"), Name: "gantry-connections.json", Fail: w.fail},
		func(out fyne.URIWriteCloser) { w.exportTo(out, b) })
}

// exportTo writes and closes the file that the user chose.
func (w *Window) exportTo(out io.WriteCloser, b []byte) {
	w.tasks.Job(lang.L("Export connections"), func(context.Context, func(string)) error {
		_, err := out.Write(b)
		if e := out.Close(); err == nil {
			err = e
		}
		return err
	}, func(err error) {
		w.fail(err)
		if err == nil {
			w.say(lang.L("Connections were exported. Tokens are not in the file."))
		}
	})
}

const importLimit = 4 << 20

// importProfiles reads connections from a file of exportProfiles.
func (w *Window) importProfiles() {
	files.AskOpen(w.win, files.Question{Tasks: w.tasks, Title: lang.L("Import connections"), Endings: []string{".json"}, Fail: w.fail},
		func(in fyne.URIReadCloser) { w.importFrom(in) })
}

// importFrom reads and closes the file that the user chose.
func (w *Window) importFrom(in io.ReadCloser) {
	have := slices.Clone(w.profiles)
	var added []profile.Profile
	w.tasks.Job(lang.L("Import connections"), func(context.Context, func(string)) error {
		defer in.Close()
		b, err := io.ReadAll(io.LimitReader(in, importLimit))
		if err == nil {
			added, err = profile.Import(b, have, uuid.NewString)
		}
		return err
	}, func(err error) {
		if err != nil {
			w.fail(err)
			return
		}
		w.saveProfiles(append(slices.Clone(w.profiles), added...), func() {
			w.sidebar.refresh()
			w.say(lang.N("{{.Count}} connections were imported. Enter their tokens before you connect.", len(added), map[string]any{"Count": widgets.Count(len(added))}))
			if len(added) > 0 {
				w.choose(added[0].ID)
			}
		})
	})
}
