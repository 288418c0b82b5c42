package gui

import (
	"fyne.io/fyne/v2/lang"

	"gantry/gui/words"
)

// speak changes the language of everything that is seen, at once: widgets keep the
// words that they were made with, so the window is furnished anew. Connections stay
// open and subscriptions go on; what was looked up is asked again. While something is
// being sent or saved it waits for the next start, because whoever began that is to
// hear how it ended.
func (w *Window) speak(language string) {
	sending := len(w.tasks.Jobs())
	for _, s := range w.spaces {
		sending += s.send.Sending()
	}
	if sending > 0 {
		w.say(lang.L("The language changes at the next start."))
		return
	}
	if err := words.Load(language); err != nil {
		w.fail(err)
		return
	}
	_, settings := w.editing.(settingsPage)
	w.dropEditor()
	before := w.spaces
	w.spaces = map[string]*workspace{}
	for _, s := range before {
		s.close()
	}
	w.furnish()
	for id, s := range before {
		p := s.profile
		if renamed := w.profile(id); renamed != nil {
			p = *renamed // the sandbox is called otherwise now
		}
		now := newWorkspace(w, w.tools, p)
		w.spaces[id] = now
		now.tabs.Select(s.tabs.Selected())
		if s.conn != nil {
			now.conn = s.conn
			now.refresh()
			now.connectionChanged()
			now.askFacts()
		}
	}
	w.sidebar.refresh()
	w.choose(w.chosen)
	if settings {
		w.showSettings()
	}
}
