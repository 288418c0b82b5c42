package insight

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"gantry/client/cluster"
)

// NameServerState is how a name server answers.
type NameServerState struct {
	Addr string
	RTT  time.Duration
	Err  error
}

// BrokerState is one process of a broker: its master or a replica.
type BrokerState struct {
	Name, Cluster, Addr string
	// ID is 0 for the master.
	ID      int64
	Runtime cluster.Runtime
	// Err says why it tells nothing.
	Err error
	// Gone: the name servers do not list it any more.
	Gone bool
}

// ClusterState is name servers and brokers at a moment.
type ClusterState struct {
	NameServers []NameServerState
	Brokers     []BrokerState // by cluster, name and id
	// Listed is false where the endpoint lists no brokers.
	Listed bool
}

// Cluster asks all name servers and brokers how they are. A server that does not
// answer has an error in its place; the error is that no name server answers.
func (a *Asker) Cluster(ctx context.Context) (ClusterState, error) {
	var st ClusterState
	l, err := a.brokers(ctx)
	if err != nil {
		return st, err
	}
	st.Listed = l.listed
	st.NameServers = make([]NameServerState, len(a.nameServers))
	var names, brokers errgroup.Group
	for i, addr := range a.nameServers {
		names.Go(func() error {
			rtt, err := a.admin.Ping(ctx, addr)
			st.NameServers[i] = NameServerState{Addr: addr, RTT: rtt, Err: err}
			return nil
		})
	}
	if l.listed {
		st.Brokers = replicas(l)
	}
	brokers.SetLimit(membersAtOnce)
	for i := range st.Brokers {
		brokers.Go(func() error {
			b := &st.Brokers[i]
			asking, cancel := context.WithTimeout(ctx, serverBudget)
			defer cancel()
			b.Runtime, b.Err = a.admin.Runtime(asking, b.Addr)
			return nil
		})
	}
	_, _ = names.Wait(), brokers.Wait()
	return st, ctx.Err()
}

// serverBudget bounds the question how one broker is.
const serverBudget = 3 * time.Second

// replicas are the processes of all brokers, sorted.
func replicas(l listing) []BrokerState {
	var all []BrokerState
	for _, b := range l.all {
		gone := slices.ContainsFunc(l.dead, func(o cluster.Broker) bool { return o.Name == b.Name })
		for _, id := range slices.Sorted(maps.Keys(b.Addrs)) {
			all = append(all, BrokerState{Name: b.Name, Cluster: b.Cluster, ID: id, Addr: b.Addrs[id], Gone: gone})
		}
	}
	slices.SortStableFunc(all, func(a, b BrokerState) int {
		return cmp.Or(strings.Compare(a.Cluster, b.Cluster), strings.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
	})
	return all
}

// BrokerSettings lists the configuration of a broker, by key; secrets are ***.
func (a *Asker) BrokerSettings(ctx context.Context, addr string) ([]cluster.Setting, error) {
	return a.admin.BrokerConfig(ctx, addr)
}

// NameServerSettings lists the configuration of a name server, by key.
func (a *Asker) NameServerSettings(ctx context.Context, addr string) ([]cluster.Setting, error) {
	return a.admin.NameServerConfig(ctx, addr)
}
