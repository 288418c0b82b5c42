package widgets

import tooltip "github.com/dweymouth/fyne-tooltip/widget"

// tipped is the base of widgets that cannot be pressed but may explain
// themselves.
type tipped struct{ tooltip.ToolTipWidget }
