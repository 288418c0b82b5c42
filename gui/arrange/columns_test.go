package arrange

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"
)

func TestHiddenColumnsTakeNoRoom(t *testing.T) {
	one, two, three := canvas.NewRectangle(nil), canvas.NewRectangle(nil), canvas.NewRectangle(nil)
	three.SetMinSize(fyne.NewSize(20, 10))
	c := container.New(&Columns{Gap: 10, Shares: []float32{1, 1, 0}}, one, two, three)
	test.NewTempApp(t)
	c.Resize(fyne.NewSize(140, 30))
	if one.Size().Width != 50 || two.Position().X != 60 || three.Position().X != 120 || c.MinSize().Width != 42 {
		t.Errorf("all: %v, %v, %v, asks for %v", one.Size(), two.Position(), three.Position(), c.MinSize())
	}
	one.Hide()
	c.Refresh()
	if two.Position().X != 0 || two.Size().Width != 110 || three.Position().X != 120 || c.MinSize().Width != 31 {
		t.Errorf("without the first: %v, %v, asks for %v", two.Position(), two.Size(), c.MinSize())
	}
}
