package worker

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync"
	"time"

	"github.com/itchyny/gojq"

	"gantry/client/fault"
)

// Bounds of a process that runs jq.
const (
	// jqTime is how long an expression may take on one body.
	jqTime = 250 * time.Millisecond
	// jqMemory is what such a process may allocate, in bytes.
	jqMemory = 256 << 20
	// jqGoal is from where on it collects what is free as hard as it can.
	jqGoal = 160 << 20
	// jqWatch is how often it looks at what it has allocated, while it runs.
	jqWatch = 5 * time.Millisecond
	// jqThreads bounds its threads: the stack of each counts.
	jqThreads = 2
)

// judging is a command's part to a process that runs jq: an expression, the sizes of the bodies
// behind the header, and after which time nothing more of them is begun.
type judging struct {
	Expression string        `json:"expression"`
	Sizes      []int         `json:"sizes"`
	Time       time.Duration `json:"time"`
}

// Judged is what came of it, of the first bodies: 0 for one that does not fit, 1 for one that
// does, 2 for one that jq failed on, for which Why has the next reason.
type Judged struct {
	Told []byte         `json:"told"`
	Why  []*fault.Fault `json:"why,omitempty"`
}

// The values of Judged.Told.
const (
	toldNo = iota
	toldFits
	toldFailed
)

// jqRunner runs expressions of jq, one at a time.
type jqRunner struct {
	events *writer

	expression string // the one that code is of
	code       *gojq.Code
	refused    *fault.Fault // why it is no code
}

func startJq(events *writer) (runner, error) {
	runtime.GOMAXPROCS(min(jqThreads, runtime.GOMAXPROCS(0)))
	debug.SetGCPercent(100)
	debug.SetMemoryLimit(jqGoal)
	if err := limitMemory(jqMemory); err != nil {
		stderr(func(s string) string { return s }).Warn("the memory of this worker is not bounded by the system", "error", err)
	}
	return &jqRunner{events: events}, nil
}

func (r *jqRunner) do(c *command, raw []byte) {
	if c.Do != doJudge || c.Judging == nil {
		return
	}
	defer watchMemory(jqMemory)()
	j := Judged{}
	begun := time.Now()
	for _, size := range c.Judging.Sizes {
		if size < 0 || size > len(raw) {
			break
		}
		fits, why := r.judge(c.Judging.Expression, raw[:size])
		raw = raw[size:]
		switch {
		case why != nil:
			j.Told, j.Why = append(j.Told, toldFailed), append(j.Why, why)
		case fits:
			j.Told = append(j.Told, toldFits)
		default:
			j.Told = append(j.Told, toldNo)
		}
		if time.Since(begun) >= c.Judging.Time {
			break
		}
	}
	_ = r.events.send(Event{Kind: JqTold, ID: c.ID, Judged: &j}, nil)
}

// judge runs an expression on one body: its first result counts.
func (r *jqRunner) judge(expression string, body []byte) (fits bool, why *fault.Fault) {
	defer func() {
		if p := recover(); p != nil { // the library has been seen to panic on some expressions
			fits, why = false, failed(fmt.Errorf("panic: %v", p))
		}
	}()
	if r.compile(expression); r.refused != nil {
		return false, r.refused
	}
	var in any
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber() // numbers are compared as they are written
	if err := d.Decode(&in); err != nil {
		return false, failed(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), jqTime)
	defer cancel()
	out, ok := r.code.RunWithContext(ctx, in).Next()
	if !ok {
		return false, nil // no result at all
	}
	if err, wrong := out.(error); wrong {
		if ctx.Err() != nil && errors.Is(err, context.DeadlineExceeded) {
			return false, &fault.Fault{Code: fault.JqSlow}
		}
		return false, failed(err)
	}
	return out != nil && out != false, nil
}

// compile makes the expression ready that comes next. It reads nothing but the body: there is
// no module, no environment and no other input.
func (r *jqRunner) compile(expression string) {
	if expression == r.expression && (r.code != nil || r.refused != nil) {
		return
	}
	r.expression, r.code, r.refused = expression, nil, failed(errors.New("not compiled")) // should it panic
	query, err := gojq.Parse(expression)
	if err == nil {
		r.code, err = gojq.Compile(query)
	}
	if r.refused = nil; err != nil {
		r.refused = failed(err)
	}
}

// longestWords bounds what is told of an error, in bytes: it may repeat the body.
const longestWords = 300

func failed(err error) *fault.Fault {
	said := err.Error()
	return &fault.Fault{Code: fault.JqFailed, Raw: said[:min(len(said), longestWords)]}
}

func (r *jqRunner) listens() *Listens { return nil }

func (r *jqRunner) stop() {}

// watchMemory ends the process where it has allocated more than most bytes, as the system does
// where it can be asked to, until what it returns is called.
func watchMemory(most uint64) (end func()) {
	done := make(chan struct{})
	var over sync.WaitGroup
	over.Go(func() {
		have := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
		t := time.NewTicker(jqWatch)
		defer t.Stop()
		for {
			select {
			case <-done:
				return
			case <-t.C:
			}
			if metrics.Read(have); have[0].Value.Uint64()-have[1].Value.Uint64() > most {
				fmt.Fprintln(os.Stderr, "runtime: out of memory: more than jq may take")
				os.Exit(2)
			}
		}
	})
	return func() {
		close(done)
		over.Wait()
	}
}
