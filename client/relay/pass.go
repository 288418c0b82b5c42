package relay

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"gantry/client/fault"
	"gantry/client/remoting"
)

// lingers is how long a connection that cannot be passed on answers what still
// comes on it.
const lingers = 200 * time.Millisecond

// pass connects the library with a broker and copies bytes both ways until
// either end hangs up. The first request is read whole, so that it can be
// answered where the broker cannot be reached or ends the connection unanswered,
// as it does where it refuses our certificate.
func (r *Relay) pass(down net.Conn, broker string) {
	first, err := remoting.ReadRaw(down)
	if err != nil {
		return
	}
	up, err := remoting.Open(r.ctx, broker, r.remote)
	if err != nil {
		r.refuse(down, first, CodeUnreachable, err)
		return
	}
	defer up.Close()
	if !r.keep(up, func() { _ = up.Close() }) {
		return
	}
	defer r.forget(up)
	begin := make([]byte, 4, 4+len(first))
	binary.BigEndian.PutUint32(begin, uint32(len(first)))
	if _, err := up.Write(append(begin, first...)); err != nil {
		r.unanswered(down, first, broker, err)
		return
	}
	var work sync.WaitGroup
	work.Go(func() {
		_, _ = io.Copy(up, down)
		_ = up.Close() // ends the other direction
	})
	defer work.Wait()
	defer down.Close() // ends the first direction
	answer := make([]byte, 4)
	if n, err := io.ReadFull(up, answer); n == 0 {
		if r.ctx.Err() == nil && !errors.Is(err, net.ErrClosed) {
			r.unanswered(down, first, broker, err)
		}
		return
	} else if _, err := down.Write(answer[:n]); err != nil {
		return
	}
	_, _ = io.Copy(down, up)
}

// unanswered answers a request that was passed on, where the broker ended the
// connection without an answer. A broker that refuses TLS has not read it.
func (r *Relay) unanswered(down net.Conn, first []byte, broker string, err error) {
	err = fmt.Errorf("%s: %w", broker, remoting.BeforeAnswer(err, r.remote.TLS != nil))
	code := CodeUnanswered
	if errors.Is(err, fault.TLS) {
		code = CodeUnreachable
	}
	r.refuse(down, first, code, err)
}

// refuse answers a request with why there is no answer, and others that follow
// at once. Then the connection ends, so that the library dials again.
func (r *Relay) refuse(down net.Conn, first []byte, code int, why error) {
	r.log.Warn("a broker cannot be used", "error", why.Error())
	_ = down.SetReadDeadline(time.Now().Add(lingers))
	for frame := first; ; {
		req, err := remoting.Decode(frame)
		if err != nil {
			return
		}
		if !req.IsResponse() && !req.IsOneway() {
			resp, err := remoting.AppendFrame(nil, failed(req, code, why))
			if err != nil {
				return
			}
			if _, err := down.Write(resp); err != nil {
				return
			}
		}
		if frame, err = remoting.ReadRaw(down); err != nil {
			return
		}
	}
}
