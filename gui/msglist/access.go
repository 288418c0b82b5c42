package msglist

import (
	"strings"

	"fyne.io/fyne/v2"
)

var _ fyne.Accessible = (*rowView)(nil)

// AccessibilityRole is that of a text.
func (v *rowView) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// AccessibilityLabel is what stands in the columns.
func (v *rowView) AccessibilityLabel() string {
	if v.row == nil {
		return ""
	}
	return strings.Join(strings.Fields(strings.Join([]string{v.row.Time, v.row.Topic, v.row.Tag, v.row.Key + v.row.More, v.row.Queue, v.row.Size, v.row.Body}, " ")), " ")
}
