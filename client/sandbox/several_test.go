package sandbox

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"gantry/client/message"
	"gantry/client/remoting"
	"gantry/client/sandbox/store"
)

// sendOf is a request of the second version, as clients write it.
func sendOf(opaque int, topic, body, properties string, more ...string) *remoting.Command {
	ext := map[string]string{
		"a": "producers", "b": topic, "c": store.DefaultTopic, "d": "4", "e": "1", "f": "0",
		"g": strconv.FormatInt(time.Now().UnixMilli(), 10), "h": "0", "i": properties, "j": "0", "k": "false", "m": "false",
	}
	for i := 0; i+1 < len(more); i += 2 {
		ext[more[i]] = more[i+1]
	}
	return &remoting.Command{Code: remoting.SendMessageV2, Opaque: int32(opaque), ExtFields: ext, Body: []byte(body)}
}

// TestSeveralSends: of sends that come in one piece each gets its own answer, whatever
// becomes of the others: plain ones, one that is delayed, a half one, one that is refused,
// one to a topic that is not there yet.
func TestSeveralSends(t *testing.T) {
	n := start(t, Options{})
	n.send("orders", "the first")
	nc := rawClient(t, n.s.Broker())
	all := []*remoting.Command{
		sendOf(1, "orders", "one", "TAGS\x01a"), sendOf(2, "orders", "two", "TAGS\x01b\x02DELAY\x0118"),
		sendOf(3, "orders", "three", "", "e", "99"), sendOf(4, "orders", "four", "TRAN_MSG\x01true\x02PGROUP\x01producers"),
		sendOf(5, "bills", "five", ""), sendOf(6, "orders", "six", strings.Repeat("x", 40_000)),
		sendOf(7, "orders", "seven", "TIMER_DELAY_SEC\x019999999"), sendOf(8, "orders", "eight", "UNIQ_KEY\x01AB"),
	}
	var b []byte
	for _, c := range all {
		var err error
		if b, err = remoting.AppendFrame(b, c); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := nc.Write(b); err != nil {
		t.Fatal(err)
	}
	answers, err := readAll(bufio.NewReader(nc), len(all))
	if err != nil {
		t.Fatal(err)
	}
	for opaque, code := range map[int32]int{
		1: remoting.Success, 2: remoting.Success, 3: remoting.InvalidParameter, 4: remoting.Success,
		5: remoting.Success, 6: remoting.MessageIllegal, 7: remoting.MessageIllegal, 8: remoting.Success,
	} {
		if a := answers[opaque]; a == nil || a.Code != code {
			t.Errorf("%d: %v, want %d", opaque, a, code)
		}
	}
	_, stored := n.pull("orders", 1, 0)
	var bodies []string
	for _, m := range stored {
		bodies = append(bodies, string(m.Body))
		if m.Property(message.PropertyUniqueID) == "" || m.Property(propCluster) == "" {
			t.Errorf("%s has the properties %v", m.Body, m.Properties)
		}
	}
	if got := strings.Join(bodies, " "); got != "one eight" {
		t.Errorf("stored are %q", got)
	}
	for opaque, want := range map[int32]string{1: "0", 8: "1"} {
		if got := answers[opaque].ExtFields["queueOffset"]; got != want {
			t.Errorf("%d has the offset %s", opaque, got)
		}
	}
	if answers[8].ExtFields["transactionId"] != "AB" || n.s.broker.store.Waiting() != 1 {
		t.Errorf("%v, %d wait", answers[8].ExtFields, n.s.broker.store.Waiting())
	}
}

// readAll reads answers, by their opaques.
func readAll(r *bufio.Reader, n int) (map[int32]*remoting.Command, error) {
	all := map[int32]*remoting.Command{}
	for range n {
		a, err := remoting.ReadFrame(r)
		if err != nil {
			return nil, err
		}
		all[a.Opaque] = a
	}
	return all, nil
}

// TestManyWhoSend: what several connections send in pieces of several, while the oldest go,
// lies in its queue once, and where its answer says.
func TestManyWhoSend(t *testing.T) {
	n := start(t, Options{MaxMessages: 1000})
	n.send("orders", "the first")
	const conns, pieces, each = 4, 50, 10
	var group sync.WaitGroup
	var mu sync.Mutex
	said := map[string]int64{} // offsets by body
	for c := range conns {
		nc := rawClient(t, n.s.Broker())
		group.Go(func() {
			group.Go(func() { // more comes while others are stored
				for p := range pieces {
					var b []byte
					for i := range each {
						i += p * each
						b, _ = remoting.AppendFrame(b, sendOf(i, "orders", fmt.Sprintf("%d %d", c, i), ""))
					}
					if _, err := nc.Write(b); err != nil {
						t.Error(err)
						return
					}
				}
			})
			answers, err := readAll(bufio.NewReader(nc), pieces*each)
			if err != nil {
				t.Error(err)
				return
			}
			for i, a := range answers {
				offset, err := strconv.ParseInt(a.ExtFields["queueOffset"], 10, 64)
				if err != nil || a.Code != remoting.Success {
					t.Error(a, err)
				}
				mu.Lock()
				said[fmt.Sprintf("%d %d", c, i)] = offset
				mu.Unlock()
			}
		})
	}
	group.Wait()
	first, next := n.s.broker.store.Bounds("orders", 1)
	if next != conns*pieces*each || first == 0 || next-first > 1000 {
		t.Errorf("kept are %d to %d", first, next)
	}
	for offset := first; offset < next; offset++ {
		m, err := n.s.broker.store.At("orders", 1, offset)
		if err != nil || m == nil {
			t.Fatal(m, err)
		}
		if said[string(m.Body)] != offset {
			t.Errorf("%q lies at %d, its answer said %d", m.Body, offset, said[string(m.Body)])
		}
	}
}

// TestSendsThatCannotBeWritten: a full disk holds up those who send, and nothing else of
// the same connection; what they sent is stored when there is room, or is not answered at
// the end.
func TestSendsThatCannotBeWritten(t *testing.T) {
	dir := t.TempDir()
	n := start(t, Options{Dir: dir, MaxMessages: 160})
	for range 10 {
		n.send("orders", "x")
	}
	taken := filepath.Join(dir, "messages", "000000000010.seg")
	if err := os.Mkdir(taken, 0o700); err != nil {
		t.Fatal(err)
	}
	nc := rawClient(t, n.s.Broker())
	r := bufio.NewReader(nc)
	var b []byte
	for _, c := range []*remoting.Command{
		sendOf(1, "orders", "a", ""), sendOf(2, "orders", "b", ""),
		{Code: remoting.AllTopics, Opaque: 3},
		sendOf(4, "orders", "c", ""),
		{Code: remoting.BrokerRuntimeInfo, Opaque: 5},
	} {
		var err error
		if b, err = remoting.AppendFrame(b, c); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := nc.Write(b); err != nil {
		t.Fatal(err)
	}
	_ = nc.SetReadDeadline(time.Now().Add(20 * time.Second))
	answers := map[int32]*remoting.Command{}
	read := func() {
		t.Helper()
		a, err := remoting.ReadFrame(r)
		if err != nil {
			t.Fatal(err)
		}
		answers[a.Opaque] = a
	}
	for answers[3] == nil || answers[5] == nil {
		read()
	}
	if answers[1] != nil || answers[2] != nil {
		t.Errorf("what is not on disk was answered: %v", answers)
	}
	if err := os.Remove(taken); err != nil {
		t.Fatal(err)
	}
	for len(answers) < 5 {
		read()
	}
	for _, opaque := range []int32{1, 2} {
		if a := answers[opaque]; a == nil || a.Code != remoting.Success || a.ExtFields["queueOffset"] != fmt.Sprint(opaque-1) {
			t.Errorf("%d: %v", opaque, a)
		}
	}
	// The third came before it was known that the disk is full, or behind that.
	if a := answers[4]; a == nil || a.Code != remoting.Success && a.Code != remoting.ServiceNotAvailable {
		t.Errorf("the third: %v", a)
	}
}
