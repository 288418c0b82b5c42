package admin

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/remoting"
)

// Producers lists the producers that are connected to these brokers, by group and
// id. Brokers do not know which topics one sends to (AdminBrokerProcessor.java,
// getAllProducerInfo; since 4.9). A producer is listed after its first heartbeat.
func (c *Client) Producers(ctx context.Context, brokers []cluster.Broker) ([]cluster.Producer, cluster.Missing, error) {
	type table struct {
		Data map[string][]struct {
			ClientID, RemoteIP, Language string
			Version                      int
			LastUpdateTimestamp          int64
		}
	}
	var p producerSet
	missing, err := c.ofBrokers(ctx, brokers, func(ctx context.Context, b cluster.Broker, addr string) error {
		err := fetch(ctx, c, addr, remoting.AllProducers, nil, func(got table) error {
			for group, all := range got.Data {
				for _, x := range all {
					err := p.add(b.Name, cluster.Producer{
						Group: group, ID: x.ClientID, Addr: strings.TrimPrefix(x.RemoteIP, "/"), Language: x.Language,
						Version: x.Version, Seen: moment(x.LastUpdateTimestamp),
					})
					if err != nil {
						return err
					}
				}
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("producers: %w", err)
		}
		return nil
	})
	return p.sorted(), missing, err
}

// ProducersOf lists the connected producers of one group; none is no error
// (AdminBrokerProcessor.java, getProducerConnectionList).
func (c *Client) ProducersOf(ctx context.Context, brokers []cluster.Broker, group string) ([]cluster.Producer, cluster.Missing, error) {
	type connections struct {
		ConnectionSet []struct {
			ClientID, ClientAddr, Language string
			Version                        int
		}
	}
	var p producerSet
	missing, err := c.ofBrokers(ctx, brokers, func(ctx context.Context, b cluster.Broker, addr string) error {
		err := fetch(ctx, c, addr, remoting.ProducerConnections, map[string]string{"producerGroup": group}, func(got connections) error {
			for _, x := range got.ConnectionSet {
				if err := p.add(b.Name, cluster.Producer{Group: group, ID: x.ClientID, Addr: x.ClientAddr, Language: x.Language, Version: x.Version}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil && !errors.Is(err, fault.GroupOffline) {
			return fmt.Errorf("producers of %s: %w", group, err)
		}
		return nil
	})
	return p.sorted(), missing, err
}

// producerSet merges what several brokers say.
type producerSet struct {
	mu   sync.Mutex
	all  []*cluster.Producer
	by   map[[2]string]*cluster.Producer // group and id
	size kept
}

func (s *producerSet) add(broker string, p cluster.Producer) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.by == nil {
		s.by = map[[2]string]*cluster.Producer{}
	}
	have := s.by[[2]string{p.Group, p.ID}]
	if have == nil {
		if err := s.size.texts(p.Group, p.ID, p.Addr, p.Language); err != nil {
			return err
		}
		have = &p
		s.by[[2]string{p.Group, p.ID}] = have
		s.all = append(s.all, have)
	}
	if p.Seen.After(have.Seen) {
		have.Seen = p.Seen
	}
	have.Brokers = append(have.Brokers, broker)
	return nil
}

func (s *producerSet) sorted() []cluster.Producer {
	var out []cluster.Producer
	for _, p := range s.all {
		slices.Sort(p.Brokers)
		p.Brokers = slices.Compact(p.Brokers)
		out = append(out, *p)
	}
	slices.SortFunc(out, func(a, b cluster.Producer) int {
		return cmp.Or(strings.Compare(a.Group, b.Group), strings.Compare(a.ID, b.ID))
	})
	return out
}
