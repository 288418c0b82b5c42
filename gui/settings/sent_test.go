package settings

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"gantry/client/profile"
	"gantry/gui/stage"
	"gantry/gui/theme"
	"gantry/gui/words"
)

// TestSentIsListed: how much there is of each connection, and it is deleted there.
func TestSentIsListed(t *testing.T) {
	test.NewTempApp(t).Settings().SetTheme(theme.New(theme.Light))
	if err := words.Load(words.English); err != nil {
		t.Fatal(err)
	}
	all := []Sent{{Profile: "a", Name: "orders", Sends: 1204, Runs: 3, Bytes: 5 << 20}, {Profile: "b", Name: "stock", Sends: 1}}
	var deleted []string
	g := New(Params{
		Settings: profile.Settings{}, Close: func() {}, Usage: func(done func([]Sent)) { done(all) },
		DeleteSent: func(id string, then func()) {
			deleted = append(deleted, id)
			all = nil
			then()
		},
	})
	w := test.NewTempWindow(t, g.Content())
	w.Resize(fyne.NewSize(700, 900))
	for _, want := range []string{"orders", "1,204 messages · 3 runs · 5.0 MB", "stock", "1 message · 0 B"} {
		if !strings.Contains(stage.Texts(w), want) {
			t.Errorf("%q is not shown:\n%s", want, stage.Texts(w))
		}
	}
	stage.Tap(t, w, "Delete…")
	if len(deleted) != 1 || !strings.Contains(stage.Texts(w), "Nothing is in the history.") {
		t.Errorf("%v:\n%s", deleted, stage.Texts(w))
	}
}

// TestRecordedIsListed: how much is recorded of each connection, and it is deleted there.
func TestRecordedIsListed(t *testing.T) {
	test.NewTempApp(t).Settings().SetTheme(theme.New(theme.Light))
	if err := words.Load(words.English); err != nil {
		t.Fatal(err)
	}
	all := []Recorded{{Profile: "a", Name: "orders", Lists: 2, Messages: 1_000_000, Bytes: 1 << 30}}
	var deleted []string
	g := New(Params{
		Settings: profile.Settings{}, Close: func() {}, Recordings: func(done func([]Recorded)) { done(all) },
		DeleteRecordings: func(of Recorded, then func()) {
			deleted = append(deleted, of.Profile)
			all = nil
			then()
		},
	})
	w := test.NewTempWindow(t, g.Content())
	w.Resize(fyne.NewSize(700, 900))
	if want := "2 recordings · 1,000,000 messages · 1,024.0 MB"; !strings.Contains(stage.Texts(w), want) {
		t.Errorf("%q is not shown:\n%s", want, stage.Texts(w))
	}
	stage.Tap(t, w, "Delete…")
	if len(deleted) != 1 || !strings.Contains(stage.Texts(w), "Nothing is recorded.") {
		t.Errorf("%v:\n%s", deleted, stage.Texts(w))
	}
}
