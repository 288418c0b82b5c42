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

// Readers lists the addresses that answer questions, in the order in which they are
// asked: the master's, then those of its replicas by their ids (BrokerData.java,
// selectBrokerAddr).
func (b Broker) Readers() []string {
	var all []string
	for _, id := range slices.Sorted(maps.Keys(b.Addrs)) { // the master's id is the least
		if addr := b.Addrs[id]; addr != "" {
			all = append(all, addr)
		}
	}
	return all
}

// Reader returns the first of Readers.
func (b Broker) Reader() (addr string, ok bool) {
	if all := b.Readers(); len(all) > 0 {
		return all[0], true
	}
	return "", false
}

// Route says where a topic lies (TopicRouteData.java). It is a value of its own:
// changing it changes nothing in the Client.
type Route struct {
	Queues  []QueueData `json:"queueDatas"`
	Brokers []Broker    `json:"brokerDatas"`
	// Mapping says which queues of a static topic each broker leads, by its name; empty
	// for all other topics. Queues are physical ones then.
	Mapping map[string]QueueMapping `json:"topicQueueMappingByBroker,omitempty"`
}

// QueueMapping is what a broker knows of a static topic's logical queues
// (TopicQueueMappingInfo.java; RIP-21).
type QueueMapping struct {
	Broker string `json:"bname"`
	Scope  string `json:"scope"`
	// Epoch grows with each change: the newest one holds.
	Epoch int64 `json:"epoch"`
	// Total is how many logical queues there are.
	Total int `json:"totalQueues"`
	// Leads are the broker's physical queues by the numbers of the logical ones.
	Leads map[int]int `json:"currIdMap"`
}

// Static tells whether the topic has logical queues. They are numbered through, and what
// is asked or sent of one goes to the broker that leads it, under that number: so a Queue
// of a static topic is its leader and its logical number. Clients that know nothing of
// this, rocketmq-client-go among them, take the physical ones.
func (r Route) Static() bool { return len(r.Mapping) > 0 }

// NoLeader stands for the broker of a logical queue that no broker leads (MixAll.java,
// LOGICAL_QUEUE_MOCK_BROKER_NAME_NOT_EXIST).
const NoLeader = "__syslo__none__"

// Master returns the address of that broker's master.
func (r Route) Master(broker string) (addr string, ok bool) {
	for _, b := range r.Brokers {
		if b.Name == broker {
			return b.Master()
		}
	}
	return "", false
}

// Readers lists the addresses of that broker that answer questions, see Broker.Readers. Of
// a static topic that is the master only: a replica of 5.5.0 that has not heard of the
// mapping takes the numbers of logical queues for those of physical ones, without a word.
func (r Route) Readers(broker string) []string {
	if r.Static() {
		if master, ok := r.Master(broker); ok {
			return []string{master}
		}
		return nil
	}
	for _, b := range r.Brokers {
		if b.Name == broker {
			return b.Readers()
		}
	}
	return nil
}

// Readable tells whether anything of the topic can be read: fault.NotReadable where no
// broker lets it be, fault.NoBroker where the route leads nowhere. Parts may be missing
// all the same, see Unreadable.
func (r Route) Readable() error {
	queues := r.ReadQueues()
	if len(queues) == 0 && len(r.Queues) > 0 && slices.ContainsFunc(r.Queues, func(d QueueData) bool { return d.Perm&PermRead == 0 }) {
		return fault.NotReadable
	}
	there := map[string]bool{}
	for _, b := range r.Brokers {
		there[b.Name] = len(b.Readers()) > 0
	}
	return leads(queues, there, fault.NoBroker)
}

// Writable tells whether a message can be sent to the topic: fault.NotWritable where no
// broker lets it be, fault.NoMaster where none of those that do has a master.
func (r Route) Writable() error {
	queues := r.WriteQueues()
	if len(queues) == 0 && len(r.Queues) > 0 && slices.ContainsFunc(r.Queues, func(d QueueData) bool { return d.Perm&PermWrite == 0 }) {
		return fault.NotWritable
	}
	there := map[string]bool{}
	none := fault.NoBroker
	for _, b := range r.Brokers {
		_, there[b.Name] = b.Master()
		if len(b.Readers()) > 0 {
			none = fault.NoMaster
		}
	}
	return leads(queues, there, none)
}

// Masterless are the brokers that let the topic be read and have replicas only: no group
// gets anything of theirs, because client libraries begin and commit at masters.
func (r Route) Masterless() Missing {
	reads := map[string]bool{}
	for _, q := range r.ReadQueues() {
		reads[q.Broker] = true
	}
	var m Missing
	for _, b := range r.Brokers {
		if _, master := b.Master(); reads[b.Name] && !master && len(b.Readers()) > 0 {
			m = append(m, BrokerError{Broker: b.Name, Err: fmt.Errorf("%s: %w", b.Name, fault.NoMaster)})
		}
	}
	return m
}

