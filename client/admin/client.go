package admin

import (
	"context"
	"crypto/tls"
	"slices"
	"sync/atomic"
	"time"

	"gantry/client/remoting"
)

// Config says which cluster to ask and as whom.
type Config struct {
	// NameServers are host:port, in the order in which they are tried first.
	NameServers []string
	// TLS encrypts every connection. Without TLSConfig nothing is verified, as
	// with rocketmq-client-go.
	TLS bool
	// TLSConfig, where not nil, replaces the unverified one; it needs TLS.
	TLSConfig *tls.Config
	// Credentials sign every request when both keys are set.
	Credentials remoting.Credentials
}

// remoting is the configuration of a single connection.
func (c Config) remoting() remoting.Config {
	rc := remoting.Config{Credentials: c.Credentials}
	if c.TLS {
		rc.TLS = c.TLSConfig
		if rc.TLS == nil {
			rc.TLS = remoting.Unverified()
		}
	}
	return rc
}

// Client asks one cluster.
type Client struct {
	conf    remoting.Config
	servers []string // name servers; never changed
	pool    *remoting.Pool
	last    atomic.Int32 // index of the name server that answered last
}

// New returns a client. It dials nothing; an empty or wrong list shows at the
// first question, as ErrNoNameServer or remoting.ErrUnreachable.
func New(cfg Config) *Client {
	conf := cfg.remoting()
	return &Client{conf: conf, servers: slices.Clone(cfg.NameServers), pool: remoting.NewPool(conf)}
}

// Close ends every connection; questions under way fail with
// remoting.ErrClosed. It may be called again.
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
		return nil, classify(err)
	}
	return resp, nil
}
