package worker

import (
	"log/slog"
	"os"
	"strings"
	"time"

	"gantry/client/engine"
	"gantry/client/message"
	"gantry/client/relay"
	"gantry/client/remoting"
)

// reach is how the client library gets to the job's cluster: straight, or
// through a relay. That stands before the brokers where the job says how to
// encrypt or where to dial, and before several name servers always: the library
// waits for each silent one, again and again.
type reach struct {
	job   *Job
	relay *relay.Relay // nil: straight
}

func newReach(job *Job) (*reach, error) {
	r := &reach{job: job}
	brokers := job.TLS != nil || len(job.Addresses) > 0
	if !brokers && len(job.NameServers) < 2 {
		return r, nil
	}
	remote := remoting.Config{Addresses: job.Addresses}
	var err error
	if job.TLS != nil {
		if remote.TLS, err = job.TLS.Config(); err != nil {
			return nil, err
		}
	}
	r.relay, err = relay.Start(relay.Config{NameServers: job.NameServers, Remote: remote, Brokers: brokers, Log: stderr(job.hide)})
	return r, err
}

func (r *reach) access() engine.Access {
	servers := r.job.NameServers
	if r.relay != nil {
		servers = []string{r.relay.NameServer()}
	}
	return engine.Access{
		NameServers: servers, AccessKey: r.job.AccessKey, SecretKey: r.job.SecretKey, Instance: r.job.Instance,
	}
}

// words makes a text of the library fit to be shown: without the job's secret,
// and with the cluster's addresses in place of the relay's.
func (r *reach) words(text string) string {
	if r.relay != nil {
		text = r.relay.Restore(text)
	}
	return r.job.hide(text)
}

// why is the text of an error that the library returned for something begun at a
// time: it says of name servers that do not answer what it says of topics that
// do not exist.
func (r *reach) why(err error, begun time.Time) string {
	if r.relay != nil && strings.Contains(err.Error(), engine.NoRoute) {
		if cause := r.relay.NameError(begun); cause != nil {
			return r.words(cause.Error())
		}
	}
	return r.words(err.Error())
}

// problem is a failed pull as the window hears of it.
func (r *reach) problem(p engine.Problem) Event {
	e := Event{Kind: Trouble, Code: p.Code, Text: r.words(p.Text)}
	if p.Code == relay.CodeUnreachable || p.Code == relay.CodeUnanswered {
		e.Code = 0 // no broker has answered
	}
	return e
}

// receipt makes a receipt fit to be shown.
func (r *reach) receipt(got message.Receipt) message.Receipt {
	switch got.Code {
	case relay.CodeUnreachable:
		got.Code = 0
	case relay.CodeUnanswered:
		got.Code, got.Status = 0, message.StatusUncertain
	}
	if r.relay != nil && strings.Contains(got.Error, engine.NoRoute) {
		if cause := r.relay.NameError(got.SentAt); cause != nil {
			got.Error = cause.Error()
		}
	}
	got.Error = r.words(got.Error)
	return got
}

// stderr is a worker's log: problems only, with the cluster's addresses.
func stderr(words func(string) string) *slog.Logger {
	return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{
		Level: slog.LevelWarn,
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Value.Kind() == slog.KindString {
				a.Value = slog.StringValue(words(a.Value.String()))
			}
			return a
		},
	}))
}
