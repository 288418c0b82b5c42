// Package sandbox is a RocketMQ of one node inside Gantry: a name server and a
// broker on loopback, for a first start and for development. It speaks the
// remoting protocol as 5.5.0 does. Here are the connections, what clients say of
// themselves, and what each request code asks for; what is kept is package store's,
// the language of SQL filters package sql92's.
//
// A Server runs in a process of its own. Its methods may be called from any
// goroutine. What was answered with success is on disk: it survives a killed
// process. It is not for production: there is one node, and no sign-in.
package sandbox

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"gantry/client/atomicfile"
	"gantry/client/remoting"
)

// The ports that RocketMQ's programs expect.
const (
	NameServerPort = 9876
	BrokerPort     = 10911
)

// What clients see of the node.
const (
	clusterName = "DefaultCluster"
	brokerName  = "sandbox"
	// version is that of 5.5.0 (MQVersion.java), which the sandbox follows.
	version = 513
)

// Options say where a sandbox lives. Zero values mean the defaults.
type Options struct {
	// Dir is its folder; it is made if it is missing.
	Dir string
	// NameServer and Broker are its ports; any free ones where 0 or taken.
	NameServer, Broker int
	// MaxMessages and MaxBytes are what is kept, 200,000 and 512 MB; beyond, the
	// oldest go.
	MaxMessages, MaxBytes int64
	// DelayLevels are the delays of the levels from 1 on (messageDelayLevel of
	// 5.5.0).
	DelayLevels []time.Duration
	// CheckAfter is when a producer is asked what became of its transaction, CheckAgain
	// how long it has then; those of 5.5.0, 6 and 30 s.
	CheckAfter, CheckAgain time.Duration
	// CheckMax is how often; that of 5.5.0, 15.
	CheckMax int
	// Log gets a line for what clients do wrong, never a body.
	Log *slog.Logger
}

// Server is a running sandbox.
type Server struct {
	log *slog.Logger
	// listeners are the name server's and the broker's.
	listeners [2]net.Listener
	broker    *broker
	requests  *memory

	mu     sync.Mutex
	conns  map[net.Conn]bool // guarded by mu
	closed bool              // guarded by mu
	quit   chan struct{}     // closed by Close
	work   sync.WaitGroup
}

// OpenAlone is Open for a process that does nothing else: it also bounds what that takes, for
// as long as it lives. The sandbox's clients may try for more.
func OpenAlone(o Options) (*Server, error) {
	debug.SetMemoryLimit(memoryGoal)
	debug.SetGCPercent(gcPercent)
	return Open(o)
}

// Open starts a sandbox: it listens when Open returns. The error says which
// folder or port cannot be used; fault.JournalLocked in it means that another
// process has the folder.
func Open(o Options) (*Server, error) {
	s := &Server{log: o.Log, requests: newMemory(requestsMost, requestsAside, requestsEach), conns: map[net.Conn]bool{}, quit: make(chan struct{})}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	for i, port := range []int{o.NameServer, o.Broker} {
		var err error
		if s.listeners[i], err = listen(port); err != nil {
			return nil, errors.Join(err, s.hangUp())
		}
	}
	var err error
	if s.broker, err = newBroker(o, s.log, s.NameServer(), s.listeners[1].Addr().(*net.TCPAddr).AddrPort(), s.quit); err != nil {
		return nil, errors.Join(err, s.hangUp())
	}
	// Where it runs, for who finds its folder taken.
	if err := atomicfile.Write(addressFile(o.Dir), []byte(s.NameServer())); err != nil {
		return nil, errors.Join(err, s.hangUp(), s.broker.store.Close())
	}
	for _, l := range s.listeners {
		s.work.Go(func() { s.accept(l) })
	}
	s.work.Go(s.broker.askAfter)
	return s, nil
}

// hangUp ends the listeners.
func (s *Server) hangUp() error {
	var errs []error
	for _, l := range s.listeners {
		if l != nil {
			errs = append(errs, l.Close())
		}
	}
	return errors.Join(errs...)
}

// listen takes a port of loopback, or any where that one is taken.
func listen(port int) (net.Listener, error) {
	l, err := net.Listen("tcp4", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil && port != 0 {
		l, err = net.Listen("tcp4", "127.0.0.1:0")
	}
	return l, err
}

// NameServer is the address to give to clients.
func (s *Server) NameServer() string { return s.listeners[0].Addr().String() }

// Broker is the address of the broker, which clients learn from the name server.
func (s *Server) Broker() string { return s.listeners[1].Addr().String() }

// Close ends every connection, writes what is not written, and returns when
// nothing of the sandbox runs any more.
func (s *Server) Close() error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil
	}
	s.closed = true
	errs := []error{s.hangUp()}
	close(s.quit)
	for nc := range s.conns {
		_ = nc.Close()
	}
	s.mu.Unlock()
	// Requests that wait for the store end with it.
	errs = append(errs, s.broker.store.Close())
	s.work.Wait()
	return errors.Join(append(errs, os.Remove(addressFile(s.broker.dir)))...)
}

