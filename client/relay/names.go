package relay

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"slices"
	"time"

	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/remoting"
)

const (
	// nameBudget bounds a question to the name servers; the library waits 6 s.
	nameBudget = 5 * time.Second
	// questions is how many requests of one connection are under way together.
	questions = 64
)

// serveNames answers a connection as a name server, by asking the real ones.
func (r *Relay) serveNames(nc net.Conn) { _ = remoting.Serve(nc, questions, r.ask) }

// ask passes a request on, as it was signed, and returns the answer to it.
func (r *Relay) ask(req *remoting.Command) *remoting.Command {
	ctx, cancel := context.WithTimeout(r.ctx, nameBudget)
	defer cancel()
	got, err := r.names.Ask(ctx, req, remoting.MaxFrame)
	var refused *fault.Answer
	if errors.As(err, &refused) && !errors.As(err, new(remoting.Reasons)) {
		r.note(nil)
		return req.Answer(refused.Code, refused.Remark)
	}
	if err == nil && req.Code == remoting.RouteByTopic {
		got.Body, err = r.route(got.Body)
	}
	r.note(err)
	if err != nil {
		return failed(req, CodeUnreachable, err)
	}
	return got
}

func (r *Relay) note(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failed = failure{time.Now(), err}
}

// failed answers a request in the place of a server; the remark is the fault, which the
// library hands on as a text.
func failed(req *remoting.Command, code int, err error) *remoting.Command {
	f := fault.From(err)
	if code == CodeUnreachable && !errors.Is(err, fault.Unreachable) && !errors.Is(err, fault.TLS) {
		f = fault.From(fmt.Errorf("%w: %w", fault.Unreachable, err)) // it was not passed on
	}
	return req.Answer(code, f.Encode())
}

// route makes a route one that the library can be given: it allocates by the numbers in it,
// without a bound, and takes a broker without an address for a crash.
func (r *Relay) route(body []byte) ([]byte, error) {
	var route cluster.Route
	if len(body) > cluster.MostRoute {
		return nil, fmt.Errorf("route: %w: %d bytes", fault.BadAnswer, len(body))
	}
	err := remoting.DecodeBody(body, &route)
	if err == nil {
		err = route.Verify()
	}
	if err != nil {
		return nil, fmt.Errorf("route: %w", err)
	}
	if !r.brokers && !slices.ContainsFunc(route.Brokers, func(b cluster.Broker) bool { return len(b.Addrs) == 0 }) {
		return body, nil
	}
	return r.rewrite(body)
}

// rewrite leaves brokers without an address out of a route, and, where connections to
// brokers lead through the relay, puts our own listeners in the place of their addresses
// (TopicRouteData.java). It goes by the places where addresses stand:
// their name may also be a broker's. Everything else stays as it is, but in
// strict JSON.
func (r *Relay) rewrite(body []byte) ([]byte, error) {
	var route map[string]json.RawMessage
	if err := remoting.DecodeBody(body, &route); err != nil {
		return nil, fmt.Errorf("route: %w", err)
	}
	var brokers []map[string]json.RawMessage
	if err := json.Unmarshal(route["brokerDatas"], &brokers); err != nil {
		return nil, fmt.Errorf("route: %w", fault.BadAnswer)
	}
	kept := brokers[:0]
	for _, b := range brokers {
		var addrs map[string]string
		if err := json.Unmarshal(b["brokerAddrs"], &addrs); err != nil {
			return nil, fmt.Errorf("route: %w", fault.BadAnswer)
		}
		if len(addrs) == 0 {
			continue // the library takes a broker without an address for a crash
		}
		for id, addr := range addrs {
			if !r.brokers {
				break
			}
			door, err := r.doorOf(addr)
			if err != nil {
				return nil, fmt.Errorf("route: %w", err)
			}
			addrs[id] = door
		}
		var err error
		if b["brokerAddrs"], err = json.Marshal(addrs); err != nil {
			return nil, err
		}
		kept = append(kept, b)
	}
	var err error
	if route["brokerDatas"], err = json.Marshal(kept); err != nil {
		return nil, err
	}
	return json.Marshal(route)
}
