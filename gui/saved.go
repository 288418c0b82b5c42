package gui

import (
	"context"
	"slices"

	"fyne.io/fyne/v2/lang"

	"gantry/client/profile"
)

// saveProfiles replaces the file. One save is under way at a time, so that the
// last one stays; if one fails, the list is again what is stored.
func (w *Window) saveProfiles(now []profile.Profile, done func()) {
	w.profiles = now
	w.saves = append(w.saves, profilesSave{slices.Clone(now), done})
	if len(w.saves) == 1 {
		w.saveNext()
	}
}

// profilesSave is a list of profiles to store, and what happens then.
type profilesSave struct {
	profiles []profile.Profile
	done     func()
}

func (w *Window) saveNext() {
	next := w.saves[0]
	w.tasks.Job(lang.L("Save connections"), func(context.Context, func(string)) error {
		return w.client.Profiles.Save(next.profiles)
	}, func(err error) {
		w.saves = w.saves[1:]
		if err != nil {
			w.saves = nil
			w.profiles = slices.Clone(w.stored)
			w.sidebar.refresh()
			w.fail(err)
			return
		}
		w.stored = next.profiles
		if len(w.saves) > 0 {
			w.saveNext()
		}
		next.done()
	})
}

// keepProfile stores a profile of which nothing that a connection uses has changed.
func (w *Window) keepProfile(p profile.Profile) {
	if !own(p.ID) {
		w.set.setSandbox(p.Schemas)
		return
	}
	now := w.mine()
	i := slices.IndexFunc(now, func(o profile.Profile) bool { return o.ID == p.ID })
	if i < 0 {
		return
	}
	now[i] = p
	w.saveProfiles(now, func() {
		if s := w.opened(p.ID); s != nil {
			s.setProfile(p)
		}
	})
}

// move changes the order of the connections.
func (w *Window) move(id string, by int) {
	i := slices.IndexFunc(w.profiles, func(p profile.Profile) bool { return p.ID == id })
	j := i + by
	if i < 0 || j < 0 || j >= len(w.profiles) {
		return
	}
	now := slices.Clone(w.profiles)
	now[i], now[j] = now[j], now[i]
	w.saveProfiles(now, func() { w.sidebar.rebuild(); w.sidebar.refresh() })
}
