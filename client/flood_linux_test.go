//go:build !race

package client_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"maps"
	"net"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"gantry/client/remoting"
)

const (
	// floodPeak is what that process may take at its most, in bytes; floodTime what one
	// question may: half a minute for what asks many servers, on a busy machine.
	floodPeak = 300 << 20
	floodTime = 60 * time.Second
	// floodBrokers answer at once as many large lists as are asked for at once.
	floodBrokers = 16
)

// floods are what servers do, and the questions that must be answered with why not, or what
// is missing.
type floods map[string]struct {
	body func() func(*remoting.Command) []byte
	raw  func(net.Conn, *remoting.Command, int) bool
	says []string
}

// quickFloods take some seconds in all.
func quickFloods(t *testing.T) floods {
	routed := []string{"topic", "readers", "lookup", "joining", "fate", "send", "found"}
	route := func(queues string) func() func(*remoting.Command) []byte {
		return lie(remoting.RouteByTopic, `{"brokerDatas":[{"brokerAddrs":{0:"127.0.0.1:1"},"brokerName":"a"}],"queueDatas":[`+queues+`]}`)
	}
	return floods{
		"lists of 15 MB":               {lists(5_000_000, 15<<20, ""), nil, listed()},
		"queues without end":           {route(`{"brokerName":"a","perm":6,"readQueueNums":2147483647,"writeQueueNums":2147483647}`), nil, routed},
		"a route of 31 MB":             {route(strings.Repeat(`{"brokerName":"a","perm":6,"readQueueNums":1,"writeQueueNums":1},`, 480_000) + `{}`), nil, routed},
		"brokers without end":          {lie(remoting.ClusterInfo, manyBrokers()), nil, listed()},
		"headers without end":          {lists(5_000_000, 1<<20, ""), header, listed()},
		"messages that unpack to much": {messagesOf(packedZeros(t, 256<<20), 0x301), nil, nil},
		"large messages without end":   {messagesOf(bytes.Repeat([]byte("x"), 480<<10), 0), nil, []string{"fate"}},
	}
}

// longFloods take long to make, to read, because they are true, or to wait for.
func longFloods() floods {
	return floods{
		"lists of 30 MB":            {lists(5_000_000, 31<<20, ""), nil, listed()},
		"long lists":                {lists(100_000, 31<<20, ""), nil, []string{"sums", "group"}},
		"long names":                {lists(15, 31<<20, strings.Repeat("x", 1<<20)), nil, nil},
		"answers without their end": {lists(5_000_000, 15<<20, ""), drip, listed()},
		"what nobody asked for":     {lists(5_000_000, 8<<20, ""), unasked, listed()},
	}
}

// listed are the questions whose answers are lists.
func listed() []string {
	return []string{"topics", "groups", "sums", "group", "topic", "readers", "producers", "servers"}
}

// TestFlood: whatever servers answer, the window's process keeps to its memory, and each
// question ends in time and says what it could not have. GANTRY_FLOODS=all is longer.
func TestFlood(t *testing.T) {
	t.Parallel()
	exe, all := workerProgram(t), quickFloods(t)
	if os.Getenv("GANTRY_FLOODS") == "all" {
		maps.Copy(all, longFloods())
	}
	for name, c := range all {
		t.Run(name, func(t *testing.T) {
			if c.raw != nil {
				t.Parallel() // it waits most of the time
			}
			f := &flood{body: c.body(), raw: c.raw}
			for _, a := range f.ask(t, exe) {
				if a.Took > floodTime {
					t.Errorf("%s took %v", a.Question, a.Took)
				}
				if a.Err == "" && slices.Contains(c.says, a.Question) {
					t.Errorf("%s is answered as if it were whole", a.Question)
				}
			}
		})
	}
}

// ask has a process ask everything.
func (f *flood) ask(t *testing.T, exe string) (all []told) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), floodedEnv+"="+t.TempDir()+","+f.serve(t)+","+exe)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 1<<20)
	peak := int64(0)
	for len(all) < len(questions(nil, nil)) && lines.Scan() {
		var a told
		if err := json.Unmarshal(lines.Bytes(), &a); err != nil {
			t.Error(err)
		}
		all = append(all, a)
		peak = peakOf(cmd.Process.Pid)
		t.Logf("%-9s %4d MB %7v %.150q", a.Question, peak>>20, a.Took.Round(time.Millisecond), a.Err)
	}
	_ = in.Close()
	if len(all) < len(questions(nil, nil)) {
		_ = cmd.Process.Kill() // nobody reads what it says
	}
	if err := cmd.Wait(); err != nil || len(all) < len(questions(nil, nil)) {
		t.Errorf("%d questions: %v", len(all), err)
	}
	if peak > floodPeak*raceFactor {
		t.Errorf("it took %d MB", peak>>20)
	}
	return all
}
