package admin

import (
	"cmp"
	"context"
	"errors"

	"golang.org/x/sync/errgroup"
)

// atOnce is how many requests of one question are under way together. A broker
// answers such requests from a pool of threads of its own.
const atOnce = 16

// each runs f for 0 to n-1, atOnce together, and returns the first error, which
// cancels the context of the others. It returns when all have. Where ctx ends
// first that is the error, unless an f says more about it.
func each(ctx context.Context, n int, f func(ctx context.Context, i int) error) error {
	work, asking := errgroup.WithContext(ctx)
	work.SetLimit(atOnce)
	for i := range n {
		if asking.Err() != nil {
			break
		}
		work.Go(func() error { return f(asking, i) })
	}
	return cmp.Or(work.Wait(), ctx.Err())
}

// ended is why a question has no answer whose context has ended: what err tells of that,
// which names the broker, else the context's own.
func ended(ctx context.Context, err error) error {
	if errors.Is(err, ctx.Err()) {
		return err
	}
	return ctx.Err()
}
