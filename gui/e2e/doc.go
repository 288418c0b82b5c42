// Package e2e has one test, which uses the real program as a person does: it
// builds and starts it under a virtual display with a session bus, a keyring and
// a real RocketMQ of its own, drives it by keyboard and mouse, and reads it
// through the clipboard. It imports no screen.
//
// Its benchmarks drive gui/measure, the same window with probes, in the same way
// and print figures of it.
package e2e
