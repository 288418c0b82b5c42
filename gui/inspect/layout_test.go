package inspect

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"gantry/gui/stage"
)

// TestPathAndSizeHaveRoom: in a narrow pane what the body is stays whole, and of the path both
// ends; the pointer brings all of it.
func TestPathAndSizeHaveRoom(t *testing.T) {
	r := newRig(t)
	v, w := r.view, r.view.p.Window
	v.Show(withBody(`{"shipments":[{"destinationAddress":{"coordinates":{"latitude":52.5}}}]}`))
	const path = ".shipments[0].destinationAddress.coordinates.latitude"
	for _, width := range []float32{340, 416, 968} {
		w.Resize(fyne.NewSize(width, 420))
		v.view.OnPath(path)
		if all := stage.Texts(w); !strings.Contains(all, "JSON · 72 B\n") {
			t.Errorf("%.0f wide: no size in:\n%s", width, all)
		}
		if v.path.Size().Width < leastPath || v.path.Size().Height <= 0 {
			t.Errorf("%.0f wide: %v for the path", width, v.path.Size())
		}
		cut := !strings.Contains(stage.Texts(w), path+"\n")
		if (v.path.ToolTip() == path) != cut {
			t.Errorf("%.0f wide: cut %v, the pointer brings %q", width, cut, v.path.ToolTip())
		}
		if cut && !(strings.Contains(stage.Texts(w), "\n.ship") && strings.Contains(stage.Texts(w), "itude\n")) {
			t.Errorf("%.0f wide: an end is missing in:\n%s", width, stage.Texts(w))
		}
		end := v.about.Position().X + v.about.Size().Width
		if end > width || v.path.Position().X+v.path.Size().Width > v.about.Position().X {
			t.Errorf("%.0f wide: the path up to %.0f, the size from %.0f to %.0f", width, v.path.Position().X+v.path.Size().Width, v.about.Position().X, end)
		}
		if below := v.about.Position().Y > v.view.Position().Y; below != (width < 500) || below && v.about.Position().Y < v.view.Position().Y+v.view.Size().Height {
			t.Errorf("%.0f wide: at %v, the body at %v, %v", width, v.about.Position(), v.view.Position(), v.view.Size())
		}
	}
	// No text has a path: its size stands beside what chooses its form.
	w.Resize(fyne.NewSize(416, 420))
	v.modes.Select(int(asText))
	if v.about.Position().Y > v.view.Position().Y || v.path.Text() != "" {
		t.Errorf("text: at %v, path %q", v.about.Position(), v.path.Text())
	}
}
