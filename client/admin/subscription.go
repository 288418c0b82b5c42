package admin

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/remoting"
)

// checkBody is CheckClientRequestBody.java.
type checkBody struct {
	ClientID         string `json:"clientId"`
	Group            string `json:"group"`
	Namespace        string `json:"namespace"`
	SubscriptionData struct {
		ClassFilterMode bool     `json:"classFilterMode"`
		Topic           string   `json:"topic"`
		SubString       string   `json:"subString"`
		TagsSet         []string `json:"tagsSet"`
		CodeSet         []int32  `json:"codeSet"`
		SubVersion      int64    `json:"subVersion"`
		ExpressionType  string   `json:"expressionType"`
	} `json:"subscriptionData"`
}

// CheckSubscription lets every broker of the route that answers parse the expression, which a
// client would otherwise learn from its pulls only. fault.BadExpression and
// fault.FilterNotSupported say what is wrong; the *fault.Answer holds the
// parser's words. Nil may also mean that the endpoint does not check. Brokers
// check SQL92 only and pass every tag expression, and 5.5.0's parser ignores
// what follows a complete expression: "a (" passes as "a"
// (ClientManageProcessor.java, checkClientConfig).
func (c *Client) CheckSubscription(ctx context.Context, r cluster.Route, s cluster.Selection) error {
	b := checkBody{ClientID: "gantry@check", Group: s.Group}
	d := &b.SubscriptionData
	d.Topic, d.SubString, d.SubVersion = s.Topic, s.Expression, time.Now().UnixMilli()
	d.TagsSet, d.CodeSet = []string{}, []int32{} // Java sets, never null
	d.ExpressionType = s.Kind()
	body, err := json.Marshal(b)
	if err != nil {
		return fmt.Errorf("check the subscription of %s: %w", s.Topic, err)
	}
	var mu sync.Mutex
	var refusal error
	_, err = c.ofBrokers(ctx, r.Brokers, func(ctx context.Context, _ cluster.Broker, addr string) error {
		_, err := c.ask(ctx, addr, &remoting.Command{Code: remoting.CheckClientConfig, Body: body})
		if err == nil || errors.Is(err, fault.NotOffered) {
			return nil
		}
		if answered(err) {
			mu.Lock()
			defer mu.Unlock()
			refusal = cmp.Or(refusal, err)
			return nil
		}
		return err
	})
	if err = cmp.Or(refusal, err); err != nil {
		return fmt.Errorf("check the subscription of %s: %w", s.Topic, err)
	}
	return nil
}
