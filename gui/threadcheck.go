//go:build threadcheck

package gui

// migrations leaves Fyne's check of goroutines on.
func migrations() map[string]bool { return nil }
