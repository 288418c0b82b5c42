package worker

import "syscall"

// processAttributes keeps the child from opening a console, and Ctrl+C in the
// window's console from ending it.
func processAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{HideWindow: true, CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP}
}
