package theme

import (
	"image/color"

	"fyne.io/fyne/v2"
	fynetheme "fyne.io/fyne/v2/theme"
)

var _ fyne.Theme = list{}

// list is the application's theme but for what ForList says. It asks the
// application at each call, so it follows a theme switch.
type list struct{}

// ForList makes the rows of a list as high as their content says and their
// selection as wide as the list. Rows that go on above or below throw no shadow
// on their neighbours. Use it with container.NewThemeOverride.
//
// It is the only override there is: Fyne parses every font again for each, and
// keeps it for good.
func ForList() fyne.Theme { return list{} }

// base is the application's theme at this moment.
func base() fyne.Theme {
	if app := fyne.CurrentApp(); app != nil {
		if t := app.Settings().Theme(); t != nil {
			return t
		}
	}
	return fynetheme.DefaultTheme()
}

func (list) Color(name fyne.ThemeColorName, v fyne.ThemeVariant) color.Color {
	if name == fynetheme.ColorNameShadow {
		return Color(None)
	}
	return base().Color(name, v)
}

func (list) Font(style fyne.TextStyle) fyne.Resource { return base().Font(style) }

func (list) Icon(name fyne.ThemeIconName) fyne.Resource { return base().Icon(name) }

func (list) Size(name fyne.ThemeSizeName) float32 {
	switch name {
	case fynetheme.SizeNamePadding, fynetheme.SizeNameSelectionRadius:
		return 0
	}
	return base().Size(name)
}
