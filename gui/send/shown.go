package send

import (
	"cmp"
	"strings"

	"gantry/client/outbox"
)

// ShowRun shows a run that was begun elsewhere.
func (s *Screen) ShowRun(r *outbox.Run) {
	if !s.closed {
		s.sent.showRun(r)
	}
}

// Group is the producer group as which the form sends.
func (s *Screen) Group() string {
	return cmp.Or(strings.TrimSpace(s.form.group.Text), defaultGroup)
}
