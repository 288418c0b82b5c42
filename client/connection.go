package client

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"gantry/client/admin"
	"gantry/client/message"
	"gantry/client/profile"
	"gantry/client/remoting"
	"gantry/client/worker"
)

// connectLimit is how long Open may take.
const connectLimit = 3 * time.Second

// Connection is an open profile: name servers that answered, and the worker
// that sends.
type Connection struct {
	client  *Client
	profile profile.Profile
	secret  profile.Secret
	admin   *admin.Client

	via string        // the name server that answered; not changed after Open
	rtt time.Duration // of its answer

	mu      sync.Mutex
	senders map[string]*worker.Process
	closed  bool
}

// Open connects: a name server has answered a signed route request. It takes 3
// seconds at most and returns at once when ctx ends.
func (c *Client) Open(ctx context.Context, p profile.Profile, s profile.Secret) (*Connection, error) {
	conn := &Connection{client: c, profile: p, secret: s, admin: newAdmin(p, s), senders: map[string]*worker.Process{}}
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
		return nil, errors.Join(ErrNotConnected, conn.admin.Close())
	}
	c.conns[conn] = struct{}{}
	return conn, nil
}

func newAdmin(p profile.Profile, s profile.Secret) *admin.Client {
	access, secret := p.Keys(s)
	return admin.New(admin.Config{
		NameServers: p.NameServers, TLS: p.TLS,
		Credentials: remoting.Credentials{AccessKey: access, SecretKey: secret},
	})
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
	Version string // of a broker, as it says: "V5_5_0"
}

// Facts asks what the header of the window shows.
func (c *Connection) Facts(ctx context.Context) (Facts, error) {
	cl, err := c.admin.Cluster(ctx)
	if err != nil {
		if errors.Is(err, ErrNotOffered) {
			err = nil
		}
		return Facts{}, err
	}
	f := Facts{Brokers: len(cl.Brokers)}
	for _, addr := range cl.Masters() {
		if v, err := c.admin.BrokerVersion(ctx, addr); err == nil {
			f.Version = v
			break
		}
	}
	return f, nil
}

// Topics lists the topics that users made, by full name: ErrNotOffered where
// the endpoint lists none.
func (c *Connection) Topics(ctx context.Context) ([]string, error) { return c.admin.Topics(ctx) }

// Lookup tells whether a topic has a route, and, if it has none, whether sending
// to it would create it.
func (c *Connection) Lookup(ctx context.Context, topic string) (exists, creates bool, err error) {
	_, err = c.admin.Route(ctx, topic)
	switch {
	case err == nil:
		return true, false, nil
	case !errors.Is(err, ErrTopicNotFound):
		return false, false, err
	}
	creates, err = c.admin.CreatesTopics(ctx)
	if errors.Is(err, ErrTopicNotFound) || errors.Is(err, ErrNotOffered) {
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
}

// Group asks about a consumer group of a topic.
func (c *Connection) Group(ctx context.Context, topic, group string) (GroupState, error) {
	r, err := c.admin.Route(ctx, topic)
	if err != nil {
		return GroupState{}, err
	}
	has, err := c.admin.GroupPosition(ctx, r, topic, group)
	if err != nil {
		return GroupState{}, err
	}
	members, err := c.admin.Members(ctx, r, group)
	if errors.Is(err, ErrNotOffered) {
		err = nil
	}
	return GroupState{HasPosition: has, Members: members}, err
}

// Send sends a draft once. Everything that can go wrong is in the receipt: an
// error means that the message was not sent at all (ErrReadOnly, a name or
// property that RocketMQ does not take). When ctx ends first, the receipt says
// that the message may have been stored.
func (c *Connection) Send(ctx context.Context, d *message.Draft) (message.Receipt, error) {
	if c.profile.ReadOnly {
		return message.Receipt{}, ErrReadOnly
	}
	if err := d.Check(); err != nil {
		return message.Receipt{}, err
	}
	if err := message.CheckGroup(d.ProducerGroup); err != nil {
		return message.Receipt{}, fmt.Errorf("producer group: %w", err)
	}
	p, err := c.sender(d.ProducerGroup)
	if err != nil {
		return message.Receipt{}, err
	}
	return p.Send(ctx, d), nil
}

// sender returns the worker that sends as a producer group, and starts it if it
// does not run: one that died is replaced.
func (c *Connection) sender(group string) (*worker.Process, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil, ErrNotConnected
	}
	if p := c.senders[group]; p != nil {
		select {
		case <-p.Done():
			c.client.log.Warn("a sending worker ended", "error", p.Err())
		default:
			return p, nil
		}
	}
	p, err := worker.Start(c.client.executable, c.job(worker.Send, group), func(e worker.Event) {
		if e.Kind == worker.Failed {
			c.client.log.Warn("a sending worker did not start", "error", e.Text)
		}
	})
	if err != nil {
		return nil, err
	}
	c.senders[group] = p
	return p, nil
}

func (c *Connection) job(kind, group string) *worker.Job {
	access, secret := c.profile.Keys(c.secret)
	return &worker.Job{
		Kind: kind, Group: group, NameServers: slices.Clone(c.profile.NameServers), TLS: c.profile.TLS,
		AccessKey: access, SecretKey: secret, Hide: c.secret.Reveal(), Instance: uuid.NewString(),
	}
}
