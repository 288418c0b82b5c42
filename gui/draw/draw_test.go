package draw

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/software"
	"fyne.io/fyne/v2/test"
	fynetheme "fyne.io/fyne/v2/theme"

	"gantry/gui/theme"
)

// TestF19ChineseStandsInTheMiddle beside an icon, where Fyne would put it two pixels
// lower; Latin stays where it is.
func TestF19ChineseStandsInTheMiddle(t *testing.T) {
	for text, want := range map[string]float32{"Start": 10, "12:00 · 4/s": 10, "": 10, "开始": 8, "10 秒": 8, "1 个 Broker": 9} {
		o := Text(text, theme.SizeText, theme.Text, Regular())
		Place(o, 5, 10, 40, 30)
		if o.Position() != fyne.NewPos(5, want) || o.Size() != fyne.NewSize(40, 30) {
			t.Errorf("%q stands at %v", text, o.Position())
		}
	}
}

// counted is an icon that counts how often it is read.
type counted struct {
	fyne.Resource
	read int
}

func (c *counted) Content() []byte { c.read++; return c.Resource.Content() }

// TestIconIsReadOnce: a refresh of what shows it reads an icon anew only where it looks
// different now.
func TestIconIsReadOnce(t *testing.T) {
	app := test.NewTempApp(t)
	app.Settings().SetTheme(theme.New(theme.Light))
	res, other := &counted{Resource: fynetheme.ContentAddIcon()}, &counted{Resource: fyne.NewStaticResource("other.svg", fynetheme.HomeIcon().Content())}
	img := canvas.NewImageFromResource(nil)
	show, token := fyne.Resource(res), theme.Text
	r := &Renderer{Parts: []fyne.CanvasObject{img}, Paint: func() { Icon(img, show, token) }}
	r.Refresh()
	img.Resize(fyne.NewSize(16, 16))
	w := test.NewTempWindow(t, container.NewWithoutLayout(img))
	read := func() int { n := res.read + other.read; res.read, other.read = 0, 0; return n }
	read()
	same := func(what string) {
		t.Helper()
		was := img.Image
		img.Image = nil
		r.Refresh()
		if n := read(); n > 0 || img.Image != nil {
			t.Errorf("%s: it is read %d times more, and drawn again: %v", what, n, img.Image != nil)
		}
		img.Image = was
	}
	differs := func(what string, change func()) {
		t.Helper()
		was := img.Image
		change()
		r.Refresh()
		if read(); img.Image == was {
			t.Errorf("%s: it is drawn as before", what)
		}
		same(what)
	}
	r.Refresh()
	same("at first")
	differs("in another colour", func() { token = theme.Accent })
	differs("in the dark", func() { app.Settings().SetTheme(theme.New(theme.Dark)) })
	differs("another icon", func() { show = other })
	differs("on a finer screen", func() { w.Canvas().(software.WindowlessCanvas).SetScale(2) })
}
