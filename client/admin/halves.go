package admin

import (
	"context"
	"fmt"

	"gantry/client/remoting"
)

// ResumeHalf has the broker at addr ask after a half message again that it has given up, as
// often as after a new one: it stores it anew among those that wait (code 323,
// AdminBrokerProcessor.java, resumeCheckHalfMessage). The message is named by its offset id in
// the topic of those given up. A broker does this as often as it is told, and asks after each.
func (c *Client) ResumeHalf(ctx context.Context, addr, topic, offsetID string) error {
	_, err := c.ask(ctx, addr, &remoting.Command{Code: remoting.ResumeCheckHalf, ExtFields: map[string]string{"topic": topic, "msgId": offsetID}})
	if err != nil {
		return fmt.Errorf("put %s back to checking: %w", offsetID, err)
	}
	return nil
}
