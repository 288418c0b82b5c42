//go:build unix && !linux

package testcluster

import (
	"os/exec"
	"syscall"
)

// ownGroup keeps Ctrl+C of the terminal from the process. Outside Linux the
// process outlives a parent that is killed before Stop.
func ownGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
}

// thaw lets a process that was frozen by SIGSTOP go on, so that it can end.
func (p *process) thaw() { p.signal(syscall.SIGCONT) }
