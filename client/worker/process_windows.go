package worker

import "syscall"

// processAttributes keeps the child from opening a console.
func processAttributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{HideWindow: true} }
