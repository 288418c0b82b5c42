package admin

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/remoting"
)

func routeRequest(topic string) *remoting.Command {
	return &remoting.Command{
		Code:      remoting.RouteByTopic,
		ExtFields: map[string]string{"topic": topic, "acceptStandardJsonOnly": "true"},
	}
}

// Route asks the name servers where topic lies. fault.TopicNotFound where they know
// none (MQClientAPIImpl.java, getTopicRouteInfoFromNameServer), fault.NoBrokers where
// that is because they know no broker at all.
func (c *Client) Route(ctx context.Context, topic string) (cluster.Route, error) {
	var r cluster.Route
	err := c.askNameServers(ctx, routeRequest(topic), cluster.MostRoute, func(body []byte) (err error) {
		r, err = decodeRoute(body)
		return err
	})
	if errors.Is(err, fault.TopicNotFound) {
		if all, clusterErr := c.Cluster(ctx); clusterErr == nil && len(all.Brokers) == 0 {
			err = fault.NoBrokers
		}
	}
	if err != nil {
		return cluster.Route{}, fmt.Errorf("route of %s: %w", topic, err)
	}
	return r, nil
}

// decodeRoute reads a route that can be believed, see cluster.Route.Verify.
func decodeRoute(body []byte) (r cluster.Route, err error) {
	if err := decode(body, &r); err != nil {
		return r, err
	}
	return r, r.Verify()
}

// Cluster is what the name servers know of brokers (ClusterInfo.java).
type Cluster struct {
	// Brokers are sorted by name.
	Brokers []cluster.Broker
	// Clusters holds the brokers' names by cluster.
	Clusters map[string][]string
}

// Masters returns the address of every master, sorted.
func (c Cluster) Masters() []string { return cluster.Masters(c.Brokers) }

// Cluster asks the name servers for all brokers. fault.NotOffered at a proxy.
func (c *Client) Cluster(ctx context.Context) (Cluster, error) {
	var body struct {
		BrokerAddrTable  map[string]cluster.Broker
		ClusterAddrTable map[string][]string
	}
	err := c.askNameServers(ctx, &remoting.Command{Code: remoting.ClusterInfo}, cluster.MostRoute, func(b []byte) error { return decode(b, &body) })
	if err != nil {
		return Cluster{}, fmt.Errorf("cluster: %w", err)
	}
	cl := Cluster{Clusters: body.ClusterAddrTable}
	for _, name := range slices.Sorted(maps.Keys(body.BrokerAddrTable)) {
		b := body.BrokerAddrTable[name]
		b.Name = cmp.Or(b.Name, name)
		cl.Brokers = append(cl.Brokers, b)
	}
	if err := (cluster.Route{Brokers: cl.Brokers}).Verify(); err != nil {
		return Cluster{}, fmt.Errorf("cluster: %w", err)
	}
	return cl, nil
}

// SendRoute is where a message to a topic goes: one that does not exist is made where
// TBW102 is.
func (c *Client) SendRoute(ctx context.Context, topic string) (cluster.Route, error) {
	r, err := c.Route(ctx, topic)
	if errors.Is(err, fault.TopicNotFound) {
		return c.Route(ctx, probeTopic)
	}
	return r, err
}

// CreatesTopics tells whether sending to a topic that does not exist creates it:
// TBW102 exists, may be inherited and written (TopicConfigManager.java,
// createTopicInSendMessageMethod).
func (c *Client) CreatesTopics(ctx context.Context) (bool, error) {
	r, err := c.Route(ctx, probeTopic)
	if errors.Is(err, fault.TopicNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(r.Queues, func(d cluster.QueueData) bool {
		return d.Perm&cluster.PermInherit != 0 && d.Perm&cluster.PermWrite != 0
	}), nil
}
