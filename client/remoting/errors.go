package remoting

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// What can go wrong between the caller and a server's answer. Errors of this
// package wrap one of these and the cause below it.
var (
	// ErrUnreachable: no TCP connection (refused, no route, no answer in time).
	ErrUnreachable = errors.New("cannot connect")
	// ErrUnresolvable: the host name has no address. It is an ErrUnreachable.
	ErrUnresolvable = fmt.Errorf("host name not resolved: %w", ErrUnreachable)
	// ErrTLS: TCP connected, but the peer did not complete TLS, or answered a
	// plain request with TLS.
	ErrTLS = errors.New("TLS failed")
	// ErrUntrusted: the server's certificate comes from nobody who is trusted.
	// It is an ErrTLS, as are the four below.
	ErrUntrusted = fmt.Errorf("the server's certificate is not trusted: %w", ErrTLS)
	// ErrWrongName: the server's certificate is for other names.
	ErrWrongName = fmt.Errorf("the server's certificate is for another name: %w", ErrTLS)
	// ErrExpired: the server's certificate is not valid now, by this computer's
	// clock.
	ErrExpired = fmt.Errorf("the server's certificate is not valid now: %w", ErrTLS)
	// ErrCertificateRefused: the server refuses this client's certificate, or
	// wants one and was shown none.
	ErrCertificateRefused = fmt.Errorf("the server refuses the client's certificate: %w", ErrTLS)
	// ErrPlainServer: the server answered without TLS.
	ErrPlainServer = fmt.Errorf("the server does not speak TLS: %w", ErrTLS)
	// ErrTimeout: no answer before the context's deadline or the call timeout.
	// It comes with context.DeadlineExceeded.
	ErrTimeout = errors.New("no answer in time")
	// ErrNotRocketMQ: the peer answered in another protocol.
	ErrNotRocketMQ = errors.New("peer does not speak RocketMQ's remoting protocol")
	// ErrConnectionLost: the connection ended while the answer was awaited, so
	// it is not known whether the request took effect.
	ErrConnectionLost = errors.New("connection lost")
	// ErrClosedBeforeAnswer: the peer closed a plain connection before it ever
	// answered, as a server does that demands TLS. It is an ErrConnectionLost.
	ErrClosedBeforeAnswer = fmt.Errorf("closed before the first answer (the server may demand TLS): %w", ErrConnectionLost)
	// ErrTooLarge: a frame is above MaxFrame.
	ErrTooLarge = errors.New("frame too large")
	// ErrMalformed: bytes that are no frame.
	ErrMalformed = errors.New("malformed frame")
	// ErrBadBody: an answer whose body cannot be read.
	ErrBadBody = errors.New("the answer cannot be read")
	// ErrClosed: the Conn or Pool was closed by this side.
	ErrClosed = errors.New("connection closed")
)

// maxRemark bounds what Error prints of a remark, in bytes; Java servers send
// stack traces.
const maxRemark = 300

// ResponseError is an answer whose code is not Success.
type ResponseError struct {
	// Code is one of the Response constants or another number of ResponseCode.java.
	Code int
	// Remark is the server's text in full. Credentials of the connection that
	// the server repeats in it (ACL 1.0 names the access key, which is the token
	// in TDMQ's mapping) stand as ***.
	Remark string
	// Addr is the server that answered, host:port, and Version the MQVersion ordinal
	// that it claims, 0 where it claims none.
	Addr    string
	Version int
}

// Error names the server, the code and the first line of the remark.
func (e *ResponseError) Error() string {
	line, _, _ := strings.Cut(strings.TrimSpace(e.Remark), "\n")
	if len(line) > maxRemark {
		cut := maxRemark
		for !utf8.RuneStart(line[cut]) {
			cut--
		}
		line = line[:cut] + "…"
	}
	if line == "" {
		return fmt.Sprintf("%s answered %s", e.Addr, codeName(e.Code))
	}
	return fmt.Sprintf("%s answered %s: %s", e.Addr, codeName(e.Code), line)
}
