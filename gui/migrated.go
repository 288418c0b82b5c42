//go:build !threadcheck

package gui

// migrations tells Fyne that everything here runs on its main goroutine, so it
// need not look at the stack at each Refresh. A build with -tags threadcheck
// leaves it out: then Fyne reports each wrong call.
func migrations() map[string]bool { return map[string]bool{"fyneDo": true} }