func addressFile(dir string) string { return filepath.Join(dir, "address") }

// Address is where the sandbox that has a folder says its name server is, "" if
// none does. It may have died since.
func Address(dir string) string {
	b, err := os.ReadFile(addressFile(dir))
	if err != nil || len(b) > 64 {
		return ""
	}
	return string(b)
}

const (
	// idleLimit is when a silent client is taken to be gone
	// (serverChannelMaxIdleTimeSeconds).
	idleLimit = 120 * time.Second
	// atOnce bounds what one client has under way; most of it are pulls that wait.
	atOnce = 4096
	// maxConns bounds the clients.
	maxConns = 4096
	// maxRequest bounds a request, in bytes (NettyDecoder.FRAME_MAX_LENGTH).
	maxRequest = 16 << 20
	// answersAtOnce are the answers that may be under way to one client, of those that
	// may be large.
	answersAtOnce = 2
	// writeMost is how much is written at once, in bytes: that it moves is seen then.
	writeMost = 64 << 10
)

// accept serves the connections of a listener until it is closed.
func (s *Server) accept(l net.Listener) {
	for {
		nc, err := l.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			s.log.Warn("a connection cannot be accepted", "error", err)
			select {
			case <-s.quit:
				return
			case <-time.After(100 * time.Millisecond):
			}
			continue
		}
		if err := s.admit(nc); err != nil {
			s.log.Warn("a connection is refused", "error", err)
			_ = nc.Close()
			continue
		}
		s.work.Go(func() { s.serve(nc) })
	}
}

func (s *Server) admit(nc net.Conn) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		return net.ErrClosed
	case len(s.conns) >= maxConns:
		return fmt.Errorf("there are %d already", maxConns)
	}
	s.conns[nc] = true
	return nil
}

// serve answers one connection until it ends.
func (s *Server) serve(nc net.Conn) {
	c := &watched{Conn: nc, gone: make(chan struct{})}
	hangUp := func() {
		s.log.Warn("a connection is ended, for others wait for the room that it takes", "client", nc.RemoteAddr())
		_ = nc.Close()
	}
	c.requests, c.answers = s.requests.share(hangUp, c.gone), s.broker.answers.share(hangUp, c.gone)
	p := &peer{Peer: remoting.NewPeer(c), gone: c.gone, answers: c.answers, answering: make(chan struct{}, answersAtOnce)}
	p.Bound(c.requests, maxRequest)
	p.Together(s.broker.several(p))
	err := p.Serve(atOnce, func(c *remoting.Command) *remoting.Command { return s.broker.handle(p, c) })
	_ = nc.Close()
	c.requests.leave()
	c.answers.leave()
	s.broker.clients.left(p)
	s.mu.Lock()
	delete(s.conns, nc)
	closed := s.closed
	s.mu.Unlock()
	if !closed && !errors.Is(err, io.EOF) {
		s.log.Warn("a connection ended", "client", nc.RemoteAddr(), "error", err)
	}
}

// peer is a connected client.
type peer struct {
	*remoting.Peer
	gone    <-chan struct{} // closed when nothing more comes from it
	answers *share
	// answering holds a token for each request whose answer may be large, from when
	// it is made until it is out.
	answering chan struct{}
	notices   atomic.Int32 // that are under way
}

// watched is a connection whose reading ends when nothing comes for too long,
// and which tells that it did.
type watched struct {
	net.Conn
	requests, answers *share
	once              sync.Once
	gone              chan struct{}
	read              time.Time // when the limit was set; only who reads has it
}

// Read reads what comes within the limit, to a second.
func (w *watched) Read(b []byte) (n int, err error) {
	if now := time.Now(); now.Sub(w.read) > time.Second {
		w.read = now
		err = w.SetReadDeadline(now.Add(idleLimit + time.Second))
	}
	if err == nil {
		n, err = w.Conn.Read(b)
		w.requests.move()
	}
	if err != nil {
		w.once.Do(func() { close(w.gone) })
	}
	return n, err
}

// Write writes what there is piece by piece: somebody may look whether it moves.
func (w *watched) Write(b []byte) (int, error) {
	w.answers.writes(len(b))
	defer w.answers.writes(0)
	n := 0
	for n < len(b) {
		k, err := w.Conn.Write(b[n:min(n+writeMost, len(b))])
		n += k
		if err != nil {
			return n, err
		}
		w.answers.move()
	}
	return n, nil
}
