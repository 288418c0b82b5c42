// Package theme holds the colours, sizes and fonts of the window.
//
// Widgets ask Color for a Token in their Refresh, so that a switch between
// light and dark reaches them; Fyne's own widgets get the same colours through
// the fyne.Theme of New. The package keeps no state: what is current is the
// theme set in Fyne's settings. Everything here is called on the main
// goroutine, like all of Fyne.
package theme

import (
	"image/color"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	fynetheme "fyne.io/fyne/v2/theme"

	"gantry/assets"
)

// Choice is which variant the user wants.
type Choice string

// The choices, as they stand in the settings file.
const (
	System Choice = ""
	Light  Choice = "light"
	Dark   Choice = "dark"
)

// Text sizes in Fyne units (pixels at scale 1).
const (
	SizeText    float32 = 13
	SizeCaption float32 = 12
	SizeChip    float32 = 11
	SizeTitle   float32 = 15
)

// namePrefix marks the Fyne colour names that carry one of our tokens.
const namePrefix = "gantry."

var _ fyne.Theme = (*look)(nil)

// look is Gantry's fyne.Theme.
type look struct {
	choice Choice
	mono   fyne.Resource
}

// New returns the theme. Set it with App.Settings().SetTheme; setting another
// one refreshes every window. A choice that is none of ours follows the system.
func New(choice Choice) fyne.Theme {
	return &look{choice: choice, mono: fyne.NewStaticResource("NotoSansMono-Regular.ttf", assets.Mono())}
}

// dark says whether v, the system's variant, ends up dark under the choice.
func (l *look) dark(v fyne.ThemeVariant) bool {
	switch l.choice {
	case Light:
		return false
	case Dark:
		return true
	default:
		return v == fynetheme.VariantDark
	}
}

// IsDark reports whether the running application shows the dark variant.
// Without an application it is light.
func IsDark() bool {
	app := fyne.CurrentApp()
	if app == nil {
		return false
	}
	settings := app.Settings()
	if l, ok := settings.Theme().(*look); ok {
		return l.dark(settings.ThemeVariant())
	}
	return settings.ThemeVariant() == fynetheme.VariantDark
}

// Color returns a token in the variant that the running application shows.
func Color(t Token) color.Color { return t.paint(IsDark()) }

// Name returns the name under which Fyne finds the token, for what takes names
// only, such as icons and rich text.
func Name(t Token) fyne.ThemeColorName {
	return fyne.ThemeColorName(namePrefix + strconv.Itoa(int(t)))
}

// LockIcon returns the padlock, which Fyne's icon set lacks.
func LockIcon() fyne.Resource { return fyne.NewStaticResource("lock.svg", assets.Lock()) }

// Color answers Fyne's names, and ours behind the prefix.
func (l *look) Color(name fyne.ThemeColorName, v fyne.ThemeVariant) color.Color {
	dark := l.dark(v)
	if number, ok := strings.CutPrefix(string(name), namePrefix); ok {
		n, err := strconv.Atoi(number)
		if err != nil || n < 0 || n >= int(tokenCount) {
			return color.Transparent
		}
		return Token(n).paint(dark)
	}
	switch name {
	case fynetheme.ColorNameHover:
		return faint(Text.In(dark), 5)
	case fynetheme.ColorNamePressed:
		return faint(Text.In(dark), 12)
	case fynetheme.ColorNameFocus:
		return faint(Accent.In(dark), 24)
	case fynetheme.ColorNameScrollBar:
		return faint(Text.In(dark), 30)
	}
	if t, ok := tokenOf(name); ok {
		return t.paint(dark)
	}
	if dark {
		v = fynetheme.VariantDark
	} else {
		v = fynetheme.VariantLight
	}
	return fynetheme.DefaultTheme().Color(name, v)
}

// faint returns c at percent of full strength.
func faint(c color.NRGBA, percent int) color.NRGBA {
	c.A = uint8(255 * percent / 100)
	return c
}

// tokenOf maps Fyne's names to tokens.
func tokenOf(name fyne.ThemeColorName) (Token, bool) {
	switch name {
	case fynetheme.ColorNameBackground, fynetheme.ColorNameInputBackground:
		return Surface, true
	case fynetheme.ColorNameForeground:
		return Text, true
	case fynetheme.ColorNamePlaceHolder:
		return Muted, true
	case fynetheme.ColorNamePrimary, fynetheme.ColorNameHyperlink:
		return Accent, true
	case fynetheme.ColorNameForegroundOnPrimary, fynetheme.ColorNameForegroundOnError,
		fynetheme.ColorNameForegroundOnSuccess, fynetheme.ColorNameForegroundOnWarning:
		return OnAccent, true
	case fynetheme.ColorNameSelection:
		return Sel, true
	case fynetheme.ColorNameSeparator:
		return Line, true
	case fynetheme.ColorNameInputBorder:
		return Field, true
	case fynetheme.ColorNameButton, fynetheme.ColorNameDisabledButton:
		return Button, true
	case fynetheme.ColorNameDisabled:
		return Disabled, true
	case fynetheme.ColorNameMenuBackground, fynetheme.ColorNameOverlayBackground:
		return Pop, true
	case fynetheme.ColorNameSuccess:
		return OK, true
	case fynetheme.ColorNameWarning:
		return Warn, true
	case fynetheme.ColorNameError:
		return Err, true
	case fynetheme.ColorNameHeaderBackground:
		return Sunken, true
	case fynetheme.ColorNameShadow:
		return Scrim, true
	case fynetheme.ColorNameScrollBarBackground:
		return None, true
	}
	return None, false
}

// Font returns our monospace font and Fyne's Noto Sans for the rest.
func (l *look) Font(style fyne.TextStyle) fyne.Resource {
	if style.Monospace {
		return l.mono
	}
	return fynetheme.DefaultTheme().Font(style)
}

// ReadFonts makes Fyne read the fonts of the styles that the first frame shows: it keeps
// them, and reading takes a third of the time before that frame. The application must have its
// theme. Any goroutine may call it, but nobody may measure or draw a text meanwhile.
func ReadFonts() {
	for _, style := range []fyne.TextStyle{{}, {Bold: true}, {Monospace: true}} {
		fyne.MeasureText(" ", SizeText, style)
	}
}

// Icon returns Fyne's icons.
func (l *look) Icon(name fyne.ThemeIconName) fyne.Resource {
	return fynetheme.DefaultTheme().Icon(name)
}

// Size returns the sizes of the visual specification, section 3.
func (l *look) Size(name fyne.ThemeSizeName) float32 {
	switch name {
	case fynetheme.SizeNameText:
		return SizeText
	case fynetheme.SizeNameCaptionText:
		return SizeCaption
	case fynetheme.SizeNameSubHeadingText, fynetheme.SizeNameHeadingText:
		return SizeTitle
	case fynetheme.SizeNamePadding, fynetheme.SizeNameLineSpacing:
		return 4
	case fynetheme.SizeNameInnerPadding:
		return 6
	case fynetheme.SizeNameInlineIcon:
		return 16
	case fynetheme.SizeNameInputRadius, fynetheme.SizeNameButtonRadius:
		return 5
	case fynetheme.SizeNameSelectionRadius:
		return 4
	case fynetheme.SizeNameScrollBar:
		return 10
	case fynetheme.SizeNameScrollBarSmall:
		return 4
	case fynetheme.SizeNameDialogRadius, fynetheme.SizeNamePopupRadius:
		return 8
	case fynetheme.SizeNameSplitThickness:
		return 5
	case fynetheme.SizeNameModalBlurRadius:
		return 0
	}
	return fynetheme.DefaultTheme().Size(name)
}
