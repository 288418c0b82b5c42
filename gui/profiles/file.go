package profiles

import (
	"os"
	"path/filepath"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	fynetheme "fyne.io/fyne/v2/theme"

	"gantry/client/profile"
	"gantry/gui/arrange"
	"gantry/gui/files"
	"gantry/gui/widgets"
)

// captionHeight is that of a field's caption, below which its control stands.
const captionHeight float32 = 20

// file makes a field for the path of a file, which can be typed, pasted or
// chosen.
func (n *network) file(field profile.Field, caption, path string) (*widgets.Entry, fyne.CanvasObject) {
	e := n.f.entry(field, caption, path).Mono()
	n.f.left(e, func() {
		if s := wholePath(e.Text); s != e.Text {
			e.SetText(s)
		}
	})
	choose := widgets.NewIconButton(fynetheme.FolderOpenIcon(), lang.L("Choose a file…"), func() { n.choose(e, caption) })
	return e, container.New(&arrange.Columns{Gap: 4, Shares: []float32{1}},
		n.f.fields[field], container.New(&arrange.Rows{Top: captionHeight}, choose))
}

// choose asks for a file, in the folder of the one that is there or of another.
func (n *network) choose(e *widgets.Entry, caption string) {
	q := files.Question{Tasks: n.f.e.p.Tasks, Title: caption, Fail: n.f.e.p.Fail}
	for _, near := range []*widgets.Entry{e, n.ca, n.cert, n.key} {
		if q.At = wholePath(near.Text); q.At != "" {
			break
		}
	}
	files.AskOpen(n.f.e.p.Window, q, func(r fyne.URIReadCloser) { n.chosen(e, r) })
}

// chosen takes the path of a file; the client reads it, at each connecting.
func (n *network) chosen(e *widgets.Entry, r fyne.URIReadCloser) {
	_ = r.Close()
	if n.f.e.closed {
		return
	}
	e.SetText(filepath.FromSlash(r.URI().Path()))
	e.CursorColumn = len([]rune(e.Text)) // the name stands at the end
	n.f.e.p.Window.Canvas().Focus(e)
}

// wholePaths completes the paths of a profile's files.
func wholePaths(t *profile.TLS) {
	for _, s := range []*string{&t.CAFile, &t.CertFile, &t.KeyFile} {
		*s = wholePath(*s)
	}
}

// wholePath completes a path as it was typed or pasted, so that it means the same
// wherever Gantry is started: without the quotes that file managers copy, with
// the home folder for ~.
func wholePath(s string) string {
	s = strings.TrimSpace(s)
	if n := len(s); n > 1 && s[0] == s[n-1] && (s[0] == '"' || s[0] == '\'') {
		s = s[1 : n-1]
	}
	if s == "" {
		return ""
	}
	if s == "~" || strings.HasPrefix(s, "~/") || strings.HasPrefix(s, `~\`) {
		if home, err := os.UserHomeDir(); err == nil {
			return filepath.Join(home, s[1:])
		}
	}
	if abs, err := filepath.Abs(s); err == nil {
		return abs
	}
	return s
}
