package theme

import (
	"image/color"

	"fyne.io/fyne/v2"
	fynetheme "fyne.io/fyne/v2/theme"
)

var _ fyne.Theme = (*override)(nil)

// override is the application's theme but for a few colours, sizes and the bold
// font. It asks the application at each call, so it follows a theme switch. Use
// it with container.NewThemeOverride.
type override struct {
	colors  map[fyne.ThemeColorName]Token
	sizes   map[fyne.ThemeSizeName]float32
	notBold bool
}

// base is the application's theme at this moment.
func (o *override) base() fyne.Theme {
	if app := fyne.CurrentApp(); app != nil {
		if t := app.Settings().Theme(); t != nil {
			return t
		}
	}
	return fynetheme.DefaultTheme()
}

func (o *override) Color(name fyne.ThemeColorName, v fyne.ThemeVariant) color.Color {
	if t, ok := o.colors[name]; ok {
		return Color(t)
	}
	return o.base().Color(name, v)
}

func (o *override) Font(style fyne.TextStyle) fyne.Resource {
	if o.notBold {
		style.Bold = false
	}
	return o.base().Font(style)
}

func (o *override) Icon(name fyne.ThemeIconName) fyne.Resource { return o.base().Icon(name) }

func (o *override) Size(name fyne.ThemeSizeName) float32 {
	if s, ok := o.sizes[name]; ok {
		return s
	}
	return o.base().Size(name)
}

// ForList makes the rows of a list as high as their content says and their
// selection as wide as the list. Rows that go on above or below throw no shadow
// on their neighbours.
func ForList() fyne.Theme {
	return &override{
		colors: map[fyne.ThemeColorName]Token{fynetheme.ColorNameShadow: None},
		sizes: map[fyne.ThemeSizeName]float32{
			fynetheme.SizeNamePadding:         0,
			fynetheme.SizeNameSelectionRadius: 0,
		},
	}
}

// ForField takes the fill and the border from an Entry or a Select, because
// Fyne's stroke over a transparent fill has a grey fringe: the field draws an
// opaque rectangle of its own below. The focus border stays.
func ForField() fyne.Theme {
	return &override{colors: map[fyne.ThemeColorName]Token{
		fynetheme.ColorNameInputBackground: None,
		fynetheme.ColorNameInputBorder:     None,
	}}
}

// ForDisabledField is ForField for a control that is disabled: without the
// border and the fill that Fyne draws then.
func ForDisabledField() fyne.Theme {
	return &override{
		colors: map[fyne.ThemeColorName]Token{
			fynetheme.ColorNameInputBackground: None,
			fynetheme.ColorNameDisabledButton:  None,
		},
		sizes: map[fyne.ThemeSizeName]float32{fynetheme.SizeNameInputBorder: 0},
	}
}

// ForToolbar writes button labels in the regular weight.
func ForToolbar() fyne.Theme { return &override{notBold: true} }

// ForCompact lets labels touch their neighbours: no padding round texts.
func ForCompact() fyne.Theme {
	return &override{sizes: map[fyne.ThemeSizeName]float32{
		fynetheme.SizeNamePadding:      0,
		fynetheme.SizeNameInnerPadding: 0,
	}}
}
