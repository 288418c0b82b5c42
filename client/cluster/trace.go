package cluster

import "time"

// TraceKind is what a client traced.
type TraceKind int

// The kinds (TraceType.java).
const (
	TraceSent     TraceKind = iota // Pub
	TraceConsumed                  // SubBefore and SubAfter
	TraceDecided                   // EndTransaction
	TraceRecalled                  // Recall
)

// Trace is something that a client did with a message, as it says itself.
type Trace struct {
	Kind TraceKind
	// At is when it began, by the client's clock; zero where it does not say.
	At    time.Time
	Group string
	// Client is its address, where it says one.
	Client string
	// Took is how long it lasted; Ended is false for a consumption of which only the
	// beginning was traced.
	Took  time.Duration
	Ended bool
	OK    bool
	// Result is why a consumption did not succeed: TIME_OUT, EXCEPTION, RETURNNULL or
	// FAILED (ConsumeReturnType.java); or what a transaction came to.
	Result string
	// Retries is how often the message had come before.
	Retries int

	// Request names one consumption, of which the beginning and the end are traced apart.
	Request string
}
