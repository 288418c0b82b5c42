package widgets

import (
	"fyne.io/fyne/v2"

	"gantry/gui/theme"
)

// Choice is one answer to a Question, or an action of a Banner.
type Choice struct {
	Text string
	Kind ButtonKind
	Do   func()
}

// Question is what a Confirm asks. Its words come translated.
type Question struct {
	Title, Body string
	Details     fyne.CanvasObject // below the body; may be nil
	Cancel      string            // the word for Cancel
	Choices     []Choice          // left to right; the last is the one Enter takes
	Danger      bool              // Enter takes what has the focus, first Cancel
	OnCancel    func()            // may be nil
}

// Confirm is an open question. Details that the window is too low for scroll, also by
// key. Escape cancels; the focus begins in the Field of an Entry that the details are,
// else on Cancel.
type Confirm struct {
	modal   *modal
	asked   Question
	details *tall // nil without
	buttons []*Button
}

// ShowConfirm asks a question over a window.
func ShowConfirm(c fyne.Canvas, q Question) *Confirm {
	d := &Confirm{asked: q}
	cancel := NewButton(q.Cancel, nil, Normal, d.Cancel)
	d.buttons = []*Button{cancel}
	for _, choice := range q.Choices {
		d.buttons = append(d.buttons, NewButton(choice.Text, nil, choice.Kind, func() { d.answer(choice.Do) }))
	}
	for _, b := range d.buttons {
		b.onKey = d.key
	}
	objects := []fyne.CanvasObject{modalTitle(q.Title)}
	if q.Body != "" {
		objects = append(objects, NewParagraph(q.Body, theme.Muted).Object())
	}
	if q.Details != nil {
		details := q.Details
		if _, field := details.(*Field); !field {
			d.details, details = newTall(c, details)
		}
		objects = append(objects, details)
	}
	objects = append(objects, modalButtons(d.buttons...))
	d.modal = openModal(c, modalBody(objects...), d.key, d.first(cancel))
	return d
}

// first returns what gets the focus: the entry among the details, which then
// takes Escape and Enter as the buttons do, else Cancel.
func (d *Confirm) first(cancel *Button) fyne.Focusable {
	f, ok := d.asked.Details.(*Field)
	if !ok {
		return cancel
	}
	e, ok := f.Control().(*Entry)
	if !ok {
		return cancel
	}
	e.OnEscape = d.Cancel
	e.OnEnter = func() { d.key(&fyne.KeyEvent{Name: fyne.KeyReturn}) }
	return e
}

// Cancel closes the question without an answer.
func (d *Confirm) Cancel() { d.answer(d.asked.OnCancel) }

// answer closes first, so that the action may ask again.
func (d *Confirm) answer(do func()) {
	d.modal.close()
	if do != nil {
		do()
	}
}

func (d *Confirm) key(k *fyne.KeyEvent) bool {
	switch k.Name {
	case fyne.KeyEscape:
		d.Cancel()
		return true
	case fyne.KeyReturn, fyne.KeyEnter:
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
