package remoting

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"gantry/client/fault"
)

// nextServer is how long one server may be silent before the next is asked too.
const nextServer = time.Second

// Servers asks servers that all know the same, as name servers do: whichever
// answers first. It may be used from any goroutine.
type Servers struct {
	pool  *Pool
	addrs []string     // never changed
	last  atomic.Int32 // index of the one that answered last
}

// NewServers returns the servers at addrs (host:port), in the order in which they
// are tried first. It dials nothing yet.
func NewServers(pool *Pool, addrs []string) *Servers {
	return &Servers{pool: pool, addrs: slices.Clone(addrs)}
}

// Addrs lists the servers.
func (s *Servers) Addrs() []string { return slices.Clone(s.addrs) }

// Prefer has addr asked first from now on.
func (s *Servers) Prefer(addr string) {
	if i := slices.Index(s.addrs, addr); i >= 0 {
		s.last.Store(int32(i))
	}
}

// Ask asks the server that answered last, the next one as soon as that fails or
// was silent for a second, and so on; the first that can answer wins. An answer
// whose code is not Success is a *fault.Answer; codes 1 and 2 are no answer but
// a failure of that server (5.x answers "name server not ready" after its start).
// Where none answers, the error is Reasons. A server whose answer has a body of more than
// most bytes has failed, too.
func (s *Servers) Ask(ctx context.Context, cmd *Command, most int) (*Command, error) {
	n := len(s.addrs)
	if n == 0 {
		return nil, fault.NoNameServer
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // ends the slower ones
	type answer struct {
		index int
		resp  *Command
		err   error
	}
	answers := make(chan answer, n)
	first, begun, failed := int(s.last.Load()), 0, 0
	ask := func() {
		i := (first + begun) % n
		begun++
		go func() {
			var resp *Command
			err := s.pool.Read(ctx, s.addrs[i], cmd, most, func(r *Command) error { resp = r; return r.Err(s.addrs[i]) })
			answers <- answer{i, resp, err}
		}()
	}
	ask()
	reasons := make([]error, n)
	next := time.NewTicker(nextServer)
	defer next.Stop()
	for {
		select {
		case a := <-answers:
			if a.err == nil || isAnswer(a.err) {
				s.last.Store(int32(a.index))
				return a.resp, a.err
			}
			failed++
			reasons[a.index] = a.err
			if failed == n {
				return nil, JoinReasons(ctx, reasons)
			}
			if begun < n {
				ask()
				next.Reset(nextServer)
			}
		case <-next.C:
			if begun < n {
				ask()
			}
		}
	}
}

// isAnswer reports whether err is an answer that another server would give as
// well.
func isAnswer(err error) bool {
	var re *fault.Answer
	return errors.As(err, &re) && re.Code != SystemError && re.Code != SystemBusy
}

// Reasons are why each of several servers did not answer, in their order.
type Reasons []error

// Error is all of them, a line each.
func (r Reasons) Error() string { return errors.Join(r...).Error() }

// Unwrap returns the reasons.
func (r Reasons) Unwrap() []error { return r }

// JoinReasons is the one reason where there is one server, or where the caller
// gave up, and Reasons otherwise.
func JoinReasons(ctx context.Context, reasons []error) error {
	if len(reasons) == 1 {
		return reasons[0]
	}
	if errors.Is(ctx.Err(), context.Canceled) {
		return fmt.Errorf("name servers: %w", ctx.Err())
	}
	return Reasons(reasons)
}
