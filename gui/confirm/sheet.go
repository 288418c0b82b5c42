package confirm

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"gantry/gui/arrange"
	"gantry/gui/widgets"
)

// SheetView is a small form over the window. Its words come translated.
type SheetView struct {
	Title          string
	Fields         []*widgets.Field
	Cancel, Action string
	// OnConfirm does it; false keeps the sheet open, with what is wrong at its field.
	OnConfirm func() bool
	OnCancel  func() // may be nil
}

// Sheet asks for a few texts. The focus begins in the first field; Escape cancels, and
// Enter in an entry does what the action does.
type Sheet struct {
	modal *modal
	view  SheetView
}

// ShowSheet opens a sheet over a window.
func ShowSheet(c fyne.Canvas, v SheetView) *Sheet {
	s := &Sheet{view: v}
	action := widgets.NewButton(v.Action, nil, widgets.Primary, s.confirm)
	cancel := widgets.NewButton(v.Cancel, nil, widgets.Normal, s.Cancel)
	cancel.OnKey, action.OnKey = s.key, s.key
	rows := []fyne.CanvasObject{}
	var first fyne.Focusable = cancel
	for i, f := range v.Fields {
		rows = append(rows, f)
		if focus, ok := f.Control().(fyne.Focusable); ok && i == 0 {
			first = focus
		}
		switch e := f.Control().(type) {
		case *widgets.Entry:
			e.OnEscape, e.OnEnter = s.Cancel, s.confirm
		case *widgets.Completion:
			e.OnEscape, e.OnEnter = s.Cancel, s.confirm
		}
	}
	body := modalBody(modalTitle(v.Title), container.New(&arrange.Rows{Gap: 8}, rows...), modalButtons(cancel, action))
	s.modal = openModal(c, modalWidth, body, s.key, first)
	return s
}

// Cancel closes the sheet; nothing happens.
func (s *Sheet) Cancel() {
	s.modal.close()
	if s.view.OnCancel != nil {
		s.view.OnCancel()
	}
}

func (s *Sheet) confirm() {
	if s.modal.pop.Visible() && s.view.OnConfirm() {
		s.modal.close()
	}
}

func (s *Sheet) key(k *fyne.KeyEvent) bool {
	if k.Name == fyne.KeyEscape {
		s.Cancel()
		return true
	}
	return false
}
