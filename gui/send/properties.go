package send

import (
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	fynetheme "fyne.io/fyne/v2/theme"

	"gantry/client/message"
	"gantry/client/profile"
	"gantry/gui/arrange"
	"gantry/gui/problem"
	"gantry/gui/theme"
	"gantry/gui/widgets"
)

// So many rows are seen without scrolling, each so high with its gap.
const (
	rowsSeen          = 3
	rowStep   float32 = 34
	rowHeight float32 = 30
)

// property is one row: a name, a value and the button that removes it.
type property struct {
	name, value *widgets.Entry
	field       *widgets.Field // of the name, where an error stands
	object      fyne.CanvasObject
}

// properties are the user's own, row by row.
type properties struct {
	f       *form
	add     *widgets.Button
	rows    []*property
	list    *fyne.Container
	scroll  *container.Scroll
	wrong   *widgets.Paragraph
	content *fyne.Container
}

func newProperties(f *form) *properties {
	p := &properties{f: f, list: container.New(&arrange.Rows{Gap: rowStep - rowHeight})}
	p.scroll = container.NewVScroll(p.list)
	p.wrong = widgets.NewParagraph("", theme.Err)
	title := widgets.NewWord(lang.L("Properties"), theme.Text).Bold()
	p.content = container.New(&arrange.Rows{Gap: 4}, title, p.scroll, p.wrong.Object())
	p.add = widgets.NewButton(lang.L("Add a property"), fynetheme.ContentAddIcon(), widgets.Quiet, func() {
		r := p.append("", "")
		p.show()
		p.scroll.ScrollToBottom()
		p.f.s.p.Window.Canvas().Focus(r.name)
	})
	p.show()
	return p
}

func (p *properties) append(name, value string) *property {
	r := &property{name: widgets.NewEntry().Mono(), value: widgets.NewEntry().Mono()}
	r.name.SetPlaceHolder(lang.L("Name"))
	r.value.SetPlaceHolder(lang.L("Value"))
	r.name.SetText(name)
	r.value.SetText(value)
	r.field = widgets.NewField("", r.name)
	changed := func(string) { r.field.SetError(""); p.fail(""); p.f.changed() }
	r.name.OnChanged, r.value.OnChanged = changed, changed
	remove := widgets.NewIconButton(fynetheme.ContentClearIcon(), lang.L("Remove"), func() { p.remove(r) })
	r.object = container.New(&arrange.Columns{Gap: 6, Shares: []float32{1, 1.6, 0}},
		r.field, widgets.NewField("", r.value), container.New(&arrange.Rows{}, remove))
	p.rows = append(p.rows, r)
	return r
}

func (p *properties) remove(r *property) {
	p.rows = slices.DeleteFunc(p.rows, func(o *property) bool { return o == r })
	p.fail("")
	p.show()
	p.f.changed()
}

// show lays the rows out; none take no room.
func (p *properties) show() {
	p.list.Objects = nil
	for _, r := range p.rows {
		p.list.Add(r.object)
	}
	p.scroll.SetMinSize(fyne.NewSize(0, float32(min(len(p.rows), rowsSeen))*rowStep))
	if len(p.rows) == 0 {
		p.scroll.Hide()
	} else {
		p.scroll.Show()
	}
	p.fit()
}

// fit hides what has nothing to say and lets the form lay out again.
func (p *properties) fit() {
	if p.wrong.Text() == "" {
		p.wrong.Object().Hide()
	} else {
		p.wrong.Object().Show()
	}
	if len(p.rows) == 0 && p.wrong.Text() == "" {
		p.content.Hide()
	} else {
		p.content.Show()
	}
	if p.f.content != nil {
		p.f.content.Refresh()
	}
}

// fail says what is wrong with all of them together.
func (p *properties) fail(words string) {
	if p.wrong.Text() != words {
		p.wrong.Set(words, theme.Err)
		p.fit()
	}
}

func (p *properties) fill(v []profile.FormProperty) {
	p.rows = nil
	p.fail("")
	for _, x := range v {
		p.append(x.Name, x.Value)
	}
	p.show()
}

func (p *properties) read() []profile.FormProperty {
	var out []profile.FormProperty
	for _, r := range p.rows {
		out = append(out, profile.FormProperty{Name: r.name.Text, Value: r.value.Text})
	}
	return out
}

// check returns what would be sent; empty rows are left out. A row that cannot
// be sent says why, and so does the line below all rows about the first of them.
func (p *properties) check() (out []message.Property, ok bool) {
	var first *property
	seen := map[string]bool{}
	for _, r := range p.rows {
		name, value := strings.TrimSpace(r.name.Text), r.value.Text
		if name == "" && value == "" {
			r.field.SetError("")
			continue
		}
		err := (&message.Draft{Topic: "t", Body: []byte("b"), Properties: []message.Property{{Name: name, Value: value}}}).Check()
		words := p.words(name, value, err)
		if words == "" && seen[name] {
			words = lang.L("This name is there twice.")
		}
		seen[name] = true
		r.field.SetError(words)
		if words != "" && first == nil {
			first = r
		}
		out = append(out, message.Property{Name: name, Value: value})
	}
	if first == nil {
		p.fail("")
		return out, true
	}
	p.failAt(first)
	return out, false
}

// failAt says below the rows what is wrong with one, and brings it into sight.
func (p *properties) failAt(r *property) {
	words := r.field.Error()
	if name := strings.TrimSpace(r.name.Text); name != "" {
		words = lang.L("Property {{.Name}}: {{.Reason}}", map[string]any{"Name": name, "Reason": words})
	}
	p.fail(words)
	p.f.s.p.Window.Canvas().Focus(r.name)
	p.list.Refresh() // its rows have grown
	top, bottom := r.object.Position().Y, r.object.Position().Y+r.object.MinSize().Height
	if y := min(max(p.scroll.Offset.Y, bottom-p.scroll.Size().Height), top); y != p.scroll.Offset.Y {
		p.scroll.ScrollToOffset(fyne.NewPos(0, y))
	}
}

func (p *properties) words(name, value string, err error) string {
	switch {
	case err == nil:
		return ""
	case name == "":
		return lang.L("A name is missing.")
	case value == "":
		return lang.L("A value is missing.")
	case message.IsSystemProperty(name):
		return lang.L("RocketMQ uses this name itself.")
	}
	return problem.Explain(err).What
}
