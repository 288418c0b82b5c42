//go:build race

package client_test

// raceFactor is how much more memory a process takes here.
const raceFactor = 8
