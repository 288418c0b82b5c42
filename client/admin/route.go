package admin

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"gantry/client/fault"
	"gantry/client/remoting"
)

// Bits of QueueData.Perm (PermName.java).
const (
	PermInherit = 1 << 0
	PermWrite   = 1 << 1
	PermRead    = 1 << 2
)

// masterID is the broker id of a master (MixAll.java).
const masterID = 0

// Queue names one message queue of a topic. It is comparable.
type Queue struct {
	Broker string
	ID     int
}

// String is broker/id, as in broker-a/3.
func (q Queue) String() string { return fmt.Sprintf("%s/%d", q.Broker, q.ID) }

// QueueData says how many queues of the topic a broker has (QueueData.java).
type QueueData struct {
	Broker string `json:"brokerName"`
	Read   int    `json:"readQueueNums"`
	Write  int    `json:"writeQueueNums"`
	// Perm holds Perm bits.
	Perm int `json:"perm"`
}

// Broker is a broker and its replicas' addresses by broker id (BrokerData.java).
type Broker struct {
	Name    string           `json:"brokerName"`
	Cluster string           `json:"cluster"`
	Addrs   map[int64]string `json:"brokerAddrs"`
}

// Master returns the address that takes orders; a broker whose master is down
// has none.
func (b Broker) Master() (addr string, ok bool) {
	addr, ok = b.Addrs[masterID]
	return addr, ok && addr != ""
}

// Reader returns an address that answers questions: the master's, else that of
// the replica with the least id (BrokerData.java, selectBrokerAddr).
func (b Broker) Reader() (addr string, ok bool) {
	if addr, ok := b.Master(); ok {
		return addr, true
	}
	for _, id := range slices.Sorted(maps.Keys(b.Addrs)) {
		if addr := b.Addrs[id]; addr != "" {
			return addr, true
		}
	}
	return "", false
}

// Route says where a topic lies (TopicRouteData.java). It is a value of its own:
// changing it changes nothing in the Client.
type Route struct {
	Queues  []QueueData `json:"queueDatas"`
	Brokers []Broker    `json:"brokerDatas"`
}

// Master returns the address of that broker's master.
func (r Route) Master(broker string) (addr string, ok bool) {
	for _, b := range r.Brokers {
		if b.Name == broker {
			return b.Master()
		}
	}
	return "", false
}

// Check tells whether the route leads somewhere: fault.NoBroker where it has no
// queue, or one of a broker without an address.
func (r Route) Check() error {
	if len(r.Queues) == 0 {
		return fault.NoBroker
	}
	for _, q := range r.Queues {
		if !slices.ContainsFunc(r.Brokers, func(b Broker) bool { return b.Name == q.Broker && len(b.Addrs) > 0 }) {
			return fmt.Errorf("%s: %w", q.Broker, fault.NoBroker)
		}
	}
	return nil
}

// Masters returns the address of every master, sorted.
func (r Route) Masters() []string { return masters(r.Brokers) }

// ReadQueues lists the queues that may be read, by broker and number.
func (r Route) ReadQueues() []Queue {
	return r.queues(PermRead, func(d QueueData) int { return d.Read })
}

// WriteQueues lists the queues that may be written, by broker and number.
func (r Route) WriteQueues() []Queue {
	return r.queues(PermWrite, func(d QueueData) int { return d.Write })
}

// maxQueues bounds the queues of a route that are believed; an answer is not to
// make us allocate without end.
const maxQueues = 1 << 16

func (r Route) queues(perm int, count func(QueueData) int) []Queue {
	var all []Queue
	for _, d := range r.Queues {
		if d.Perm&perm == 0 {
			continue
		}
		for id := range min(count(d), maxQueues-len(all)) {
			all = append(all, Queue{d.Broker, id})
		}
	}
	slices.SortFunc(all, func(a, b Queue) int {
		return cmp.Or(cmp.Compare(a.Broker, b.Broker), cmp.Compare(a.ID, b.ID))
	})
	return all
}

func masters(brokers []Broker) []string {
	var addrs []string
	for _, b := range brokers {
		if addr, ok := b.Master(); ok {
			addrs = append(addrs, addr)
		}
	}
	slices.Sort(addrs)
	return slices.Compact(addrs)
}

func routeRequest(topic string) *remoting.Command {
	return &remoting.Command{
		Code:      remoting.RouteByTopic,
		ExtFields: map[string]string{"topic": topic, "acceptStandardJsonOnly": "true"},
	}
}

// Route asks the name servers where topic lies. fault.TopicNotFound where they know
// none (MQClientAPIImpl.java, getTopicRouteInfoFromNameServer), fault.NoBrokers where
// that is because they know no broker at all.
func (c *Client) Route(ctx context.Context, topic string) (Route, error) {
	resp, err := c.askNameServers(ctx, routeRequest(topic))
	if errors.Is(err, fault.TopicNotFound) {
		if all, clusterErr := c.Cluster(ctx); clusterErr == nil && len(all.Brokers) == 0 {
			err = fault.NoBrokers
		}
	}
	if err != nil {
		return Route{}, fmt.Errorf("route of %s: %w", topic, err)
	}
	var r Route
	if err := remoting.DecodeBody(resp.Body, &r); err != nil {
		return Route{}, fmt.Errorf("route of %s: %w", topic, err)
	}
	return r, nil
}

// Cluster is what the name servers know of brokers (ClusterInfo.java).
type Cluster struct {
	// Brokers are sorted by name.
	Brokers []Broker
	// Clusters holds the brokers' names by cluster.
	Clusters map[string][]string
}

// Masters returns the address of every master, sorted.
func (c Cluster) Masters() []string { return masters(c.Brokers) }

// Cluster asks the name servers for all brokers. fault.NotOffered at a proxy.
func (c *Client) Cluster(ctx context.Context) (Cluster, error) {
	resp, err := c.askNameServers(ctx, &remoting.Command{Code: remoting.ClusterInfo})
	if err != nil {
		return Cluster{}, fmt.Errorf("cluster: %w", err)
	}
	var body struct {
		BrokerAddrTable  map[string]Broker
		ClusterAddrTable map[string][]string
	}
	if err := remoting.DecodeBody(resp.Body, &body); err != nil {
		return Cluster{}, fmt.Errorf("cluster: %w", err)
	}
	cl := Cluster{Clusters: body.ClusterAddrTable}
	for _, name := range slices.Sorted(maps.Keys(body.BrokerAddrTable)) {
		b := body.BrokerAddrTable[name]
		b.Name = cmp.Or(b.Name, name)
		cl.Brokers = append(cl.Brokers, b)
	}
	return cl, nil
}

// SendRoute is where a message to a topic goes: one that does not exist is made where
// TBW102 is.
func (c *Client) SendRoute(ctx context.Context, topic string) (Route, error) {
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
	return slices.ContainsFunc(r.Queues, func(d QueueData) bool {
		return d.Perm&PermInherit != 0 && d.Perm&PermWrite != 0
	}), nil
}
