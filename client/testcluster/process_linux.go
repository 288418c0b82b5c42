package testcluster

import (
	"os/exec"
	"syscall"
)

// ownGroup keeps Ctrl+C of the terminal from the process and ends it when its
// parent is killed.
func ownGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// thaw lets a process that was frozen by SIGSTOP go on, so that it can end.
func (p *process) thaw() { p.signal(syscall.SIGCONT) }
