package problem

import (
	"errors"

	"fyne.io/fyne/v2/lang"

	"gantry/client/jsonpath"
	"gantry/client/mask"
	"gantry/client/outbox/change"
)

// changes explains what is wrong with changes for all, or why one does not fit a message.
func changes(err error) (Problem, bool) {
	for code, what := range map[error]string{
		jsonpath.BadPath:    lang.L("That is no path, as .order.items[0].price."),
		jsonpath.NotJSON:    lang.L("The body is no JSON."),
		jsonpath.NotThrough: lang.L("The path leads through another kind of value."),
		jsonpath.Absent:     lang.L("The path is not there."),
		jsonpath.BadValue:   lang.L("The value is no JSON."),
		mask.Unseen:         lang.L("The body is no text: masks do not see into it."),
		mask.BadName:        lang.L("That is no name of a property."),
		mask.TooMany:        lang.L("There are too many masks."),
		change.TooMany:      lang.L("There are too many changes, or they are too long."),
		change.NoName:       lang.L("Name a user property."),
		change.NoValue:      lang.L("Enter a value, or remove it."),
	} {
		if errors.Is(err, code) {
			return Problem{What: what}, true
		}
	}
	return Problem{}, false
}
