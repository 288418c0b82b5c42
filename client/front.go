package client

import (
	"net"
	"os"
	"path/filepath"
	"time"
)

// knockLimit bounds how long a second start waits for the first one's answer.
const knockLimit = time.Second

// knocked is what the first start answers with.
const knocked = 'g'

func knocker(f Folders) string { return filepath.Join(f.Data, "gantry.sock") }

// Front has each start that finds the data folder in use call f, from a goroutine of its
// own, until Close: the window is to come to the front. Where the system has no local
// sockets, or the folder's name is too long for one, nobody can knock, which is an error
// but no reason to stop. The socket lies in the data folder, which only the user can
// enter, and nothing is read from it. Call it once.
func (c *Client) Front(f func()) error {
	// What a crash left: the folder is ours, so nobody listens there.
	_ = os.Remove(knocker(c.folders))
	l, err := net.Listen("unix", knocker(c.folders))
	if err != nil {
		return err
	}
	c.mu.Lock()
	c.door = l
	closed := c.closed
	c.mu.Unlock()
	if closed {
		return l.Close()
	}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return // closed
			}
			f()
			_ = conn.SetDeadline(time.Now().Add(knockLimit))
			_, _ = conn.Write([]byte{knocked})
			_ = conn.Close()
		}
	}()
	return nil
}

// Knock asks the Gantry that uses the folders to come to the front, and tells whether it
// has heard. It blocks for two seconds at most.
func Knock(f Folders) bool {
	conn, err := net.DialTimeout("unix", knocker(f), knockLimit)
	if err != nil {
		return false
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(knockLimit))
	var answer [1]byte
	n, _ := conn.Read(answer[:])
	return n == 1 && answer[0] == knocked
}
