package words

import (
	"errors"

	"fyne.io/fyne/v2/lang"

	"gantry/client/fault"
	"gantry/client/filter"
)

// Filter says why a filter cannot be read, and how it is written.
func Filter(err error) string { return fault.Cut(whyNot(err), fault.MostWords) }

func whyNot(err error) string {
	if errors.Is(err, filter.ErrUnfinished) {
		return lang.L("Something must follow at the end of the filter.")
	}
	var wrong *filter.WrongError
	if !errors.As(err, &wrong) {
		return err.Error()
	}
	term := map[string]any{"Term": wrong.Term, "Detail": wrong.Detail}
	switch wrong.Why {
	case filter.NoSize:
		return lang.L("“{{.Term}}” is no size: write size>10k or size<1M", term)
	case filter.NoNumber:
		return lang.L("“{{.Term}}” needs a number", term)
	case filter.NoTime:
		return lang.L("“{{.Term}}” is no time: write 14:05, 15m or \"2026-11-30 14:00\"", term)
	case filter.NoPattern:
		return lang.L("“{{.Term}}” is no regular expression: {{.Detail}}", term)
	case filter.NoJq:
		return lang.L("“{{.Term}}” is no jq: {{.Detail}}", term)
	}
	return lang.L("The filter is too long")
}
