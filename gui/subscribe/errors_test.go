package subscribe

import (
	"fmt"
	"testing"

	"gantry/client"
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
		{fmt.Errorf("what it said: %w", client.ErrTopicNotFound), true, false, false},
		{client.ErrGroupInUse, false, false, true},
		{client.ErrBadExpression, false, true, false},
		{client.ErrReadOnly, false, false, false},
	} {
		e := errorsAt(c.err)
		if e.topic != "" != c.topic || e.filter != "" != c.filter || e.group != "" != c.group {
			t.Errorf("%v stands at %+v", c.err, e)
		}
	}
}
