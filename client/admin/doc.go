// Package admin asks questions of a RocketMQ cluster and gives it orders:
// routes, topics, offsets, groups, subscriptions. It holds one pool of
// connections, and remembers which name server answered last and, for some
// seconds, which brokers did not answer at all.
//
// A Client may be used from any goroutine. Every method takes a context and
// returns as soon as it ends. Name servers answer within nameServerBudget or not
// at all; a broker's answer is bounded by the context, or by
// remoting.DefaultCallTimeout where that has no deadline. Nothing is cached:
// routes are values that the caller keeps as long as they serve it.
package admin
