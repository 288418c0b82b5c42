package remoting

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"time"
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
	// name where that is empty. Unverified is the one client-go uses.
	TLS *tls.Config
	// Credentials sign every request when both keys are set.
	Credentials Credentials
	// DialTimeout bounds TCP and TLS together; 0 is DefaultDialTimeout.
	DialTimeout time.Duration
	// CallTimeout bounds a call whose context has no deadline, and every write;
	// 0 is DefaultCallTimeout.
	CallTimeout time.Duration

	resolver *net.Resolver // tests answer for the name service
}

// Unverified returns a TLS configuration that encrypts and verifies nothing:
// whoever can intercept the connection can read it. It is what
// rocketmq-client-go and, by default, the Java client do.
func Unverified() *tls.Config {
	return &tls.Config{InsecureSkipVerify: true}
}

// Dial connects to addr (host:port). The error is ErrUnreachable,
// ErrUnresolvable or ErrTLS, or the context's own when it was cancelled.
func Dial(ctx context.Context, addr string, cfg Config) (*Conn, error) {
	cfg.DialTimeout = cmp.Or(cfg.DialTimeout, DefaultDialTimeout)
	cfg.CallTimeout = cmp.Or(cfg.CallTimeout, DefaultCallTimeout)
	bounded, cancel := context.WithTimeout(ctx, cfg.DialTimeout)
	defer cancel()
	dialer := net.Dialer{Resolver: cfg.resolver}
	nc, err := dialer.DialContext(bounded, "tcp", addr)
	if err != nil {
		return nil, dialError(ctx, addr, err)
	}
	if cfg.TLS != nil {
		if nc, err = handshake(bounded, nc, addr, cfg.TLS); err != nil {
			if ctx.Err() != nil && errors.Is(ctx.Err(), context.Canceled) {
				return nil, fmt.Errorf("%s: %w", addr, ctx.Err())
			}
			return nil, err
		}
	}
	return newConn(nc, addr, cfg), nil
}

func dialError(ctx context.Context, addr string, err error) error {
	var dns *net.DNSError
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return fmt.Errorf("%s: %w", addr, ctx.Err())
	case errors.As(err, &dns):
		return fmt.Errorf("%s: %w: %w", addr, ErrUnresolvable, err)
	}
	return fmt.Errorf("%s: %w: %w", addr, ErrUnreachable, err)
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
			return nil, fmt.Errorf("%s: %w: %w: %w", addr, ErrTLS, ErrTimeout, err)
		}
		return nil, fmt.Errorf("%s: %w: %w", addr, ErrTLS, err)
	}
	return tc, nil
}
