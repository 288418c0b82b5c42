package client_test

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"gantry/client"
	"gantry/client/message"
	"gantry/client/profile"
	"gantry/client/session"
	"gantry/client/testserver"
)

// TestTokenIsNowhere uses a token in everything that knows it, failures
// included, and then looks for it wherever it must not be. It kills whatever
// worker there is, so it has a process of its own.
func TestTokenIsNowhere(t *testing.T) {
	if args := aloneWith(); args != nil {
		for _, mapping := range []profile.Mapping{profile.TDMQ, profile.OpenSource} {
			t.Run(string(mapping), func(t *testing.T) { lookForToken(t, mapping, args[0]) })
		}
		return
	}
	t.Parallel()
	alone(t, &syscall.SysProcAttr{}, serverOf("sandbox").node(t).NameServer())
}

func lookForToken(t *testing.T, mapping profile.Mapping, nameServer string) {
	token := newToken(t)
	p := profile.Profile{
		ID: "p", Name: "test", NameServers: []string{nameServer}, Role: "role-of-the-test", Mapping: mapping,
	}
	s := profile.Secret(token)
	if a, b := p.Keys(s); a != token && b != token {
		t.Fatal("the token is not used")
	}
	d := deskAt(t, p, s)
	said := useToken(t, d, s)
	find := tokenFinder(d, token)
	for _, place := range find(append(descendants(os.Getpid()), os.Getpid())) {
		t.Errorf("the token stands in %s", place)
	}
	if err := d.client.Close(); err != nil {
		t.Error(err)
	}
	for _, place := range find(nil) {
		t.Errorf("in the end the token stands in %s", place)
	}
	for _, text := range said {
		if found([]byte(text), needles(token)) {
			t.Errorf("the token is said: %s", text)
		}
	}
}

// newToken makes a token as Tencent's look like: three base64 parts.
func newToken(t *testing.T) string {
	t.Helper()
	b := make([]byte, 48)
	if _, err := rand.Read(b); err != nil {
		t.Fatal(err)
	}
	return "eyJrZXlJZCI6InRlc3QifQ." + base64.RawURLEncoding.EncodeToString(b[:24]) + "." + hex.EncodeToString(b[24:])
}

// useToken sends, fails to send, subscribes, has workers die in several ways,
// and leaves some running. It returns what was said meanwhile.
func useToken(t *testing.T, d *desk, s profile.Secret) (said []string) {
	t.Helper()
	say := func(v ...any) {
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		said = append(said, string(b), fmt.Sprintf("%+v %#v", v, v))
	}
	if err := d.client.Profiles.Save([]profile.Profile{d.profile}); err != nil {
		t.Fatal(err)
	}
	top := fmt.Sprintf("token-%d", time.Now().UnixNano())
	d.send(top, "", "makes the topic")
	client.TestConnection(t.Context(), d.profile, s, top, func(c client.Check) { say(c, fmt.Sprint(c.Err)) })
	wrong := d.profile
	wrong.NameServers = []string{testserver.Nowhere(t), nginx(t)}
	_, err := d.client.Open(t.Context(), wrong, s)
	say(fmt.Sprint(err))

	sub := d.subscribe(profile.Subscription{ID: "s", Profile: "p", Topic: top, Group: session.NewGroupName(), OwnGroup: true})
	say(d.send(top, "tag", "one"))
	wait(t, sub, 1, 20*time.Second)
	packed := draft(top, string(make([]byte, 5<<20)))
	packed.Packed = true // so that the broker may well take it
	r, err := d.conn.Send(t.Context(), packed)
	say(r, fmt.Sprint(err))
	r, err = d.conn.Send(t.Context(), draft("no such topic", "x"))
	say(r, fmt.Sprint(err))
	random := make([]byte, 5<<20)
	if _, err := rand.Read(random); err != nil {
		t.Fatal(err)
	}
	r, err = d.conn.Send(t.Context(), &message.Draft{ProducerGroup: "test", Topic: top, Body: random})
	if err != nil || r.Status != message.StatusFailed {
		t.Errorf("a send that must fail: %v, %+v", err, r)
	}
	say(r)

	// SIGQUIT makes Go print all its goroutines with their arguments.
	for i, sig := range []syscall.Signal{syscall.SIGKILL, syscall.SIGQUIT} {
		if err := syscall.Kill(workerPID(t, d), sig); err != nil {
			t.Fatal(err)
		}
		eventually(t, 20*time.Second, func() string {
			st := sub.Status()
			if st.Err != nil {
				say(st.Err.Error())
			}
			if st.Restarts <= i {
				return fmt.Sprintf("%+v", st)
			}
			return ""
		})
		waitState(t, sub, 30*time.Second, session.Receiving)
	}
	for _, pid := range children(os.Getpid()) {
		if exe, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", pid)); err == nil && exe == workerProgram(t) && pid != workerPID(t, d) {
			if err := syscall.Kill(pid, syscall.SIGQUIT); err != nil {
				t.Fatal(err)
			}
		}
	}
	// A send finds out that its worker has gone, and the next has a new one.
	eventually(t, 20*time.Second, func() string {
		r, err := d.conn.Send(t.Context(), draft(top, "two"))
		say(r, fmt.Sprint(err))
		if !r.Status.Stored() {
			return fmt.Sprint(r, err)
		}
		return ""
	})
	say(d.log.String())
	if !bytes.Contains([]byte(d.log.String()), []byte("worker ended")) {
		t.Error("the workers' ends were not logged: the search has less to find")
	}
	return said
}

