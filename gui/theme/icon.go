package theme

import (
	"fyne.io/fyne/v2"
	fynetheme "fyne.io/fyne/v2/theme"
)

// icon is a one-colour SVG in the colour of a token. It is coloured once for each variant:
// Fyne reads and writes the whole file to do so, and asks for it at each refresh.
type icon struct {
	plain   fyne.Resource
	token   Token
	dark    bool // the variant of colored
	colored []byte
}

type iconKey struct {
	name  string
	token Token
}

// icons are all that were asked for: no more than there are icons and tokens.
var icons = map[iconKey]*icon{}

// Icon returns a one-colour SVG icon drawn in the token's colour, the same each time; it
// follows a theme switch when it is painted again. Resources with one name are one icon.
func Icon(res fyne.Resource, t Token) fyne.Resource {
	if res == nil {
		return nil
	}
	key := iconKey{res.Name(), t}
	if icons[key] == nil {
		icons[key] = &icon{plain: res, token: t}
	}
	return icons[key]
}

// Name has the colour of now in it: Fyne keeps what it has drawn by it.
func (i *icon) Name() string {
	variant := "_light_"
	if IsDark() {
		variant = "_dark_"
	}
	return string(Name(i.token)) + variant + i.plain.Name()
}

// Content is the SVG in the colour of now.
func (i *icon) Content() []byte {
	if dark := IsDark(); i.colored == nil || i.dark != dark {
		i.dark, i.colored = dark, fynetheme.NewColoredResource(i.plain, Name(i.token)).Content()
	}
	return i.colored
}
