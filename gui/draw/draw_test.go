package draw

import (
	"testing"

	"fyne.io/fyne/v2"

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
