// Package files asks for a file to open or to save into: with the desktop's own
// dialog where there is one, else with Fyne's. Everything here runs on Fyne's main
// goroutine but what waits for the desktop, which goes through package task; words
// come translated.
package files

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/driver"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/storage"

	"gantry/gui/task"
)

// Question asks for one file. Its words come translated.
type Question struct {
	Tasks   *task.Runner // waits for the desktop's answer
	Title   string       // empty is a general one
	At      string       // a file in the folder to begin in; empty is the last one's
	Name    string       // the name suggested for a file to save
	Endings []string     // of the files to choose from, as ".json"; none is all
	Fail    func(error)

	folder bool // it asks for a folder
}

// errNone says that the desktop has no file dialog of its own.
var errNone = errors.New("no file dialog of the system")

// file is what the desktop's dialog chose, opened.
type file struct {
	*os.File
	uri fyne.URI
}

// URI is where it is.
func (f *file) URI() fyne.URI { return f.uri }

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
	if q.Title == "" {
		q.Title = lang.L("Open a file")
	}
	q.ask(w, false, os.Open, func(f *file) { take(f) }, func() {
		q.show(w, dialog.NewFileOpen(func(r fyne.URIReadCloser, err error) {
			switch {
			case err != nil:
				q.Fail(err)
			case r != nil:
				take(r)
			}
		}, w))
	})
}

// AskSave asks for a file to write; take closes it. Nothing runs if the user
// cancels.
func AskSave(w fyne.Window, q Question, take func(fyne.URIWriteCloser)) {
	if q.Title == "" {
		q.Title = lang.L("Save a file")
	}
	q.ask(w, true, os.Create, func(f *file) { take(f) }, func() {
		q.show(w, dialog.NewFileSave(func(out fyne.URIWriteCloser, err error) {
			switch {
			case err != nil:
				q.Fail(err)
			case out != nil:
				take(out)
			}
		}, w))
	})
}

// ask asks the desktop, and where it has no dialog, in ours.
func (q Question) ask(w fyne.Window, save bool, open func(string) (*os.File, error), take func(*file), ours func()) {
	parent, scope := handle(w), q.Tasks.Scope()
	task.Ask(q.Tasks, scope, "file", func(ctx context.Context) (*file, error) {
		path, err := system(ctx, parent, q, save)
		if err != nil || path == "" {
			return nil, err
		}
		f, err := open(path)
		if err != nil {
			return nil, err
		}
		return &file{File: f, uri: storage.NewFileURI(path)}, nil
	}, func(f *file, err error) {
		scope.Close()
		switch {
		case errors.Is(err, errNone):
			ours()
		case err != nil:
			q.Fail(err)
		case f != nil:
			take(f)
		}
	})
}

// handle names the window to the desktop, whose dialog stands over it; "" where
// that is not known.
func handle(w fyne.Window) string {
	parent := ""
	if native, ok := w.(driver.NativeWindow); ok {
		native.RunNative(func(context any) {
			if x, ok := context.(driver.X11WindowContext); ok && x.WindowHandle != 0 {
				parent = fmt.Sprintf("x11:%x", x.WindowHandle)
			}
		})
	}
	return parent
}

// show opens Fyne's dialog. Escape closes it while no field in it has the focus.
func (q Question) show(w fyne.Window, d *dialog.FileDialog) {
	d.SetTitleText(q.Title)
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
	d.SetView(dialog.ListView)
	// Before Resize, which fails on a dialog that was never shown; without a size
	// it opens small.
	d.Show()
	size := w.Canvas().Size()
	d.Resize(fyne.NewSize(min(size.Width-80, 800), min(size.Height-80, 560)))
	before := w.Canvas().OnTypedKey()
	d.SetOnClosed(func() { w.Canvas().SetOnTypedKey(before) })
	w.Canvas().Unfocus()
	w.Canvas().SetOnTypedKey(func(k *fyne.KeyEvent) {
		if k.Name == fyne.KeyEscape {
			d.Dismiss()
		}
	})
}
