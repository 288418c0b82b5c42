package remoting

import (
	"bytes"
	"errors"
	"io"
	"net"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"gantry/client/fault"
)

// smallRoom is a Memory for so many requests.
type smallRoom struct{ left atomic.Int32 }

func (r *smallRoom) Take(int) error { r.left.Add(-1); return nil }
func (r *smallRoom) Came()          {}
func (r *smallRoom) Give(int)       { r.left.Add(1) } // of all that were handled together
func (r *smallRoom) TryTake(int) bool {
	if r.left.Load() <= 0 {
		return false
	}
	r.left.Add(-1)
	return true
}

// writes counts what is written to a connection.
type writes struct {
	net.Conn
	n atomic.Int32
}

func (w *writes) Write(b []byte) (int, error) { w.n.Add(1); return w.Conn.Write(b) }

// severalRig serves what is written to it at once: requests of code 1 together, those of
// them that have a body later, when release is closed.
func severalRig(t *testing.T, m Memory) (c net.Conn, together chan int, out *writes, release chan struct{}) {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	near, err := net.Dial("tcp4", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	far, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	together, out, release = make(chan int, 100), &writes{Conn: far}, make(chan struct{})
	p := NewPeer(out)
	if m != nil {
		p.Bound(m, MaxFrame)
	}
	answers := func(reqs []*Command) (all []*Command) {
		for _, r := range reqs {
			if r.Opaque%10 == 7 {
				all = append(all, nil) // this one gets none
				continue
			}
			all = append(all, r.Answer(Success, "together"))
		}
		return all
	}
	p.Together(Several{
		Is: func(c *Command) bool { return c.Code == 1 },
		Handle: func(reqs []*Command) ([]*Command, func() []*Command) {
			together <- len(reqs)
			if len(reqs[0].Body) > 0 {
				return nil, func() []*Command { <-release; return answers(reqs) }
			}
			return answers(reqs), nil
		},
	})
	ended := make(chan error, 1)
	go func() { ended <- p.Serve(4, func(req *Command) *Command { return req.Answer(Success, "alone") }) }()
	t.Cleanup(func() {
		_ = near.Close()
		if err := <-ended; !errors.Is(err, io.EOF) && !errors.Is(err, fault.Malformed) {
			t.Error(err)
		}
		_ = far.Close()
	})
	_ = near.SetReadDeadline(time.Now().Add(10 * time.Second))
	return near, together, out, release
}

func frames(t *testing.T, all ...*Command) []byte {
	t.Helper()
	var b []byte
	for _, c := range all {
		var err error
		if b, err = AppendFrame(b, c); err != nil {
			t.Fatal(err)
		}
	}
	return b
}

func answersOf(t *testing.T, nc net.Conn, n int) (opaques []int32, remarks []string) {
	t.Helper()
	for range n {
		c, err := ReadFrame(nc)
		if err != nil {
			t.Fatal(err)
		}
		opaques, remarks = append(opaques, c.Opaque), append(remarks, c.Remark)
	}
	return opaques, remarks
}

// TestSeveral: what came together is handled together and answered in one write; others
// between and behind are handled alone, and those that wait hold nothing up.
func TestSeveral(t *testing.T) {
	nc, together, out, release := severalRig(t, nil)
	send := func(all ...*Command) {
		t.Helper()
		if _, err := nc.Write(frames(t, all...)); err != nil {
			t.Fatal(err)
		}
	}
	send(&Command{Code: 1, Opaque: 1}, &Command{Code: 1, Opaque: 2}, &Command{Code: 1, Opaque: 3, Flag: flagOneway}, &Command{Code: 1, Opaque: 7}, &Command{Code: 1, Opaque: 5})
	if opaques, remarks := answersOf(t, nc, 3); !slices.Equal(opaques, []int32{1, 2, 5}) || remarks[0] != "together" {
		t.Errorf("%v %v", opaques, remarks)
	}
	if n := <-together; n != 5 || out.n.Load() != 1 {
		t.Errorf("%d were handled together and answered by %d writes", n, out.n.Load())
	}
	send(&Command{Code: 1, Opaque: 11, Body: []byte("later")}, &Command{Code: 1, Opaque: 12}, &Command{Code: 2, Opaque: 13}, &Command{Code: 1, Opaque: 14})
	// Not in one order: each is on a goroutine of its own.
	opaques, _ := answersOf(t, nc, 2)
	if slices.Sort(opaques); !slices.Equal(opaques, []int32{13, 14}) {
		t.Errorf("%v came while others wait", opaques)
	}
	close(release)
	if opaques, remarks := answersOf(t, nc, 2); !slices.Equal(opaques, []int32{11, 12}) || remarks[1] != "together" {
		t.Errorf("%v %v", opaques, remarks)
	}
	// Half a request is one for the next time.
	b := frames(t, &Command{Code: 1, Opaque: 21}, &Command{Code: 1, Opaque: 22})
	if _, err := nc.Write(b[:len(b)-3]); err != nil {
		t.Fatal(err)
	}
	if opaques, _ := answersOf(t, nc, 1); opaques[0] != 21 {
		t.Error(opaques)
	}
	if _, err := nc.Write(b[len(b)-3:]); err != nil {
		t.Fatal(err)
	}
	if opaques, _ := answersOf(t, nc, 1); opaques[0] != 22 {
		t.Error(opaques)
	}
	// What cannot be read ends the connection, but not before what was.
	b = frames(t, &Command{Code: 1, Opaque: 31}, &Command{Code: 1, Opaque: 32})
	if _, err := nc.Write(append(b, 0, 0, 0, 8, 0, 0, 0, 4, 'a', 'b', 'c', 'd')); err != nil {
		t.Fatal(err)
	}
	if opaques, _ := answersOf(t, nc, 2); !slices.Equal(opaques, []int32{31, 32}) {
		t.Error(opaques)
	}
}

// TestSeveralWithoutRoom: those for which there is no room wait until the others are
// answered, instead of both waiting for each other.
func TestSeveralWithoutRoom(t *testing.T) {
	room := &smallRoom{}
	room.left.Store(2)
	nc, together, _, _ := severalRig(t, room)
	var all []*Command
	for i := range int32(5) {
		all = append(all, &Command{Code: 1, Opaque: i})
	}
	if _, err := nc.Write(frames(t, all...)); err != nil {
		t.Fatal(err)
	}
	if opaques, _ := answersOf(t, nc, 5); !slices.Equal(opaques, []int32{0, 1, 2, 3, 4}) {
		t.Error(opaques)
	}
	if n := <-together; n != 2 {
		t.Errorf("%d were handled together in a room for 2", n)
	}
}

// TestBodiesAreKept: what a handler got stays what it was while more comes, whether it came
// among others that are handled together or not.
func TestBodiesAreKept(t *testing.T) {
	near, far := net.Pipe()
	release := make(chan struct{})
	p := NewPeer(far)
	p.Together(Several{
		Is:     func(c *Command) bool { return c.Code == 1 },
		Handle: func(reqs []*Command) ([]*Command, func() []*Command) { return make([]*Command, len(reqs)), nil },
	})
	ended := make(chan error, 1)
	go func() {
		ended <- p.Serve(100, func(req *Command) *Command {
			<-release
			a := req.Answer(Success, "")
			a.Body = req.Body
			return a
		})
	}()
	const n = 60
	for i := range n {
		size := 100 + i%3*10_000 // some larger than the buffer
		all := frames(t, &Command{Code: 1, Body: bytes.Repeat([]byte{'x'}, 50)}, &Command{Code: 2, Opaque: int32(i), Body: bytes.Repeat([]byte{byte(i)}, size)})
		if _, err := near.Write(all); err != nil {
			t.Fatal(err)
		}
	}
	close(release)
	_ = near.SetReadDeadline(time.Now().Add(10 * time.Second))
	for range n {
		c, err := ReadFrame(near)
		if err != nil {
			t.Fatal(err)
		}
		if i := int(c.Opaque); !bytes.Equal(c.Body, bytes.Repeat([]byte{byte(i)}, 100+i%3*10_000)) {
			t.Errorf("the body of %d is another", i)
		}
	}
	_ = near.Close()
	if err := <-ended; !errors.Is(err, io.EOF) {
		t.Error(err)
	}
}

// TestSeveralNeedAPlace: they are handled only when there is a place for what they leave to
// later, because who has the others may wait for just that.
func TestSeveralNeedAPlace(t *testing.T) {
	near, far := net.Pipe()
	defer near.Close()
	p := NewPeer(far)
	const places = 2
	var running, most atomic.Int32
	handled, release := make(chan struct{}, 10), make(chan struct{})
	p.Together(Several{
		Is: func(*Command) bool { return true },
		Handle: func(reqs []*Command) ([]*Command, func() []*Command) {
			if n := running.Add(1); n > most.Load() {
				most.Store(n)
			}
			handled <- struct{}{}
			return nil, func() []*Command {
				<-release
				running.Add(-1)
				return []*Command{reqs[0].Answer(Success, "")}
			}
		},
	})
	ended := make(chan error, 1)
	go func() { ended <- p.Serve(places, func(*Command) *Command { return nil }) }()
	written := make(chan struct{})
	go func() {
		defer close(written)
		for i := range int32(places + 1) {
			b, err := AppendFrame(nil, &Command{Code: 1, Opaque: i})
			if err == nil {
				_, err = near.Write(b)
			}
			if err != nil {
				t.Error(err)
			}
		}
	}()
	for range places {
		<-handled
	}
	<-written // the last one is there too
	close(release)
	answersOf(t, near, places+1)
	if most.Load() > places {
		t.Errorf("%d were under way at %d places", most.Load(), places)
	}
	_ = near.Close()
	<-ended
}
