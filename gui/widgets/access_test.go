package widgets

import (
	"testing"

	"fyne.io/fyne/v2"

	"gantry/gui/theme"
)

// TestAccessible: each control says what it is and how it stands.
func TestAccessible(t *testing.T) {
	stage(t, NewWord("", theme.Text))
	off := NewButton("Send", nil, Primary, nil)
	off.Disable()
	check := NewCheck("TLS")
	check.SetChecked(true)
	choice := NewSelect("Tags", "SQL92")
	choice.SetSelectedIndex(1)
	segments := NewSegments(nil, "JSON", "Text", "Hex")
	segments.Set(2)
	tabs := NewTabs(nil, "Send", "Subscribe")
	tabs.SetBadge(1, "3")
	tabs.Select(1)
	chip := NewSubChip("", nil, nil)
	chip.Set("orders", "", "12/s", SubReceiving, true)
	paused := NewSubChip("", nil, nil)
	paused.Set("orders", "", "paused", SubPaused, false)
	topic := NewEntry()
	topic.SetText("orders")
	password := NewPasswordEntry()
	password.SetText("secret")
	hint := NewEntry()
	hint.SetPlaceHolder("topic name")
	wrong := NewField("Topic", topic)
	wrong.SetError("Enter a topic.")
	list := NewList(RowHeight, func() int { return 1204 }, func() fyne.CanvasObject { return NewCellRow(false) }, func(int, fyne.CanvasObject) {})
	list.SetSelected(2)
	row := NewCellRow(false)
	row.Set([]Column{{}, {}, {}}, []Item{{Text: "a/0"}, {}, {Text: "12"}}, theme.None)
	const button, text, box = fyne.AccessibleRoleButton, fyne.AccessibleRoleText, fyne.AccessibleRoleContainer
	for _, c := range []struct {
		o     fyne.Accessible
		role  fyne.AccessibleRole
		label string
	}{
		{NewButton("Send", nil, Primary, nil), button, "Send"},
		{off, button, "Send, disabled"},
		{NewIconButton(nil, "Settings (Ctrl+,)", nil), button, "Settings (Ctrl+,)"},
		{check, button, "TLS, checked"},
		{NewCheck("TLS"), button, "TLS, not checked"},
		{choice, button, "SQL92, 2 of 2"},
		{segments, button, "Hex, 3 of 3"},
		{tabs, button, "Subscribe, 3, tab, 2 of 2"},
		{chip, button, "orders, receiving, 12/s, chosen"},
		{paused, button, "orders, paused"},
		{NewProfileRow(ProfileView{Name: "prod", EnvWord: "PROD", Address: "a:1", More: "+1", Dot: DotOn, Chosen: true}, nil), button, "prod, PROD, connected, a:1 +1, chosen"},
		{NewProfileRow(ProfileView{Name: "prod", Problem: "No broker answers", Dot: DotError}, nil), button, "prod, No broker answers"},
		{NewProfileRow(ProfileView{Name: "prod", Doing: [3]string{"2 brokers"}, Address: "a:1", Dot: DotOn}, nil), button, "prod, connected, 2 brokers, a:1"},
		{topic, text, "orders"},
		{hint, text, "empty, topic name"},
		{password, text, "hidden text"},
		{wrong, text, "Topic, orders, Enter a topic."},
		{NewField("Filter by", choice), button, "Filter by, SQL92, 2 of 2"},
		{list, box, "1,204 rows, 3 of 1,204"},
		{row, text, "a/0, 12"},
		{NewWord("Sent", theme.Text), text, "Sent"},
		{NewChip("DEV"), text, "DEV"},
		{NewBanner(true, "It failed."), text, "It failed."},
		{NewFacts(Fact{Label: "Queue", Value: "a · 0"}, Fact{Label: "Size", Value: "4 B"}), text, "Queue a · 0, Size 4 B"},
	} {
		if role, label := c.o.AccessibilityRole(), c.o.AccessibilityLabel(); role != c.role || label != c.label {
			t.Errorf("%T: %s %q, want %s %q", c.o, role, label, c.role, c.label)
		}
	}
}
