//go:build unix

package worker

import "syscall"

// processAttributes puts the child into a process group of its own: Ctrl+C in
// the terminal that started the window goes to the window only.
func processAttributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
