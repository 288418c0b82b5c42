package gui

import (
	"context"
	"maps"
	"slices"

	"gantry/client/profile"
	"gantry/gui/task"
)

// store is the settings in memory and their way to disk. One save is under way
// at a time; what changes meanwhile is saved after it.
type store struct {
	profile.Settings
	tasks  *task.Runner
	scope  *task.Scope
	write  func(profile.Settings) error
	fail   func(error)
	saving bool
	dirty  bool
}

// changed saves what is there now, soon.
func (s *store) changed() {
	s.dirty = true
	s.Revision++
	if !s.saving {
		s.save()
	}
}

func (s *store) save() {
	s.saving, s.dirty = true, false
	now := s.snapshot()
	task.Ask(s.tasks, s.scope, "settings", func(context.Context) (struct{}, error) {
		return struct{}{}, s.write(now)
	}, func(_ struct{}, err error) {
		s.saving = false
		if err != nil {
			s.fail(err)
			return
		}
		if s.dirty {
			s.save()
		}
	})
}

// snapshot copies what a goroutine may read while the window goes on.
func (s *store) snapshot() profile.Settings {
	c := s.Settings
	c.Forms = maps.Clone(s.Forms)
	c.Topics = maps.Clone(s.Topics)
	c.Window.Splits = maps.Clone(s.Window.Splits)
	c.Subscriptions = slices.Clone(s.Subscriptions)
	c.TemplateFolders = slices.Clone(s.TemplateFolders)
	return c
}

// form returns what a profile's send form held.
func (s *store) form(id string) profile.SendForm { return s.Forms[id] }

func (s *store) setForm(id string, f profile.SendForm) {
	if s.Forms == nil {
		s.Forms = map[string]profile.SendForm{}
	}
	s.Forms[id] = f
	s.changed()
}

// setTemplateFolders keeps the folders of templates that the user added.
func (s *store) setTemplateFolders(all []string) {
	s.TemplateFolders = all
	s.changed()
}

// subscriptions returns those of one profile, in the order of their tabs.
func (s *store) subscriptions(id string) []profile.Subscription {
	var out []profile.Subscription
	for _, sub := range s.Subscriptions {
		if sub.Profile == id {
			out = append(out, sub)
		}
	}
	return out
}

func (s *store) setSubscriptions(id string, subs []profile.Subscription) {
	var all []profile.Subscription
	for _, sub := range s.Subscriptions {
		if sub.Profile != id {
			all = append(all, sub)
		}
	}
	for _, sub := range subs {
		sub.Profile = id
		all = append(all, sub)
	}
	s.Subscriptions = all
	s.changed()
}

const topicsKept = 50

// usedTopic puts a topic in front of those used before.
func (s *store) usedTopic(id, topic string) {
	if topic == "" {
		return
	}
	if s.Topics == nil {
		s.Topics = map[string][]string{}
	}
	s.Topics[id] = inFront(topic, s.Topics[id], topicsKept)
	s.changed()
}

// inFront is a text in front of others, each once, at most so many.
func inFront(text string, others []string, most int) []string {
	kept := []string{text}
	for _, t := range others {
		if t != text && len(kept) < most {
			kept = append(kept, t)
		}
	}
	return kept
}

// Recent are the filters that were used before, newest first.
func (s *store) Recent() []string { return s.Filters }

// Used puts a filter in front of them.
func (s *store) Used(filter string) {
	if len(filter) <= profile.MostFilter && (len(s.Filters) == 0 || s.Filters[0] != filter) {
		s.Filters = inFront(filter, s.Filters, profile.MostRecentFilters)
		s.changed()
	}
}

// Saved are the filters that are kept. The slice is never changed in place: a save may be
// reading it.
func (s *store) Saved() []profile.SavedFilter { return s.SavedFilters }

// SetSaved keeps other ones.
func (s *store) SetSaved(all []profile.SavedFilter) {
	s.SavedFilters = all
	s.changed()
}

// ListLook is how lists of messages look; SetListLook keeps another look. What is in it is
// never changed in place.
func (s *store) ListLook() profile.ListLook { return s.Lists }

// SetListLook keeps how lists look.
func (s *store) SetListLook(look profile.ListLook) {
	s.Lists = look
	s.changed()
}

// reading is how bodies of a topic are read, "" where nobody chose it.
func (s *store) reading(id, topic string) string { return s.Readings[id][topic] }

// setReading keeps how bodies of a topic are read. The maps are never changed in place: a
// save may be reading them.
func (s *store) setReading(id, topic, reading string) {
	if s.Readings[id][topic] == reading {
		return
	}
	of := maps.Clone(s.Readings[id])
	if of == nil {
		of = map[string]string{}
	}
	for other := range of {
		if len(of) < profile.MaxReadings {
			break
		}
		delete(of, other) // which one is chosen again soon enough
	}
	of[topic] = reading
	all := maps.Clone(s.Readings)
	if all == nil {
		all = map[string]map[string]string{}
	}
	all[id] = of
	s.Readings = all
	s.changed()
}

// setSandbox keeps the formats of the sandbox.
func (s *store) setSandbox(all []profile.Schema) {
	s.Sandbox = slices.Clone(all)
	s.changed()
}

// forget drops what belongs to a profile that was deleted.
func (s *store) forget(id string) {
	delete(s.Forms, id)
	delete(s.Topics, id)
	s.Readings = maps.Clone(s.Readings)
	delete(s.Readings, id)
	s.setSubscriptions(id, nil)
}

func (s *store) split(name string, initial float64) float64 {
	if v, ok := s.Window.Splits[name]; ok && v > 0.05 && v < 0.95 {
		return v
	}
	return initial
}

func (s *store) setSplit(name string, offset float64) {
	if s.Window.Splits == nil {
		s.Window.Splits = map[string]float64{}
	}
	if s.Window.Splits[name] != offset {
		s.Window.Splits[name] = offset
		s.changed()
	}
}
