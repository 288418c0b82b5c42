package remoting

import (
	"bufio"
	"net"
	"sync"
)

// Serve is the server half of a connection: it hands every request that comes on
// nc to handle and writes what that returns, under the request's opaque, until
// reading fails; that error it returns. At most atOnce requests are handled
// together, each on a goroutine of its own, so that answers may overtake each
// other; further ones wait unread. Nil answers nothing, nor does anything a
// one-way request. Serve returns when all handlers have; it does not close nc.
func Serve(nc net.Conn, atOnce int, handle func(*Command) *Command) error {
	var (
		writing sync.Mutex
		work    sync.WaitGroup
	)
	defer work.Wait()
	free := make(chan struct{}, atOnce)
	r := bufio.NewReaderSize(nc, readBuffer)
	for {
		req, err := ReadFrame(r)
		if err != nil {
			return err
		}
		if req.IsResponse() {
			continue
		}
		free <- struct{}{}
		work.Go(func() {
			defer func() { <-free }()
			resp := handle(req)
			if resp == nil || req.IsOneway() {
				return
			}
			resp.Opaque = req.Opaque
			frame, err := AppendFrame(nil, resp)
			if err != nil { // the body is too large: say that instead
				frame, err = AppendFrame(nil, req.Answer(SystemError, err.Error()))
			}
			if err != nil {
				return
			}
			writing.Lock()
			defer writing.Unlock()
			_, _ = nc.Write(frame) // where the connection is lost, reading ends too
		})
	}
}
