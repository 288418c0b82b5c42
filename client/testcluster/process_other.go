//go:build !unix

package testcluster

import "os/exec"

// ownGroup does nothing here: the process outlives a parent that is killed
// before Stop.
func ownGroup(*exec.Cmd) {}

// thaw does nothing: processes cannot be frozen here.
func (p *process) thaw() {}
