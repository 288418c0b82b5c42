package testcluster

import (
	_ "embed"
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// clockSource is a library that moves a process's time of day. Those that can be
// had keep Java's threads awake, because they also move what threads wait by.
//
//go:embed preload/clock.c
var clockSource string

// ownClock prepares the parts' clock, which begins with the right time.
func (c *Cluster) ownClock() error {
	lib := filepath.Join(c.dir, "clock.so")
	cc := exec.Command("cc", "-shared", "-fPIC", "-O1", "-o", lib, "-x", "c", "-")
	cc.Stdin = strings.NewReader(clockSource)
	if out, err := cc.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: a C compiler: %w: %s", ErrNotInstalled, err, out)
	}
	c.clock = []string{"LD_PRELOAD=" + lib, "GANTRY_TEST_CLOCK=" + c.clockFile()}
	return c.SetClock(0)
}

func (c *Cluster) clockFile() string { return filepath.Join(c.dir, "clock") }

// SetClock puts the clock of all parts that far ahead of this computer's, or
// behind, at once; those that start later have it from the beginning.
func (c *Cluster) SetClock(ahead time.Duration) error {
	f, err := os.OpenFile(c.clockFile(), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	// In place: the parts have the file mapped.
	_, err = f.WriteAt(binary.NativeEndian.AppendUint64(nil, uint64(int64(ahead/time.Second))), 0)
	return err
}
