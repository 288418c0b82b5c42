package engine

import (
	"errors"
	"fmt"
	"net"
	"strings"

	"gantry/client/fault"
	"gantry/client/message"
)

// The client library has no error types: what went wrong is in its texts. This file is
// the only place of the program that reads them, and its test holds them against the
// pinned version.

// someBroker stands for a broker whose address the library does not tell.
const someBroker = "a broker"

// known are texts of the library and what they mean, the first that fits.
func known() []struct {
	text string
	code fault.Code
} {
	return []struct {
		text string
		code fault.Code
	}{
		// Whatever the reason (route.go, push_consumer.go).
		{"route info not found", fault.TopicNotFound},
		{"message queue not found", fault.NoBroker},          // producer.go
		{"no name server", fault.Unreachable},                // internal/namesrv.go
		{"no such host", fault.Unresolvable},                 // package net
		{"dial tcp", fault.Unreachable},                      // package net
		{"request timeout", fault.Timeout},                   // internal/remote/codec
		{"i/o timeout", fault.Timeout},                       // package net
		{"context deadline exceeded", fault.Timeout},         // package context
		{"EOF", fault.ConnectionLost},                        // package io
		{"connection reset", fault.ConnectionLost},           // system
		{"broken pipe", fault.ConnectionLost},                // system
		{"use of closed network conn", fault.ConnectionLost}, // package net
		{"connection refused", fault.Unreachable},            // system
	}
}

// refused reads a broker's refusal out of a text: its code stands behind one mark, its
// remark behind another. A remark that is a fault itself, as the relay sends, is taken
// as it is.
func refused(text, code, remark string) *fault.Fault {
	_, rest, ok := strings.Cut(text, code)
	if !ok {
		return nil
	}
	number := 0
	if _, err := fmt.Sscanf(rest, "%d", &number); err != nil {
		return nil
	}
	_, said, _ := strings.Cut(rest, remark)
	if f := fault.Decode(said); f != nil {
		return f
	}
	return fault.From(fault.Refusal(fault.Answered(number, said, someBroker, 0))).Quoting(text)
}

// meaning is the fault that an error of the library stands for, Unknown where it is not
// known.
func meaning(err error) *fault.Fault {
	if f := refused(err.Error(), "CODE: ", "DESC: "); f != nil { // internal/client.go
		return f
	}
	f := fault.From(err)
	var op *net.OpError
	switch {
	case f.Code != fault.Unknown && f.Code != fault.NotStarted:
	case errors.As(err, &op) && op.Op == "dial":
		f.Code = fault.Unreachable
	default:
		for _, k := range known() {
			if strings.Contains(f.Raw, k.text) {
				f.Code = k.code
				break
			}
		}
	}
	return f
}

// unsent tells a message that was refused or never left from one that the broker may
// have stored.
func unsent(f *fault.Fault) message.Status {
	if f.Said != nil {
		return message.StatusFailed
	}
	for _, before := range []error{fault.Unreachable, fault.TLS, fault.TopicNotFound, fault.NoBroker} {
		if errors.Is(f.Code, before) {
			return message.StatusFailed
		}
	}
	return message.StatusUncertain
}

// pullProblem is the fault of a pull that failed ("unknown Response Code: 26, remark: …",
// internal/client.go).
func pullProblem(text string) *fault.Fault {
	const subscriptionNotExist = 24 // the broker has not seen our heartbeat, or not this topic in it
	f := refused(text, "Response Code: ", "remark: ")
	if f == nil {
		return meaning(errors.New(text))
	}
	if f.Said != nil && f.Said.Code == subscriptionNotExist {
		f.Code = fault.SubscriptionNotKnown
	}
	return f
}
