package widgets

import (
	"cmp"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/lang"
)

// What a screen reader is told. Fyne has four roles, so a control of another kind takes
// the nearest and says its state in the label. It asks what stands in containers; what
// is within a widget it does not reach, so a Field speaks for its control.
var (
	_ fyne.Accessible = (*Button)(nil)
	_ fyne.Accessible = (*IconButton)(nil)
	_ fyne.Accessible = (*Check)(nil)
	_ fyne.Accessible = (*Select)(nil)
	_ fyne.Accessible = (*Entry)(nil)
	_ fyne.Accessible = (*Field)(nil)
	_ fyne.Accessible = (*Segments)(nil)
	_ fyne.Accessible = (*Tabs)(nil)
	_ fyne.Accessible = (*SubChip)(nil)
	_ fyne.Accessible = (*ProfileRow)(nil)
	_ fyne.Accessible = (*Suggestions)(nil)
	_ fyne.Accessible = (*List)(nil)
	_ fyne.Accessible = (*CellRow)(nil)
	_ fyne.Accessible = (*Word)(nil)
	_ fyne.Accessible = (*Chip)(nil)
	_ fyne.Accessible = (*Banner)(nil)
	_ fyne.Accessible = (*Facts)(nil)
)

// spoken joins what is not empty.
func spoken(parts ...string) string {
	var said []string
	for _, p := range parts {
		if p != "" {
			said = append(said, p)
		}
	}
	return strings.Join(said, lang.L(", "))
}

// ifSo is a word for what is true.
func ifSo(so bool, word string) string {
	if so {
		return word
	}
	return ""
}

// disabledWord says that a control cannot be used now.
func disabledWord(disabled bool) string { return ifSo(disabled, lang.L("disabled")) }

// oneOf says which of several is chosen.
func oneOf(i, n int) string {
	if i < 0 || i >= n {
		return lang.L("none chosen")
	}
	return lang.L("{{.At}} of {{.All}}", map[string]any{"At": Count(i + 1), "All": Count(n)})
}

// AccessibilityRole is that of a button, for all that is pressed.
func (t *touch) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleButton }

// AccessibilityLabel is the label, and whether it can be pressed.
func (b *Button) AccessibilityLabel() string { return spoken(b.label, disabledWord(b.disabled)) }

// AccessibilityLabel is the tooltip, and whether it can be pressed.
func (b *IconButton) AccessibilityLabel() string {
	return spoken(cmp.Or(b.name, b.ToolTip()), disabledWord(b.disabled))
}

// AccessibilityRole is that of a button.
func (c *Check) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleButton }

// AccessibilityLabel is the label, and whether it is checked.
func (c *Check) AccessibilityLabel() string {
	state := lang.L("not checked")
	if c.Checked {
		state = lang.L("checked")
	}
	return spoken(c.Text, state, disabledWord(c.Disabled()))
}

// AccessibilityRole is that of a button, which opens the choices.
func (s *Select) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleButton }

// AccessibilityLabel is what is chosen.
func (s *Select) AccessibilityLabel() string {
	return spoken(s.Selected, oneOf(s.SelectedIndex(), len(s.Options)), disabledWord(s.Disabled()))
}

// AccessibilityRole is that of a text.
func (e *Entry) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// entrySpoken is how much of a long text is spoken, in characters.
const entrySpoken = 200

// AccessibilityLabel is what is typed, or what could be; never a password.
func (e *Entry) AccessibilityLabel() string {
	text := []rune(e.Text)
	switch {
	case len(text) == 0:
		return spoken(lang.L("empty"), e.hint, disabledWord(e.Disabled()))
	case e.Password:
		return spoken(lang.L("hidden text"), disabledWord(e.Disabled()))
	case len(text) > entrySpoken:
		text = append(text[:entrySpoken:entrySpoken], '…')
	}
	return spoken(string(text), disabledWord(e.Disabled()))
}

// AccessibilityRole is that of its control.
func (f *Field) AccessibilityRole() fyne.AccessibleRole {
	if a, ok := f.control.(fyne.Accessible); ok {
		return a.AccessibilityRole()
	}
	return fyne.AccessibleRoleContainer
}

