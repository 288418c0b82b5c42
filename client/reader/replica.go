package reader

import (
	"cmp"
	"context"
	"sync"

	"gantry/client/admin"
	"gantry/client/cluster"
)

// replicas are the brokers of a scan of which a replica is read. It may be used from any
// goroutine.
type replicas struct {
	mu   sync.Mutex
	no   map[string]bool // its replica is asked no more: guarded by mu
	read map[string]bool // its replica has answered: guarded by mu
}

// pullAt reads a queue's next messages, at a replica if that is wanted and as good.
func (s *scan) pullAt(ctx context.Context, p Part, at int64, limit int) (admin.Pulled, error) {
	r := &s.replicas
	r.mu.Lock()
	ask := s.Replica && !r.no[p.Queue.Broker] && !s.Route.Static()
	r.mu.Unlock()
	if ask {
		got, err := s.Admin.PullReplica(ctx, s.Route, p.Queue, s.Selection, at, limit)
		r.mu.Lock()
		if err == nil {
			r.read[p.Queue.Broker] = true
		} else {
			r.no[p.Queue.Broker] = true
		}
		r.mu.Unlock()
		if err == nil || ctx.Err() != nil {
			return got, err
		}
	}
	return s.Admin.PullMatching(ctx, s.Route, p.Queue, s.Selection, at, limit)
}

// count is of how many brokers a replica was read.
func (r *replicas) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.read)
}

// sampled is how many messages of a queue tell how long they are, sampledQueues of how many
// queues.
const (
	sampled       = 8
	sampledQueues = 32
)

// Foresee tells what a query would read: it asks for the ends of the queues, and for some of
// their messages. A query that asks an index is foreseen as nothing.
func Foresee(ctx context.Context, a *admin.Client, q cluster.Query) (cluster.Cost, error) {
	if !q.Pulls() {
		return cluster.Cost{}, nil
	}
	r := &run{Query: q, ask: a, tell: func(cluster.Progress) {}}
	if err := r.lookForDead(ctx); err != nil {
		return cluster.Cost{}, err
	}
	route, parts, err := r.plan(ctx)
	if err != nil {
		return cluster.Cost{}, err
	}
	cost := cluster.Cost{Queues: len(parts), Missed: r.p.Missed}
	brokers := map[string]bool{}
	for _, p := range parts {
		brokers[p.Queue.Broker] = true
		cost.Messages += p.Offsets()
	}
	cost.Brokers = len(brokers)
	length := r.length(ctx, route, parts)
	if q.Limit > 0 {
		cost.Messages = min(cost.Messages, q.Limit)
	}
	cost.Bytes = int64(float64(cost.Messages) * length)
	return cost, ctx.Err()
}

// length is how long messages of the parts are, in bytes: the mean of some, and each part
// counts as much as it has. Parts that do not tell are taken to be as the others.
func (r *run) length(ctx context.Context, route cluster.Route, parts []Part) float64 {
	var bytes, of float64
	step := max(1, (len(parts)+sampledQueues-1)/sampledQueues)
	for i := 0; i < len(parts) && ctx.Err() == nil; i += step {
		p := parts[i]
		if p.Offsets() == 0 {
			continue
		}
		asking, cancel := context.WithTimeout(ctx, askLimit)
		at := p.From + p.Offsets()/2
		got, err := r.ask.PullMatching(asking, route, p.Queue, cluster.Selection{Topic: r.Topic, Group: cmp.Or(r.Group, cluster.ToolsGroup), Expression: "*"}, at, int(min(sampled, p.To-at)))
		cancel()
		if n := got.Next - max(at, got.Min); err == nil && n > 0 && len(got.Body) > 0 {
			bytes, of = bytes+float64(len(got.Body))/float64(n)*float64(p.Offsets()), of+float64(p.Offsets())
		}
	}
	if of == 0 {
		return 0
	}
	return bytes / of
}
