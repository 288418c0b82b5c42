// Package widgets holds the window's own widgets, one a file:
//
//   - words: word, paragraph, facts, chip, dot, icon, empty, banner, toast
//   - controls: button, iconbutton, check, entry, field, select, segments, tabs,
//     completion, suggestions, filter, filterbar; touch is what all of them share
//   - lists: list, table, cellrow, profilerow, subchip
//   - pictures: meter, sparkline; and what stands below or between: ground, bare, split
//   - how values are written: number, time, cut
//
// Layouts are in package arrange, what widgets are drawn with in package draw, a
// message's body in package bodyview, questions in package confirm.
//
// Widgets are made, changed and read on Fyne's main goroutine only, and they
// start no goroutine. They read colours from package theme in Refresh, so a
// theme switch reaches them. The functions of number, time and cut may be called from
// anywhere. Texts come from the caller, already translated.
package widgets

import "fyne.io/fyne/v2"

// Heights and widths in Fyne units, from the visual specification.
const (
	RowHeight     float32 = 26 // message and receipt rows
	ControlHeight float32 = 30 // fields and buttons
	iconSize      float32 = 16
)

// Able enables or disables controls, those only that are not so yet.
func Able(on bool, all ...fyne.Disableable) {
	for _, d := range all {
		if on && d.Disabled() {
			d.Enable()
		} else if !on && !d.Disabled() {
			d.Disable()
		}
	}
}
