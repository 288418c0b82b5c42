package cluster

import (
	"slices"
	"strings"
)

// BrokerError says why the part of one broker is missing from an answer.
type BrokerError struct {
	// Broker is its name, Addr (host:port) where it was asked; "" without one.
	Broker, Addr string
	Err          error
}

// Error names the broker.
func (e BrokerError) Error() string { return e.Broker + ": " + e.Err.Error() }

// Unwrap returns the reason.
func (e BrokerError) Unwrap() error { return e.Err }

// Missing are the brokers whose part of an answer is missing, by name. What is
// there is true, but not all.
type Missing []BrokerError

// Names lists the brokers, each once.
func (m Missing) Names() []string {
	var names []string
	for _, e := range m {
		names = append(names, e.Broker)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Join adds what another answer lacks: one error a broker.
func (m Missing) Join(others Missing) Missing {
	all := slices.Clone(m)
	for _, e := range others {
		if !slices.ContainsFunc(all, func(have BrokerError) bool { return have.Broker == e.Broker }) {
			all = append(all, e)
		}
	}
	slices.SortFunc(all, func(a, b BrokerError) int { return strings.Compare(a.Broker, b.Broker) })
	return all
}
