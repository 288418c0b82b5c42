package testcluster

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/gofrs/flock"
)

// cleanupReserve is what a test keeps of its time for stopping the cluster.
const cleanupReserve = 20 * time.Second

// Lock holds the machine-wide right to run clusters for tests: packages are
// tested side by side, and a machine has room for the clusters of one.
type Lock struct{ file *flock.Flock }

// Acquire waits for the right until ctx ends. It goes with the process, too.
func Acquire(ctx context.Context) (*Lock, error) {
	file := flock.New(filepath.Join(os.TempDir(), "gantry-testcluster.lock"))
	if _, err := file.TryLockContext(ctx, lockPoll); err != nil {
		return nil, fmt.Errorf("wait for the clusters of another package: %w", err)
	}
	return &Lock{file}, nil
}

// Release gives the right back; it may be called on nil.
func (l *Lock) Release() error {
	if l == nil {
		return nil
	}
	return l.file.Unlock()
}

// StartT starts a cluster for one test, under a Lock of its own, and stops it at
// the test's end. A test that uses StartT twice at once waits for itself: use
// Shared. See Unavailable for what happens where there is none.
func StartT(t testing.TB, opts Options) *Cluster {
	t.Helper()
	s := NewShared(opts)
	t.Cleanup(func() {
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
	})
	return s.Cluster(t, name(opts))
}

// Shared starts clusters at their first use, for all tests of a package: make it
// a variable of the test file, call Stop after m.Run. The clusters of one Shared
// run under one Lock, and start side by side where tests do. It may be used from
// any goroutine.
type Shared struct {
	opts map[string]Options // by name; never changed

	starting sync.Mutex // held while a cluster starts

	mu     sync.Mutex
	lock   *Lock              // guarded by mu
	starts map[string]*starts // guarded by mu; by name
}

// starts is the one start of a cluster, which all who want it wait for.
type starts struct {
	once    sync.Once
	cluster *Cluster
	err     error
}

// NewShared takes the options of its clusters, each of another Name. It starts
// nothing.
func NewShared(opts ...Options) *Shared {
	s := &Shared{opts: make(map[string]Options), starts: make(map[string]*starts)}
	for _, o := range opts {
		s.opts[name(o)] = o
	}
	return s
}

// name is what o is called.
func name(o Options) string { return cmp.Or(o.Name, o.Version, V550) }

// Cluster returns the cluster of that name, started by whoever asks first. A
// start that failed fails every test alike.
func (s *Shared) Cluster(t testing.TB, name string) *Cluster {
	t.Helper()
	s.mu.Lock()
	start := s.starts[name]
	if start == nil {
		start = &starts{}
		s.starts[name] = start
	}
	s.mu.Unlock()
	start.once.Do(func() {
		ctx, cancel := untilDeadline(t)
		defer cancel()
		start.cluster, start.err = s.start(ctx, name)
	})
	if start.err != nil {
		Unavailable(t, start.err)
	}
	return start.cluster
}

func (s *Shared) start(ctx context.Context, name string) (*Cluster, error) {
	o, ok := s.opts[name]
	if !ok {
		return nil, fmt.Errorf("no cluster %q was asked for", name)
	}
	if err := s.acquire(ctx); err != nil {
		return nil, err
	}
	// One after the other: starting takes all of the processor, and those that test
	// already would wait for their answers.
	s.starting.Lock()
	defer s.starting.Unlock()
	return Start(ctx, o)
}

func (s *Shared) acquire(ctx context.Context) (err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lock == nil {
		s.lock, err = Acquire(ctx)
	}
	return err
}

// Stop stops all clusters. It may be called again.
func (s *Shared) Stop() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	failed := make(chan error, len(s.starts))
	for _, start := range s.starts {
		go func() {
			if start.cluster == nil {
				failed <- nil
				return
			}
			failed <- start.cluster.Stop()
		}()
	}
	var all []error
	for range s.starts {
		all = append(all, <-failed)
	}
	clear(s.starts)
	all = append(all, s.lock.Release())
	s.lock = nil
	return errors.Join(all...)
}

// Unavailable ends a test that has no cluster: it fails where one is required
// (CI, or GANTRY_REQUIRE_CLUSTER set), and for every reason but a missing
// installation; otherwise it skips and says what to install.
func Unavailable(t testing.TB, err error) {
	t.Helper()
	if os.Getenv("CI") != "" || os.Getenv("GANTRY_REQUIRE_CLUSTER") != "" || !errors.Is(err, ErrNotInstalled) {
		t.Fatal(err)
	}
	t.Skip("needs a real RocketMQ: ", err)
}

// untilDeadline ends early enough for the test to clean up and report.
func untilDeadline(t testing.TB) (context.Context, context.CancelFunc) {
	if d, ok := t.(interface{ Deadline() (time.Time, bool) }); ok {
		if deadline, has := d.Deadline(); has {
			return context.WithDeadline(t.Context(), deadline.Add(-cleanupReserve))
		}
	}
	return context.WithCancel(t.Context())
}
