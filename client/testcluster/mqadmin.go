package testcluster

import (
	"bytes"
	"context"
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

// Admin runs RocketMQ's own mqadmin of this version against the name server,
// with the account that may do everything, and returns what it printed. It takes
// some 2 s; a minute is the limit. One runs at a time, others wait for it.
func (c *Cluster) Admin(args ...string) (string, error) {
	c.tools.Lock()
	defer c.tools.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), adminBudget)
	defer cancel()
	args = append(append(c.javaOptions(), "-Drocketmq.namesrv.addr="+c.NameServer(), "-Xmx256m",
		quickStart, "org.apache.rocketmq.tools.command.MQAdminStartup"), args...)
	cmd := exec.CommandContext(ctx, c.java, args...)
	cmd.Env = append(os.Environ(), "ROCKETMQ_HOME="+c.dir)
	return adminOutput(cmd)
}

// AdminAt runs the mqadmin of a version of 5.x against any name server that asks
// for no credentials. It keeps what it writes in dir.
func AdminAt(ctx context.Context, version, nameServer, dir string, args ...string) (string, error) {
	cmd, err := javaCommand(ctx, version, dir, append([]string{
		"-Xmx256m", "-Drocketmq.namesrv.addr=" + nameServer, "org.apache.rocketmq.tools.command.MQAdminStartup",
	}, args...)...)
	if err != nil {
		return "", err
	}
	cmd.Env = append(os.Environ(), "ROCKETMQ_HOME="+dir)
	return adminOutput(cmd)
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

// adminOutput runs mqadmin and returns what it says itself.
func adminOutput(cmd *exec.Cmd) (string, error) {
	out, err := cmd.CombinedOutput()
	// 5.x prints its logging's set-up first
	logging := regexp.MustCompile(`(?m)^[0-9:,]* \|-.*\n?`)
	text := logging.ReplaceAllString(string(out), "")
	if err != nil {
		return text, fmt.Errorf("mqadmin: %w: %s", err, strings.TrimSpace(lastLines(out, 5)))
	}
	return text, nil
}

// Java runs a Java source file (its path is relative to the test's folder) with
// the client library of a version, whatever the cluster's, and returns what it
// printed.
func Java(ctx context.Context, version, file string, args ...string) (string, error) {
	// No Java options of a cluster's: the program says itself how it encrypts.
	cmd, err := javaCommand(ctx, version, os.TempDir(), append([]string{"-Xmx128m", file}, args...)...)
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
