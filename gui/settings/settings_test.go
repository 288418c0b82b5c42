package settings

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"gantry/client/profile"
	"gantry/gui/theme"
	"gantry/gui/widgets"
	"gantry/gui/words"
)

type applied struct {
	language, theme string
	caps            profile.Caps
}

func page(t *testing.T, set profile.Settings) (*Page, *[]applied) {
	t.Helper()
	test.NewTempApp(t).Settings().SetTheme(theme.New(theme.Light))
	if err := words.Load(words.English); err != nil {
		t.Fatal(err)
	}
	var got []applied
	g := New(Params{
		Settings: set, Close: func() {},
		Apply: func(language, theme string, caps profile.Caps) { got = append(got, applied{language, theme, caps}) },
	})
	test.NewTempWindow(t, g.Content())
	return g, &got
}

// find returns the one object of a type on the page.
func find[T fyne.CanvasObject](o fyne.CanvasObject) (found T) {
	switch x := o.(type) {
	case T:
		return x
	case *fyne.Container:
		for _, c := range x.Objects {
			if f := find[T](c); any(f) != any(found) {
				return f
			}
		}
	case fyne.Widget:
		for _, c := range test.WidgetRenderer(x).Objects() {
			if f := find[T](c); any(f) != any(found) {
				return f
			}
		}
	}
	return found
}

func TestThemeAndLanguageApplyAtOnce(t *testing.T) {
	g, got := page(t, profile.Settings{Theme: "dark", Language: words.Chinese})
	look, tongue := find[*widgets.Segments](g.Content()), find[*widgets.Select](g.Content())
	if look.Selected() != 2 || tongue.SelectedIndex() != 2 {
		t.Errorf("shows theme %d, language %d", look.Selected(), tongue.SelectedIndex())
	}
	look.Select(1)
	tongue.SetSelectedIndex(0)
	want := []applied{{words.Chinese, "light", profile.Caps{}}, {"", "light", profile.Caps{}}}
	if len(*got) != 2 || (*got)[0] != want[0] || (*got)[1] != want[1] {
		t.Errorf("applied %v", *got)
	}
}

func TestLimitsApplyWhenLeftAndValid(t *testing.T) {
	g, got := page(t, profile.Settings{})
	if g.messages.entry.Text != "1,000,000" || g.list.entry.Text != "2,048" || g.all.entry.Text != "8,192" {
		t.Errorf("defaults %q %q %q", g.messages.entry.Text, g.list.entry.Text, g.all.entry.Text)
	}
	g.messages.entry.OnFocus(false)
	if len(*got) != 0 {
		t.Error("applied although nothing changed")
	}
	g.messages.entry.SetText("50 000")
	if len(*got) != 0 {
		t.Error("applied while it is typed")
	}
	g.messages.entry.OnFocus(false)
	want := profile.Caps{Messages: 50_000, Bytes: 2 << 30, TotalBytes: 8 << 30}
	if len(*got) != 1 || (*got)[0].caps != want {
		t.Errorf("applied %v", *got)
	}
	for field, text := range map[*limit]string{g.messages: "12", g.list: "", g.all: "x"} {
		before := field.entry.Text
		field.entry.SetText(text)
		g.Close()
		if field.field.Error() == "" {
			t.Errorf("%q is taken", text)
		}
		field.entry.SetText(before)
	}
	g.all.entry.SetText("1,024")
	g.commit()
	if g.all.field.Error() != "Must not be less than one list may hold." || len(*got) != 1 {
		t.Errorf("all below one: %q, applied %v", g.all.field.Error(), *got)
	}
}

func TestFitsTheSmallestWindow(t *testing.T) {
	for _, language := range []string{words.English, words.Chinese} {
		page(t, profile.Settings{})
		if err := words.Load(language); err != nil {
			t.Fatal(err)
		}
		if m := New(Params{}).Content().MinSize(); m.Width > 968 || m.Height > 676 {
			t.Errorf("%s: asks for %v", language, m)
		}
	}
}
