// Package relay lets rocketmq-client-go reach a cluster that it cannot reach by
// itself: the library verifies no server, shows no certificate, dials just the
// addresses that name servers advertise, and waits six seconds for each name
// server that is silent. A Relay stands on the loopback in the same process. To
// the library it is the only name server, and asks the real ones as
// remoting.Servers does. In the routes that it passes on, every broker's address
// can be replaced by that of a listener of its own, behind which the broker's
// bytes go through untouched: requests stay signed, stored addresses stay the
// servers' own.
//
// Connections to the cluster are made by package remoting, so what that
// verifies, maps and refuses holds for the library too. Only sockets of this
// process are let in: another user of the computer must not get a channel that
// our certificate opened.
//
// A Relay may be used from any goroutine. It owns a goroutine for each listener
// and two for each connection; they end with Close.
package relay

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"sync"
	"time"

	"gantry/client/remoting"
)

// maxBrokers bounds the listeners that routes may cause.
const maxBrokers = 1000

// Response codes with which the relay itself answers; the remark says why. No
// server has them.
const (
	// CodeUnreachable: the request was not passed on.
	CodeUnreachable = 31999
	// CodeUnanswered: it was, and the connection ended before any answer, so
	// that it is not known whether it took effect.
	CodeUnanswered = 31998
)

// Config says what is behind a relay.
type Config struct {
	// NameServers are host:port, as for remoting.Servers.
	NameServers []string
	// Remote is how to connect. Its credentials are not used: what is passed on
	// is signed already.
	Remote remoting.Config
	// Brokers leads connections to brokers through the relay too. Without it
	// routes are passed on as they are.
	Brokers bool
	Log     *slog.Logger
}

// Relay stands between the library and a cluster. Start makes it, Close ends it.
type Relay struct {
	remote  remoting.Config
	brokers bool
	log     *slog.Logger
	pool    *remoting.Pool
	names   *remoting.Servers
	door    string // the listener for name-server requests

	ctx  context.Context // ends with Close
	stop context.CancelFunc
	work sync.WaitGroup

	mu      sync.Mutex
	closers map[any]func()    // listeners and connections that are open; nil once closed
	doors   map[string]string // a broker's address: its listener
	failed  failure           // of the last question to the name servers
}

// failure is why name servers did not answer last.
type failure struct {
	at  time.Time
	err error
}

// Start listens on the loopback. It connects to nothing yet.
func Start(cfg Config) (*Relay, error) {
	cfg.Remote.Credentials = remoting.Credentials{}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	r := &Relay{remote: cfg.Remote, brokers: cfg.Brokers, log: cfg.Log, closers: map[any]func(){}, doors: map[string]string{}}
	r.pool = remoting.NewPool(cfg.Remote)
	r.names = remoting.NewServers(r.pool, cfg.NameServers)
	r.ctx, r.stop = context.WithCancel(context.Background())
	var err error
	if r.door, err = r.listen(r.serveNames); err != nil {
		return nil, errors.Join(err, r.Close())
	}
	return r, nil
}

// NameServer is what the library takes for its only name server, host:port.
func (r *Relay) NameServer() string { return r.door }

// NameError says why the name servers could not answer the last question, if
// that was asked since then; nil if they could.
func (r *Relay) NameError(since time.Time) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.failed.at.Before(since) {
		return nil
	}
	return r.failed.err
}

// Restore puts the cluster's addresses back into a text of the library's.
func (r *Relay) Restore(text string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	text = restore(text, r.door, strings.Join(r.names.Addrs(), ", "))
	for real, door := range r.doors {
		text = restore(text, door, real)
	}
	return text
}

// restore replaces an address unless it is the beginning of a longer one.
func restore(text, door, real string) string {
	var b strings.Builder
	for {
		before, after, found := strings.Cut(text, door)
		b.WriteString(before)
		switch {
		case !found:
			return b.String()
		case after != "" && after[0] >= '0' && after[0] <= '9':
			b.WriteString(door)
		default:
			b.WriteString(real)
		}
		text = after
	}
}

// Close ends every connection and returns when their goroutines have ended.
func (r *Relay) Close() error {
	r.stop()
	r.mu.Lock()
	closers := r.closers
	r.closers = nil
	r.mu.Unlock()
	for _, end := range closers {
		end()
	}
	r.work.Wait()
	return r.pool.Close()
}

// keep remembers what Close must end; false says that it is too late.
func (r *Relay) keep(c any, end func()) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closers == nil {
		return false
	}
	r.closers[c] = end
	return true
}

func (r *Relay) forget(c any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.closers, c)
}

// listen opens a listener of which every connection that comes from this process
// is handed to serve.
func (r *Relay) listen(serve func(net.Conn)) (addr string, err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	if !r.keep(l, func() { _ = l.Close() }) {
		return "", errors.Join(net.ErrClosed, l.Close())
	}
	r.work.Go(func() {
		for {
			nc, err := l.Accept()
			if err != nil {
				return
			}
			r.admit(nc, serve)
		}
	})
	return l.Addr().String(), nil
}

// admit serves a connection of this process on a goroutine of its own, and hangs
// up on every other before a byte has passed.
func (r *Relay) admit(nc net.Conn, serve func(net.Conn)) {
	ours, err := own(nc)
	if !ours {
		r.log.Warn("a connection from another program was refused", "error", err)
		_ = nc.Close()
		return
	}
	if !r.keep(nc, func() { _ = nc.Close() }) {
		_ = nc.Close()
		return
	}
	r.work.Go(func() {
		defer r.forget(nc)
		defer nc.Close()
		serve(nc)
	})
}

// doorOf returns the listener of a broker's address, a new one if it has none.
func (r *Relay) doorOf(broker string) (string, error) {
	r.mu.Lock()
	door, known := r.doors[broker]
	full := len(r.doors) >= maxBrokers
	r.mu.Unlock()
	switch {
	case known:
		return door, nil
	case full:
		return "", fmt.Errorf("routes with more than %d addresses", maxBrokers)
	}
	door, err := r.listen(func(nc net.Conn) { r.pass(nc, broker) })
	if err != nil {
		return "", err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if first, known := r.doors[broker]; known { // another route came first
		return first, nil
	}
	r.doors[broker] = door
	return door, nil
}
