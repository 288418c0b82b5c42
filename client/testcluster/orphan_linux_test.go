package testcluster

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// A test that is killed cannot stop its cluster; the kernel does.
func TestNothingOutlivesAKilledParent(t *testing.T) {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	parent := exec.Command(exe)
	parent.Env = append(os.Environ(), stand+"=parent", "ROCKETMQ_HOME="+dir)
	out, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "started\n" {
		t.Fatal(line, err)
	}
	if n := withHome(t, dir, parent.Process.Pid); n != 1 {
		t.Fatalf("%d children run", n)
	}
	parent.Process.Kill()
	parent.Wait()
	for range 100 {
		if withHome(t, dir, parent.Process.Pid) == 0 {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Error("the child still runs")
}

// withHome counts the processes other than except that use the folder.
func withHome(t *testing.T, dir string, except int) int {
	t.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/environ")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, f := range files {
		env, err := os.ReadFile(f)
		pid := filepath.Base(filepath.Dir(f))
		if err == nil && strings.Contains(string(env), "ROCKETMQ_HOME="+dir) && pid != strconv.Itoa(except) {
			n++
		}
	}
	return n
}
