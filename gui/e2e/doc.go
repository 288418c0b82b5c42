// Package e2e has one test, which uses the real program as a person does: it
// builds and starts it under a virtual display with a session bus, a keyring and
// a real RocketMQ of its own, drives it by keyboard and mouse, and reads it
// through the clipboard. It imports no screen.
package e2e
