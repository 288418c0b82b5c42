package worker

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"gantry/client/fault"
	"gantry/client/message"
)

// stopLimit is how long an orderly stop may take before the child is killed.
const stopLimit = 2 * time.Second

// Process is the parent's handle of a worker. Its methods may be called from
// any goroutine and do not wait for the worker, except Stop and Send.
type Process struct {
	cmd    *exec.Cmd
	in     io.WriteCloser
	pipe   *writer
	on     func(Event)
	tail   *tail
	dir    string // the client library's own files
	done   chan struct{}
	exited error // valid once done is closed

	mu     sync.Mutex
	told   bool         // to stop, or killed
	failed *fault.Fault // why the job could not start
	nextID uint64
	sends  map[uint64]chan message.Receipt
}

// Program is what is started as a worker.
type Program struct {
	// Path is this program (os.Executable).
	Path string
	// Folder holds the folders of workers, one each, for the client library's own files;
	// the system's for temporary ones where it is "".
	Folder string
}

// folderPrefix is what the names of workers' folders begin with.
const folderPrefix = "gantry-worker-"

// Sweep removes what workers left in Folder that were killed together with their parent.
// None of its own may run.
func (p Program) Sweep() error {
	left, err := filepath.Glob(filepath.Join(p.Folder, folderPrefix+"*"))
	for _, dir := range left {
		err = errors.Join(err, os.RemoveAll(dir))
	}
	return err
}

// Start starts a worker. on is called for each event, from one goroutine, in order, and
// not after Done is closed.
func (p Program) Start(job *Job, on func(Event)) (*Process, error) {
	if job.Kind == RunJq { // it writes no files
		return p.startIn("", job, on)
	}
	if p.Folder != "" {
		if err := os.MkdirAll(p.Folder, 0o700); err != nil {
			return nil, err
		}
	}
	dir, err := os.MkdirTemp(p.Folder, folderPrefix)
	if err != nil {
		return nil, err
	}
	return p.startIn(dir, job, on)
}

func (p Program) startIn(dir string, job *Job, on func(Event)) (*Process, error) {
	child := &Process{
		cmd: exec.Command(p.Path, Argument), on: on, dir: dir, done: make(chan struct{}),
		tail: &tail{hide: secrets(job)}, sends: map[uint64]chan message.Receipt{},
	}
	out, err := child.launch(job)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	go child.follow(out)
	return child, nil
}

// secrets are what must not show of a worker's log: the keys, also as the log
// writes them between quotes.
func secrets(job *Job) []string {
	var s []string
	all := []string{job.AccessKey, job.SecretKey}
	if job.Run != nil {
		all = slices.AppendSeq(all, maps.Values(job.Run.Secrets))
	}
	for _, v := range all {
		if len(v) < minSecret {
			continue
		}
		s = append(s, v)
		if q := strings.Trim(strconv.Quote(v), `"`); q != v {
			s = append(s, q)
		}
	}
	return s
}

func (p *Process) launch(job *Job) (io.Reader, error) {
	if p.dir != "" {
		// The library reads this variable before any code of ours runs.
		p.cmd.Env = append(os.Environ(), "rocketmq.client.localOffsetStoreDir="+filepath.Join(p.dir, "offsets"))
	}
	p.cmd.Stderr = p.tail
	p.cmd.SysProcAttr = processAttributes()
	in, err := p.cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start a worker: %w", err)
	}
	p.in, p.pipe = in, &writer{w: in}
	// A small frame goes into the pipe's buffer, so this does not wait. If the
	// child is gone already, follow finds out.
	_ = p.pipe.send(job, nil)
	return out, nil
}

// follow passes the worker's events on until it ends.
func (p *Process) follow(out io.Reader) {
	for {
		var e Event
		if _, err := receive(out, &e); err != nil {
			break
		}
		if e.Kind == Failed {
			p.mu.Lock()
			p.failed = e.Fault
			p.mu.Unlock()
		}
		if e.Kind == Sent && e.Receipt != nil {
			p.deliver(e.ID, *e.Receipt)
			continue
		}
		p.on(e)
	}
	// A child that breaks the protocol is of no use any more.
	_ = p.cmd.Process.Kill()
	err := p.cmd.Wait()
	p.mu.Lock()
	switch {
	case p.told:
		p.exited = nil
	case p.tail.outOfMemory():
		p.exited = fmt.Errorf("%w: %v", fault.OutOfMemory, err)
	case p.tail.last() != "":
		p.exited = fmt.Errorf("%w: %v: %s", fault.WorkerDied, err, p.tail.last())
	default:
		p.exited = fmt.Errorf("%w: %v", fault.WorkerDied, err)
	}
	for id, c := range p.sends {
		close(c)
		delete(p.sends, id)
	}
	p.mu.Unlock()
	_ = p.in.Close()
	_ = os.RemoveAll(p.dir)
	close(p.done)
}

// Done is closed when the worker has ended.
func (p *Process) Done() <-chan struct{} { return p.done }

// Err says why the worker ended, once Done is closed: nil if it was told to,
// else fault.WorkerDied with the last lines of its log.
func (p *Process) Err() error {
	<-p.done
	return p.exited
}

// PID returns the worker's process id.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Pause closes the gate: messages that have come wait unanswered.
func (p *Process) Pause() error { return p.pipe.send(command{Do: doPause}, nil) }

// Resume opens the gate.
func (p *Process) Resume() error { return p.pipe.send(command{Do: doResume}, nil) }

// Note has a worker that sends write down a draft that never left.
func (p *Process) Note(d *message.Draft, r message.Receipt) error {
	return p.pipe.send(command{Do: doNote, Draft: d, Receipt: &r}, d.Body)
}

