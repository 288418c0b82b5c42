package client

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"gantry/client/admin"
	"gantry/client/fault"
	"gantry/client/insight"
	"gantry/client/orders"
	"gantry/client/profile"
	"gantry/client/remoting"
	"gantry/client/worker"
)

// connectLimit is how long Open may take.
const connectLimit = 3 * time.Second

// Connection is an open profile: name servers that answered, and the workers that send.
// Its Asker answers questions about the cluster.
type Connection struct {
	*insight.Asker

	client  *Client
	profile profile.Profile
	access  worker.Access // for workers
	admin   *admin.Client
	clerk   *orders.Clerk

	via string        // the name server that answered; not changed after Open
	rtt time.Duration // of its answer

	heard   atomic.Pointer[Heard]
	onHeard atomic.Pointer[func()]
	ask     chan struct{}      // holds one where the servers are to be asked now
	unwatch context.CancelFunc // ends watch
	watched sync.WaitGroup

	turn atomic.Uint64 // among logical queues

	mu      sync.Mutex
	formats []profile.Schema // of bodies
	senders map[string]*sender
	ready   map[string]prepared // sends, by topic
	lifted  orders.Record       // of Lift; zero without
	closed  bool
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
	conn := &Connection{client: c, profile: p, formats: p.Schemas, senders: map[string]*sender{}, ready: map[string]prepared{}, ask: make(chan struct{}, 1)}
	var forWorkers *remoting.TLS
	var err error
	if conn.admin, forWorkers, err = newAdmin(p, s, c.answers); err != nil {
		return nil, err
	}
	conn.Asker = insight.New(conn.admin, p.NameServers)
	conn.clerk = orders.NewClerk(conn.admin, c.Diary, orders.Who{
		User: orders.SystemUser(), Profile: p.ID, ProfileName: p.Name, Production: p.Environment == profile.Production,
	}, conn.KnownBrokers, ownUser(p, s))
	access, secret := p.Keys(s)
	conn.access = worker.Access{
		NameServers: slices.Clone(p.NameServers), TLS: forWorkers, Addresses: p.Addresses,
		AccessKey: access, SecretKey: secret, Hide: s.Reveal(), Account: account(p),
	}
	ctx, cancel := context.WithTimeout(ctx, connectLimit)
	defer cancel()
	via, rtt, err := conn.admin.Connect(ctx)
	if err != nil {
		return nil, errors.Join(err, conn.admin.Close())
	}
	conn.via, conn.rtt = via, rtt
	c.mu.Lock()
	closed := c.closed
	if !closed {
		c.conns[conn] = struct{}{}
	}
	c.mu.Unlock()
	if closed {
		return nil, errors.Join(fault.NotConnected, conn.admin.Close())
	}
	var watching context.Context
	watching, conn.unwatch = context.WithCancel(context.Background())
	conn.watched.Go(func() { conn.watch(watching) })
	conn.watched.Go(conn.resume)
	return conn, nil
}

// ownUser is the user of ACL as whom a profile signs, "" for none.
func ownUser(p profile.Profile, s profile.Secret) string {
	if access, _ := p.Keys(s); p.Mapping == profile.OpenSource {
		return access
	}
	return ""
}

// newAdmin makes the client that asks a profile's cluster, and what its workers
// need for TLS. It reads the profile's files, see FileError. room may be nil.
func newAdmin(p profile.Profile, s profile.Secret, room *remoting.Room) (*admin.Client, *remoting.TLS, error) {
	forWorkers, conf, err := loadTLS(p.TLS)
	if err != nil {
		return nil, nil, err
	}
	access, secret := p.Keys(s)
	return admin.New(admin.Config{
		NameServers: p.NameServers, TLS: conf, Addresses: p.Addresses,
		Credentials: remoting.Credentials{AccessKey: access, SecretKey: secret, Name: p.Role}, Account: account(p), Room: room,
	}), forWorkers, nil
}

// account is what the profile's form calls who signs in.
func account(p profile.Profile) string {
	if p.Mapping == profile.OpenSource {
		return fault.AccountUser
	}
	return fault.AccountRole
}

// Profile returns the profile as it was when the connection was opened.
func (c *Connection) Profile() profile.Profile { return c.profile }

// Close stops the sending worker and closes every connection. Subscriptions run
// in workers of their own and are stopped by themselves.
func (c *Connection) Close() error {
	c.mu.Lock()
	c.closed = true
	senders := c.senders
	c.senders = map[string]*sender{}
	c.mu.Unlock()
	c.client.mu.Lock()
	delete(c.client.conns, c)
	c.client.mu.Unlock()
	var group sync.WaitGroup
	if c.unwatch != nil {
		c.unwatch()
		group.Go(c.watched.Wait)
	}
	for _, s := range senders {
		group.Go(s.stop)
	}
	group.Wait()
	return c.admin.Close()
}

// Via returns the name server that answered and how long that took.
func (c *Connection) Via() (addr string, rtt time.Duration) { return c.via, c.rtt }
