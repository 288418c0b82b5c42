package client_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gantry/client"
	"gantry/client/admin"
	"gantry/client/journal"
	"gantry/client/message"
	"gantry/client/profile"
	"gantry/client/session"
	"gantry/client/vault"
)

// change replaces a piece of source before a worker is built from it, to prove
// that a test fails where the code is wrong.
type change struct{ file, old, new string }

// buildWorker builds a program that is nothing but a worker, without the race
// detector: the client library races by itself.
func buildWorker(dir string, changes ...change) (string, error) {
	exe := filepath.Join(dir, "worker.exe")
	args := []string{"build", "-o", exe}
	if len(changes) > 0 {
		replace := map[string]string{}
		for i, c := range changes {
			from, err := filepath.Abs(c.file)
			if err != nil {
				return "", err
			}
			src, err := os.ReadFile(cmp.Or(replace[from], from)) // one may follow another in the same file
			if err != nil {
				return "", err
			}
			if n := bytes.Count(src, []byte(c.old)); n != 1 {
				return "", fmt.Errorf("%q stands %d times in %s", c.old, n, c.file)
			}
			to := filepath.Join(dir, fmt.Sprint(i, ".go"))
			if err := os.WriteFile(to, bytes.Replace(src, []byte(c.old), []byte(c.new), 1), 0o600); err != nil {
				return "", err
			}
			replace[from] = to
		}
		b, err := json.Marshal(map[string]any{"Replace": replace})
		if err != nil {
			return "", err
		}
		overlay := filepath.Join(dir, "overlay.json")
		if err := os.WriteFile(overlay, b, 0o600); err != nil {
			return "", err
		}
		args = append(args, "-overlay", overlay)
	}
	out, err := exec.Command("go", append(args, "./worker/testdata/worker")...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build a worker: %w: %s", err, out)
	}
	return exe, nil
}

var (
	// workerDir is where the unchanged worker is built; TestMain removes it.
	workerDir  = sync.OnceValues(func() (string, error) { return os.MkdirTemp("", "gantry-test-worker-") })
	workerOnce = sync.OnceValues(func() (string, error) {
		dir, err := workerDir()
		if err != nil {
			return "", err
		}
		return buildWorker(dir)
	})
)

func removeWorker() error {
	dir, err := workerDir()
	return errors.Join(err, os.RemoveAll(dir))
}

// worker is the unchanged worker, built once.
func workerProgram(t testing.TB, changes ...change) string {
	t.Helper()
	var exe string
	var err error
	if len(changes) > 0 {
		exe, err = buildWorker(t.TempDir(), changes...)
	} else {
		exe, err = workerOnce()
	}
	if err != nil {
		t.Fatal(err)
	}
	return exe
}

// desk is one Gantry: a client with a data folder of its own and a connection.
type desk struct {
	t       testing.TB
	dir     string
	log     *syncBuffer
	client  *client.Client
	conn    *client.Connection
	profile profile.Profile
}

type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(b)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

func newClient(t testing.TB, dir, exe string) (*client.Client, *syncBuffer) {
	t.Helper()
	log := &syncBuffer{}
	c, err := client.New(client.Params{
		Folders: client.FoldersIn(dir), Executable: exe, Log: slog.New(slog.NewTextHandler(log, nil)),
		Vault: vault.NewWith(noKeyring{}),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Close()
		if t.Failed() {
			t.Logf("log:\n%s", log)
		}
	})
	return c, log
}

// noKeyring stands where a desktop has its keyring: these tests hand secrets
// over themselves.
type noKeyring struct{}

func (noKeyring) Set(string, string, string) error { return os.ErrInvalid }

func (noKeyring) Get(string, string) (string, error) { return "", os.ErrInvalid }

func (noKeyring) Delete(string, string) error { return os.ErrInvalid }

func deskAt(t testing.TB, p profile.Profile, s profile.Secret, changes ...change) *desk {
	t.Helper()
	d := &desk{t: t, dir: t.TempDir(), profile: p}
	d.client, d.log = newClient(t, d.dir, workerProgram(t, changes...))
	conn, err := d.client.Open(t.Context(), p, s)
	if err != nil {
		t.Fatal(err)
	}
	d.conn = conn
	return d
}

var topicNumber atomic.Int64

// topicOn makes a new topic with that many queues and waits for its route.
func topicOn(t testing.TB, c node, prefix string, queues int, messageType ...string) string {
	t.Helper()
	name := fmt.Sprintf("%st%d-%d", prefix, time.Now().UnixNano(), topicNumber.Add(1))
	makeTopic(t, c, name, queues, messageType...)
	return name
}

func makeTopic(t testing.TB, c node, name string, queues int, messageType ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := adminOf(t, c).CreateTopic(ctx, c.Masters(), name, queues, strings.Join(messageType, "")); err != nil {
		t.Fatal(err)
	}
}

// send sends bodies and fails the test if one is not stored.
func (d *desk) send(topic, tag string, bodies ...string) []message.Receipt {
	d.t.Helper()
	var rs []message.Receipt
	for _, b := range bodies {
		r, err := d.conn.Send(d.t.Context(), &message.Draft{ProducerGroup: "test", Topic: topic, Tag: tag, Body: []byte(b)})
		if err != nil || r.Status != message.StatusOK {
			d.t.Fatalf("send: %v, %+v", err, r)
		}
		rs = append(rs, r)
	}
	return rs
}

