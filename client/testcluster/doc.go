// Package testcluster runs a real Apache RocketMQ on the loopback: for tests,
// and for trying Gantry out (see the command up). It fetches Maven Central's
// jars once into the user's cache and starts a name server, brokers and, on
// 5.5.0, the proxy as Java processes that end with this one.
//
// Only tests and the command up import it. A Cluster may be used from any
// goroutine, but starting, killing and stopping the same part at once is the
// caller's to prevent. Each part has one goroutine, locked to a thread of its
// own, that starts it and waits for its end.
package testcluster
