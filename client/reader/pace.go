package reader

import (
	"context"
	"sync"
	"time"
)

// pacer bounds how many bytes a second are read. It may be used from any goroutine; a nil
// one bounds nothing.
type pacer struct {
	rate int64 // bytes a second

	mu   sync.Mutex
	next time.Time // when what was read until now is paid for; guarded by mu
}

// pacers are those of brokers; nil without a rate.
func pacers(rate int64, parts []Part) map[string]*pacer {
	if rate <= 0 {
		return nil
	}
	by := map[string]*pacer{}
	for _, p := range parts {
		by[p.Queue.Broker] = &pacer{rate: rate}
	}
	return by
}

// pay waits until n more bytes are within the rate; the error is the context's.
func (p *pacer) pay(ctx context.Context, n int) error {
	if p == nil || n == 0 {
		return ctx.Err()
	}
	p.mu.Lock()
	if now := time.Now(); p.next.Before(now) {
		p.next = now
	}
	p.next = p.next.Add(time.Duration(float64(n) / float64(p.rate) * float64(time.Second)))
	until := time.Until(p.next)
	p.mu.Unlock()
	return sleep(ctx, until)
}
