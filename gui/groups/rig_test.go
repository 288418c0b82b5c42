package groups

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/insight"
	"gantry/client/orders"
	"gantry/client/profile"
	"gantry/gui/overview"
	"gantry/gui/stage"
)

// fake is a connection whose answers a test sets.
type fake struct {
	mu       sync.Mutex
	list     insight.GroupList
	listErr  error
	sums     map[string]insight.GroupSummary
	sumsErr  error
	details  map[string]*insight.GroupDetail
	stack    string
	stackErr error
	block    bool // answers nothing until the context ends

	calls  [][]string // of GroupSummaries
	begun  int        // questions that wait for their end
	ended  int        // questions that were cancelled
	stacks []string

	changed chan struct{} // after each count
}

func (f *fake) wait(ctx context.Context) error {
	f.mu.Lock()
	block := f.block
	f.mu.Unlock()
	if !block {
		return ctx.Err()
	}
	f.count(&f.begun)
	<-ctx.Done()
	f.count(&f.ended)
	return ctx.Err()
}

func (f *fake) count(n *int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	*n++
	f.changed <- struct{}{}
}

// until waits until n counts want.
func (f *fake) until(t *testing.T, what string, n *int, want int) {
	t.Helper()
	for limit := time.After(10 * time.Second); ; {
		f.mu.Lock()
		got := *n
		f.mu.Unlock()
		if got == want {
			return
		}
		select {
		case <-f.changed:
		case <-limit:
			t.Fatalf("%d of %d questions %s", got, want, what)
		}
	}
}

func (f *fake) Groups(ctx context.Context) (insight.GroupList, error) {
	if err := f.wait(ctx); err != nil {
		return insight.GroupList{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.list, f.listErr
}

func (f *fake) GroupSummaries(ctx context.Context, names []string) ([]insight.GroupSummary, error) {
	if err := f.wait(ctx); err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = append(f.calls, slices.Clone(names))
	var out []insight.GroupSummary
	for _, n := range names {
		s := f.sums[n]
		s.Name, s.At = n, time.Now()
		out = append(out, s)
	}
	return out, f.sumsErr
}

func (f *fake) GroupDetail(ctx context.Context, name string) (*insight.GroupDetail, error) {
	if err := f.wait(ctx); err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if d := f.details[name]; d != nil {
		return d, nil
	}
	return nil, fault.GroupNotFound
}

func (f *fake) MemberStack(_ context.Context, _ string, m cluster.Member) (string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.stacks = append(f.stacks, m.ID)
	return f.stack, f.stackErr
}

// rig is a screen on a stage.
type rig struct {
	*stage.Stage
	fake   *fake
	screen *Screen
	conn   Connection
	asked  int // to connect
	failed error
	// followed and browsed are the topics that were asked to be.
	followed, browsed string
	ordered           []string
}

// of makes a connection with groups that have so much lag.
func of(lags map[string]int64) *fake {
	f := &fake{changed: make(chan struct{}, 100), sums: map[string]insight.GroupSummary{}, details: map[string]*insight.GroupDetail{}}
	for name, lag := range lags {
		f.list.Groups = append(f.list.Groups, cluster.GroupConfig{Name: name})
		f.sums[name] = insight.GroupSummary{Members: 1, Lag: lag, LagKnown: true, Put: lag}
		f.details[name] = &insight.GroupDetail{Name: name}
	}
	return f
}

func newRig(t *testing.T, p profile.Profile, f *fake) *rig {
	r := &rig{Stage: stage.New(t), fake: f, conn: f}
	r.screen = New(Params{
		Params: overview.Params[Connection]{
			Tasks: r.Tasks, Window: r.Window, Profile: p, Conn: func() Connection { return r.conn },
			Connect: func() { r.asked++ }, Fail: func(err error) { r.failed = err }, Say: func(string) {},
		},
		Follow: func(name string) { r.followed = name }, Browse: func(name string) { r.browsed = name },
		Setup: func(o orders.Setup, shown []string) {
			r.ordered = append(r.ordered, fmt.Sprint(o.Of, " ", o.Act, " ", o.Names, " ", o.Offsets, " ", shown))
		},
	})
	r.Show(r.screen.Content())
	t.Cleanup(r.screen.Close)
	r.screen.SetShown(true)
	r.settle()
	return r
}

// settle runs what comes until no question is under way.
func (r *rig) settle() {
	r.Quiet(5*time.Millisecond, func() bool { return r.screen.Busy() || r.screen.Scope.Running(queryStack) })
}

// names are the rows in their order.
func (r *rig) names() []string {
	var out []string
	for _, e := range r.screen.Shown {
		out = append(out, e.Name)
	}
	return out
}

// texts are all that the details show.
func (r *rig) texts() []string { return stage.Cells(r.screen.detail.sheet) }
