// Package confirm asks before something is done: a question with its answers, and the
// guard that wants the name of a production connection typed. Everything here runs on
// Fyne's main goroutine; words come translated.
package confirm

import (
	"slices"

	"fyne.io/fyne/v2"

	"gantry/gui/theme"
	"gantry/gui/widgets"
)

// Question is what a Dialog asks. Its words come translated.
type Question struct {
	Title, Body string
	Details     fyne.CanvasObject // below the body; may be nil
	Cancel      string            // the word for Cancel
	Choices     []widgets.Choice  // left to right; the last has the focus at first
	Danger      bool              // Cancel has the focus at first
	OnCancel    func()            // may be nil
}

// Dialog is an open question. Details that the window is too low for scroll, also by
// key. Escape cancels, Enter takes the button that has the focus. That begins in the Field
// of an Entry that the details are, from where Enter takes the last choice.
type Dialog struct {
	modal   *modal
	asked   Question
	details *tall // nil without
	buttons []*widgets.Button
}

// Show asks a question over a window.
func Show(c fyne.Canvas, q Question) *Dialog {
	d := &Dialog{asked: q}
	cancel := widgets.NewButton(q.Cancel, nil, widgets.Normal, d.Cancel)
	d.buttons = []*widgets.Button{cancel}
	for _, choice := range q.Choices {
		d.buttons = append(d.buttons, widgets.NewButton(choice.Text, nil, choice.Kind, func() { d.answer(choice.Do) }))
	}
	for _, b := range d.buttons {
		b.OnKey = d.key
	}
	objects := []fyne.CanvasObject{modalTitle(q.Title)}
	if q.Body != "" {
		objects = append(objects, widgets.NewParagraph(q.Body, theme.Muted).Object())
	}
	width := modalWidth
	if q.Details != nil {
		details := q.Details
		width = max(width, details.MinSize().Width+2*modalEdge)
		if _, field := details.(*widgets.Field); !field {
			d.details, details = newTall(c, details)
		}
		objects = append(objects, details)
	}
	objects = append(objects, modalButtons(d.buttons...))
	d.modal = openModal(c, width, modalBody(objects...), d.key, d.first())
	return d
}

// first returns what gets the focus: the entry among the details, which then
// takes Escape and Enter as the buttons do, else the button that Enter should take.
func (d *Dialog) first() fyne.Focusable {
	button := d.buttons[len(d.buttons)-1]
	if d.asked.Danger {
		button = d.buttons[0]
	}
	f, ok := d.asked.Details.(*widgets.Field)
	if !ok {
		return button
	}
	e, ok := f.Control().(*widgets.Entry)
	if !ok {
		return button
	}
	e.OnEscape = d.Cancel
	e.OnEnter = func() { d.key(&fyne.KeyEvent{Name: fyne.KeyReturn}) }
	return e
}

// Cancel closes the question without an answer.
func (d *Dialog) Cancel() { d.answer(d.asked.OnCancel) }

// Accept answers with the choice that Enter takes: for a field among the details.
func (d *Dialog) Accept() {
	if n := len(d.asked.Choices); n > 0 {
		d.answer(d.asked.Choices[n-1].Do)
	}
}

// answer closes first, so that the action may ask again.
func (d *Dialog) answer(do func()) {
	d.modal.close()
	if do != nil {
		do()
	}
}

func (d *Dialog) key(k *fyne.KeyEvent) bool {
	switch k.Name {
	case fyne.KeyEscape:
		d.Cancel()
		return true
	case fyne.KeyReturn, fyne.KeyEnter:
		if b, ok := d.modal.canvas.Focused().(*widgets.Button); ok && slices.Contains(d.buttons, b) {
			return false // it does what it says
		}
		if n := len(d.asked.Choices); n > 0 && !d.asked.Danger {
			d.answer(d.asked.Choices[n-1].Do)
			return true
		}
	case fyne.KeyLeft, fyne.KeyRight:
		if k.Name == fyne.KeyLeft {
			d.modal.canvas.FocusPrevious()
		} else {
			d.modal.canvas.FocusNext()
		}
		return true
	}
	return d.details != nil && d.details.key(k.Name)
}
