package widgets

import (
	"slices"
	"strings"

	"fyne.io/fyne/v2"
)

var _ fyne.Widget = (*Completion)(nil)

// Completion is an entry of one line with suggestions below it: they appear
// while one types and on Down, Up and Down mark one, Enter picks it, Escape
// closes. Typing goes on into the entry while they are open.
type Completion struct {
	Entry

	options []string
	drop    *Suggestions

	// OnChanged runs when the text changed; it takes the place of Fyne's field
	// of this name.
	OnChanged func(string)
	// OnPicked runs when a suggestion was picked, after OnChanged.
	OnPicked func(string)
}

// NewCompletion returns an entry with suggestions, which SetOptions may change.
func NewCompletion(options []string) *Completion {
	c := &Completion{options: options}
	c.Wrapping = fyne.TextWrap(fyne.TextTruncateClip)
	c.drop = NewSuggestions(c)
	c.Entry.Entry.OnChanged = func(s string) {
		if c.Open() {
			c.filter()
		}
		if c.OnChanged != nil {
			c.OnChanged(s)
		}
	}
	c.ExtendBaseWidget(c)
	return c
}

// SetOptions changes what is suggested, in this order.
func (c *Completion) SetOptions(options []string) {
	c.options = options
	if c.Open() {
		c.filter()
	}
}

// Open reports whether the suggestions are seen.
func (c *Completion) Open() bool { return c.drop.IsOpen() }

// matches returns the options that hold the text, those that begin with it
// first. Case does not count.
func matches(options []string, s string) []string {
	s = strings.ToLower(strings.TrimSpace(s))
	var first, rest []string
	for _, o := range options {
		switch low := strings.ToLower(o); {
		case strings.HasPrefix(low, s):
			first = append(first, o)
		case strings.Contains(low, s):
			rest = append(rest, o)
		}
	}
	return append(first, rest...)
}

// filter puts the matches into the list and closes it when there is nothing to
// choose any more.
func (c *Completion) filter() {
	found := matches(c.options, c.Text)
	if len(found) == 0 || len(found) == 1 && found[0] == c.Text {
		c.Close()
		return
	}
	c.suggest(found)
}

// ShowAll opens the list with every option, as the arrow of a select does.
func (c *Completion) ShowAll() {
	if len(c.options) > 0 && !c.Disabled() {
		found := matches(c.options, c.Text)
		if len(found) == 0 || slices.Contains(c.options, c.Text) {
			found = c.options
		}
		c.suggest(found)
	}
}

// suggest opens the list with these options.
func (c *Completion) suggest(found []string) {
	items := make([]Suggestion, len(found))
	for i, text := range found {
		items[i].Text = text
	}
	c.drop.Set(items, -1)
	c.drop.Open(fyne.Position{}, c.Size().Height, c.Size().Width)
}

// Close hides the suggestions; the entry keeps the focus.
func (c *Completion) Close() { c.drop.Close() }

// Covered reports whether a question or a menu stands over a window, and so has the
// keys. Suggestions that are open are closed first: they give way to every shortcut.
func Covered(c fyne.Canvas) bool {
	// They have the focus while they lie on top.
	if s, ok := c.Focused().(*Suggestions); ok {
		s.Close()
	}
	return c.Overlays().Top() != nil
}

// Suggested takes a suggestion.
func (c *Completion) Suggested(i int) {
	s := c.drop.items[i].Text
	c.SetText(s)
	c.CursorColumn = len([]rune(s))
	c.Refresh()
	if c.OnPicked != nil {
		c.OnPicked(s)
	}
}

// FocusLost leaves the caret while the suggestions have the keys.
func (c *Completion) FocusLost() {
	if !c.Open() {
		c.Entry.FocusLost()
	}
}

// TypedShortcut hands on what is no editing.
func (c *Completion) TypedShortcut(s fyne.Shortcut) {
	if Edits(s) || !HandOn(c, s) {
		c.Entry.TypedShortcut(s)
	}
}

// TypedRune types and opens the suggestions.
func (c *Completion) TypedRune(r rune) {
	c.Entry.TypedRune(r)
	c.offer()
}

// offer opens the list after typing if there is something to choose.
func (c *Completion) offer() {
	if c.Open() || c.Text == "" {
		return
	}
	found := matches(c.options, c.Text)
	if len(found) > 0 && (len(found) > 1 || found[0] != c.Text) {
		c.suggest(found)
	}
}

// TypedKey opens on Down and leaves the rest to the entry.
func (c *Completion) TypedKey(k *fyne.KeyEvent) {
	if k.Name == fyne.KeyDown && !c.Open() {
		c.ShowAll()
		return
	}
	c.Entry.TypedKey(k)
	if k.Name == fyne.KeyBackspace || k.Name == fyne.KeyDelete {
		c.offer()
	}
}
