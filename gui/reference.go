package gui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/lang"
	fynetheme "fyne.io/fyne/v2/theme"

	"gantry/client/cluster"
	"gantry/client/profile"
	"gantry/gui/palette"
	"gantry/gui/profiles"
)

// openReference opens the message that a reference names, over the connection of that name;
// which one is asked where none has it, or several do.
func (w *Window) openReference(r cluster.Reference) {
	fits := w.named(r)
	if len(fits) == 1 {
		w.openAt(fits[0].ID, r)
		return
	}
	if len(fits) == 0 {
		w.say(lang.L("No connection is named {{.Name}}. Choose where to look.", map[string]any{"Name": r.Connection}))
		fits = w.all()
	}
	var where []palette.Command
	for _, p := range fits {
		where = append(where, palette.Command{
			Title: lang.L("Open the message in {{.Name}}", map[string]any{"Name": p.Name}), About: profiles.EnvWord(p.Environment),
			Icon: fynetheme.StorageIcon(), Do: func() { w.openAt(p.ID, r) },
		})
	}
	palette.Show(w.win.Canvas(), where)
}

// named are the connections that a reference may mean: of its name, and of its environment
// where one of those is.
func (w *Window) named(r cluster.Reference) (fits []profile.Profile) {
	var both []profile.Profile
	for _, p := range w.all() {
		if p.Name == r.Connection {
			fits = append(fits, p)
			if string(p.Environment) == r.Environment {
				both = append(both, p)
			}
		}
	}
	if len(both) > 0 {
		return both
	}
	return fits
}

func (w *Window) openAt(id string, r cluster.Reference) {
	w.choose(id)
	if s := w.space(); s != nil && s.profile.ID == id {
		s.tabs.Select(tabBrowse)
		s.browse.Locate(r.Topic, r.Queue.Broker, r.Queue.ID, r.Offset)
	}
}

// openClipboard opens the message whose reference is on the clipboard.
func (w *Window) openClipboard() {
	if r, ok := cluster.ParseReference(fyne.CurrentApp().Clipboard().Content()); ok {
		w.openReference(r)
		return
	}
	w.say(lang.L("The clipboard has no reference to a message."))
}
