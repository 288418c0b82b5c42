package worker

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"os"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"gantry/client/fault"
	"gantry/client/filter"
)

// Bounds of Jq.
const (
	// jqAtOnce is how many processes run jq together.
	jqAtOnce = 2
	// jqTurn is after which time a process begins no further body of a question.
	jqTurn = 50 * time.Millisecond
	// jqRate is how many bytes a second a process at least takes and reads as JSON.
	jqRate = 8 << 20
	// jqStarts is how long a process may take to start.
	jqStarts = 20 * time.Second
	// jqIdles is how long one that nothing is asked is kept.
	jqIdles = 20 * time.Second
	// mostJqBodies bounds what is asked at once, in bytes, but for one body that is larger.
	mostJqBodies = 4 << 20
	// An expression may have so many processes ended one after the other, and one more each
	// time of jqPardon.
	mostJqEnded = 20
	jqPardon    = 5 * time.Second
	// mostJqKnown bounds of how many expressions it is known how many they had ended.
	mostJqKnown = 100
)

// Jq runs expressions of jq in processes of their own, started when they are asked and ended
// when nothing is for a while. A message that one of them does not come to an end with in time
// or in memory is told so, and another process goes on. Its methods may be called from any
// goroutine.
type Jq struct {
	program Program
	slots   chan struct{} // one for each process that is asked

	mu     sync.Mutex
	idle   []*jqProcess
	closed bool
	known  map[string]*jqRecord
}

// jqRecord is what is known of an expression.
type jqRecord struct {
	ended *rate.Limiter // allows processes to be ended by it
	// alone is how many bodies are asked one by one: a process was ended by one of them.
	alone int
}

// jqProcess is a process that nothing or one thing is asked.
type jqProcess struct {
	*Process
	started chan struct{}
	told    chan Event
	ends    *time.Timer // while it is idle
}

// NewJq runs expressions of jq in processes of a program. Close it.
func NewJq(p Program) *Jq {
	return &Jq{program: p, slots: make(chan struct{}, jqAtOnce), known: map[string]*jqRecord{}}
}

// ownJq runs expressions of jq for a worker, in processes of its own.
func ownJq() *Jq {
	exe, err := os.Executable()
	if err != nil {
		exe = os.Args[0]
	}
	return NewJq(Program{Path: exe})
}

// Judge runs expressions until a time, or for as long as it takes where that is zero. Its
// question ends with ctx, within some milliseconds.
func (j *Jq) Judge(ctx context.Context, until time.Time) filter.Judge {
	return func(expression string, bodies [][]byte) (told []filter.Verdict, err error) {
		for len(told) < len(bodies) && (len(told) == 0 || until.IsZero() || time.Now().Before(until)) {
			more, err := j.ask(ctx, until, expression, bodies[len(told):])
			if err != nil {
				return nil, err
			}
			told = append(told, more...)
		}
		return told, nil
	}
}

// Close ends the processes that nothing is asked; others end with what they are asked.
func (j *Jq) Close() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.closed = true
	for _, p := range j.idle {
		p.ends.Stop()
		p.Kill()
	}
	j.idle = nil
}

// record is what is known of an expression.
func (j *Jq) record(expression string) *jqRecord {
	j.mu.Lock()
	defer j.mu.Unlock()
	r := j.known[expression]
	if r == nil {
		if len(j.known) >= mostJqKnown {
			clear(j.known)
		}
		r = &jqRecord{ended: rate.NewLimiter(rate.Every(jqPardon), mostJqEnded)}
		j.known[expression] = r
	}
	return r
}

// some are the first of the bodies: those that are asked together.
func (j *Jq) some(r *jqRecord, bodies [][]byte) [][]byte {
	j.mu.Lock()
	defer j.mu.Unlock()
	if r.alone > 0 {
		r.alone--
		return bodies[:1]
	}
	size := 0
	for i, b := range bodies {
		if size += len(b); size > mostJqBodies && i > 0 {
			return bodies[:i]
		}
	}
	return bodies
}

