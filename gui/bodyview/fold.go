package bodyview

import (
	"encoding/json"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/lang"

	"gantry/client/filter"
	"gantry/gui/mono"
	"gantry/gui/theme"
	"gantry/gui/widgets"
)

// signRoom is the room for the sign of what folds, left of the text.
const signRoom = 12

// blockOf is what display line i opens, nil for nothing.
func (p *bodyPane) blockOf(i int) *block {
	t, ok := p.lines.(*textLines)
	if !ok || i >= t.count() {
		return nil
	}
	if b := t.block(i); b != nil && b.close > 0 && b.lines > 0 {
		return b
	}
	return nil
}

// blockAt is what the sign at a position folds, or the dots that stand for what is folded;
// nil where there is neither.
func (p *bodyPane) blockAt(pos fyne.Position) *block {
	i := int((pos.Y - 6) / lineHeight)
	if i < 0 || pos.Y < 6 {
		return nil
	}
	b := p.blockOf(i)
	if b == nil {
		return nil
	}
	gutter, s := p.gutter(), p.lines.text(i)
	if pos.X < gutter || b.fold && pos.X > gutter+p.xOf(s, len(s)) {
		return b
	}
	return nil
}

// drawBlock draws the sign of what a line opens, and dots for what is folded.
func (p *bodyPane) drawBlock(parts *mono.Parts, i int, s string, gutter, y float32) {
	b := p.blockOf(i)
	if b == nil {
		return
	}
	sign := "▾"
	if b.fold {
		sign = "▸"
		p.pen.Word(parts, " … "+widgets.Count(int(b.items)), theme.Muted, gutter+p.xOf(s, len(s)), y, lineHeight)
	}
	p.pen.Word(parts, sign, theme.Muted, gutter-signRoom, y, lineHeight)
}

// fold changes what is folded. What is seen first stays, and what is selected.
func (p *bodyPane) fold(change func(*JSON)) {
	t, ok := p.lines.(*textLines)
	if !ok || t.outline == nil {
		return
	}
	change(t.outline)
	p.view.again(t, t.cells)
}

// look tells of the path of the line that has the cursor.
func (p *bodyPane) look() {
	if p.view.OnPath == nil {
		return
	}
	path := ""
	if t, ok := p.lines.(*textLines); ok && t.outline != nil && p.looked {
		if steps, _ := t.outline.path(t.offset(p.head)); len(steps) > 0 {
			path = filter.Path(steps)
		}
	}
	if path != p.path {
		p.path = path
		p.view.OnPath(path)
	}
}

// structure are the items of the menu for the line that has an offset.
func (p *bodyPane) structure(t *textLines, offset int) (items []*fyne.MenuItem) {
	if t.outline == nil {
		return nil
	}
	items = append(items, fyne.NewMenuItemSeparator())
	if steps, value := t.outline.path(offset); len(steps) > 0 {
		path := filter.Path(steps)
		items = append(items, fyne.NewMenuItem(lang.L("Copy path"), func() {
			fyne.CurrentApp().Clipboard().SetContent(path)
			if p.view.OnCopied != nil {
				p.view.OnCopied(len(path))
			}
		}))
		if term := filter.PathTerm(steps, plainValue(value)); p.view.OnFilter != nil && value != "" {
			items = append(items,
				fyne.NewMenuItem(lang.L("Only with this value"), func() { p.view.OnFilter(term, false) }),
				fyne.NewMenuItem(lang.L("Without this value"), func() { p.view.OnFilter(term, true) }))
		}
		items = append(items, fyne.NewMenuItemSeparator())
	}
	return append(items,
		fyne.NewMenuItem(lang.L("Fold all"), func() { p.fold(func(j *JSON) { j.foldAll(true) }) }),
		fyne.NewMenuItem(lang.L("Unfold all"), func() { p.fold(func(j *JSON) { j.foldAll(false) }) }))
}

// plainValue is a value without the quotes and escapes of JSON.
func plainValue(value string) string {
	var text string
	if json.Unmarshal([]byte(value), &text) == nil {
		return text
	}
	return value
}
