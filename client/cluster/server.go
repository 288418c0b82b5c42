package cluster

import "time"

// Setting is a line of a server's configuration.
type Setting struct{ Key, Value string }

// Runtime is what a broker says of itself. What it does not say is zero.
type Runtime struct {
	// Version is such as "5.5.0".
	Version string
	// Ahead is how far this computer's clock is ahead of the broker's, to two
	// seconds; negative where it is behind. It means nothing unless ClockKnown.
	Ahead      time.Duration
	ClockKnown bool
	// Started is by the broker's clock.
	Started time.Time
	// In and Out are messages in a second over the last ten: stored, and sent to
	// consumers.
	In, Out float64
	// InToday and OutToday count messages since midnight.
	InToday, OutToday int64
	// Disk is how full the disk of the commit log is, 0 to 1; below 0 where it is
	// not told.
	Disk float64
	// Table is all that the broker said.
	Table map[string]string
}