// subscribe opens and starts a subscription.
func (d *desk) subscribe(s profile.Subscription) *session.Session {
	d.t.Helper()
	sub, err := d.client.Sessions.Open(s)
	if err != nil {
		d.t.Fatal(err)
	}
	d.start(sub, s)
	return sub
}

func (d *desk) start(sub *session.Session, s profile.Subscription) {
	d.t.Helper()
	ctx, cancel := context.WithTimeout(d.t.Context(), 10*time.Second)
	defer cancel()
	if err := d.conn.Start(ctx, sub, s); err != nil {
		d.t.Fatal(err)
	}
}

// messages reads everything that a subscription keeps.
func messages(t testing.TB, sub *session.Session) []*message.Message {
	t.Helper()
	first, next := sub.Range()
	var out []*message.Message
	for n := first; n < next; n++ {
		rec, err := sub.Record(n)
		if err != nil {
			t.Fatalf("record %d: %v", n, err)
		}
		m, err := rec.Message()
		if err != nil {
			t.Fatalf("record %d: %v", n, err)
		}
		out = append(out, m)
	}
	return out
}

func bodies(t testing.TB, sub *session.Session) []string {
	t.Helper()
	var out []string
	for _, m := range messages(t, sub) {
		out = append(out, string(m.Body))
	}
	return out
}

// eventually waits until f returns "", and fails with its last word.
func eventually(t testing.TB, limit time.Duration, f func() string) {
	t.Helper()
	var last string
	for end := time.Now().Add(limit); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if last = f(); last == "" {
			return
		}
	}
	t.Fatalf("after %v: %s", limit, last)
}

// wait waits until a subscription has received n messages.
func wait(t testing.TB, sub *session.Session, n int, limit time.Duration) {
	t.Helper()
	eventually(t, limit, func() string {
		if st := sub.Status(); st.Received < uint64(n) {
			return fmt.Sprintf("%d of %d received, %+v", st.Received, n, st)
		}
		return ""
	})
}

// waitState waits for a state.
func waitState(t testing.TB, sub *session.Session, limit time.Duration, want ...session.State) {
	t.Helper()
	eventually(t, limit, func() string {
		st := sub.Status()
		for _, w := range want {
			if st.State == w {
				return ""
			}
		}
		return fmt.Sprintf("state is %+v, want one of %v", st, want)
	})
}

// load sends numbered messages from several goroutines until stop is called,
// which returns the ids of those that the broker stored. Every tenth has the tag
// "rare".
func (d *desk) load(topic string, goroutines int) (stop func() []string) {
	d.t.Helper()
	ctx, cancel := context.WithCancel(d.t.Context())
	var (
		mu     sync.Mutex
		stored []string
		group  sync.WaitGroup
	)
	for g := range goroutines {
		group.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				tag := "common"
				if (i+3*g)%10 == 0 { // so that others send common ones beside it
					tag = "rare"
				}
				r, err := d.conn.Send(context.WithoutCancel(ctx), &message.Draft{
					ProducerGroup: "load", Topic: topic, Tag: tag, Body: fmt.Append(nil, "message ", i, " ", strings.Repeat("x", 100)),
				})
				if err == nil && r.Status.Stored() {
					mu.Lock()
					stored = append(stored, r.MessageID)
					mu.Unlock()
				}
				time.Sleep(time.Millisecond)
			}
		})
	}
	return func() []string {
		cancel()
		group.Wait()
		return stored
	}
}

// ends returns the offsets behind the last message of each queue, as the broker
// says.
func ends(t testing.TB, c node, topic string) map[string]int64 {
	t.Helper()
	cfg, err := c.AdminConfig()
	if err != nil {
		t.Fatal(err)
	}
	a := admin.New(cfg)
	defer a.Close()
	route, err := a.Route(t.Context(), topic)
	if err != nil {
		t.Fatal(err)
	}
	floors, _, err := a.StartFloors(t.Context(), route, topic, admin.Start{Kind: admin.Now})
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]int64{}
	for q, n := range floors {
		out[q.String()] = n
	}
	return out
}

// missing lists what of a topic, from the given offsets on, is in none of the
// subscriptions' journals. keep says which messages count; it is asked for what
// is there, so with a filter the broker's own messages must be known otherwise.
func missing(from, to map[string]int64, have map[string]map[int64]bool) (gone int) {
	for q, end := range to {
		for o := from[q]; o < end; o++ {
			if !have[q][o] {
				gone++
			}
		}
	}
	return gone
}

// positions collects where messages lie.
func positions(t testing.TB, topic string, subs ...*session.Session) map[string]map[int64]bool {
	t.Helper()
	out := map[string]map[int64]bool{}
	for _, sub := range subs {
		for _, m := range messages(t, sub) {
			if m.Topic != topic {
				continue
			}
			q := fmt.Sprintf("%s/%d", m.Broker, m.QueueID)
			if out[q] == nil {
				out[q] = map[int64]bool{}
			}
			out[q][m.QueueOffset] = true
		}
	}
	return out
}

// floorsOf reads the start floors of a subscription as they are stored.
func floorsOf(t testing.TB, d *desk, id string) map[string]int64 {
	t.Helper()
	var m struct {
		Floors map[string]int64 `json:"floors"`
	}
	if err := journal.ReadMeta(filepath.Join(d.dir, "data", "journals", id), &m); err != nil {
		t.Fatal(err)
	}
	return m.Floors
}
