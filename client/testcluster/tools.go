package testcluster

import (
	"bufio"
	"context"
	_ "embed" // the program that stays
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// adminProgram is mqadmin that stays: a JVM for each command takes two seconds of a
// processor, which the tests of a cluster would spend a hundred times.
//
//go:embed Admin.java
var adminProgram []byte

// saidMark begins the line that has what a command printed.
const saidMark = "said "

// Tools is an mqadmin that stays until Close. Its methods may be called from any goroutine.
type Tools struct {
	start func() (*exec.Cmd, error)

	mu  sync.Mutex // one command at a time
	cmd *exec.Cmd  // guarded by mu; nil while none runs
	in  io.WriteCloser
	out *bufio.Reader
}

// NewTools returns the mqadmin of a version of 5.x for any name server that asks for no
// credentials. It keeps what it writes in dir.
func NewTools(version, nameServer, dir string) *Tools {
	return &Tools{start: func() (*exec.Cmd, error) {
		lib, err := jars(context.Background(), Options{Version: version, Log: io.Discard})
		if err != nil {
			return nil, err
		}
		java, err := javaPath()
		if err != nil {
			return nil, err
		}
		return toolsCommand(java, lib, dir, nameServer, "-Duser.home="+dir)
	}}
}

// toolsCommand is the program with Java options of its own.
func toolsCommand(java, lib, dir, nameServer string, options ...string) (*exec.Cmd, error) {
	source := filepath.Join(dir, "Admin.java")
	if err := os.WriteFile(source, adminProgram, 0o600); err != nil {
		return nil, err
	}
	classes, err := compiled(context.Background(), lib, source)
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(java, append(options, "-cp", filepath.Join(lib, "*")+string(os.PathListSeparator)+classes,
		"-Drocketmq.namesrv.addr="+nameServer, "-Xmx256m", quickStart, "Admin")...)
	cmd.Env = append(os.Environ(), "ROCKETMQ_HOME="+dir)
	return cmd, nil
}

// Admin runs a command and returns what it printed. The first takes some 2 s, a minute is
// the limit; others wait for it meanwhile.
func (t *Tools) Admin(args ...string) (string, error) {
	return adminOutput(func() (string, error) { return t.run(args) })
}

// run has the program carry out a command. An error says that it ended, as it does for
// options that it does not know, or took longer than adminBudget; the next call starts it
// anew.
func (t *Tools) run(args []string) (string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.cmd == nil {
		if err := t.begin(); err != nil {
			return "", err
		}
	}
	cmd := t.cmd
	late := time.AfterFunc(adminBudget, func() { _ = cmd.Process.Kill() })
	said, err := t.ask(args)
	if !late.Stop() {
		err = errors.Join(err, os.ErrDeadlineExceeded)
	}
	if err != nil {
		return "", errors.Join(fmt.Errorf("mqadmin ended: %w", err), t.end())
	}
	return said, nil
}

func (t *Tools) begin() error {
	cmd, err := t.start()
	if err != nil {
		return err
	}
	in, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	t.cmd, t.in, t.out = cmd, in, bufio.NewReader(out)
	return nil
}

// ask writes a command and reads what it printed.
func (t *Tools) ask(args []string) (string, error) {
	var line strings.Builder
	for _, a := range args {
		fmt.Fprintf(&line, "=%s ", base64.StdEncoding.EncodeToString([]byte(a)))
	}
	if _, err := fmt.Fprintln(t.in, line.String()); err != nil {
		return "", err
	}
	for {
		got, err := t.out.ReadString('\n')
		if err != nil {
			return "", err
		}
		if text, ok := strings.CutPrefix(strings.TrimRight(got, "\r\n"), saidMark); ok {
			said, err := base64.StdEncoding.DecodeString(text)
			return string(said), err
		}
	}
}

// Close ends the program; nothing may run with it any more.
func (t *Tools) Close() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.cmd == nil {
		return nil
	}
	return t.end()
}

// end kills the program: it has nothing to lose.
func (t *Tools) end() error {
	cmd := t.cmd
	t.cmd = nil
	err := cmd.Process.Kill()
	_ = cmd.Wait() // it was killed
	if errors.Is(err, os.ErrProcessDone) {
		return nil
	}
	return err
}
