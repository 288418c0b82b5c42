package worker

import (
	"log/slog"
	"os"
	"strings"
	"time"

	"gantry/client/engine"
	"gantry/client/fault"
	"gantry/client/message"
	"gantry/client/relay"
	"gantry/client/remoting"
)

// reach is how the client library gets to the job's cluster: through a relay. That stands
// before the name servers always: the library waits for each silent one, again and again,
// and believes whatever a route says. It stands before the brokers where the job says how
// to encrypt or where to dial.
type reach struct {
	job   *Job
	relay *relay.Relay
}

func newReach(job *Job) (*reach, error) {
	r := &reach{job: job}
	brokers := job.TLS != nil || len(job.Addresses) > 0
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
	return engine.Access{
		NameServers: []string{r.relay.NameServer()}, AccessKey: r.job.AccessKey, SecretKey: r.job.SecretKey, Instance: r.job.Instance,
	}
}

// words makes a text of the library fit to be shown: without the job's secret,
// and with the cluster's addresses in place of the relay's.
func (r *reach) words(text string) string {
	text = r.job.hide(r.relay.Restore(text))
	if r.job.Run != nil {
		for _, v := range r.job.Run.Secrets {
			if len(v) >= minSecret {
				text = strings.ReplaceAll(text, v, message.Hidden)
			}
		}
	}
	return text
}

// why is the fault of something that the library was asked for at a time: it says of
// name servers that do not answer what it says of topics that do not exist.
func (r *reach) why(f *fault.Fault, begun time.Time) *fault.Fault {
	if f.Code == fault.TopicNotFound && f.Said == nil {
		if cause := r.relay.NameError(begun); cause != nil {
			f = fault.From(cause)
		}
	}
	return r.shown(f)
}

// shown makes a fault fit to be shown: without the secret, and in the profile's terms.
func (r *reach) shown(f *fault.Fault) *fault.Fault {
	return fault.From(fault.SignedAs(f.Hide(r.words), r.job.Account))
}

// receipt makes a receipt fit to be shown.
func (r *reach) receipt(got message.Receipt) message.Receipt {
	if got.Fault != nil {
		got.Fault = r.why(got.Fault, got.SentAt)
	}
	return got
}

// stderr is a worker's log: problems only, with the cluster's addresses.
func stderr(words func(string) string) *slog.Logger {
	return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn, ReplaceAttr: fault.LogAttr(words)}))
}
