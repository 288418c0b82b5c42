package client_test

import (
	"errors"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"testing"
)

// aloneEnv is set in a process that runs one test alone: the arguments that alone
// gave it, a line each.
const aloneEnv = "GANTRY_TEST_ALONE"

// aloneWith returns the arguments with which alone runs this test, nil where it
// does not.
func aloneWith() []string {
	if v, ok := os.LookupEnv(aloneEnv); ok {
		return strings.Split(v, "\n")
	}
	return nil
}

// alone runs the test that calls it again, in a process of its own: for what counts
// processes and memory, or needs another world. It fails as that does.
func alone(t *testing.T, attr *syscall.SysProcAttr, args ...string) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self, "-test.run", "^"+t.Name()+"$", "-test.v", "-test.timeout", "30m")
	cmd.Env = append(os.Environ(), aloneEnv+"="+strings.Join(args, "\n"))
	// The kernel ends the process together with the thread that started it, so
	// that thread must not go on to a test that ends its own (asNobody).
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	attr.Pdeathsig = syscall.SIGKILL
	cmd.SysProcAttr = attr
	out, err := cmd.CombinedOutput()
	if errors.Is(err, syscall.EPERM) && os.Getenv("CI") == "" {
		t.Skip("this system lets nobody but root make such a process (kernel.apparmor_restrict_unprivileged_userns?)")
	}
	t.Logf("%s", out)
	if err != nil {
		t.Error(err)
	}
}
