package client_test

import (
	"errors"
	"io/fs"
	"os"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"gantry/client"
)

// asNobody lets f reach files with nobody's rights, whoever runs the test: on a
// thread of its own, which ends with f.
func asNobody(t *testing.T, f func()) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread() // and never unlocked: the thread ends here
		const nobody = 65534
		if os.Geteuid() == 0 {
			if _, _, err := syscall.RawSyscall(syscall.SYS_SETFSUID, nobody, 0, 0); err != 0 {
				t.Error(err)
				return
			}
		}
		f()
	}()
	<-done
}

func TestDataFolderWithoutPermission(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o555); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(dir, 0o700) })
	asNobody(t, func() {
		_, err := client.New(client.Params{Folders: client.FoldersIn(dir)})
		if !errors.Is(err, fs.ErrPermission) || !strings.Contains(err.Error(), dir) {
			t.Errorf("%v", err)
		}
	})
}
