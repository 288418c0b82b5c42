// Package cluster holds what is asked of a RocketMQ cluster and what it answers, as
// values: routes, queues, members, groups, topics, servers, traces, and questions for
// messages. It asks nothing itself: package admin does, and package reader for
// messages.
//
// Everything here is a value that belongs to whoever got it, and may be used from any
// goroutine. What a server does not tell is zero unless it says otherwise.
package cluster
