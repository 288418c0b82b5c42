package admin

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/remoting"
)

// directBudget bounds Direct: brokers wait 10 s for the member (Broker2Client.java,
// callClient).
const directBudget = 12 * time.Second

// Direct has one member of a group consume the message with that offset id, through the broker
// at addr, which stores it (code 309, AdminBrokerProcessor.java, consumeMessageDirectly). The
// member's business code runs; the group's position stays as it is, and nothing comes again
// whatever it answers. fault.GroupOffline where it is not connected there, fault.Timeout where
// it has no verdict in time: its code may still be running then.
func (c *Client) Direct(ctx context.Context, addr, group, member, topic, offsetID string) (cluster.Verdict, error) {
	ctx, cancel := context.WithTimeout(ctx, directBudget)
	defer cancel()
	var v cluster.Verdict
	err := c.read(ctx, addr, &remoting.Command{Code: remoting.ConsumeDirectly, ExtFields: map[string]string{
		"consumerGroup": group, "clientId": member, "msgId": offsetID, "topic": topic,
	}}, mostRunning, func(resp *remoting.Command) (err error) {
		v, err = decodeVerdict(resp.Body)
		return err
	})
	if err != nil {
		return cluster.Verdict{}, fmt.Errorf("consume %s on %s of %s: %w", offsetID, member, group, err)
	}
	return v, nil
}

// decodeVerdict reads what a member answers (ConsumeMessageDirectlyResult.java): Java names
// the verdict, client-go numbers it.
func decodeVerdict(body []byte) (cluster.Verdict, error) {
	var got struct {
		Order          bool
		ConsumeResult  json.RawMessage
		Remark         string
		SpentTimeMills int64
	}
	if err := decode(body, &got); err != nil {
		return cluster.Verdict{}, err
	}
	word := strings.Trim(string(got.ConsumeResult), `"`)
	is := cluster.VerdictKind(word)
	if n, err := strconv.Atoi(word); err == nil {
		all := cluster.VerdictKinds() // in the order of CMResult.java, which client-go counts
		if n < 0 || n >= len(all) {
			return cluster.Verdict{}, fmt.Errorf("%w: verdict %d", fault.BadAnswer, n)
		}
		is = all[n]
	}
	if is == "" || is == "null" {
		return cluster.Verdict{}, fmt.Errorf("%w: no verdict", fault.BadAnswer)
	}
	return cluster.Verdict{Is: is, Ordered: got.Order, Remark: got.Remark, Took: time.Duration(max(got.SpentTimeMills, 0)) * time.Millisecond}, nil
}
