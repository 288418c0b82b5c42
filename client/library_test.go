package client_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"gantry/client/session"
)

// TestLibraryAlone runs cases with rocketmq-client-go's own functions, past Gantry:
// what a program that uses it sees of the sandbox is what it sees of a RocketMQ.
func TestLibraryAlone(t *testing.T) {
	t.Parallel()
	exe := libraryProgram(t)
	for _, name := range []string{"sandbox", "5.5.0", "4.9.7"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			on := serverOf(name)
			for _, c := range libraryCases() {
				t.Run(c.name, func(t *testing.T) {
					t.Parallel()
					if got := on.library(t, exe, c.name); got != c.want {
						t.Errorf("it says %q, want %q", got, c.want)
					}
				})
			}
		})
	}
}

type libraryCase struct {
	name, want string // what testdata/library prints
}

func libraryCases() []libraryCase {
	return []libraryCase{
		{name: "retries", want: "bad bad bad; [0 1 2]; bad; true"},
		{name: "reset", want: "old 1 new 2"},
		{name: "transactions", want: "asked commit; true"},
		{name: "sync", want: "one; A k1 k2 blue 0 true true true true"},
		{name: "one way", want: "m0 m1 m2"},
		{name: "async", want: "m0 m1 m2"},
		{name: "batch", want: "m0 m1 m2 m3 m4; 5 ids" + strings.Repeat("; true true true", 5)},
		{name: "ordered", want: "60 messages, 3 keys, 0 out of order"},
		{name: "delayed", want: "later now; true"},
		{name: "clustering", want: "40 deliveries of 40 messages; both have some: true"},
		{name: "broadcasting", want: "80 deliveries of 40 messages; both have some: true"},
		{name: "tags", want: "A C"},
		{name: "SQL92", want: "m2 m4 m5"},
	}
}

// libraryProgram builds the program that runs the cases: without the race detector,
// as the library races by itself.
func libraryProgram(t *testing.T) string {
	t.Helper()
	exe := filepath.Join(t.TempDir(), "library.exe")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", exe, "./testdata/library").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return exe
}

// library runs a case with a topic and group of its own, and returns its lines.
func (s *server) library(t *testing.T, exe, name string) string {
	t.Helper()
	n, group := s.node(t), session.NewGroupName()
	top := topicOn(t, n, "", 4)
	// A consumer looks for the retry topic of its group when it starts, and half a
	// minute later again: it is there.
	s.createGroup(t, group)
	makeTopic(t, n, "%RETRY%"+group, 1)
	args := []string{name, n.NameServer(), n.BrokerAddr(0), top, group}
	conf, err := n.AdminConfig()
	if err != nil {
		t.Fatal(err)
	}
	if k := conf.Credentials; k.AccessKey != "" {
		args = append(args, k.AccessKey, k.SecretKey)
	}
	cmd := exec.CommandContext(t.Context(), exe, args...)
	cmd.Env = append(os.Environ(), "HOME="+t.TempDir()) // broadcasting keeps its places there
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s%s", err, out, said.String())
	}
	return strings.Join(strings.Split(strings.TrimSpace(string(out)), "\n"), "; ")
}
