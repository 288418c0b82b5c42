package admin

import (
	"context"
	"fmt"
	"strings"

	"gantry/client/fault"
	"gantry/client/message"
	"gantry/client/remoting"
)

// Recall has the broker at addr, whose name the handle holds, take a message back that waits
// for its time, see message.RecallHandle (code 370, RecallMessageProcessor.java; since 5.3). It
// puts a mark for it among its timers: that the message did not come shows only when it was
// due. fault.RecallOff where its recallMessageEnable is off, as it is unless somebody switched
// it on; fault.TooLate; fault.NotOffered by older ones.
func (c *Client) Recall(ctx context.Context, addr, broker, group, topic, handle string) error {
	_, err := c.ask(ctx, addr, &remoting.Command{Code: remoting.RecallMessage, ExtFields: map[string]string{
		"producerGroup": group, "topic": topic, "recallHandle": handle, "bname": broker,
	}})
	if err != nil {
		return fmt.Errorf("take back a message of %s: %w", topic, err)
	}
	return nil
}

// WaitingTimer reads the message with that id that waits for its time at the broker at addr,
// where its receipt's offset id says. fault.NotFound where another lies there, or none;
// fault.NotTimed where it waits in a delay level.
func (c *Client) WaitingTimer(ctx context.Context, addr, broker, topic, id, offsetID string) (*message.Message, error) {
	at, ok := ParseOffsetID(offsetID)
	if !ok {
		return nil, fmt.Errorf("message id %s: %w", offsetID, fault.NotFound)
	}
	f, err := c.viewAt(ctx, broker, addr, topic, at.Offset)
	switch {
	case err != nil:
		return nil, err
	case !strings.EqualFold(f.ID(), id):
		return nil, fmt.Errorf("message id %s: %w", id, fault.NotFound)
	}
	if _, ok := f.TimerDue(); !ok {
		return nil, fmt.Errorf("message id %s in %s: %w", id, f.Topic, fault.NotTimed)
	}
	return f.Message, nil
}
