package bodyview

import "fyne.io/fyne/v2"

var _ fyne.Accessible = (*bodyPane)(nil)

// linesSpoken is how much of a body a screen reader is told.
const linesSpoken = 20

// AccessibilityRole is that of a text.
func (p *bodyPane) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// AccessibilityLabel is the first lines.
func (p *bodyPane) AccessibilityLabel() string {
	if p.lines == nil {
		return ""
	}
	text := ""
	for i := range min(p.lines.count(), linesSpoken) {
		text += p.lines.text(i) + "\n"
	}
	return text
}
