// Package reader reads the queues of a topic by pull and joins no group: it takes
// no message from anybody, commits nothing, and leaves no trace at the broker.
//
// Messages are handed over in RocketMQ's stored form, as they came. What hands
// them over says from which goroutine; everything else may be called from any.
package reader
