package send

import (
	"cmp"
	"strings"

	"fyne.io/fyne/v2/lang"

	"gantry/client/outbox"
	"gantry/gui/widgets"
)

// ShowRun shows a run that was begun elsewhere.
func (s *Screen) ShowRun(r *outbox.Run) {
	if !s.closed {
		s.sent.showRun(r)
	}
}

// targets names where a run goes, as plan.Targets has it, for people.
func (s *Screen) targets(names string) string {
	if n := strings.Count(names, ", ") + 1; n > 1 {
		return lang.N("{{.Count}} topics", n, map[string]any{"Count": widgets.Count(n)})
	}
	return s.p.Profile.ShortName(names)
}

// Group is the producer group as which the form sends.
func (s *Screen) Group() string {
	return cmp.Or(strings.TrimSpace(s.form.group.Text), defaultGroup)
}
