package files

import (
	"context"
	"errors"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/lang"

	"gantry/gui/task"
)

// AskFolder asks for a folder, by its path. Nothing runs if the user cancels.
func AskFolder(w fyne.Window, q Question, take func(dir string)) {
	if q.Title == "" {
		q.Title = lang.L("Choose a folder")
	}
	q.folder = true
	parent, scope := handle(w), q.Tasks.Scope()
	task.Ask(q.Tasks, scope, "file", func(ctx context.Context) (string, error) {
		return system(ctx, parent, q, false)
	}, func(dir string, err error) {
		scope.Close()
		switch {
		case errors.Is(err, errNone):
			q.show(w, dialog.NewFolderOpen(func(l fyne.ListableURI, err error) {
				switch {
				case err != nil:
					q.Fail(err)
				case l != nil:
					take(l.Path())
				}
			}, w))
		case err != nil:
			q.Fail(err)
		case dir != "":
			take(dir)
		}
	})
}
