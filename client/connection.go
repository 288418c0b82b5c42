package client

import (
	"cmp"
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"gantry/client/admin"
	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/profile"
	"gantry/client/remoting"
	"gantry/client/worker"
)

// connectLimit is how long Open may take.
const connectLimit = 3 * time.Second

// clockLimit bounds the question for the brokers' clocks.
const clockLimit = time.Second

// Connection is an open profile: name servers that answered, and the worker
// that sends.
type Connection struct {
	client  *Client
	profile profile.Profile
	secret  profile.Secret
	tls     *remoting.TLS // for workers; nil is plain TCP
	admin   *admin.Client

	via string        // the name server that answered; not changed after Open
	rtt time.Duration // of its answer

	mu      sync.Mutex
	senders map[string]*worker.Process
	asked   map[string]struct{} // topics whose brokers were asked before a send
	closed  bool
	known   map[string]cluster.Broker // that were ever listed, by name

	configs   []cluster.GroupConfig // as listed last; never changed
	configsAt time.Time
}

// Open connects: a name server has answered a signed route request. It takes 3
// seconds at most and returns at once when ctx ends. A file of the profile that
// cannot be used is a FileError. The sandbox is started if it does not run.
func (c *Client) Open(ctx context.Context, p profile.Profile, s profile.Secret) (*Connection, error) {
	if p.ID == profile.SandboxID {
		addr, err := c.startSandbox(ctx)
		if err != nil {
			return nil, err
		}
		p.NameServers = []string{addr}
	}
	conn := &Connection{
		client: c, profile: p, secret: s, senders: map[string]*worker.Process{}, asked: map[string]struct{}{},
	}
	var err error
	if conn.admin, conn.tls, err = newAdmin(p, s); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, connectLimit)
	defer cancel()
	via, rtt, err := conn.admin.Connect(ctx)
	if err != nil {
		return nil, errors.Join(err, conn.admin.Close())
	}
	conn.via, conn.rtt = via, rtt
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil, errors.Join(fault.NotConnected, conn.admin.Close())
	}
	c.conns[conn] = struct{}{}
	return conn, nil
}

// newAdmin makes the client that asks a profile's cluster, and what its workers
// need for TLS. It reads the profile's files, see FileError.
func newAdmin(p profile.Profile, s profile.Secret) (*admin.Client, *remoting.TLS, error) {
	forWorkers, conf, err := loadTLS(p.TLS)
	if err != nil {
		return nil, nil, err
	}
	access, secret := p.Keys(s)
	return admin.New(admin.Config{
		NameServers: p.NameServers, TLS: conf, Addresses: p.Addresses,
		Credentials: remoting.Credentials{AccessKey: access, SecretKey: secret, Name: p.Role},
	}), forWorkers, nil
}

// Profile returns the profile as it was when the connection was opened.
func (c *Connection) Profile() profile.Profile { return c.profile }

// Close stops the sending worker and closes every connection. Subscriptions run
// in workers of their own and are stopped by themselves.
func (c *Connection) Close() error {
	c.mu.Lock()
	c.closed = true
	senders := c.senders
	c.senders = map[string]*worker.Process{}
	c.mu.Unlock()
	c.client.mu.Lock()
	delete(c.client.conns, c)
	c.client.mu.Unlock()
	var group sync.WaitGroup
	for _, p := range senders {
		group.Go(p.Stop)
	}
	group.Wait()
	return c.admin.Close()
}

// Via returns the name server that answered and how long that took.
func (c *Connection) Via() (addr string, rtt time.Duration) { return c.via, c.rtt }

// Facts are what an endpoint tells of its cluster; what it does not offer is
// zero.
type Facts struct {
	Brokers int
	Version string // of a broker, such as "5.5.0"
	// Keeps is how many messages the sandbox keeps at most, and Gone how many were
	// too old to be kept. Other brokers keep by time, and have zeros here.
	Keeps, Gone uint64
}

// ahead is how far this computer's clock is ahead of the brokers', at least 0
// and at most as far as it is of the slowest; 0 where they do not tell.
func (c *Connection) ahead(ctx context.Context, r cluster.Route) time.Duration {
	ctx, cancel := context.WithTimeout(ctx, clockLimit)
	defer cancel()
	var most time.Duration
	for _, addr := range r.Masters() {
		if b, err := c.admin.Runtime(ctx, addr); err == nil && b.ClockKnown {
			most = max(most, b.Ahead)
		}
	}
	return most
}

// Topics lists the topics that users made, by full name: fault.NotOffered where
// the endpoint lists none.
func (c *Connection) Topics(ctx context.Context) ([]string, error) { return c.admin.Topics(ctx) }

// Lookup tells whether a topic has a route, and, if it has none, whether sending
// to it would create it.
func (c *Connection) Lookup(ctx context.Context, topic string) (exists, creates bool, err error) {
	_, err = c.admin.Route(ctx, topic)
	switch {
	case err == nil:
		return true, false, nil
	case !errors.Is(err, fault.TopicNotFound):
		return false, false, err
	}
	creates, err = c.admin.CreatesTopics(ctx)
	if errors.Is(err, fault.TopicNotFound) || errors.Is(err, fault.NotOffered) {
		return false, false, nil
	}
	return false, creates, err
}

// GroupState is what a form says about a consumer group before it is joined.
type GroupState struct {
	// HasPosition: the group goes on from its own position.
	HasPosition bool
	// Members are connected to the group already.
	Members []string
	// Theirs is what the members subscribe to, by topic, and Broadcast how: both
	// empty where there are none or the endpoint does not tell.
	Theirs    []cluster.Wanted
	Broadcast bool
}

// Differs tells whether a subscription contradicts that of the members: to other
// topics, with another expression, or in another model. RocketMQ has one of each for
// a whole group: members that differ lose messages, and nobody says so.
func (g *GroupState) Differs(topic, expression string, sql92, broadcast bool) (theirs string, differs bool) {
	if len(g.Theirs) == 0 {
		return "", false
	}
	kind := "TAG"
	if sql92 {
		kind = "SQL92"
	}
	ours := cluster.Wanted{Topic: topic, Expression: expression, Kind: kind}
	if !sql92 {
		ours.Tags = Tags(expression)
	}
	var others []string
	for _, w := range g.Theirs {
		switch {
		case w.Topic == topic && w.Same(ours) && g.Broadcast == broadcast:
			return "", false
		case w.Topic == topic:
			return cmp.Or(w.Expression, "*"), true
		case !strings.HasPrefix(w.Topic, "%RETRY%"):
			others = append(others, w.Topic)
		}
	}
	return strings.Join(others, ", "), true
}

// Group asks about a consumer group of a topic.
func (c *Connection) Group(ctx context.Context, topic, group string) (GroupState, error) {
	r, err := c.admin.Route(ctx, topic)
	if err != nil {
		return GroupState{}, err
	}
	has, missing, err := c.admin.GroupPosition(ctx, r, topic, group)
	if err == nil && !has && len(missing) > 0 {
		err = missing[0] // it may have one there
	}
	if err != nil {
		return GroupState{}, err
	}
	members, _, err := c.admin.Members(ctx, r, group)
	if errors.Is(err, fault.NotOffered) {
		err = nil
	}
	g := GroupState{HasPosition: has, Members: members}
	if len(members) > 0 {
		// What they subscribe to is of use only, and not everybody tells it.
		if all, _, err := c.admin.Consumers(ctx, r.Brokers, group); err == nil {
			g.Theirs, g.Broadcast = all.Subscriptions, all.Model == modelBroadcasting
		}
	}
	return g, err
}
