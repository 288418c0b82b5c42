package widgets

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
)

func TestSplit(t *testing.T) {
	for _, below := range []bool{false, true} {
		first, second := NewGround(0).SetMin(100, 100), NewGround(0).SetMin(80, 80)
		s := NewSplit(first, second, below, func(float32) float32 { return 200 })
		w := stage(t, s)
		w.SetPadded(false)
		w.Resize(fyne.NewSize(600, 600))
		along := func(o fyne.CanvasObject) float32 { return s.along(o.Size()) }
		if along(second) != 199 || along(first) != 400 {
			t.Errorf("usual: %v and %v", along(first), along(second))
		}
		var told []float64
		s.OnMoved = func(v float64) { told = append(told, v) }
		at, dx, dy := fyne.NewPos(400, 300), float32(-100), float32(0)
		if below {
			at, dx, dy = fyne.NewPos(300, 400), 0, -100
		}
		test.Drag(w.Canvas(), at, dx, dy)
		if along(first) != 300 || len(told) != 1 || told[0] != 0.5 || s.Offset() != 0.5 {
			t.Errorf("dragged: %v, told %v", along(first), told)
		}
		w.Resize(fyne.NewSize(400, 400))
		if along(first) != 200 {
			t.Errorf("a moved line does not keep its share: %v", along(first))
		}
		s.SetOffset(0.95)
		if along(second) != 80 {
			t.Errorf("the second pane is under its least: %v", along(second))
		}
		s.SetOffset(0.01)
		if along(first) != 100 {
			t.Errorf("the first pane is under its least: %v", along(first))
		}
	}
}
