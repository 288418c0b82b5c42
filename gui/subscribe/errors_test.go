package subscribe

import (
	"fmt"
	"testing"

	"gantry/client/fault"
	"gantry/client/message"
)

// TestErrorsAt: an error stands at its field by what it is, whatever its words are.
func TestErrorsAt(t *testing.T) {
	for _, c := range []struct {
		err                  error
		topic, filter, group bool
	}{
		{fmt.Errorf("group: %w", message.CheckTopic("bad name")), true, false, false},
		{fmt.Errorf("%w: %w", message.ErrGroupName, message.CheckGroup("bad name")), false, false, true},
		{fmt.Errorf("what it said: %w", fault.TopicNotFound), true, false, false},
		{fault.GroupInUse, false, false, true},
		{fault.BadExpression, false, true, false},
		{fault.ReadOnly, false, false, false},
	} {
		e := errorsAt(c.err)
		if e.topic != "" != c.topic || e.filter != "" != c.filter || e.group != "" != c.group {
			t.Errorf("%v stands at %+v", c.err, e)
		}
	}
}
