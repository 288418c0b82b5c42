// Package engine puts rocketmq-client-go behind two plain things: a Consumer
// that hands over decoded messages and a Producer that returns receipts. It is
// the only importer of that library.
//
// The library shares clients, TLS settings, its logger and its offset folder
// across a process, leaks goroutines for a month and can end the process in its
// Shutdown. So a process must run one Consumer or one Producer in its life, and
// end afterwards: package worker does that. Set up SetLogger first.
//
// Callbacks (Handler, Events) come from the library's goroutines, many at once.
package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"strings"
	"time"

	"github.com/apache/rocketmq-client-go/v2/primitive"
	"github.com/apache/rocketmq-client-go/v2/rlog"

	"gantry/client/fault"
)

// Access says where a cluster is and how to sign in. The library's own TLS is
// never used, because it verifies nothing: package relay stands in front of what
// needs it.
type Access struct {
	// NameServers are "host:port" each, dialled before: the library allocates
	// 1.2 GB for what does not speak RocketMQ's protocol.
	NameServers []string
	AccessKey   string
	SecretKey   string
	// Instance names this client; it must differ from every other's.
	Instance string
}

// resolver gives the library the name servers. The prefix makes it take host
// names, which it refuses otherwise (primitive/base.go).
func (a *Access) resolver() primitive.NsResolver {
	addrs := make([]string, len(a.NameServers))
	for i, s := range a.NameServers {
		addrs[i] = "http://" + s
	}
	return primitive.NewPassthroughResolver(addrs)
}

func (a *Access) credentials() primitive.Credentials {
	return primitive.Credentials{AccessKey: a.AccessKey, SecretKey: a.SecretKey}
}

// Problems collects the library's complaints about pulling. It is a logger for
// the library, and keeps message bodies out of every log: the library logs whole
// messages at warning level.
type Problems struct {
	log *slog.Logger
	on  func(*fault.Fault)
}

// SetLogger takes the library's log for the whole process; on is called for
// each failed pull, from the library's goroutines. It must be called once,
// before any client is made.
func SetLogger(log *slog.Logger, on func(*fault.Fault)) {
	p := &Problems{log: log, on: on}
	rlog.SetLogger(p)
	primitive.DefaultPanicHandler = func(v any) {
		// The value may hold a message; its type is enough to look further.
		log.Error("panic in the client library", "type", fmt.Sprintf("%T", v))
	}
}

// Debug and Info are dropped: the library is chatty.
func (p *Problems) Debug(string, map[string]any) {}

// Info is dropped.
func (p *Problems) Info(string, map[string]any) {}

// Warning logs what is known to be no body.
func (p *Problems) Warning(msg string, fields map[string]any) { p.write(slog.LevelWarn, msg, fields) }

// Error logs what is known to be no body.
func (p *Problems) Error(msg string, fields map[string]any) { p.write(slog.LevelError, msg, fields) }

// Fatal logs; unlike the library's own logger it does not end the process.
func (p *Problems) Fatal(msg string, fields map[string]any) { p.write(slog.LevelError, msg, fields) }

// Level does nothing.
func (p *Problems) Level(string) {}

// OutputPath does nothing.
func (p *Problems) OutputPath(string) error { return nil }

// pullFailed is the library's message for a pull that the broker refused or
// that did not reach it (push_consumer.go).
const pullFailed = "pull message from broker error"

func (p *Problems) write(level slog.Level, msg string, fields map[string]any) {
	var attrs []any
	for _, k := range []string{
		rlog.LogKeyTopic, rlog.LogKeyConsumerGroup, rlog.LogKeyProducerGroup, rlog.LogKeyBroker,
		rlog.LogKeyQueueId, rlog.LogKeyQueueOffset, rlog.LogKeyUnderlayError,
	} {
		if v, ok := fields[k]; ok {
			attrs = append(attrs, k, fmt.Sprint(v))
		}
	}
	if strings.HasPrefix(msg, "[BUG]") || len(msg) > 500 {
		msg = "the client library complains"
	}
	p.log.Log(context.Background(), level, msg, attrs...)
	if msg == pullFailed && p.on != nil {
		p.on(pullProblem(fmt.Sprint(fields[rlog.LogKeyUnderlayError])))
	}
}

// ErrPanic says that the library failed in a call of ours, as it does for routes
// that it did not expect (route.go). What the call had done before is not known.
var ErrPanic = errors.New("the client library failed")

// guard runs a call into the library and turns its panic into an error, with the
// runtime's words for it: they hold no message.
func guard(call func() error) (err error) {
	defer func() {
		switch v := recover().(type) {
		case nil:
		case runtime.Error:
			err = fmt.Errorf("%w: %w", ErrPanic, v)
		default:
			err = fmt.Errorf("%w: %T", ErrPanic, v)
		}
	}()
	return call()
}

// consumeTimeout is after how long the library would send messages back that
// wait in a callback: a year, because they may wait at a closed gate.
const consumeTimeout = 365 * 24 * time.Hour
