package reader

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/remoting"
	"gantry/client/testserver"
)

// line is a network that carries so many bytes a second.
type line struct {
	net.Conn
	rate float64
	mu   *sync.Mutex
	free *time.Time
}

func (l line) Write(b []byte) (int, error) {
	for n := 0; n < len(b); {
		k := min(len(b)-n, 16<<10)
		l.mu.Lock()
		if now := time.Now(); l.free.Before(now) {
			*l.free = now
		}
		*l.free = l.free.Add(time.Duration(float64(k) / l.rate * 1e9))
		until := *l.free
		l.mu.Unlock()
		time.Sleep(time.Until(until))
		if _, err := l.Conn.Write(b[n : n+k]); err != nil {
			return n, err
		}
		n += k
	}
	return len(b), nil
}

// SetWriteDeadline is not heeded: a server waits for a slow line.
func (l line) SetWriteDeadline(time.Time) error { return nil }

// TestFollowSlowLine: what takes longer than a broker's answer may be late still comes,
// each once, without a word of trouble.
func TestFollowSlowLine(t *testing.T) {
	for name, c := range map[string]struct {
		queues, each, size int
		rate               float64
	}{
		"more under way than is soon there": {8, 170, 8000, 1e6},
		"a large message":                   {1, 1, 4 << 20, 4e5},
		"many queues":                       {300, 20, 2000, 1.1e6},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, a := newFake(t, c.queues)
			for q := range c.queues {
				for i := range c.each {
					body := fmt.Sprint(q, "/", i, " ")
					f.put(q, int64(i), "x", body+strings.Repeat("x", c.size-len(body)))
				}
			}
			var mu sync.Mutex
			var free time.Time
			slow := testserver.Serve(t, func(nc net.Conn) { f.serve(line{nc, c.rate, &mu, &free}) })
			f.locked(func() { f.at = slow })
			floors := map[cluster.Queue]int64{}
			for q := range c.queues {
				floors[cluster.Queue{Broker: "a", ID: q}] = 0
			}
			_, k := follow(t, a, floors)
			var got []string
			for _, body := range k.until(t, c.queues*c.each) {
				first, _, _ := strings.Cut(body, " ")
				got = append(got, first)
			}
			inOrder(t, got, c.queues, c.each)
			if errs := k.failures(); len(errs) > 0 {
				t.Errorf("%v", errs)
			}
		})
	}
}

// TestFollowLies: a broker whose offsets make no sense neither floods the list nor
// keeps what it has.
func TestFollowLies(t *testing.T) {
	for name, c := range map[string]struct {
		bend     func(asked int64, ext map[string]string)
		want     int
		troubled bool
	}{
		"no end":           {func(_ int64, ext map[string]string) { ext["maxOffset"] = "0" }, 100, false},
		"no beginning":     {func(_ int64, ext map[string]string) { ext["minOffset"] = "9223372036854775807" }, 100, false},
		"an end far off":   {func(_ int64, ext map[string]string) { ext["maxOffset"] = "9223372036854775807" }, 100, false},
		"it does not move": {func(asked int64, ext map[string]string) { ext["nextBeginOffset"] = fmt.Sprint(asked) }, 0, true},
		"it goes back":     {func(asked int64, ext map[string]string) { ext["nextBeginOffset"] = fmt.Sprint(asked - 64) }, 0, true},
		"it leaps":         {func(_ int64, ext map[string]string) { ext["nextBeginOffset"] = "9223372036854775807" }, 0, true},
		"below nothing":    {func(_ int64, ext map[string]string) { ext["minOffset"] = "-5" }, 0, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, a := filled(t, 1, 100)
			liar := testserver.Serve(t, func(nc net.Conn) {
				_ = remoting.Serve(nc, 64, func(q *remoting.Command) *remoting.Command {
					r := f.answer(q)
					if q.Code == remoting.PullMessage {
						at, _ := strconv.ParseInt(q.ExtFields["queueOffset"], 10, 64)
						c.bend(at, r.ExtFields)
					}
					return r
				})
			})
			f.locked(func() { f.at = liar })
			r, k := follow(t, a, map[cluster.Queue]int64{{Broker: "a"}: 0})
			k.until(t, c.want)
			time.Sleep(500 * time.Millisecond)
			got, errs := k.until(t, c.want), k.failures()
			if len(got) != c.want || len(errs) > 0 != c.troubled || len(errs) > 5 || r.Missed() != 0 {
				t.Errorf("%d messages, %v, missed %d", len(got), errs, r.Missed())
			}
			if c.troubled && !errors.Is(errs[0], fault.BadAnswer) {
				t.Error(errs[0])
			}
		})
	}
}

// TestFollowStops: at once, while a broker holds its pulls.
func TestFollowStops(t *testing.T) {
	f, a := filled(t, 2, 10)
	f.locked(func() { f.holds = hold })
	r, k := follow(t, a, map[cluster.Queue]int64{{Broker: "a"}: 0, {Broker: "a", ID: 1}: 0})
	k.until(t, 20)
	time.Sleep(300 * time.Millisecond)
	begin := time.Now()
	if err := r.Stop(5 * time.Second); err != nil || time.Since(begin) > time.Second {
		t.Errorf("%v after %v", err, time.Since(begin))
	}
	if errs := k.failures(); len(errs) > 0 {
		t.Error(errs)
	}
}
