package msglist

import (
	"slices"
	"time"

	"fyne.io/fyne/v2"

	"gantry/client/filter"
	"gantry/client/message"
	"gantry/client/profile"
	"gantry/gui/filters"
	"gantry/gui/widgets"
)

// Memory is what all lists remember.
type Memory interface {
	widgets.FilterMemory
	filters.Store
	// ListLook is how lists look; what is in it is never changed afterwards.
	ListLook() profile.ListLook
	SetListLook(profile.ListLook)
}

// marks colour the rows that fit a filter; they are never changed, only replaced.
type marks struct {
	saved []profile.SavedFilter // what they were made of
	rules []rule
}

type rule struct {
	keep filter.Filter
	mark profile.Mark
}

// of is the colour of a message: that of the first filter which it fits. decode reads its body
// for them, nil for as it is, and judge runs jq: what that gives up at has no colour of it.
func (m marks) of(msg *message.Message, decode filter.Decode, judge filter.Judge) profile.Mark {
	for i := range m.rules {
		if keep := m.rules[i].keep.Decoding(decode).Asking(judge, nil); keep.Match(msg) {
			return m.rules[i].mark
		}
	}
	return profile.NoMark
}

// readMarks takes notice of other colours: rows are read again for them. A filter that
// cannot be read colours nothing; one of a time ago means that before it was read.
func (l *List) readMarks() {
	if l.p.Memory == nil {
		return
	}
	saved := l.p.Memory.Saved()
	if slices.Equal(saved, l.marks.saved) {
		return
	}
	before := len(l.marks.rules)
	l.marks = marks{saved: saved}
	for _, f := range saved {
		if f.Mark == profile.NoMark {
			continue
		}
		if keep, err := filter.Parse(f.Filter, time.Now()); err == nil && !keep.Empty() {
			l.marks.rules = append(l.marks.rules, rule{keep, f.Mark})
		}
	}
	if before+len(l.marks.rules) > 0 {
		l.scope.Cancel(queryTail)
		l.scope.Cancel(queryRows)
		l.cache = newCache()
	}
}

// editFilters shows the filters that are kept, with another one to be saved unless it is
// empty.
func (l *List) editFilters(save string) {
	c := fyne.CurrentApp().Driver().CanvasForObject(l.content)
	if c == nil || l.p.Memory == nil {
		return
	}
	filters.Show(c, l.p.Memory, save, func() {
		l.stir()
		l.tick()
	})
}
