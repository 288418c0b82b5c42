package sandbox

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"gantry/client/remoting"
)

// childFolder names the folder of the sandbox that TestChild is, in a process of its
// own.
const childFolder = "GANTRY_SANDBOX_CHILD"

// TestChild is no test but a sandbox in a process of its own, for those that kill it
// or measure it.
func TestChild(t *testing.T) {
	dir := os.Getenv(childFolder)
	if dir == "" {
		return // run by another test only
	}
	s, err := OpenAlone(Options{Dir: dir})
	if err != nil {
		fmt.Println("cannot start:", err)
		return
	}
	fmt.Println("serving", s.Broker())
	_, _ = bufio.NewReader(os.Stdin).ReadString('\n') // until it is killed, or told to end
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// child is a sandbox in a process of its own.
type child struct {
	t      *testing.T
	cmd    *exec.Cmd
	broker string
}

func startChild(t *testing.T, dir string) *child {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestChild$", "-test.v=false")
	cmd.Env = append(os.Environ(), childFolder+"="+dir)
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
	c := &child{t: t, cmd: cmd}
	t.Cleanup(func() { c.kill(); _ = in.Close() })
	line, err := bufio.NewReader(out).ReadString('\n')
	addr, serving := strings.CutPrefix(strings.TrimSpace(line), "serving ")
	if !serving {
		t.Fatalf("%q, %v", line, err)
	}
	c.broker = addr
	return c
}

// kill ends it as kill -9 does.
func (c *child) kill() {
	_ = c.cmd.Process.Kill()
	_ = c.cmd.Wait()
}

// ask sends one request on a connection of its own and returns the answer.
func (c *child) ask(code int, body string, fields ...string) *remoting.Command {
	c.t.Helper()
	conn, err := remoting.Dial(c.t.Context(), c.broker, remoting.Config{})
	if err != nil {
		c.t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	n := &node{t: c.t, conn: conn}
	return n.ask(code, body, fields...)
}

// TestD2 kills a sandbox as soon as it has answered, 20 times: what was answered with
// success is there again, and what was deleted is not.
func TestD2(t *testing.T) {
	dir := t.TempDir()
	for round := range 20 {
		c := startChild(t, dir)
		topic, group, gone := fmt.Sprint("topic", round), fmt.Sprint("group", round), fmt.Sprint("topic", round-1)
		for _, a := range []*remoting.Command{
			c.ask(remoting.CreateTopic, "", "topic", topic, "readQueueNums", "3", "writeQueueNums", "3", "perm", "6"),
			c.ask(remoting.CreateGroup, fmt.Sprintf(`{"groupName":%q,"retryMaxTimes":3}`, group)),
			c.ask(remoting.UpdateConsumerOffset, "", "consumerGroup", group, "topic", topic, "queueId", "1", "commitOffset", fmt.Sprint(round+7)),
		} {
			if a.Code != remoting.Success {
				t.Fatalf("%d %s", a.Code, a.Remark)
			}
		}
		if round > 0 {
			// The last answer before the end is another one each time.
			switch round % 3 {
			case 0:
				c.ask(remoting.DeleteTopicInBroker, "", "topic", gone)
			case 1:
				c.ask(remoting.DeleteTopicInBroker, "", "topic", gone)
				c.ask(remoting.UpdateConsumerOffset, "", "consumerGroup", group, "topic", topic, "queueId", "2", "commitOffset", "9")
			default:
				c.ask(remoting.DeleteTopicInBroker, "", "topic", gone)
				c.ask(remoting.DeleteGroup, "", "groupName", fmt.Sprint("group", round-1), "cleanOffset", "true")
			}
		}
		c.kill()

		c = startChild(t, dir)
		if a := c.ask(remoting.TopicConfig, "", "topic", topic); !strings.Contains(string(a.Body), `"readQueueNums":3`) {
			t.Errorf("round %d: the topic is gone: %d %s", round, a.Code, a.Body)
		}
		if a := c.ask(remoting.AllGroups, ""); !strings.Contains(string(a.Body), fmt.Sprintf(`%q:{"groupName":%q`, group, group)) ||
			round%3 == 2 && strings.Contains(string(a.Body), fmt.Sprintf(`"group%d"`, round-1)) {
			t.Errorf("round %d: groups %d %s", round, a.Code, a.Body)
		}
		if a := c.ask(remoting.QueryConsumerOffset, "", "consumerGroup", group, "topic", topic, "queueId", "1"); a.ExtFields["offset"] != fmt.Sprint(round+7) {
			t.Errorf("round %d: the group goes on at %s", round, a.ExtFields["offset"])
		}
		if a := c.ask(remoting.QueryConsumerOffset, "", "consumerGroup", group, "topic", topic, "queueId", "2"); round%3 == 1 && a.ExtFields["offset"] != "9" {
			t.Errorf("round %d: the last commit is gone: %s", round, a.ExtFields["offset"])
		}
		if a := c.ask(remoting.TopicConfig, "", "topic", gone); round > 0 && a.Code != remoting.TopicNotExist {
			t.Errorf("round %d: the deleted topic is back: %d", round, a.Code)
		}
		c.kill()
	}
}

// BenchmarkCommit commits for 2,000 groups over eight connections.
func BenchmarkCommit(b *testing.B) {
	s, err := Open(Options{Dir: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	const groups, conns = 2000, 8
	ask := func(c *remoting.Conn, code int, body string, ext map[string]string) error {
		ctx, cancel := context.WithTimeout(b.Context(), 10*time.Second)
		defer cancel()
		a, err := c.Call(ctx, &remoting.Command{Code: code, Body: []byte(body), ExtFields: ext})
		if err == nil && a.Code != remoting.Success {
			err = errors.New(a.Remark)
		}
		return err
	}
	all := make([]*remoting.Conn, conns)
	for i := range all {
		if all[i], err = remoting.Dial(b.Context(), s.Broker(), remoting.Config{}); err != nil {
			b.Fatal(err)
		}
		defer func() { _ = all[i].Close() }()
	}
	if err := ask(all[0], remoting.CreateTopic, "", map[string]string{"topic": "orders", "readQueueNums": "8", "writeQueueNums": "8", "perm": "6"}); err != nil {
		b.Fatal(err)
	}
	for g := range groups {
		if err := ask(all[0], remoting.CreateGroup, fmt.Sprintf(`{"groupName":"g%d"}`, g), nil); err != nil {
			b.Fatal(err)
		}
	}
	b.ResetTimer()
	var work sync.WaitGroup
	for i, c := range all {
		work.Go(func() {
			for n := i; n < b.N; n += conns {
				if err := ask(c, remoting.UpdateConsumerOffset, "", map[string]string{
					"consumerGroup": fmt.Sprint("g", n%groups), "topic": "orders", "queueId": fmt.Sprint(n % 8), "commitOffset": fmt.Sprint(n),
				}); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	work.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "commits/s")
}