// needles are the ways in which a token can stand somewhere: as it is, in
// base64 of either alphabet at any place of three, and in hexadecimal.
func needles(token string) (out [][]byte) {
	out = append(out, []byte(token), []byte(hex.EncodeToString([]byte(token))))
	for _, enc := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		for before := range 3 {
			s := enc.EncodeToString(append(make([]byte, before), token...))
			// Signs that also depend on what stands before or behind go.
			out = append(out, []byte(s[(before*8+5)/6:len(s)-1]))
		}
	}
	return out
}

func found(in []byte, needles [][]byte) bool {
	return slices.ContainsFunc(needles, func(n []byte) bool { return bytes.Contains(in, n) })
}

// tokenFinder searches every file of a desk and below the temporary folders of
// Gantry, and command line and environment of the processes. The servers' own
// files are theirs.
func tokenFinder(d *desk, token string) func(pids []int) []string {
	looked := needles(token)
	return func(pids []int) (places []string) {
		look := func(path string) {
			if b, err := os.ReadFile(path); err == nil && found(b, looked) {
				places = append(places, path)
			}
		}
		roots := []string{d.dir}
		temp, _ := filepath.Glob(filepath.Join(os.TempDir(), "gantry-*"))
		for _, dir := range temp {
			if match, _ := filepath.Match("gantry-rocketmq-*", filepath.Base(dir)); !match {
				roots = append(roots, dir)
			}
		}
		for _, root := range roots {
			_ = filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
				if err == nil && found([]byte(path), looked) {
					places = append(places, "the name "+path)
				}
				if err == nil && e.Type().IsRegular() {
					look(path)
				}
				return nil
			})
		}
		for _, pid := range pids {
			look(fmt.Sprintf("/proc/%d/cmdline", pid))
			look(fmt.Sprintf("/proc/%d/environ", pid))
		}
		return places
	}
}

// descendants lists a process's children, theirs, and so on.
func descendants(pid int) (all []int) {
	for _, c := range children(pid) {
		all = append(all, append(descendants(c), c)...)
	}
	return all
}

