package remoting

import (
	"bufio"
	"net"
	"testing"

	"gantry/client/testserver"
)

// TestAskedByTheServer: what a server asks comes to who wants it, with its body and between
// answers; what is larger than a message is passed over.
func TestAskedByTheServer(t *testing.T) {
	told := make(chan *Command, 1)
	addr := testserver.Serve(t, func(nc net.Conn) {
		r := bufio.NewReader(nc)
		for {
			req, err := ReadFrame(r)
			if err != nil {
				return
			}
			if req.IsOneway() {
				told <- req
				continue
			}
			for _, size := range []int{mostAsked + 1, 100_000, 0} {
				_ = send(nc, &Command{Code: CheckTransactionState, Opaque: req.Opaque, Body: make([]byte, size), ExtFields: map[string]string{"a": "b"}})
			}
			_ = send(nc, echo(req))
		}
	})
	asked := make(chan *Command, 10)
	c := dial(t, addr, Config{Asked: func(cmd *Command) { asked <- cmd }})
	if resp, err := c.Call(t.Context(), &Command{Code: HeartBeat, Body: []byte("x")}); err != nil || string(resp.Body) != "x" {
		t.Fatalf("%v, %v", resp, err)
	}
	for _, size := range []int{100_000, 0} { // they came before the answer
		if cmd := <-asked; cmd.Code != CheckTransactionState || len(cmd.Body) != size || cmd.ExtFields["a"] != "b" {
			t.Errorf("%v", cmd)
		}
	}
	if err := c.Tell(t.Context(), &Command{Code: EndTransaction, ExtFields: map[string]string{"c": "d"}}); err != nil {
		t.Fatal(err)
	}
	if cmd := <-told; cmd.Code != EndTransaction || cmd.ExtFields["c"] != "d" {
		t.Errorf("%v", cmd)
	}
	if len(asked) > 0 {
		t.Errorf("%d more were asked", len(asked))
	}
	if _, err := c.Call(t.Context(), &Command{Code: HeartBeat}); err != nil {
		t.Error(err)
	}
}