// leads returns none, for the first queue, where not one of them is of a broker that is
// there.
func leads(queues []Queue, there map[string]bool, none fault.Code) error {
	switch {
	case len(queues) == 0:
		return none
	case !slices.ContainsFunc(queues, func(q Queue) bool { return there[q.Broker] }):
		return fmt.Errorf("%s: %w", queues[0].Broker, none)
	}
	return nil
}

// Unreadable are the brokers whose queues of the topic may not be read, by name.
func (r Route) Unreadable() Missing {
	var m Missing
	for _, d := range r.Queues {
		if d.Perm&PermRead == 0 && d.Read > 0 {
			m = append(m, BrokerError{Broker: d.Broker, Err: fmt.Errorf("%s: %w", d.Broker, fault.NotReadable)})
		}
	}
	slices.SortFunc(m, func(a, b BrokerError) int { return cmp.Compare(a.Broker, b.Broker) })
	return slices.CompactFunc(m, func(a, b BrokerError) bool { return a.Broker == b.Broker })
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

func (r Route) queues(perm int, count func(QueueData) int) []Queue {
	if r.Static() {
		return r.logical(perm)
	}
	var all []Queue
	for _, d := range r.Queues {
		if d.Perm&perm == 0 {
			continue
		}
		for id := range min(count(d), MaxQueues-len(all)) {
			all = append(all, Queue{d.Broker, id})
		}
	}
	return sorted(all)
}

// logical lists the logical queues but those whose leaders have not the perm: of several that say they
// lead one the newest does (MQClientInstance.java,
// topicRouteData2EndpointsForStaticTopic).
func (r Route) logical(perm int) []Queue {
	forbidden := map[string]bool{} // a leader that is away has no perm, and its queues are missing
	for _, d := range r.Queues {
		forbidden[d.Broker] = d.Perm&perm == 0
	}
	type place struct {
		scope string
		id    int
	}
	leaders, totals, epochs := map[place]string{}, map[string]int{}, map[string]int64{}
	for _, name := range slices.SortedFunc(maps.Keys(r.Mapping), func(a, b string) int {
		return cmp.Or(cmp.Compare(r.Mapping[a].Epoch, r.Mapping[b].Epoch), cmp.Compare(a, b))
	}) {
		m := r.Mapping[name]
		if m.Epoch > epochs[m.Scope] {
			totals[m.Scope], epochs[m.Scope] = 0, m.Epoch
		}
		totals[m.Scope] = max(totals[m.Scope], m.Total)
		for id := range m.Leads {
			leaders[place{m.Scope, id}] = cmp.Or(m.Broker, name)
		}
	}
	var all []Queue
	for scope, total := range totals {
		for id := range min(total, MaxQueues-len(all)) {
			if leader := cmp.Or(leaders[place{scope, id}], NoLeader); !forbidden[leader] {
				all = append(all, Queue{leader, id})
			}
		}
	}
	return sorted(all)
}

func sorted(all []Queue) []Queue {
	slices.SortFunc(all, func(a, b Queue) int {
		return cmp.Or(cmp.Compare(a.Broker, b.Broker), cmp.Compare(a.ID, b.ID))
	})
	return slices.Compact(all)
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

// Bounds of a route that is believed: an answer must not make us, or a client library,
// allocate without end.
const (
	// MostRoute bounds the answer that holds it, in bytes.
	MostRoute = 4 << 20
	// MaxQueues bounds all queues of a topic together.
	MaxQueues = 1 << 16
	// maxBrokers bounds its brokers, and the addresses of each.
	maxBrokers = 4096
	// maxName bounds the name of a broker, in bytes.
	maxName = 255
)

// Verify tells whether a route that a server sent is within bounds, in time that grows
// with its size only: fault.BadAnswer where it is not.
func (r Route) Verify() error {
	bad := func(format string, args ...any) error {
		return fmt.Errorf("%w: "+format, append([]any{fault.BadAnswer}, args...)...)
	}
	if len(r.Queues) > maxBrokers || len(r.Brokers) > maxBrokers || len(r.Mapping) > maxBrokers {
		return bad("a route with %d brokers", max(len(r.Queues), len(r.Brokers), len(r.Mapping)))
	}
	read, write, addrs, logical := 0, 0, 0, 0
	for _, d := range r.Queues {
		if d.Read < 0 || d.Write < 0 || d.Read > MaxQueues || d.Write > MaxQueues || len(d.Broker) > maxName {
			return bad("%d and %d queues of a broker", d.Read, d.Write)
		}
		read, write = read+d.Read, write+d.Write
	}
	for _, b := range r.Brokers {
		if addrs += len(b.Addrs); len(b.Name) > maxName {
			return bad("a broker's name of %d bytes", len(b.Name))
		}
	}
	for _, m := range r.Mapping {
		if logical += len(m.Leads); m.Total < 0 || m.Total > MaxQueues || len(m.Broker) > maxName {
			return bad("%d logical queues", m.Total)
		}
	}
	if max(read, write, logical) > MaxQueues || addrs > maxBrokers {
		return bad("a route with %d queues and %d addresses", max(read, write, logical), addrs)
	}
	return nil
}
