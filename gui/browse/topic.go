package browse

import (
	"fyne.io/fyne/v2"

	"gantry/client/cluster"
)

// pasted opens the message whose reference was pasted.
func (f *form) pasted(text string) {
	if f.filling || f.s.p.OpenReference == nil {
		return
	}
	if r, ok := cluster.ParseReference(text); ok {
		f.s.p.OpenReference(r)
	}
}

// setTopics are the names that are offered.
func (f *form) setTopics(names []string) {
	short := make([]string, len(names))
	for i, n := range names {
		short[i] = f.s.p.Profile.ShortName(n)
	}
	f.topic.SetOptions(short)
}

// lend puts the topic that was worked with last into a form that has none of its own: one
// that was typed, or searched.
func (f *form) lend() {
	if f.own || f.topic.Text != f.lent && f.topic.Text != "" || f.s.p.LastTopic == nil {
		return
	}
	if f.lent = f.s.p.Profile.ShortName(f.s.p.LastTopic()); f.lent != f.topic.Text {
		f.filling = true
		f.topic.SetText(f.lent)
		f.filling = false
	}
}

// focusFirst goes to the topic; typing takes the place of one that is lent.
func (f *form) focusFirst() {
	if f.s.focus(f.topic); !f.own && f.lent != "" && f.topic.Text == f.lent {
		f.topic.TypedShortcut(&fyne.ShortcutSelectAll{})
	}
}
