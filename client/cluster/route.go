package cluster

import (
	"cmp"
	"fmt"
	"maps"
	"net"
	"net/netip"
	"slices"
	"strconv"

	"gantry/client/fault"
)

// At tells whether one of the broker's addresses is this one.
func (b Broker) At(host netip.AddrPort) bool {
	for _, addr := range b.Addrs {
		h, port, err := net.SplitHostPort(addr)
		if err != nil || port != strconv.Itoa(int(host.Port())) {
			continue
		}
		if ip, err := netip.ParseAddr(h); err == nil && ip.Unmap() == host.Addr().Unmap() {
			return true
		}
	}
	return false
}

// Bits of QueueData.Perm (PermName.java).
const (
	PermInherit = 1 << 0
	PermWrite   = 1 << 1
	PermRead    = 1 << 2
)

// MasterID is the broker id of a master (MixAll.java).
const MasterID = 0

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
	addr, ok = b.Addrs[MasterID]
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
func (r Route) Masters() []string { return Masters(r.Brokers) }

// ReadQueues lists the queues that may be read, by broker and number.
func (r Route) ReadQueues() []Queue {
	return r.queues(PermRead, func(d QueueData) int { return d.Read })
}

// WriteQueues lists the queues that may be written, by broker and number.
func (r Route) WriteQueues() []Queue {
	return r.queues(PermWrite, func(d QueueData) int { return d.Write })
}

// MaxQueues bounds the queues of a route that are believed; an answer is not to
// make us allocate without end.
const MaxQueues = 1 << 16

func (r Route) queues(perm int, count func(QueueData) int) []Queue {
	var all []Queue
	for _, d := range r.Queues {
		if d.Perm&perm == 0 {
			continue
		}
		for id := range min(count(d), MaxQueues-len(all)) {
			all = append(all, Queue{d.Broker, id})
		}
	}
	slices.SortFunc(all, func(a, b Queue) int {
		return cmp.Or(cmp.Compare(a.Broker, b.Broker), cmp.Compare(a.ID, b.ID))
	})
	return all
}

// Masters returns the address of every master, sorted.
func Masters(brokers []Broker) []string {
	var addrs []string
	for _, b := range brokers {
		if addr, ok := b.Master(); ok {
			addrs = append(addrs, addr)
		}
	}
	slices.Sort(addrs)
	return slices.Compact(addrs)
}
