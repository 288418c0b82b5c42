package worker

import "syscall"

// limitMemory bounds what this process may allocate, in bytes, for good (setrlimit(2),
// RLIMIT_DATA): above it Go's runtime ends the process.
func limitMemory(most uint64) error {
	return syscall.Setrlimit(syscall.RLIMIT_DATA, &syscall.Rlimit{Cur: most, Max: most})
}
