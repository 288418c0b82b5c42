// Package remoting speaks RocketMQ's remoting protocol: frames, signatures, one
// connection and a pool of connections. The codec (Command, AppendFrame,
// ReadFrame) knows no direction, so that a server can be built on it; Conn and
// Pool are the client half.
//
// Every exported method may be called from any goroutine. A Conn owns one
// goroutine, its reader, which ends with the connection; a Pool owns one more
// for each address while it is being dialled. Nothing here retries: whether a
// request may be sent twice is known only to the caller.
package remoting
