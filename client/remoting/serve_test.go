package remoting

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gantry/client/fault"
)

func TestServe(t *testing.T) {
	near, far := net.Pipe()
	defer near.Close()
	var together, most atomic.Int32
	hold := make(chan struct{})
	ended := make(chan error, 1)
	go func() {
		ended <- Serve(far, 2, func(req *Command) *Command {
			if n := together.Add(1); n > most.Load() {
				most.Store(n)
			}
			defer together.Add(-1)
			switch req.Code {
			case 1:
				<-hold
				return req.Answer(Success, "held")
			case 2:
				return nil
			case 3:
				resp := req.Answer(Success, "")
				resp.Body = make([]byte, MaxFrame)
				return resp
			}
			return &Command{Code: Success, Opaque: 999, Flag: flagResponse, Remark: fmt.Sprint("code ", req.Code)}
		})
	}()
	write := func(c *Command) {
		frame, err := AppendFrame(nil, c)
		if err != nil {
			t.Error(err)
		}
		if _, err := near.Write(frame); err != nil {
			t.Error(err)
		}
	}
	read := func() *Command {
		t.Helper()
		_ = near.SetReadDeadline(time.Now().Add(5 * time.Second))
		c, err := ReadFrame(near)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	write(&Command{Code: 9, Flag: flagOneway})   // handled, not answered
	write(&Command{Code: 9, Flag: flagResponse}) // no request
	write(&Command{Code: 2, Opaque: 2})          // not answered
	write(&Command{Code: 1, Opaque: 10})         // held, and overtaken:
	write(&Command{Code: 5, Opaque: 11})
	if c := read(); c.Opaque != 11 || c.Remark != "code 5" || !c.IsResponse() {
		t.Errorf("%v %q", c, c.Remark)
	}
	close(hold)
	if c := read(); c.Opaque != 10 || c.Remark != "held" {
		t.Errorf("%v %q", c, c.Remark)
	}
	write(&Command{Code: 3, Opaque: 12})
	if c := read(); c.Opaque != 12 || c.Code != SystemError || !strings.Contains(c.Remark, fault.TooLarge.Error()) {
		t.Errorf("too large an answer: %v %q", c, c.Remark)
	}
	if most.Load() > 2 {
		t.Errorf("%d requests were handled together", most.Load())
	}
	near.Close()
	if err := <-ended; !errors.Is(err, io.EOF) {
		t.Errorf("it ended with %v", err)
	}
}

func TestServeWaitsForItsHandlers(t *testing.T) {
	near, far := net.Pipe()
	var done sync.WaitGroup
	done.Add(1)
	release, started := make(chan struct{}), make(chan struct{})
	var returned atomic.Bool
	go func() {
		defer done.Done()
		_ = Serve(far, 1, func(*Command) *Command { close(started); <-release; return nil })
		returned.Store(true)
	}()
	frame, err := AppendFrame(nil, &Command{Code: 1})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := near.Write(frame); err != nil {
		t.Fatal(err)
	}
	<-started
	near.Close()
	time.Sleep(20 * time.Millisecond)
	if returned.Load() {
		t.Error("it returned before its handler")
	}
	close(release)
	done.Wait()
}

// TestPeerAsk: answers find who asked, also in another order, and nobody waits for
// one that does not come.
func TestPeerAsk(t *testing.T) {
	near, far := net.Pipe()
	defer near.Close()
	p := NewPeer(far)
	ended := make(chan error, 1)
	go func() { ended <- p.Serve(2, func(req *Command) *Command { return req.Answer(Success, "served") }) }()
	type got struct {
		a   *Command
		err error
	}
	ask := func(code int, patience time.Duration) chan got {
		c := make(chan got, 1)
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		go func() {
			defer cancel()
			a, err := p.Ask(ctx, &Command{Code: code})
			c <- got{a, err}
		}()
		return c
	}
	read := func() *Command {
		t.Helper()
		_ = near.SetReadDeadline(time.Now().Add(5 * time.Second))
		c, err := ReadFrame(near)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	write := func(c *Command) {
		t.Helper()
		frame, err := AppendFrame(nil, c)
		if err == nil {
			_, err = near.Write(frame)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	first := ask(1, time.Minute)
	q1 := read()
	second := ask(2, time.Minute)
	q2 := read()
	write(q2.Answer(7, "two"))
	write(q2.Answer(8, "nobody waits for it"))
	write(&Command{Code: 3, Opaque: 5}) // the client's own request passes in between
	if c := read(); c.Remark != "served" || c.Opaque != 5 {
		t.Errorf("%v %s", c, c.Remark)
	}
	write(q1.Answer(Success, "one"))
	if g := <-second; g.err != nil || g.a.Code != 7 || g.a.Remark != "two" {
		t.Error(g.a, g.err)
	}
	if g := <-first; g.err != nil || g.a.Remark != "one" {
		t.Error(g.a, g.err)
	}
	if g := <-ask(4, 20*time.Millisecond); !errors.Is(g.err, context.DeadlineExceeded) { // nobody reads it
		t.Error(g.err)
	}
	left := ask(5, time.Minute)
	_ = near.Close()
	if g := <-left; !errors.Is(g.err, fault.ConnectionLost) {
		t.Error(g.err)
	}
	if err := <-ended; !errors.Is(err, io.EOF) {
		t.Error(err)
	}
	if len(p.asked) > 0 {
		t.Errorf("%d questions are left", len(p.asked))
	}
}
