package admin

import (
	"errors"
	"fmt"

	"gantry/client/fault"
	"gantry/client/remoting"
)

// classify adds the fault that an answer stands for, to each of several servers'
// reasons. Errors without an answer and answers that stand for none come back as they
// are.
func (c *Client) classify(err error) error {
	if all, ok := err.(remoting.Reasons); ok {
		each := make(remoting.Reasons, len(all))
		for i, reason := range all {
			each[i] = c.classify(reason)
		}
		return each
	}
	var said *fault.Answer
	if !errors.As(err, &said) {
		return err
	}
	if code := said.Means(); code != fault.Unknown {
		return fault.SignedAs(fmt.Errorf("%w: %w", code, err), c.account)
	}
	return err
}
