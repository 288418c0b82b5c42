package task

import (
	"context"
)

// Scope is the lifetime of a screen's queries and tickers. Main goroutine only.
type Scope struct {
	r       *Runner
	ctx     context.Context
	cancel  context.CancelFunc
	queries map[string]*query
	last    uint64 // generation of the newest query
	closed  bool
}

// query is the newest run of one key.
type query struct {
	generation uint64
	cancel     context.CancelFunc
}

// Scope returns a new scope that ends with its Close or with the Runner's.
func (r *Runner) Scope() *Scope {
	ctx, cancel := context.WithCancel(r.ctx)
	return &Scope{r: r, ctx: ctx, cancel: cancel, queries: make(map[string]*query)}
}

// Close cancels the scope's queries and tickers: none of their functions runs
// any more. A closed scope drops what it is given; closing twice is harmless.
func (s *Scope) Close() {
	s.closed = true
	s.cancel()
	clear(s.queries)
}

// Closed reports whether Close was called.
func (s *Scope) Closed() bool { return s.closed }

// Cancel ends the query of key, if one runs: its done never runs.
func (s *Scope) Cancel(key string) {
	if q, ok := s.queries[key]; ok {
		q.cancel()
		delete(s.queries, key)
	}
}

// Running reports whether a query of key has not answered yet.
func (s *Scope) Running(key string) bool {
	_, ok := s.queries[key]
	return ok
}

// Ask runs work on its own goroutine and done with its result on the main
// goroutine. A newer Ask of the same scope and key supersedes it: the context
// is cancelled and done never runs. A nil done is allowed.
func Ask[T any](r *Runner, s *Scope, key string, work func(ctx context.Context) (T, error), done func(T, error)) {
	s.Cancel(key)
	if s.closed || r.closed.Load() {
		return
	}
	s.last++
	ctx, cancel := context.WithCancel(s.ctx)
	q := &query{generation: s.last, cancel: cancel}
	s.queries[key] = q
	r.spawn(func() {
		v, err := guard(ctx, work)
		r.hand(func() {
			cancel()
			now, ok := s.queries[key]
			if !ok || now.generation != q.generation {
				return
			}
			delete(s.queries, key)
			if done != nil {
				done(v, err)
			}
		})
	})
}
