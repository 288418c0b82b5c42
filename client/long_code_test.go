//go:build long

package client_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gantry/client/message"
	"gantry/client/outbox/code"
	"gantry/client/testcluster"
)

// TestCode runs the code that is made of drafts as its reader would, and compares what the
// broker has then: on 5.5.0, and signed with a token through a proxy, as at Tencent.
func TestCode(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("sh"); err != nil {
		testcluster.Unavailable(t, errors.Join(testcluster.ErrNotInstalled, err))
	}
	runs := codeRuns(t)
	bin := buildCode(t, runs)
	var java sync.Mutex
	for _, r := range runs {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			r.execute(t, bin, &java)
			r.compare(t)
		})
	}
}

// codeRun is one draft as code for one target, in a topic of its own.
type codeRun struct {
	name   string
	on     *server
	target code.Target
	draft  message.Draft
	text   string
}

func codeDrafts() map[string]message.Draft {
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	sharp := "it's \"价\": 1.10 $HOME `id` \\u0041 \\ 😀\n\t{{now}} \\\n*/ // %s !! \x1b\x7f\u0085\u2028."
	properties := []message.Property{{Name: "地区", Value: sharp}, {Name: "a", Value: " "}, {Name: "quoted", Value: `\"`}}
	return map[string]message.Draft{
		"text": {Tag: "付'款", Keys: []string{"订单-1", "k2"}, Body: []byte("-" + sharp)},
		// Its quotes are ones that a parser of options takes off.
		"long":   {Body: []byte(`"` + strings.Repeat("订单 0123456789", 3000) + `"`), To: &message.Target{Broker: "broker-a", Queue: 2}},
		"binary": {Tag: "b", Properties: properties, ShardingKey: "订单-1820447😀", Flag: -42, Body: all, Deliver: message.Delivery{After: 1500 * time.Millisecond}},
		"packed": {Body: bytes.Repeat(all, 1000), Packed: true, OneWay: true, Deliver: message.Delivery{After: time.Second}},
	}
}

// codeRuns are all drafts for all targets that carry them.
func codeRuns(t *testing.T) (out []*codeRun) {
	t.Helper()
	for _, on := range []*server{serverOf("5.5.0"), serverOf("proxy")} {
		for name, d := range codeDrafts() {
			if on.proxy && name != "text" { // once, for the names and the token
				continue
			}
			for _, target := range code.Targets() {
				r := &codeRun{name: on.name + "/" + name + "/" + string(target), on: on, target: target, draft: d}
				r.draft.ProducerGroup, r.draft.Topic = "desk", on.topic(t, 4)
				p := on.at(t)
				send := code.Send{Where: code.Where{NameServers: p.NameServers, Tencent: on.proxy}, Draft: &r.draft}
				if on.proxy {
					send.Account = &code.Account{Name: p.Role, Token: true}
				}
				var err error
				var lack *code.LackError
				if r.text, err = send.Make(target); errors.As(err, &lack) && target == code.MQAdmin {
					continue
				} else if err != nil {
					t.Fatal(err)
				}
				out = append(out, r)
			}
		}
	}
	return out
}

// file is a name for a run's program.
func (r *codeRun) file() string {
	return strings.NewReplacer("/", "_", " ", "_", ".", "_").Replace(r.name)
}

// buildCode builds all programs in Go, in a module of its own with Gantry's versions, which
// are on this machine.
func buildCode(t *testing.T, runs []*codeRun) (bin string) {
	t.Helper()
	dir := t.TempDir()
	mod, err := os.ReadFile("../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	sum, err := os.ReadFile("../go.sum")
	if err != nil {
		t.Fatal(err)
	}
	bin = filepath.Join(dir, "bin")
	files := map[string][]byte{"go.mod": bytes.Replace(mod, []byte("module gantry"), []byte("module send"), 1), "go.sum": sum}
	for _, r := range runs {
		if r.target == code.Go {
			files[filepath.Join(r.file(), "main.go")] = []byte(r.text)
		}
	}
	for name, data := range files {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, data, 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), "go", "build", "-ldflags=-s -w", "-o", bin+string(filepath.Separator), "./...")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return bin
}

