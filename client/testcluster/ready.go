package testcluster

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"gantry/client/cluster"
)

// ready waits until every part that runs can be used: the name server answers
// and knows every running broker, each broker and the proxy answer themselves. A
// part that ends meanwhile is an error.
func (c *Cluster) ready(ctx context.Context) error {
	for {
		waiting := c.waitingFor(ctx)
		if waiting == nil {
			return nil
		}
		if err := c.ended(); err != nil {
			return err
		}
		select {
		case <-time.After(readyPoll):
		case <-ctx.Done():
			return fmt.Errorf("%w: %w: %w", ErrStart, ctx.Err(), waiting)
		}
	}
}

// waitingFor says why the cluster cannot be used yet.
func (c *Cluster) waitingFor(ctx context.Context) error {
	running := c.running()
	if !running[NameServerPart] {
		return nil // nothing to ask; the caller killed it on purpose
	}
	known, err := c.admin.Cluster(ctx)
	if err != nil {
		return err
	}
	masters := make(map[string]bool)
	for _, addr := range known.Masters() {
		masters[addr] = true
	}
	for i, part := range c.opts.brokers() {
		if !running[part] {
			continue
		}
		if !masters[c.advertised(i)] {
			return fmt.Errorf("%s is not registered", part)
		}
		if _, err := c.admin.Runtime(ctx, c.BrokerAddr(i)); err != nil {
			return err
		}
	}
	if running[SlavePart] {
		first := slices.IndexFunc(known.Brokers, func(b cluster.Broker) bool { return b.Name == brokerName(0) })
		if first < 0 || known.Brokers[first].Addrs[slaveID] != c.register(c.base+slavePort) {
			return fmt.Errorf("%s is not registered", SlavePart)
		}
		if _, err := c.admin.Runtime(ctx, c.SlaveAddr()); err != nil {
			return err
		}
	}
	if running[ProxyPart] {
		_, err := c.admin.Ping(ctx, c.Proxy())
		return err
	}
	return nil
}

func (c *Cluster) running() map[string]bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	all := make(map[string]bool)
	for part, p := range c.procs {
		all[part] = p.running()
	}
	return all
}

// ended is the error for a part that ended without being asked to.
func (c *Cluster) ended() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	var failed []error
	for _, p := range c.procs {
		if !p.running() && !p.killed.Load() {
			failed = append(failed, p.died())
		}
	}
	return errors.Join(failed...)
}
