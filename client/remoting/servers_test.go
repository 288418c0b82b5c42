package remoting

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"gantry/client/fault"
	"gantry/client/testserver"
)

func answerWith(code int, remark string) func(net.Conn) {
	return func(nc net.Conn) {
		_ = Serve(nc, 4, func(req *Command) *Command { return req.Answer(code, remark) })
	}
}

func TestServersAsk(t *testing.T) {
	good, starting, unknown := testserver.Serve(t, answerWith(Success, "good")), testserver.Serve(t, answerWith(SystemError, "name server not ready")), testserver.Serve(t, answerWith(TopicNotExist, "no route"))
	for name, c := range map[string]struct {
		addrs  []string
		remark string // of the answer
		code   int    // of a refusal
		within time.Duration
	}{
		"the first":               {[]string{good, unknown}, "good", 0, nextServer},
		"one that starts":         {[]string{starting, good}, "good", 0, nextServer},
		"a silent one":            {[]string{testserver.Serve(t, testserver.Silent), good}, "good", 0, 2 * nextServer},
		"a refusal is final":      {[]string{unknown, good}, "", TopicNotExist, nextServer},
		"a silent and a dead one": {[]string{testserver.Serve(t, testserver.Silent), testserver.Nowhere(t), good}, "good", 0, 2 * nextServer},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := NewPool(Config{})
			defer p.Close()
			begin := time.Now()
			resp, err := NewServers(p, c.addrs).Ask(t.Context(), &Command{Code: RouteByTopic}, MaxFrame)
			if took := time.Since(begin); took > c.within {
				t.Errorf("it took %v", took)
			}
			var re *fault.Answer
			switch {
			case c.code != 0:
				if !errors.As(err, &re) || re.Code != c.code {
					t.Errorf("%v", err)
				}
			case err != nil || resp.Remark != c.remark:
				t.Errorf("%v, %v", resp, err)
			}
		})
	}
}

func TestServersAllFail(t *testing.T) {
	p := NewPool(Config{})
	defer p.Close()
	if _, err := NewServers(p, nil).Ask(t.Context(), &Command{}, MaxFrame); !errors.Is(err, fault.NoNameServer) {
		t.Errorf("none: %v", err)
	}
	dead, web := testserver.Nowhere(t), testserver.Serve(t, func(nc net.Conn) { _, _ = nc.Write([]byte("HTTP/1.1 400 Bad Request\r\n\r\n")); testserver.Silent(nc) })
	_, err := NewServers(p, []string{dead, web}).Ask(t.Context(), &Command{}, MaxFrame)
	var all Reasons
	if !errors.As(err, &all) || len(all) != 2 || !errors.Is(all[0], fault.Unreachable) || !errors.Is(all[1], fault.NotRocketMQ) {
		t.Fatalf("%v", err)
	}
	if text := err.Error(); !strings.Contains(text, dead) || !strings.Contains(text, web) {
		t.Errorf("%q does not name both", text)
	}
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	begin := time.Now()
	_, err = NewServers(p, []string{testserver.Serve(t, testserver.Silent), testserver.Serve(t, testserver.Silent)}).Ask(ctx, &Command{}, MaxFrame)
	if !errors.Is(err, context.Canceled) || errors.As(err, &all) || time.Since(begin) > 2*time.Second {
		t.Errorf("cancelled: %v after %v", err, time.Since(begin))
	}
}

// TestServersRemember: the one that answered is asked first from then on.
func TestServersRemember(t *testing.T) {
	p := NewPool(Config{})
	defer p.Close()
	var asked atomic.Int32
	good := testserver.Serve(t, answerWith(Success, ""))
	mute := testserver.Serve(t, func(nc net.Conn) { asked.Add(1); testserver.Silent(nc) })
	s := NewServers(p, []string{mute, good})
	for i := range 3 {
		begin := time.Now()
		if _, err := s.Ask(t.Context(), &Command{}, MaxFrame); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(begin); i > 0 && took >= nextServer {
			t.Errorf("question %d took %v", i, took)
		}
	}
	s.Prefer(mute)
	begin := time.Now()
	if _, err := s.Ask(t.Context(), &Command{}, MaxFrame); err != nil || time.Since(begin) < nextServer {
		t.Errorf("the preferred one was not asked first: %v after %v", err, time.Since(begin))
	}
	s.Prefer("unknown:1")
	if got := s.Addrs(); len(got) != 2 || got[0] != mute || asked.Load() == 0 {
		t.Errorf("%v", got)
	}
}
