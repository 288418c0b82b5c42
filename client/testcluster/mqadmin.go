package testcluster

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// adminBudget bounds one run of mqadmin.
const adminBudget = time.Minute

// Admin runs RocketMQ's own mqadmin of this version against the name server, with the
// account that may do everything, see Tools.Admin.
func (c *Cluster) Admin(args ...string) (string, error) { return c.tools.Admin(args...) }

// AdminAt runs the mqadmin of a version of 5.x against any name server that asks
// for no credentials. It keeps what it writes in dir.
func AdminAt(ctx context.Context, version, nameServer, dir string, args ...string) (string, error) {
	return adminOutput(func() (string, error) {
		cmd, err := javaCommand(ctx, version, dir, append([]string{
			"-Xmx256m", "-Drocketmq.namesrv.addr=" + nameServer, "org.apache.rocketmq.tools.command.MQAdminStartup",
		}, args...)...)
		if err != nil {
			return "", err
		}
		cmd.Env = append(os.Environ(), "ROCKETMQ_HOME="+dir)
		out, err := cmd.CombinedOutput()
		return string(out), err
	})
}

// javaCommand is a Java program that uses the jars of a version, and has home for
// what it writes.
func javaCommand(ctx context.Context, version, home string, args ...string) (*exec.Cmd, error) {
	java, err := javaPath()
	if err != nil {
		return nil, err
	}
	lib, err := jars(ctx, Options{Version: version, Log: io.Discard})
	if err != nil {
		return nil, err
	}
	return exec.CommandContext(ctx, java, append([]string{quickStart, "-cp", filepath.Join(lib, "*"), "-Duser.home=" + home}, args...)...), nil
}

// compiled compiles a Java source file once for all tests, because compiling takes
// more of the processor than most programs, and returns the folder of its classes.
func compiled(ctx context.Context, lib, file string) (string, error) {
	source, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	java, err := javaPath()
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(source)
	dir := filepath.Join(filepath.Dir(lib), "classes", hex.EncodeToString(sum[:8]))
	if exists(dir) {
		return dir, nil
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return "", err
	}
	fresh, err := os.MkdirTemp(filepath.Dir(dir), "new-")
	if err != nil {
		return "", err
	}
	cmd := exec.CommandContext(ctx, filepath.Join(filepath.Dir(java), "javac"), "-cp", filepath.Join(lib, "*"), "-d", fresh, file)
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", errors.Join(fmt.Errorf("compile %s: %w: %s", file, err, lastLines(out, 5)), os.RemoveAll(fresh))
	}
	if err := os.Rename(fresh, dir); err != nil && !exists(dir) { // else another was quicker
		return "", errors.Join(err, os.RemoveAll(fresh))
	}
	return dir, os.RemoveAll(fresh)
}

// adminTries is how often mqadmin is run in all while its own time-outs, of a second or
// less of what its start has left of them on a busy machine, end it.
const adminTries = 3

// adminOutput runs mqadmin and returns what it says itself.
func adminOutput(run func() (string, error)) (string, error) {
	var out string
	var err error
	for range adminTries {
		if out, err = run(); !strings.Contains(out, "RemotingTimeoutException") {
			break
		}
	}
	// 5.x prints its logging's set-up first
	logging := regexp.MustCompile(`(?m)^[0-9:,]* \|-.*\n?`)
	text := logging.ReplaceAllString(out, "")
	if err != nil {
		return text, fmt.Errorf("mqadmin: %w: %s", err, strings.TrimSpace(lastLines([]byte(out), 5)))
	}
	return text, nil
}

// Java runs a Java source file (its path is relative to the test's folder), whose
// class has the file's name, with the client library of a version, whatever the
// cluster's, and returns what it printed.
func Java(ctx context.Context, version, file string, args ...string) (string, error) {
	lib, err := jars(ctx, Options{Version: version, Log: io.Discard})
	if err != nil {
		return "", err
	}
	classes, err := compiled(ctx, lib, file)
	if err != nil {
		return "", err
	}
	class := strings.TrimSuffix(filepath.Base(file), ".java")
	// No Java options of a cluster's: the program says itself how it encrypts.
	cmd, err := javaCommand(ctx, version, os.TempDir(), append([]string{"-Xmx128m", "-cp", filepath.Join(lib, "*") + string(os.PathListSeparator) + classes, class}, args...)...)
	if err != nil {
		return "", err
	}
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		return string(out), fmt.Errorf("%s: %w: %s", filepath.Base(file), err, lastLines(said.Bytes(), 5))
	}
	return string(out), nil
}

// JavaSource runs a Java source file as a person would, java FILE, with the client library
// of a version and further environment, and returns what it printed.
func JavaSource(ctx context.Context, version, file string, env ...string) (string, error) {
	cmd, err := javaCommand(ctx, version, filepath.Dir(file), "-Xmx128m", file)
	if err != nil {
		return "", err
	}
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return string(out), fmt.Errorf("%s: %w: %s", filepath.Base(file), err, lastLines(out, 5))
	}
	return string(out), nil
}

// AdminCommand writes a command mqadmin of a version into a folder: what RocketMQ's own
// script of that name does for a shell.
func AdminCommand(ctx context.Context, version, dir string) error {
	cmd, err := javaCommand(ctx, version, dir)
	if err != nil {
		return err
	}
	var script strings.Builder
	script.WriteString("#!/bin/sh\nexec")
	for _, a := range cmd.Args {
		script.WriteString(" '" + strings.ReplaceAll(a, "'", `'\''`) + "'")
	}
	fmt.Fprintf(&script, " -Xmx256m -Drocketmq.home.dir='%s' $JAVA_OPT org.apache.rocketmq.tools.command.MQAdminStartup \"$@\"\n", dir)
	return os.WriteFile(filepath.Join(dir, "mqadmin"), []byte(script.String()), 0o700)
}
