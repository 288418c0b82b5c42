package admin

import (
	"cmp"
	"context"
	"sync"
)

// atOnce is how many requests of one question are under way together. A broker
// answers such requests from a pool of threads of its own.
const atOnce = 16

// each runs f for 0 to n-1, atOnce together, and returns the first error, which
// cancels the context of the others. It returns when all have. Where ctx ends
// first that is the error, unless an f says more about it.
func each(ctx context.Context, n int, f func(ctx context.Context, i int) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var (
		work  sync.WaitGroup
		once  sync.Once
		first error
	)
	free := make(chan struct{}, atOnce)
	for i := range n {
		free <- struct{}{}
		if ctx.Err() != nil {
			break
		}
		work.Go(func() {
			defer func() { <-free }()
			if err := f(ctx, i); err != nil {
				once.Do(func() { first = err })
				cancel()
			}
		})
	}
	work.Wait()
	return cmp.Or(first, ctx.Err())
}
