package remoting

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"time"

	"gantry/client/fault"
)

// Bounds used where Config leaves them zero.
const (
	DefaultDialTimeout = 3 * time.Second
	DefaultCallTimeout = 5 * time.Second
)

// Config of a connection. Its zero value is plain TCP, unsigned, with the
// default timeouts.
type Config struct {
	// TLS is nil for plain TCP; otherwise it is cloned and given the server's
	// name where that is empty. TLS.Config makes one.
	TLS *tls.Config
	// Addresses says where to dial in place of the addresses asked for.
	Addresses AddressMap
	// Credentials sign every request when both keys are set.
	Credentials Credentials
	// DialTimeout bounds TCP and TLS together; 0 is DefaultDialTimeout.
	DialTimeout time.Duration
	// CallTimeout bounds a call whose context has no deadline, and every write;
	// 0 is DefaultCallTimeout.
	CallTimeout time.Duration
	// Room is what the answers of several connections share; nil is without end.
	Room *Room
	// Asked, if set, is handed what the server itself asks on this connection, such as
	// CheckTransactionState. It is called by the goroutine that reads, so it must not wait.
	// Without it such requests are passed over.
	Asked func(*Command)

	resolver *net.Resolver // tests answer for the name service
}

// Dial connects to addr (host:port). Its errors are those of Open.
func Dial(ctx context.Context, addr string, cfg Config) (*Conn, error) {
	cfg.CallTimeout = cmp.Or(cfg.CallTimeout, DefaultCallTimeout)
	nc, err := Open(ctx, addr, cfg)
	if err != nil {
		return nil, err
	}
	return newConn(nc, addr, cfg), nil
}

// Open is Dial for those who pass bytes on and do not speak the protocol: TCP to
// where addr is reached, and TLS. The error is fault.Unreachable, fault.Unresolvable
// or fault.TLS, or the context's own when it was cancelled.
func Open(ctx context.Context, addr string, cfg Config) (net.Conn, error) {
	bounded, cancel := context.WithTimeout(ctx, cmp.Or(cfg.DialTimeout, DefaultDialTimeout))
	defer cancel()
	dialer := net.Dialer{Resolver: cfg.resolver}
	nc, err := dialer.DialContext(bounded, "tcp", cfg.Addresses.Reach(addr))
	if err != nil {
		return nil, dialError(ctx, addr, err)
	}
	if cfg.TLS == nil {
		return nc, nil
	}
	nc, err = handshake(bounded, nc, addr, cfg.TLS)
	if err != nil && errors.Is(ctx.Err(), context.Canceled) {
		return nil, fmt.Errorf("%s: %w", addr, ctx.Err())
	}
	return nc, err
}

func dialError(ctx context.Context, addr string, err error) error {
	var dns *net.DNSError
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return fmt.Errorf("%s: %w", addr, ctx.Err())
	case errors.As(err, &dns):
		return fmt.Errorf("%s: %w: %w", addr, fault.Unresolvable, err)
	}
	return fmt.Errorf("%s: %w: %w", addr, fault.Unreachable, err)
}

// handshake closes nc where it fails.
func handshake(ctx context.Context, nc net.Conn, addr string, base *tls.Config) (net.Conn, error) {
	conf := base.Clone()
	if conf.ServerName == "" {
		conf.ServerName, _, _ = net.SplitHostPort(addr)
	}
	tc := tls.Client(nc, conf)
	if err := tc.HandshakeContext(ctx); err != nil {
		nc.Close()
		if errors.Is(err, context.DeadlineExceeded) {
			return nil, fmt.Errorf("%s: %w: %w: %w", addr, fault.TLS, fault.Timeout, err)
		}
		return nil, fmt.Errorf("%s: %w: %w", addr, tlsError(err), err)
	}
	return tc, nil
}
