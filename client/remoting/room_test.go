package remoting

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"net"
	"testing"
	"time"

	"gantry/client/fault"
	"gantry/client/testserver"
)

// large answers code 1 with a body of a MB, of which it keeps the end back until release is
// closed, and everything else at once.
func large(t *testing.T, release <-chan struct{}) (addr string) {
	return testserver.Serve(t, func(nc net.Conn) {
		r := bufio.NewReader(nc)
		for {
			req, err := ReadFrame(r)
			if err != nil {
				return
			}
			a := echo(req)
			if req.Code != 1 {
				_ = send(nc, a)
				continue
			}
			a.Body = bytes.Repeat([]byte("x"), 1<<20)
			frame, err := AppendFrame(nil, a)
			if err != nil {
				return
			}
			_, _ = nc.Write(frame[:len(frame)-1])
			<-release
			_, _ = nc.Write(frame[len(frame)-1:])
		}
	})
}

func (r *Room) taken() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.used
}

// TestAnswerAboveItsBound: it is passed over, and the connection goes on.
func TestAnswerAboveItsBound(t *testing.T) {
	release := make(chan struct{})
	close(release)
	room := NewRoom(1 << 20)
	c := dial(t, large(t, release), Config{Room: room})
	for range 3 {
		err := c.Read(t.Context(), &Command{Code: 1}, 1<<20-1, func(*Command) error { t.Error("it is used"); return nil })
		if !errors.Is(err, fault.BadAnswer) || room.taken() != 0 {
			t.Fatal(err, room.taken())
		}
	}
	used := errors.New("used")
	if err := c.Read(t.Context(), &Command{Code: 1}, 1<<20, func(r *Command) error {
		if len(r.Body) != 1<<20 || room.taken() != 1<<20 {
			t.Error(len(r.Body), room.taken())
		}
		return used
	}); err != used || room.taken() != 0 {
		t.Error(err, room.taken())
	}
}

// TestRoomOfAnswers: a large answer waits for the room that another one has, a small one
// does not; what nobody waits for any more gives its room back, though its end never comes.
func TestRoomOfAnswers(t *testing.T) {
	release := make(chan struct{})
	defer close(release)
	room := NewRoom(1<<20 + 1<<19)
	slow, other := large(t, release), make(chan struct{})
	close(other)
	quick := dial(t, large(t, other), Config{Room: room})
	stuck := dial(t, slow, Config{Room: room})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		_, err := stuck.Call(ctx, &Command{Code: 1})
		ended <- err
	}()
	for room.taken() == 0 {
		time.Sleep(time.Millisecond)
	}
	if _, err := quick.Call(t.Context(), &Command{Code: 2, Body: []byte("small")}); err != nil {
		t.Error("a small one:", err)
	}
	short, stop := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer stop()
	if _, err := quick.Call(short, &Command{Code: 1}); !errors.Is(err, fault.Timeout) || errors.Is(err, context.DeadlineExceeded) {
		t.Error("a large one beside another, whose server was not silent:", err)
	}
	waits := make(chan error, 1)
	go func() {
		_, err := quick.Call(t.Context(), &Command{Code: 1})
		waits <- err
	}()
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if err := <-waits; err != nil {
		t.Error("once there is room:", err)
	}
	for room.taken() != 0 {
		time.Sleep(time.Millisecond)
	}
}

// TestAlone: one after the other, and nobody waits longer than its context.
func TestAlone(t *testing.T) {
	room := NewRoom(1)
	done, err := room.Alone(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if _, err := room.Alone(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	done()
	if done, err = room.Alone(t.Context()); err != nil {
		t.Fatal(err)
	}
	done()
}
