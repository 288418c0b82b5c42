package admin

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"gantry/client/cluster"
	"gantry/client/fault"
)

// TraceTopic is where clients put what they trace, unless brokers or clients name
// another (TopicValidator.java, RMQ_SYS_TRACE_TOPIC).
const TraceTopic = "RMQ_SYS_TRACE_TOPIC"

// mostTraces bounds how many records of one message are read.
const mostTraces = 1000

// mostTrace bounds one message of traces, unpacked, in bytes.
const mostTrace = 16 << 20

// Traces finds what clients traced of a message, oldest first. fault.TopicNotFound
// where no broker has a trace topic.
func (c *Client) Traces(ctx context.Context, id string) ([]cluster.Trace, cluster.Missing, error) {
	route, err := c.Route(ctx, TraceTopic)
	if err != nil {
		return nil, nil, err
	}
	found, missing, err := c.byKey(ctx, route.Brokers, &keyed{topic: TraceTopic, key: id, from: time.UnixMilli(0), to: time.Now().Add(24 * time.Hour), most: mostTraces, size: kept{most: mostTraced}})
	if err != nil && !errors.Is(err, fault.NotFound) {
		return nil, missing, err
	}
	var all []cluster.Trace
	for _, f := range found {
		body, ok := f.Unpacked(mostTrace) // Java's clients pack them where there are many
		if !ok {
			missing = missing.Join(cluster.Missing{{Broker: f.Broker, Err: fmt.Errorf("a trace at offset %d: %w", f.QueueOffset, fault.BadAnswer)}})
		}
		all = append(all, decodeTraces(string(body), id)...)
	}
	return joinTraces(all), missing, nil
}

// decodeTraces reads the records about one message: fields between \x01, each
// record ends with \x02. Versions differ in their last fields
// (TraceDataEncoder.java; rocketmq-client-go's internal/trace.go).
func decodeTraces(body, id string) []cluster.Trace {
	var all []cluster.Trace
	for record := range strings.SplitSeq(body, "\x02") {
		f := strings.Split(record, "\x01")
		at := func(i int) string {
			if i < len(f) && f[i] != "null" {
				return f[i]
			}
			return ""
		}
		var t cluster.Trace
		var of string
		switch at(0) {
		case "Pub":
			of = at(5)
			t = cluster.Trace{Kind: cluster.TraceSent, At: millis(at(1)), Group: at(3), Took: lasted(at(10)), Ended: true}
			t.OK, t.Client = published(f)
		case "SubBefore":
			of = at(5)
			t = cluster.Trace{Kind: cluster.TraceConsumed, At: millis(at(1)), Group: at(3), Client: at(8), Request: at(4)}
			t.Retries, _ = strconv.Atoi(at(6))
		case "SubAfter":
			of = at(2)
			t = cluster.Trace{Kind: cluster.TraceConsumed, Request: at(1), Took: lasted(at(3)), Ended: true, OK: at(4) == "true", Result: consumed(at(6)), Group: at(8)}
			if end := millis(at(7)); !end.IsZero() {
				t.At = end.Add(-t.Took)
			}
		case "EndTransaction":
			of = at(5)
			t = cluster.Trace{Kind: cluster.TraceDecided, At: millis(at(1)), Group: at(3), Ended: true, OK: true, Result: at(11)}
		case "Recall":
			of = at(5)
			t = cluster.Trace{Kind: cluster.TraceRecalled, At: millis(at(1)), Group: at(3), Ended: true, OK: at(6) == "true"}
		}
		if of == id && of != "" {
			all = append(all, t)
		}
	}
	return all
}

// published reads whether a send succeeded, and the client's address: where they
// stand depends on the number of fields.
func published(f []string) (ok bool, client string) {
	switch {
	case len(f) >= 15:
		return f[13] == "true", f[14]
	case len(f) == 14:
		return f[13] == "true", ""
	case len(f) == 13:
		return f[12] == "true", ""
	}
	return true, "" // of versions that do not say
}

// consumed names what a consumption came to.
func consumed(code string) string {
	switch code {
	case "1":
		return "TIME_OUT"
	case "2":
		return "EXCEPTION"
	case "3":
		return "RETURNNULL"
	case "4":
		return "FAILED"
	}
	return ""
}

func millis(text string) time.Time {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return time.Time{}
	}
	return moment(n)
}

func lasted(text string) time.Duration {
	n, err := strconv.ParseInt(text, 10, 32)
	if err != nil || n < 0 {
		return 0
	}
	return time.Duration(n) * time.Millisecond
}

// joinTraces makes one of the beginning and the end of a consumption.
func joinTraces(all []cluster.Trace) []cluster.Trace {
	var out []cluster.Trace
	for _, t := range all {
		i := -1
		if t.Kind == cluster.TraceConsumed && t.Request != "" {
			i = slices.IndexFunc(out, func(o cluster.Trace) bool {
				return o.Kind == cluster.TraceConsumed && o.Request == t.Request && o.Ended != t.Ended
			})
		}
		if i < 0 {
			out = append(out, t)
			continue
		}
		begin, end := out[i], t
		if begin.Ended {
			begin, end = end, begin
		}
		begin.Took, begin.Ended, begin.OK, begin.Result = end.Took, true, end.OK, end.Result
		if begin.Group == "" {
			begin.Group = end.Group
		}
		out[i] = begin
	}
	slices.SortStableFunc(out, func(a, b cluster.Trace) int { return a.At.Compare(b.At) })
	return out
}
