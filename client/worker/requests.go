package worker

import (
	"sync"
	"time"

	"gantry/client/fault"
	"gantry/client/message"
	"gantry/client/producer"
)

// requests are those that wait for their replies. What comes of each is written down: the
// reply, or that none came in time.
type requests struct {
	book *book

	mu    sync.Mutex
	waits map[string]waiting // by the request's id
	shut  bool
}

type waiting struct {
	of    uint64
	timer *time.Timer // not set before the request was sent
}

func newRequests(b *book) *requests { return &requests{book: b, waits: map[string]waiting{}} }

// begin notes a request that is about to leave: its reply may come before its receipt.
func (x *requests) begin(of uint64, id string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.waits[id] = waiting{of: of}
}

// sent waits for the reply to a request that has left, from now on; what was refused gets
// none.
func (x *requests) sent(id string, r *message.Receipt, within time.Duration) {
	x.mu.Lock()
	defer x.mu.Unlock()
	w, ok := x.waits[id]
	switch {
	case !ok: // it was answered already
	case r.Status == message.StatusFailed || x.shut:
		delete(x.waits, id)
	default:
		w.timer = time.AfterFunc(within, func() { x.end(message.Reply{Fault: fault.From(fault.Timeout)}, id) })
		x.waits[id] = w
	}
}

// replied takes a reply. One that nobody waits for any more is none.
func (x *requests) replied(r producer.Reply) {
	x.end(message.Reply{From: r.From, Properties: r.Properties, Body: r.Body}, r.ID)
}

func (x *requests) end(r message.Reply, id string) {
	x.mu.Lock()
	w, ok := x.waits[id]
	delete(x.waits, id)
	if w.timer != nil {
		w.timer.Stop()
	}
	shut := x.shut
	x.mu.Unlock()
	if !ok || shut {
		return
	}
	r.Of, r.At = w.of, time.Now()
	// Not on the goroutine that reads: the journal may be full.
	go func() { _ = x.book.log.Add(func(dst []byte) ([]byte, int) { return message.AppendReply(dst, &r), 1 }) }()
}

// close ends the waiting.
func (x *requests) close() {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.shut = true
	for _, w := range x.waits {
		if w.timer != nil {
			w.timer.Stop()
		}
	}
}
