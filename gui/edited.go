package gui

import (
	"reflect"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/lang"

	"gantry/client/profile"
	"gantry/gui/confirm"
	"gantry/gui/profiles"
	"gantry/gui/widgets"
)

// reconnects tells whether a connection that was opened with one profile must be
// opened anew for another: all but name, environment, values and formats is what it was opened
// with, and what it refuses.
func reconnects(was, now profile.Profile) bool {
	for _, p := range []*profile.Profile{&was, &now} {
		p.Clean()
		p.Name, p.Environment, p.Env, p.SecretEnv, p.Schemas = "", "", nil, nil, nil
	}
	return !reflect.DeepEqual(was, now)
}

// editedShell is what a change of a connection asks of the window.
type editedShell interface {
	opened(id string) *workspace // nil while it was never shown
	mine() []profile.Profile
	saveProfiles(now []profile.Profile, done func())
	dropSpace(id string, then func())
	dropEditor()
	choose(id string)
}

// edited is what is known of a change between the press of Save and its end.
type edited struct {
	shell editedShell
	win   fyne.Window
	anew  bool // the connection must be opened anew
	again bool // it was open, or being opened
}

// ask goes on with saving, after a question if the connection must be opened anew and
// something runs over it.
func (e *edited) ask(p profile.Profile, token bool, then func()) {
	s := e.shell.opened(p.ID)
	e.anew = s == nil || token || reconnects(s.profile, p)
	if s == nil || !e.anew || s.conn == nil {
		then()
		return
	}
	body := s.stops()
	if len(body) == 0 {
		then()
		return
	}
	confirm.Show(e.win.Canvas(), confirm.Question{
		Title:   lang.L("Save and reconnect {{.Name}}?", map[string]any{"Name": s.profile.Name}),
		Body:    strings.Join(append(body, lang.L("What was changed needs a new connection.")), "\n"),
		Cancel:  lang.L("Cancel"),
		Choices: []widgets.Choice{{Text: lang.L("Save and reconnect"), Kind: widgets.Primary, Do: then}},
	})
}

// save stores a connection that the editor has checked, and shows it. An open
// connection stays as it is where nothing that it uses has changed; else it is closed
// and opened anew.
func (e *edited) save(p profile.Profile) {
	w := e.shell
	now := w.mine()
	if i := slices.IndexFunc(now, func(o profile.Profile) bool { return o.ID == p.ID }); i >= 0 {
		now[i] = p
	} else {
		now = append(now, p)
	}
	w.saveProfiles(now, func() {
		s := w.opened(p.ID)
		if s != nil && !e.anew {
			s.setProfile(p)
			w.dropEditor()
			w.choose(p.ID)
			return
		}
		e.again = s != nil && (s.conn != nil || s.busy != "")
		w.dropSpace(p.ID, func() {
			w.dropEditor()
			w.choose(p.ID)
			if next := w.opened(p.ID); s != nil && next != nil {
				if e.again {
					next.open()
				}
			}
		})
	})
}

// setProfile shows another name and environment; nothing else has changed.
func (s *workspace) setProfile(p profile.Profile) {
	s.profile = p
	s.tellFormats()
	s.name.SetText(p.Name)
	s.chip.SetEnv(string(p.Environment), profiles.EnvWord(p.Environment))
	s.showBand()
	s.send.SetProfile(p)
	s.refresh()
}