// ask asks about some bodies, at least one. The error is that of ctx.
func (j *Jq) ask(ctx context.Context, until time.Time, expression string, bodies [][]byte) ([]filter.Verdict, error) {
	r := j.record(expression)
	if r.ended.Tokens() < 1 {
		all := make([]filter.Verdict, len(bodies))
		for i := range all {
			all[i].Why = &fault.Fault{Code: fault.JqStopped}
		}
		return all, nil
	}
	some := j.some(r, bodies)
	select {
	case j.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	defer func() { <-j.slots }()
	p, err := j.take(ctx)
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if err != nil { // it cannot be started
		return []filter.Verdict{{Why: fault.From(err)}}, nil
	}
	told, err := p.question(ctx, until, expression, some)
	if err == nil {
		j.put(p)
		return told, nil
	}
	p.Kill()
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	r.ended.Allow()
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(some) > 1 { // which of them it was is seen when they are asked one by one
		r.alone = len(some)
		return nil, nil
	}
	r.alone = 0
	return []filter.Verdict{{Why: fault.From(err)}}, nil
}

// take returns a process that waits to be asked.
func (j *Jq) take(ctx context.Context) (*jqProcess, error) {
	for p := j.waiting(); p != nil; p = j.waiting() {
		select {
		case <-p.Done(): // it ended meanwhile
		default:
			return p, nil
		}
	}
	p := &jqProcess{started: make(chan struct{}), told: make(chan Event, 1)}
	process, err := j.program.Start(&Job{Kind: RunJq}, p.on)
	if err != nil {
		return nil, err
	}
	p.Process = process
	late := time.NewTimer(jqStarts)
	defer late.Stop()
	select {
	case <-p.started:
		return p, nil
	case <-p.Done():
		return nil, p.Err()
	case <-late.C:
		p.Kill()
		return nil, fault.Timeout
	case <-ctx.Done():
		p.Kill()
		return nil, context.Cause(ctx)
	}
}

func (p *jqProcess) on(e Event) {
	switch e.Kind {
	case Started:
		close(p.started)
	case JqTold:
		p.told <- e
	}
}

// waiting takes a process that is idle; nil where there is none.
func (j *Jq) waiting() *jqProcess {
	j.mu.Lock()
	defer j.mu.Unlock()
	n := len(j.idle)
	if n == 0 {
		return nil
	}
	p := j.idle[n-1]
	j.idle = j.idle[:n-1]
	p.ends.Stop()
	return p
}

// put keeps a process for a while.
func (j *Jq) put(p *jqProcess) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.closed {
		p.Kill()
		return
	}
	p.ends = time.AfterFunc(jqIdles, func() {
		j.mu.Lock()
		defer j.mu.Unlock()
		for i, one := range j.idle {
			if one == p {
				j.idle = append(j.idle[:i:i], j.idle[i+1:]...)
				p.Kill()
			}
		}
	})
	j.idle = append(j.idle, p)
}

var errJqAnswer = errors.New("no answer of jq")

// question asks about bodies and waits, as long as they may take. The error is that of ctx, or
// why the process is of no use any more.
func (p *jqProcess) question(ctx context.Context, until time.Time, expression string, bodies [][]byte) ([]filter.Verdict, error) {
	c := command{Do: doJudge, Judging: &judging{Expression: expression, Time: jqTurn}}
	if !until.IsZero() {
		c.Judging.Time = max(min(jqTurn, time.Until(until)), 0)
	}
	for _, b := range bodies {
		c.Judging.Sizes = append(c.Judging.Sizes, len(b))
	}
	raw := bytes.Join(bodies, nil)
	// A process that does not read must not hold us up; the pipe ends with it.
	go func() { _ = p.pipe.send(c, raw) }()
	// It ends one by itself at jqTime, where the library heeds that.
	late := time.NewTimer(c.Judging.Time + 2*jqTime + time.Duration(len(raw))*time.Second/jqRate)
	defer late.Stop()
	select {
	case e := <-p.told:
		return e.Judged.verdicts(len(bodies))
	case <-p.Done():
		return nil, cmp.Or(p.Err(), error(fault.WorkerDied))
	case <-late.C:
		return nil, fault.JqSlow
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// verdicts are what was told of at most so many bodies.
func (j *Judged) verdicts(most int) ([]filter.Verdict, error) {
	if j == nil || len(j.Told) == 0 || len(j.Told) > most {
		return nil, errJqAnswer
	}
	all, why := make([]filter.Verdict, len(j.Told)), j.Why
	for i, told := range j.Told {
		if all[i].Fits = told == toldFits; told != toldFailed {
			continue
		}
		if len(why) == 0 || why[0] == nil {
			return nil, errJqAnswer
		}
		all[i].Why, why = why[0], why[1:]
	}
	return all, nil
}
