package replay

import (
	"errors"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	fynetheme "fyne.io/fyne/v2/theme"

	"gantry/client/outbox/change"
	"gantry/gui/arrange"
	"gantry/gui/draw"
	"gantry/gui/problem"
	"gantry/gui/widgets"
)

// changes are what is done to each message, one a row.
type changes struct {
	rows    []*changeRow
	box     *fyne.Container
	content *fyne.Container
	add     *widgets.Button
	// changed runs when something else stands there, relayout when it is higher or lower.
	changed, relayout func()
	onEscape, onEnter func()
}

// changeRow is one change.
type changeRow struct {
	all                   *changes
	what, do              *widgets.Select
	whatField, doField    *widgets.Field
	name, value           *widgets.Entry
	nameField, valueField *widgets.Field
	content               *fyne.Container
}

// whats are what can be changed, in the order of their words.
func whats() []change.What {
	return []change.What{change.Field, change.Property, change.Tag, change.Keys}
}

func whatWord(w change.What) string {
	switch w {
	case change.Property:
		return lang.L("Property")
	case change.Tag:
		return lang.L("Tag")
	case change.Keys:
		return lang.L("Keys")
	}
	return lang.L("JSON field")
}

func doWord(w change.What, d change.Do) string {
	switch {
	case d == change.Set && w == change.Field:
		return lang.L("Set to text")
	case d == change.Set:
		return lang.L("Set to")
	case d == change.JSON:
		return lang.L("Set to JSON")
	case d == change.Add:
		return lang.L("Add")
	case d == change.Mask:
		return lang.L("Mask")
	}
	return lang.L("Remove")
}

func newChanges(changed, relayout, escape, enter func()) *changes {
	c := &changes{changed: changed, relayout: relayout, onEscape: escape, onEnter: enter, box: container.New(&arrange.Rows{Gap: 8})}
	c.add = widgets.NewButton(lang.L("Add a change"), fynetheme.ContentAddIcon(), widgets.Quiet, func() { c.put() })
	head := container.New(&arrange.Columns{Gap: 8, Shares: []float32{1}}, arrange.Middled(widgets.NewCaption(lang.L("Changes for all"))), c.add)
	c.box.Hide()
	c.content = container.New(&arrange.Rows{Gap: 4}, head, c.box)
	return c
}

// put adds a row, and has its name typed.
func (c *changes) put() *changeRow {
	r := &changeRow{all: c}
	var words []string
	for _, w := range whats() {
		words = append(words, whatWord(w))
	}
	r.what = widgets.NewSelect(words...)
	r.do = widgets.NewSelect(r.dos()...)
	entry := func() (*widgets.Entry, *widgets.Field) {
		e := widgets.NewEntry().Mono()
		f := widgets.NewField("", e)
		e.OnChanged = func(string) { f.SetError(""); c.changed() }
		e.OnEscape, e.OnEnter = c.onEscape, c.onEnter
		return e, f
	}
	r.name, r.nameField = entry()
	r.value, r.valueField = entry()
	r.whatField, r.doField = widgets.NewField("", r.what).SetMinWidth(120), widgets.NewField("", r.do).SetMinWidth(120)
	r.what.OnChanged = func(string) {
		r.do.Options = r.dos()
		r.do.SetSelectedIndex(0)
		r.show()
		c.changed()
	}
	r.do.OnChanged = func(string) { r.show(); c.changed() }
	gone := widgets.NewIconButton(fynetheme.WindowCloseIcon(), lang.L("Remove the change"), func() { c.drop(r) })
	r.content = container.New(&arrange.Fields{Grow: []float32{0, 0, 2, 3}}, r.whatField, r.doField, r.nameField, r.valueField, gone)
	c.rows = append(c.rows, r)
	c.box.Add(r.content)
	r.show()
	c.able()
	if canvas := fyne.CurrentApp().Driver().CanvasForObject(c.content); canvas != nil {
		canvas.Focus(r.name)
	}
	c.changed()
	return r
}

func (c *changes) drop(gone *changeRow) {
	for i, r := range c.rows {
		if r == gone {
			c.rows = append(c.rows[:i], c.rows[i+1:]...)
			c.box.Remove(gone.content)
			break
		}
	}
	c.able()
	c.relayout()
	c.changed()
}

func (c *changes) able() {
	widgets.Able(len(c.rows) < change.MaxChanges, c.add)
	draw.Show(c.box, len(c.rows) > 0)
}

// dos are the words of what can be done to what is chosen.
func (r *changeRow) dos() (words []string) {
	for _, d := range change.Dos(r.kind()) {
		words = append(words, doWord(r.kind(), d))
	}
	return words
}

func (r *changeRow) kind() change.What { return whats()[max(r.what.SelectedIndex(), 0)] }

// change is what stands in the row.
func (r *changeRow) change() change.Change {
	c := change.Change{What: r.kind(), Do: change.Dos(r.kind())[max(r.do.SelectedIndex(), 0)]}
	if c.Named() {
		c.Name = r.name.Text
	}
	if c.Valued() {
		c.Value = r.value.Text
	}
	return c
}

// show follows what is chosen.
func (r *changeRow) show() {
	c := r.change()
	draw.Show(r.nameField, c.Named())
	draw.Show(r.valueField, c.Valued())
	r.name.SetPlaceHolder(".order.items[*].price")
	if c.What == change.Property {
		r.name.SetPlaceHolder(lang.L("Name"))
	}
	switch {
	case c.What == change.Keys && c.Do == change.Remove:
		r.value.SetPlaceHolder(lang.L("which; none is all"))
	case c.Do == change.JSON:
		r.value.SetPlaceHolder(`1.50, true, null, {"a": "{{uuid}}"}`)
	default:
		r.value.SetPlaceHolder(lang.L("a text, also {{.Example}}", map[string]any{"Example": "{{now}}"}))
	}
	r.content.Refresh()
	r.all.relayout()
}

// list are all changes. What is wrong stands at its field, and ok is false.
func (c *changes) list() (all []change.Change, ok bool) {
	for _, r := range c.rows {
		r.nameField.SetError("")
		r.valueField.SetError("")
		all = append(all, r.change())
	}
	err := change.Check(all)
	at := (*change.Error)(nil)
	if errors.As(err, &at) && at.Index < len(c.rows) {
		r := c.rows[at.Index]
		field := r.valueField
		if at.Part == change.OfName {
			field = r.nameField
		}
		// A path that is still to be typed is no mistake yet.
		if why := problem.Explain(at.Err).What; at.Part == change.OfValue || r.name.Text != "" {
			field.SetError(why)
		}
	}
	return all, err == nil
}
