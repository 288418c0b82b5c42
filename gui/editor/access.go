package editor

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/lang"

	"gantry/gui/widgets"
)

var _ fyne.Accessible = (*page)(nil)

// spokenMost is how much of a line a screen reader is told, in characters.
const spokenMost = 200

// AccessibilityRole is that of a text.
func (p *page) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// AccessibilityLabel is which line the cursor is in, whether the error is there, and what
// stands in it.
func (p *page) AccessibilityLabel() string {
	e := p.e
	line, start := e.m.lineOf(e.m.head)
	end := e.m.lineEnd(e.m.head)
	text := []rune(e.m.slice(start, e.m.align(min(end, start+spokenMost*4))))
	if len(text) > spokenMost {
		text = append(text[:spokenMost:spokenMost], '…')
	}
	said := lang.L("line {{.At}} of {{.All}}", map[string]any{"At": widgets.Count(line + 1), "All": widgets.Count(e.m.lines())})
	if e.failed >= start && e.failed <= end {
		said += lang.L(", ") + lang.L("an error is here")
	}
	if len(text) == 0 {
		return said + lang.L(", ") + lang.L("empty")
	}
	return said + lang.L(", ") + string(text)
}
