package profiles

import (
	"testing"

	"fyne.io/fyne/v2"

	"gantry/client/profile"
	"gantry/gui/words"
)

// This file is the last of the package's tests: once Chinese is loaded, Fyne
// keeps it.

func TestFitsTheSmallestWindow(t *testing.T) {
	for _, language := range []string{words.English, words.Chinese} {
		p := good()
		p.TLS = profile.TLS{On: true, CAFile: "/a/rather/long/path/to/the/authority/of/staging.pem"}
		s := newRig(t, p, false, hold)
		if err := words.Load(language); err != nil {
			t.Fatal(err)
		}
		e := New(s.editor.p)
		e.SetNarrow(true)
		s.Window.SetContent(e.Content())
		s.Window.Resize(fyne.NewSize(968, 676))
		if m := e.Content().MinSize(); m.Width > 968 || m.Height > 676 {
			t.Errorf("%s: asks for %v", language, m)
		}
		e.Close()
	}
}
