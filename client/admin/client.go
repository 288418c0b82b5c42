package admin

import (
	"context"
	"crypto/tls"
	"time"

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
}

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
	conf := remoting.Config{TLS: cfg.TLS, Addresses: cfg.Addresses, Credentials: cfg.Credentials}
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

// ask sends one request to a broker and turns every code but success into a
// sentinel of this package.
func (c *Client) ask(ctx context.Context, addr string, cmd *remoting.Command) (*remoting.Command, error) {
	resp, err := c.pool.CallOK(ctx, addr, cmd)
	if err != nil {
		return nil, c.classify(err)
	}
	return resp, nil
}
