package remoting

import (
	"bufio"
	"encoding/binary"
	"sync"
)

// Several lets a server handle those requests together that came together: for many small
// ones, waking a goroutine for each and writing each answer by itself costs more than all
// else.
type Several struct {
	// Is tells which requests may be handled so.
	Is func(*Command) bool
	// Handle returns their answers, in their order, nil for none. It must not wait: nothing
	// is read meanwhile. What it would wait for, it leaves to later, which returns the
	// answers then, on a goroutine of its own. Bodies are good only until Handle returns.
	Handle func(reqs []*Command) (answers []*Command, later func() []*Command)
}

// severalMost bounds the requests that are handled together.
const severalMost = 64

// Together has requests handled together. It is called before Serve.
func (p *Peer) Together(s Several) { p.several = s }

func (p *Peer) isOfSeveral(req *Command) bool {
	return req != nil && p.several.Is != nil && !req.IsResponse() && p.several.Is(req)
}

// serveSeveral handles a request with those behind it that are read already, and returns
// the first that is none of them, if there is one.
func (p *Peer) serveSeveral(r *bufio.Reader, came arrived, free chan struct{}, work *sync.WaitGroup) (arrived, error) {
	reqs, cost := make([]*Command, 0, 16), 0
	var err error
	for came.req != nil && len(reqs) < severalMost && p.isOfSeveral(came.req) {
		reqs, cost = append(reqs, came.req), cost+came.cost
		came, err = p.here(r)
	}
	free <- struct{}{} // before, because later may hold up those that have the other places
	answers, later := p.several.Handle(reqs)
	if later == nil {
		<-free
		p.out = p.answerAll(p.out[:0], reqs, answers)
		p.memory.Give(cost)
		return came, err
	}
	work.Go(func() {
		p.answerAll(nil, reqs, later())
		<-free
		p.memory.Give(cost)
	})
	return came, err
}

// here returns the next request if it is read already, whole, and there is room for it:
// none if not.
func (p *Peer) here(r *bufio.Reader) (arrived, error) {
	if r.Buffered() < 8 {
		return arrived{}, nil
	}
	start, err := r.Peek(8)
	if err != nil {
		return arrived{}, err
	}
	n := binary.BigEndian.Uint32(start)
	if checkLength([4]byte(start), n) != nil || int64(n) > int64(r.Buffered()-4) {
		return arrived{}, nil // for next to see to
	}
	cost, err := p.costOf([8]byte(start))
	if err != nil || !p.memory.TryTake(cost) {
		return arrived{}, nil
	}
	frame, err := cut(r, n)
	var req *Command
	if err == nil {
		req, err = Decode(frame[4:])
	}
	if err != nil {
		p.memory.Give(cost)
		return arrived{}, err
	}
	return arrived{req, cost, lends(r, n)}, nil
}

// answerAll writes answers into dst and that to the client at once.
func (p *Peer) answerAll(dst []byte, reqs, answers []*Command) []byte {
	for i, a := range answers {
		if a == nil || reqs[i].IsOneway() {
			continue
		}
		a.Opaque = reqs[i].Opaque
		var err error
		if dst, err = AppendFrame(dst, a); err != nil { // it is too large: say that instead
			dst, _ = AppendFrame(dst, reqs[i].Answer(SystemError, err.Error()))
		}
	}
	if len(dst) > 0 {
		_ = p.write(dst) // where the connection is lost, reading ends too
	}
	return dst
}
