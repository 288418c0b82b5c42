package theme

import (
	"image/color"
	"math"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	fynetheme "fyne.io/fyne/v2/theme"
)

// luminance is WCAG's relative luminance.
func luminance(c color.NRGBA) float64 {
	part := func(v uint8) float64 {
		f := float64(v) / 255
		if f <= 0.04045 {
			return f / 12.92
		}
		return math.Pow((f+0.055)/1.055, 2.4)
	}
	return 0.2126*part(c.R) + 0.7152*part(c.G) + 0.0722*part(c.B)
}

// contrast is WCAG's contrast ratio, 1 to 21.
func contrast(a, b color.NRGBA) float64 {
	la, lb := luminance(a), luminance(b)
	if la < lb {
		la, lb = lb, la
	}
	return (la + 0.05) / (lb + 0.05)
}

// pairs lists every text colour with every ground that it stands on.
func pairs() map[Token][]Token {
	work := []Token{Surface, Chrome, Sunken, Sel}
	return map[Token][]Token{
		Text:        {Surface, Chrome, Sunken, Sel, Hover, Button, SegBg, SegOn, Pop, WarnSoft, ErrSoft, OKSoft},
		Muted:       {Surface, Chrome, Sunken, Sel, Hover, SegBg, SegOn, Pop, WarnSoft, ErrSoft},
		Accent:      {Surface, Chrome, Sunken, Sel, Pop},
		OnAccent:    {Accent},
		OnBand:      {Band},
		OK:          append([]Token{OKSoft}, work...),
		Warn:        append([]Token{WarnSoft}, work...),
		Err:         append([]Token{ErrSoft}, work...),
		EnvLocal:    {EnvLocalSoft},
		EnvDev:      {EnvDevSoft},
		EnvTest:     {EnvTestSoft},
		EnvProd:     {EnvProdSoft},
		JSONKey:     {Surface, Sel},
		JSONString:  {Surface, Sel},
		JSONNumber:  {Surface, Sel},
		JSONLiteral: {Surface, Sel},
		JSONMark:    {Surface, Sel},
		Disabled:    nil, // 3:1, below
		Field:       nil, // 3:1, below
	}
}

func TestTextContrast(t *testing.T) {
	n := 0
	for _, dark := range []bool{false, true} {
		lowest, which := 21.0, [2]Token{}
		n = 0
		for fg, grounds := range pairs() {
			for _, bg := range grounds {
				n++
				c := contrast(fg.In(dark), bg.In(dark))
				if c < lowest {
					lowest, which = c, [2]Token{fg, bg}
				}
				if c < 4.5 {
					t.Errorf("dark=%v: token %d on %d has contrast %.2f", dark, fg, bg, c)
				}
			}
		}
		t.Logf("dark=%v: %d pairs, lowest %.2f (%v)", dark, n, lowest, which)
	}
	if n < 58 {
		t.Errorf("only %d of 58 pairs are checked", n)
	}
}

func TestLineContrast(t *testing.T) {
	for _, dark := range []bool{false, true} {
		for _, fg := range []Token{Field, Accent} {
			if c := contrast(fg.In(dark), Surface.In(dark)); c < 3 {
				t.Errorf("dark=%v: token %d on surface has contrast %.2f", dark, fg, c)
			}
		}
	}
}

func TestColorFollowsTheChoice(t *testing.T) {
	app := test.NewTempApp(t)
	app.Settings().SetTheme(New(Dark))
	if Color(Surface) != Surface.In(true) || !IsDark() {
		t.Error("dark is not dark")
	}
	app.Settings().SetTheme(New(Light))
	if Color(Surface) != Surface.In(false) || IsDark() {
		t.Error("light is not light")
	}
	// A forced variant wins over what Fyne passes.
	if got := New(Dark).Color(fynetheme.ColorNameBackground, fynetheme.VariantLight); got != Surface.In(true) {
		t.Errorf("background = %v", got)
	}
	if got := ForList().Color(fynetheme.ColorNameShadow, 0); got != color.Transparent {
		t.Errorf("shadow of a list = %v", got)
	}
	if got := New(Light).Color(Name(Band), 0); got != Band.In(false) {
		t.Errorf("named token = %v", got)
	}
	if got := New(Light).Color(namePrefix+"999", 0); got != color.Transparent {
		t.Errorf("unknown token = %v", got)
	}
}

func TestMonoCell(t *testing.T) {
	app := test.NewTempApp(t)
	app.Settings().SetTheme(New(Light))
	w := fyne.MeasureText("0123456789", SizeCaption, fyne.TextStyle{Monospace: true}).Width
	if math.Abs(float64(w)-72) > 0.5 {
		t.Errorf("ten characters of mono 12 are %v wide, lists count on 72", w)
	}
}

func TestEnvWords(t *testing.T) {
	if a, b := Env("Prod"); a != EnvProd || b != EnvProdSoft {
		t.Error("Prod")
	}
	if a, b := Env("?"); a != Muted || b != Hover {
		t.Error("unknown")
	}
}
