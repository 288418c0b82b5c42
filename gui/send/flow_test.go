package send

import (
	"strings"
	"testing"

	"gantry/client/fault"
	"gantry/client/message"
)

// TestA8TopicThatMayNotBeWritten says so at the topic.
func TestA8TopicThatMayNotBeWritten(t *testing.T) {
	s := newRig(t, func(s *rig) {
		s.cluster.answer = func(int, *message.Draft) (message.Receipt, error) {
			return message.Receipt{}, fault.NotWritable
		}
	})
	s.screen.Primary()
	s.Until(t, "the answer", func() bool { return s.screen.form.topicField.Error() != "" })
	if got := s.screen.form.topicField.Error(); !strings.Contains(got, "may not be written") {
		t.Errorf("at the topic: %q", got)
	}
}
