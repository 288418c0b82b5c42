package overview

import (
	"testing"
	"time"
)

// TestPortion: quick servers are asked about more at once, slow ones about a screenful or two
// again, however many there were before.
func TestPortion(t *testing.T) {
	for _, c := range []struct {
		was, told int
		took      time.Duration
		want      int
	}{
		{Chunk, Chunk, 0, 2 * Chunk},
		{Chunk, Chunk, 10 * time.Millisecond, 2 * Chunk},
		{Chunk, Chunk, 100 * time.Millisecond, 60},
		{Chunk, Chunk, 10 * time.Second, Chunk},
		{400, 400, 10 * time.Millisecond, MostAtOnce},
		{400, 400, 600 * time.Millisecond, 100},
		{400, 400, time.Minute, Chunk},
		{400, 7, time.Millisecond, 400},
		{400, 7, time.Minute, 400},
	} {
		if got := portionAfter(c.was, c.told, c.took); got != c.want {
			t.Errorf("%d of %d in %v: %d, not %d", c.told, c.was, c.took, got, c.want)
		}
	}
}
