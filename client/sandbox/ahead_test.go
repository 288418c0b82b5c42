package sandbox

import (
	"fmt"
	"strings"
	"testing"

	"gantry/client/remoting"
)

// TestPullReadsAhead: what a pull reads together is what it reads one by one, where others
// lie between, tags pass or not, and messages are larger than the room for that.
func TestPullReadsAhead(t *testing.T) {
	n := start(t, Options{})
	var want []string
	for i := range 300 {
		body := fmt.Sprint(i, " ", strings.Repeat("x", i*i%3000))
		switch {
		case i%7 == 0:
			n.send("others", body)
			continue
		case i%50 == 3:
			body += strings.Repeat("y", aheadBytes)
		}
		tag := []string{"a", "b"}[i%3%2]
		n.send("orders", body, "TAGS="+tag)
		if tag == "a" {
			want = append(want, body)
		}
	}
	read := func() (all []string) {
		for offset, more := 0, true; more; {
			a, got := n.pull("orders", 0, offset, "subscription", "a", "expressionType", "TAG", "maxMsgNums", "40")
			if more = a.Code == remoting.Success; more {
				for _, m := range got {
					all = append(all, string(m.Body))
				}
				if _, err := fmt.Sscan(a.ExtFields["nextBeginOffset"], &offset); err != nil {
					t.Fatal(err)
				}
			}
		}
		return all
	}
	same := func(what string, got []string) {
		t.Helper()
		if len(got) != len(want) {
			t.Fatalf("%s: %d messages, want %d", what, len(got), len(want))
		}
		for i := range got {
			if got[i] != want[i] {
				t.Fatalf("%s: message %d is %.20q, want %.20q", what, i, got[i], want[i])
			}
		}
	}
	same("together", read())
	if len(n.s.broker.buffers) != aheadBuffers {
		t.Errorf("%d buffers are left of %d", len(n.s.broker.buffers), aheadBuffers)
	}
	for range aheadBuffers { // all are in use
		<-n.s.broker.buffers
	}
	same("one by one", read())
}
