package admin

import (
	"cmp"
	"context"
	"crypto/tls"
	"fmt"
	"time"

	"gantry/client/fault"
	"gantry/client/remoting"
)

// Config says which cluster to ask and as whom.
type Config struct {
	// NameServers are host:port, in the order in which they are tried first.
	NameServers []string
	// TLS encrypts every connection; nil is plain TCP.
	TLS *tls.Config
	// Addresses says where brokers are reached whose own address cannot be.
	Addresses remoting.AddressMap
	// Credentials sign every request when both keys are set.
	Credentials remoting.Credentials
	// Account is what the profile calls who signs, see fault.ArgAccount.
	Account string
	// Room is what answers take; nil is a room of its own. See NewRoom.
	Room *remoting.Room
}

// NewRoom is a room for the answers of all clients of a process.
func NewRoom() *remoting.Room { return remoting.NewRoom(roomBytes) }

// Client asks one cluster.
type Client struct {
	conf    remoting.Config
	pool    *remoting.Pool
	names   *remoting.Servers
	away    away
	account string
}

// New returns a client. It dials nothing; an empty or wrong list shows at the
// first question, as ErrNoNameServer or fault.Unreachable.
func New(cfg Config) *Client {
	conf := remoting.Config{TLS: cfg.TLS, Addresses: cfg.Addresses, Credentials: cfg.Credentials, Room: cmp.Or(cfg.Room, NewRoom())}
	pool := remoting.NewPool(conf)
	return &Client{conf: conf, pool: pool, names: remoting.NewServers(pool, cfg.NameServers), account: cfg.Account}
}

// Close ends every connection; questions under way fail with
// fault.Closed. It may be called again.
func (c *Client) Close() error { return c.pool.Close() }

// DialBroker connects to addr anew, TLS included, and hangs up. It tells how
// long that took; errors are those of remoting.Dial, which takes at most
// remoting.DefaultDialTimeout.
func (c *Client) DialBroker(ctx context.Context, addr string) (time.Duration, error) {
	begin := time.Now()
	conn, err := remoting.Dial(ctx, addr, c.conf)
	if err != nil {
		return 0, err
	}
	took := time.Since(begin)
	return took, conn.Close()
}

// ask sends one request to a broker, whose answer is small, and turns every code but
// success into a sentinel of this package.
func (c *Client) ask(ctx context.Context, addr string, cmd *remoting.Command) (resp *remoting.Command, err error) {
	err = c.read(ctx, addr, cmd, mostSmall, func(r *remoting.Command) error { resp = r; return nil })
	return resp, err
}

// read is ask for an answer with a body of up to most bytes, of which use makes something
// while it takes its part of the room; others wait that do the same with a large one.
func (c *Client) read(ctx context.Context, addr string, cmd *remoting.Command, most int, use func(*remoting.Command) error) error {
	var used error
	err := c.pool.Read(ctx, addr, cmd, most, func(resp *remoting.Command) error {
		if err := resp.Err(addr); err != nil {
			return err
		}
		used = c.alone(ctx, resp, use)
		return nil
	})
	return cmp.Or(c.classify(err), used)
}

// alone has use make something of an answer, of a large one while no other is.
func (c *Client) alone(ctx context.Context, resp *remoting.Command, use func(*remoting.Command) error) error {
	if len(resp.Body) > mostTogether {
		done, err := c.conf.Room.Alone(ctx)
		if err != nil {
			return fmt.Errorf("%w: others were large", fault.Timeout) // no word about the server
		}
		defer done()
	}
	return use(resp)
}
