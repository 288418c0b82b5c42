//go:build race

package sandbox

// raceFactor is how much more memory and time a process takes whose races are watched
// (5 to 10 times at its most).
const raceFactor = 8