// AccessibilityLabel is the caption, what its control says, and what stands below.
func (f *Field) AccessibilityLabel() string {
	control := ""
	if a, ok := f.control.(fyne.Accessible); ok && a.AccessibilityRole() != fyne.AccessibleRoleContainer {
		control = a.AccessibilityLabel()
	}
	below := f.failed
	if below == "" {
		below = f.hint
	}
	return spoken(strings.TrimSpace(f.caption), control, below)
}

// AccessibilityLabel is the chosen segment, and how many there are.
func (s *Segments) AccessibilityLabel() string {
	text := ""
	if s.chosen >= 0 && s.chosen < len(s.segments) {
		text = s.segments[s.chosen].Text
	}
	return spoken(text, oneOf(s.chosen, len(s.segments)), disabledWord(s.disabled))
}

// AccessibilityLabel is the chosen tab with its badge, and how many there are.
func (t *Tabs) AccessibilityLabel() string {
	tab := Tab{}
	if t.chosen >= 0 && t.chosen < len(t.tabs) {
		tab = t.tabs[t.chosen]
	}
	return spoken(tab.Text, tab.Badge, lang.L("tab"), oneOf(t.chosen, len(t.tabs)))
}

// AccessibilityLabel is name, state and rate.
func (c *SubChip) AccessibilityLabel() string {
	state := map[SubState]string{
		SubReceiving: lang.L("receiving"), SubPaused: lang.L("paused"), SubStopped: lang.L("stopped"), SubFailed: lang.L("failed"),
	}[c.state]
	rate := c.rate
	if rate == state {
		rate = ""
	}
	return spoken(c.name, state, rate, ifSo(c.chosen, lang.L("chosen")))
}

// AccessibilityLabel is name, environment, state, how it does, and address.
func (r *ProfileRow) AccessibilityLabel() string {
	v := r.view
	state := v.Problem
	if state == "" {
		state = map[DotState]string{
			DotOn: lang.L("connected"), DotOff: lang.L("not connected"), DotBusy: lang.L("connecting"), DotWarn: lang.L("connected in part"), DotError: lang.L("failed"),
		}[v.Dot]
	}
	return spoken(v.Name, v.EnvWord, state, v.Doing[0], strings.TrimSpace(v.Address+" "+v.More), ifSo(v.Chosen, lang.L("chosen")))
}

// AccessibilityLabel is the marked suggestion, and how many there are.
func (s *Suggestions) AccessibilityLabel() string {
	text := ""
	if s.marked >= 0 && s.marked < len(s.items) {
		text = spoken(s.items[s.marked].Text, s.items[s.marked].About)
	}
	return spoken(text, oneOf(s.marked, len(s.items)))
}

// AccessibilityRole is that of a container of rows.
func (l *List) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleContainer }

// AccessibilityLabel is how many rows there are, and which is selected.
func (l *List) AccessibilityLabel() string {
	n := l.rows()
	return spoken(lang.N("{{.Count}} rows", n, map[string]any{"Count": Count(uint64(n))}), oneOf(l.selected, n))
}

// AccessibilityRole is that of a text.
func (r *CellRow) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// AccessibilityLabel is what stands in the columns.
func (r *CellRow) AccessibilityLabel() string {
	var cells []string
	for _, c := range r.cells {
		cells = append(cells, c.Text)
	}
	return spoken(cells...)
}

// AccessibilityRole is that of a text.
func (w *Word) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// AccessibilityLabel is the text.
func (w *Word) AccessibilityLabel() string { return w.words }

// AccessibilityRole is that of a text.
func (c *Chip) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// AccessibilityLabel is the word.
func (c *Chip) AccessibilityLabel() string { return c.word }

// AccessibilityRole is that of a text.
func (b *Banner) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// AccessibilityLabel is the sentence.
func (b *Banner) AccessibilityLabel() string { return b.words.Text() }

// AccessibilityRole is that of a text.
func (f *Facts) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// AccessibilityLabel is every label with its value.
func (f *Facts) AccessibilityLabel() string {
	var all []string
	for _, x := range f.facts {
		all = append(all, strings.TrimSpace(x.Label+" "+x.Value))
	}
	return spoken(all...)
}