// TestTokenIsFound is the control: planted, the token is found everywhere.
func TestTokenIsFound(t *testing.T) {
	d := &desk{t: t, dir: t.TempDir()}
	token := newToken(t)
	find := tokenFinder(d, token)
	deep := filepath.Join(d.dir, "data", "journals", "s")
	if err := os.MkdirAll(deep, 0o700); err != nil {
		t.Fatal(err)
	}
	temp, err := os.MkdirTemp("", "gantry-worker-")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(temp)
	text := "key=" + token + "&x"
	want := []string{}
	plant := func(path, content string) {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		want = append(want, path)
	}
	plant(filepath.Join(deep, "000000000000.seg"), "\x00\xff"+text)
	plant(filepath.Join(d.dir, "gantry.log"), "a "+base64.StdEncoding.EncodeToString([]byte(token)))
	plant(filepath.Join(temp, "offsets.json"), base64.URLEncoding.EncodeToString([]byte(text)))
	for i := range 3 {
		plant(filepath.Join(d.dir, fmt.Sprint("shifted", i)), base64.StdEncoding.EncodeToString([]byte(text[i:])))
	}
	plant(filepath.Join(d.dir, "hex"), hex.EncodeToString([]byte(text)))
	clean := filepath.Join(d.dir, "clean")
	if err := os.WriteFile(clean, []byte(token[:len(token)-1]), 0o600); err != nil {
		t.Fatal(err)
	}
	// A child of a child, which has it in both places.
	cmd := exec.CommandContext(t.Context(), "sh", "-c", `exec 3<&0; sh -c 'echo ready; read line <&3' "$TOKEN" & wait`)
	cmd.Env = append(os.Environ(), "TOKEN="+token)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = in.Close()
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		if err := cmd.Wait(); err != nil && !errors.As(err, new(*exec.ExitError)) {
			t.Error(err)
		}
	}()
	if _, err := out.Read(make([]byte, 5)); err != nil {
		t.Fatal(err)
	}
	grand := descendants(cmd.Process.Pid)
	if len(grand) != 1 {
		t.Fatalf("descendants %v", grand)
	}
	want = append(want, fmt.Sprintf("/proc/%d/environ", cmd.Process.Pid), fmt.Sprintf("/proc/%d/environ", grand[0]), fmt.Sprintf("/proc/%d/cmdline", grand[0]))
	got := find(append(descendants(os.Getpid()), os.Getpid()))
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("found in %q, planted in %q", got, want)
	}
}

// TestBodiesAreInNoLog: the client library logs whole messages where they are
// answered with "later" in order; ours says that it did, without them.
func TestBodiesAreInNoLog(t *testing.T) {
	t.Parallel()
	plain := serverOf("sandbox")
	d, top := plain.desk(t), plain.topic(t, 1)
	s := plain.spec(t, top)
	s.Ordered, s.Later = true, true
	sub := d.subscribe(s)
	waitState(t, sub, 20*time.Second, session.Receiving)
	marker := "conspicuous-" + newToken(t)
	r, err := d.conn.Send(t.Context(), &message.Draft{
		ProducerGroup: "test", Topic: top, Tag: "tag", Keys: []string{"key-" + marker}, Body: []byte("body " + marker),
		Properties: []message.Property{{Name: "property", Value: "value " + marker}},
	})
	if err != nil || !r.Status.Stored() {
		t.Fatal(r, err)
	}
	wait(t, sub, 3, 40*time.Second)
	// The end of a worker's log is told when it dies.
	if err := syscall.Kill(workerPID(t, d), syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	eventually(t, 20*time.Second, func() string {
		if !strings.Contains(d.log.String(), "worker ended") {
			return "no worker's end is logged: " + d.log.String()
		}
		return ""
	})
	log := d.log.String()
	if !strings.Contains(log, "Orderly return not OK") {
		t.Errorf("the library's complaint is not there, so nothing is shown:\n%s", log)
	}
	if strings.Contains(log, marker) || found([]byte(log), needles(marker)) {
		t.Errorf("a message is logged:\n%s", log)
	}
}