// execute runs the code with the secret in its environment. One in Java runs at a time:
// several would wait for one another longer than for the broker.
func (r *codeRun) execute(t *testing.T, bin string, java *sync.Mutex) {
	t.Helper()
	dir := t.TempDir()
	secret := code.SecretVariable + "=" + r.on.secret.Reveal()
	if r.target != code.Go {
		java.Lock()
		defer java.Unlock()
	}
	var out string
	var err error
	switch r.target {
	case code.MQAdmin:
		out, err = r.mqadmin(t, dir, secret)
	case code.Java:
		file := filepath.Join(dir, "SendMessage.java")
		if err := os.WriteFile(file, []byte(r.text), 0o600); err != nil {
			t.Fatal(err)
		}
		out, err = testcluster.JavaSource(t.Context(), testcluster.V550, file, secret)
	case code.Go:
		cmd := exec.CommandContext(t.Context(), filepath.Join(bin, r.file()))
		cmd.Env = append(os.Environ(), secret)
		b, failed := cmd.CombinedOutput()
		out, err = string(b), failed
	}
	if err != nil {
		t.Fatalf("%v: %s\n%.4000s", err, out, r.text)
	}
	if says := strings.Contains(out, "SEND_OK") || strings.Contains(out, "sendStatus=0"); !says && !r.draft.OneWay {
		t.Errorf("it says %s", out)
	}
}

// mqadmin runs the command, again where mqadmin's own time-out of 3 s ended it on a busy
// machine before the broker had anything.
func (r *codeRun) mqadmin(t *testing.T, dir, secret string) (string, error) {
	t.Helper()
	if err := testcluster.AdminCommand(t.Context(), testcluster.V550, dir); err != nil {
		t.Fatal(err)
	}
	for try := 1; ; try++ {
		cmd := exec.CommandContext(t.Context(), "sh")
		cmd.Stdin = strings.NewReader(r.text)
		cmd.Env = append(os.Environ(), secret, "PATH="+dir+string(os.PathListSeparator)+os.Getenv("PATH"))
		out, err := cmd.CombinedOutput()
		if try == 3 || !bytes.Contains(out, []byte("timeout")) || r.queue(t) >= 0 {
			return string(out), err
		}
	}
}

// queue is the one that has a message, -1 for none.
func (r *codeRun) queue(t *testing.T) int {
	t.Helper()
	for place, end := range ends(t, r.on.node(t), r.draft.Topic) {
		if end > 0 {
			var queue int
			if _, err := fmt.Sscanf(place, "broker-a/%d", &queue); err != nil {
				t.Fatal(err)
			}
			return queue
		}
	}
	return -1
}

// compare holds the one message of the topic against the draft.
func (r *codeRun) compare(t *testing.T) {
	t.Helper()
	d := r.draft
	r.on.dispatched(t, d.Topic, 1)
	queue := r.queue(t)
	m := r.on.stored(t, d.Topic, queue, 0)
	body, ok := m.Unpacked(1 << 20)
	if !ok || !bytes.Equal(body, d.Body) {
		t.Errorf("the body is %.100q", body)
	}
	if packed := len(body) != len(m.Body) || m.SysFlag&1 != 0; packed != (d.Packed || r.target == code.MQAdmin && len(d.Body) > 4096) {
		t.Errorf("packed: %v", packed)
	}
	if m.Tag() != d.Tag || !slices.Equal(m.Keys(), d.Keys) || m.ShardingKey() != d.ShardingKey || m.Flag != d.Flag {
		t.Errorf("tag %q, keys %q, sharding key %q, flag %d", m.Tag(), m.Keys(), m.ShardingKey(), m.Flag)
	}
	byName := func(a, b message.Property) int { return strings.Compare(a.Name, b.Name) }
	user := m.UserProperties()
	slices.SortFunc(user, byName)
	want := slices.SortedFunc(slices.Values(d.Properties), byName)
	if diff := cmp.Diff(want, user); diff != "" {
		t.Error(diff)
	}
	switch {
	case d.To != nil && queue != d.To.Queue:
		t.Errorf("it lies in queue %d", queue)
	case d.ShardingKey != "" && queue != message.Shard(d.ShardingKey, 4):
		t.Errorf("it lies in queue %d, Gantry would choose %d", queue, message.Shard(d.ShardingKey, 4))
	case m.StoredAt.Sub(m.BornAt) < d.Deliver.After-200*time.Millisecond: // timers are not exact
		t.Errorf("delivered after %v", m.StoredAt.Sub(m.BornAt))
	}
}
