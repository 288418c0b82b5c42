// Package files asks for a file to open or to save into. Everything here runs on Fyne's
// main goroutine; words come translated.
package files

import (
	"path/filepath"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/storage"
)

// Question asks for one file in Fyne's own dialog. Its words come translated.
type Question struct {
	Title   string
	At      string   // a file in the folder to begin in; empty is the last one's
	Name    string   // the name suggested for a file to save
	Endings []string // of the files to choose from, as ".json"; none is all
	Fail    func(error)
}

// Name replaces what no file system takes in a name.
func Name(name string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(`%|/\:*?"<>`, r) || r < 0x20 {
			return '_'
		}
		return r
	}, name)
}

// AskOpen asks for a file to read; take closes it. Nothing runs if the user
// cancels.
func AskOpen(w fyne.Window, q Question, take func(fyne.URIReadCloser)) {
	q.show(w, dialog.NewFileOpen(func(r fyne.URIReadCloser, err error) {
		switch {
		case err != nil:
			q.Fail(err)
		case r != nil:
			take(r)
		}
	}, w))
}

// AskSave asks for a file to write; take closes it. Nothing runs if the user
// cancels.
func AskSave(w fyne.Window, q Question, take func(fyne.URIWriteCloser)) {
	q.show(w, dialog.NewFileSave(func(out fyne.URIWriteCloser, err error) {
		switch {
		case err != nil:
			q.Fail(err)
		case out != nil:
			take(out)
		}
	}, w))
}

func (q Question) show(w fyne.Window, d *dialog.FileDialog) {
	if q.Title != "" {
		d.SetTitleText(q.Title)
	}
	if q.Name != "" {
		d.SetFileName(q.Name)
	}
	if len(q.Endings) > 0 {
		d.SetFilter(storage.NewExtensionFileFilter(q.Endings))
	}
	if q.At != "" {
		if dir, err := storage.ListerForURI(storage.NewFileURI(filepath.Dir(q.At))); err == nil {
			d.SetLocation(dir)
		}
	}
	// Before Resize, which fails on a dialog that was never shown; without a size
	// it opens small.
	d.Show()
	size := w.Canvas().Size()
	d.Resize(fyne.NewSize(min(size.Width-80, 800), min(size.Height-80, 560)))
}
