package worker

import (
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"time"

	"gantry/client/engine"
	"gantry/client/fault"
	"gantry/client/sandbox"
)

// gcPercent trades memory, 30 to 60 MB, for a fifth of a worker's CPU
// (measured).
const gcPercent = 400

// What a subscription may allocate: the client library keeps 8 MiB of each queue, and
// unpacks what comes without a bound of its own (before any hook).
const (
	memoryBase  = 512 << 20
	memoryQueue = 16 << 20
)

// Main is the worker: it reads its job from in, runs it, reports to out, and
// returns the process's exit status when it was told to stop. When in ends it
// ends the process at once. Its log goes to standard error. Call it before any
// window is made, and exit with what it returns.
func Main(in io.Reader, out io.Writer) int {
	debug.SetGCPercent(gcPercent)
	var job Job
	if _, err := receive(in, &job); err != nil {
		stderr(job.hide).Error("no job", "error", err)
		return 2
	}
	if job.Kind == Subscribe && job.Receive != nil {
		if err := limitMemory(memoryBase + memoryQueue*uint64(min(max(job.Receive.Queues, 0), 1<<10))); err != nil {
			stderr(job.hide).Warn("the memory of this worker is not bounded", "error", err)
		}
	}
	events := &writer{w: out}
	// The library may take many seconds to start and heeds nothing meanwhile,
	// but the end of the input must end the process at any time.
	commands := make(chan order, 64)
	go read(in, commands)
	r, err := start(&job, events)
	if err != nil {
		_ = events.send(Event{Kind: Failed, Fault: fault.From(err).Hide(job.hide)}, nil)
		return 1
	}
	_ = events.send(Event{Kind: Started, Listens: r.listens()}, nil)
	for o := range commands {
		if o.Do == doStop {
			r.stop()
			return 0
		}
		r.do(&o.command, o.raw)
	}
	return 0
}

// order is a command with the raw bytes behind it.
type order struct {
	command
	raw []byte
}

// read passes commands on, and ends the process when in ends: the window is
// gone. What was not appended was not answered, so the broker delivers it again.
func read(in io.Reader, commands chan<- order) {
	for {
		var o order
		var err error
		if o.raw, err = receive(in, &o.command); err != nil {
			os.Exit(3)
		}
		commands <- o
	}
}

// runner is a running job.
type runner interface {
	do(*command, []byte)
	// listens is where a sandbox does, nil for others.
	listens() *Listens
	// stop ends the job in an orderly way; the process exits next.
	stop()
}

// start starts the job. The error is fit to be shown.
func start(job *Job, events *writer) (runner, error) {
	if job.Kind == Sandbox && job.Local != nil {
		return startLocal(job)
	}
	if job.Kind == RunJq {
		return startJq(events)
	}
	if job.Kind == Follow && job.Receive != nil {
		return startFollow(job, events)
	}
	if job.Kind == Browse && job.Query != nil {
		return startSearch(job, events)
	}
	to, err := newReach(job)
	if err != nil {
		return nil, err
	}
	engine.SetLogger(stderr(to.words), func(f *fault.Fault) { _ = events.send(Event{Kind: Trouble, Fault: to.shown(f)}, nil) })
	begun := time.Now()
	var r runner
	switch {
	case job.Kind == Subscribe && job.Receive != nil:
		r, err = startReceiver(job, events, func(s *receiver) (consumer, error) {
			return engine.NewConsumer(consumerConfig(job, to.access(), s))
		})
	case job.Kind == Send && job.Sends != nil:
		r, err = startSender(job, to, events)
	case job.Kind == SendRun && job.Run != nil:
		r, err = startRun(job, to, events)
	default:
		err = fmt.Errorf("unknown job %q", job.Kind)
	}
	if err != nil {
		return nil, to.why(fault.From(err), begun)
	}
	return r, nil
}

// local is a sandbox.
type local struct{ *sandbox.Server }

func startLocal(job *Job) (runner, error) {
	s, err := sandbox.OpenAlone(sandbox.Options{
		Dir: job.Local.Dir, NameServer: job.Local.NameServer, Broker: job.Local.Broker, Log: stderr(job.hide),
	})
	if err != nil {
		return nil, err
	}
	return local{s}, nil
}

func (l local) do(*command, []byte) {}

func (l local) listens() *Listens { return &Listens{NameServer: l.NameServer(), Broker: l.Broker()} }

func (l local) stop() { _ = l.Close() }
