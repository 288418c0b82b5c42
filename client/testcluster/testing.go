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
	return s.Cluster(t)
}

// Shared starts clusters at their first use, for all tests of a package: make it
// a variable of the test file, call Stop after m.Run. The clusters of one Shared
// run under one Lock. It may be used from any goroutine.
type Shared struct {
	opts []Options

	mu       sync.Mutex
	lock     *Lock               // guarded by mu
	clusters map[string]*Cluster // guarded by mu; by version
	failed   map[string]error    // guarded by mu
}

// NewShared takes the options of its clusters, one for each version. It starts
// nothing.
func NewShared(opts ...Options) *Shared {
	return &Shared{opts: opts, clusters: make(map[string]*Cluster), failed: make(map[string]error)}
}

// Cluster returns the first cluster.
func (s *Shared) Cluster(t testing.TB) *Cluster {
	t.Helper()
	return s.Version(t, version(s.opts[0]))
}

// Version returns the cluster whose options have this version, started by
// whoever asks first. A start that failed fails every test alike.
func (s *Shared) Version(t testing.TB, wanted string) *Cluster {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.clusters[wanted] == nil && s.failed[wanted] == nil {
		ctx, cancel := untilDeadline(t)
		defer cancel()
		s.clusters[wanted], s.failed[wanted] = s.start(ctx, wanted)
	}
	if err := s.failed[wanted]; err != nil {
		Unavailable(t, err)
	}
	return s.clusters[wanted]
}

func (s *Shared) start(ctx context.Context, wanted string) (c *Cluster, err error) {
	if s.lock == nil {
		if s.lock, err = Acquire(ctx); err != nil {
			return nil, err
		}
	}
	for _, o := range s.opts {
		if version(o) == wanted {
			return Start(ctx, o)
		}
	}
	return nil, fmt.Errorf("no cluster of version %q was asked for", wanted)
}

// version is what o will run.
func version(o Options) string { return cmp.Or(o.Version, V550) }

// Stop stops all clusters. It may be called again.
func (s *Shared) Stop() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var failed []error
	for _, c := range s.clusters {
		if c != nil {
			failed = append(failed, c.Stop())
		}
	}
	clear(s.clusters)
	failed = append(failed, s.lock.Release())
	s.lock = nil
	return errors.Join(failed...)
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
