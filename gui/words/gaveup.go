package words

import (
	"errors"

	"fyne.io/fyne/v2/lang"

	"gantry/client/fault"
	"gantry/gui/widgets"
)

// GaveUp says of how many messages it is not known whether they fit, and why of the first; ""
// where there are none.
func GaveUp(g fault.GaveUp) string {
	if g.Count <= 0 {
		return ""
	}
	return lang.N("jq gave up at {{.Count}} messages, first in queue {{.Queue}} at offset {{.Offset}}: {{.Why}}.", int(g.Count), map[string]any{
		"Count": widgets.Count(uint64(g.Count)), "Queue": g.Queue, "Offset": g.Offset, "Why": whyGaveUp(g),
	})
}

// GaveUpCount is how many those are, where there is room for no more.
func GaveUpCount(g fault.GaveUp) string {
	return lang.L("jq gave up at {{.Count}}", map[string]any{"Count": widgets.Count(uint64(max(g.Count, 0)))})
}

// GaveUpShort is GaveUp where the messages have no place.
func GaveUpShort(g fault.GaveUp) string {
	if g.Count <= 0 {
		return ""
	}
	return lang.L("jq gave up at {{.Count}}: {{.Why}}", map[string]any{"Count": widgets.Count(uint64(g.Count)), "Why": whyGaveUp(g)})
}

func whyGaveUp(g fault.GaveUp) string {
	switch {
	case g.Code == fault.JqFailed:
		return g.Said
	case g.Code == fault.JqSlow:
		return lang.L("it took too long")
	case g.Code == fault.JqStopped:
		return lang.L("it had to be ended too often")
	case g.Code == fault.TooLarge:
		return lang.L("the body is too large")
	case errors.Is(g.Code, fault.WorkerDied):
		return lang.L("it took too much memory")
	}
	return lang.L("it could not be started")
}
