package words

import (
	"fyne.io/fyne/v2/lang"

	"gantry/client/outbox"
	"gantry/client/session"
	"gantry/gui/widgets"
)

// ListsGone says which lists were deleted by themselves, "" for none.
func ListsGone(gone []session.Leftover) string {
	production := 0
	for _, l := range gone {
		if l.Production {
			production++
		}
	}
	text := ""
	if n := len(gone) - production; n > 0 {
		text = lang.N("{{.Count}} lists that nobody kept or opened for 7 days were deleted.", n, map[string]any{"Count": widgets.Count(n)})
	}
	if production > 0 {
		text = Sentences(text, lang.N("{{.Count}} lists of production that nobody kept were deleted after 7 days.", production, map[string]any{"Count": widgets.Count(production)}))
	}
	return text
}

// SentGone says what of the history was deleted by itself, "" for nothing.
func SentGone(gone outbox.Pruned) string {
	text := ""
	if gone.Expired > 0 {
		text = lang.L("What was sent to production more than 7 days ago was deleted from the history.")
	}
	if gone.Runs > 0 {
		text = Sentences(text, lang.N("{{.Count}} old runs were deleted from the history, which had reached 4 GB.", gone.Runs, map[string]any{"Count": widgets.Count(gone.Runs)}))
	}
	return text
}