// Halt lets a run send nothing more; what is under way comes to its end.
func (p *Process) Halt() error { return p.pipe.send(command{Do: doHalt}, nil) }

// AnswerLater switches between "reconsume later" and success.
func (p *Process) AnswerLater(later bool) error {
	return p.pipe.send(command{Do: doAnswer, Later: later}, nil)
}

// Stop ends the worker in an orderly way and waits for it: at most 2 seconds,
// then it is killed.
func (p *Process) Stop() {
	p.mu.Lock()
	p.told = true
	p.mu.Unlock()
	// A child that does not read must not hold us up.
	go func() { _ = p.pipe.send(command{Do: doStop}, nil) }()
	select {
	case <-p.done:
	case <-time.After(stopLimit):
		p.Kill()
		<-p.done
	}
}

// Kill ends the worker at once.
func (p *Process) Kill() {
	p.mu.Lock()
	p.told = true
	p.mu.Unlock()
	_ = p.cmd.Process.Kill()
}

// Send sends a draft and waits for its receipt. If the context or the worker
// ends first, the receipt says that the message may have been stored.
func (p *Process) Send(ctx context.Context, d *message.Draft) message.Receipt {
	return p.SendHiding(ctx, d, nil)
}

// SendHiding is Send for a draft with secret values: kept, in which they are hidden, is
// written down in its place; nil for a draft without any.
func (p *Process) SendHiding(ctx context.Context, d, kept *message.Draft) message.Receipt {
	c, raw := command{Do: doSend, Draft: d}, d.Body
	if kept != nil {
		c.Kept, c.Size, raw = kept, len(d.Body), slices.Concat(d.Body, kept.Body)
	}
	return p.ask(ctx, c, d.Topic, raw)
}

// Decide has a worker whose sends are half messages write down what becomes of one, named
// by the number of its Leave's record, and tell its broker. fault.NotWaiting says that it
// waits for no decision; after every other error the decision stands, or it is not known
// whether it does, and the journal tells.
func (p *Process) Decide(ctx context.Context, of uint64, what message.Transaction) error {
	r := p.ask(ctx, command{Do: doDecide, Of: of, Transaction: what}, "", nil)
	if r.Fault == nil {
		return nil
	}
	return r.Fault
}

// Step has a worker that sends write down what happened to a message, and waits for that.
func (p *Process) Step(ctx context.Context, s *message.Step) error {
	r := p.ask(ctx, command{Do: doStep, Step: s}, "", nil)
	if r.Fault == nil {
		return nil
	}
	return r.Fault
}

// ask gives a command and waits for the receipt that answers it.
func (p *Process) ask(ctx context.Context, c command, topic string, raw []byte) message.Receipt {
	r := message.Receipt{Topic: topic, SentAt: time.Now()}
	lost := func(s message.Status, why error) message.Receipt {
		r.Status, r.Fault, r.Took = s, fault.From(why), time.Since(r.SentAt)
		return r
	}
	select {
	case <-p.done:
		return lost(message.StatusFailed, fault.WorkerDied) // it never leaves
	default:
	}
	answer := make(chan message.Receipt, 1)
	p.mu.Lock()
	p.nextID++
	id := p.nextID
	p.sends[id] = answer
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		delete(p.sends, id)
		p.mu.Unlock()
	}()
	written := make(chan error, 1)
	c.ID = id
	go func() { written <- p.pipe.send(c, raw) }()
	for {
		select {
		case err := <-written:
			if err != nil {
				return lost(message.StatusFailed, err)
			}
			written = nil
		case got, ok := <-answer:
			if !ok {
				return p.unsent(lost)
			}
			return got
		case <-p.done:
			return p.unsent(lost)
		case <-ctx.Done():
			return lost(message.StatusUncertain, context.Cause(ctx))
		}
	}
}

// unsent is the receipt of a send whose worker has ended: one that never started
// has sent nothing.
func (p *Process) unsent(lost func(message.Status, error) message.Receipt) message.Receipt {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.failed != nil {
		return lost(message.StatusFailed, p.failed)
	}
	return lost(message.StatusUncertain, fault.WorkerDied)
}

// Sending is how many sends are under way.
func (p *Process) Sending() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.sends)
}

func (p *Process) deliver(id uint64, r message.Receipt) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if c := p.sends[id]; c != nil {
		c <- r
		delete(p.sends, id)
	}
}

// tail keeps the end of what a worker prints, without its secrets.
type tail struct {
	hide []string
	mu   sync.Mutex
	b    []byte
	cut  bool // there was more before b
	full bool // Go's runtime said that it got no memory
}

const tailSize = 8 << 10

func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.b = append(t.b, b...)
	t.full = t.full || bytes.Contains(t.b, []byte("runtime: out of memory")) || bytes.Contains(t.b, []byte("fatal error: out of memory")) ||
		bytes.Contains(t.b, []byte("runtime: cannot allocate memory")) ||
		bytes.Contains(t.b, []byte("pthread_create failed: Resource temporarily unavailable")) // for its stack
	if n := len(t.b) - tailSize; n > 0 {
		t.b, t.cut = bytes.Clone(t.b[n:]), true
	}
	return len(b), nil
}

func (t *tail) outOfMemory() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.full
}

// last returns the last lines, short enough to show.
func (t *tail) last() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := string(t.b)
	for _, h := range t.hide {
		// The front may have been cut inside a secret.
		for i := 1; t.cut && i < len(h); i++ {
			if rest, ok := strings.CutPrefix(s, h[i:]); ok {
				s = rest
				break
			}
		}
		s = strings.ReplaceAll(s, h, "***")
	}
	lines := strings.Split(strings.TrimSpace(s), "\n")
	return strings.Join(lines[max(0, len(lines)-5):], "\n")
}
