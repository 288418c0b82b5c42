package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/natefinch/atomic"
)

const (
	stateName = "state.json"
	// saveEvery is what a killed sandbox forgets of offsets at most, as brokers do
	// (flushConsumerOffsetInterval, there 5 s).
	saveEvery = time.Second
)

// state keeps topics, groups and offsets in one file.
type state struct {
	dir     string
	topics  *topics
	clients *clients
	offsets *offsets
	log     *slog.Logger
	// store is set once its journal is open, and given what the file says of it.
	store *store
	ends  map[string]map[int]int64

	mu    sync.Mutex // one save at a time
	dirty chan struct{}
}

// stateFile is its form.
type stateFile struct {
	Topics  []topicConfig            `json:"topics"`
	Groups  []groupConfig            `json:"groups"`
	Offsets map[string]map[int]int64 `json:"offsets"`
	// Deleted are topics that were deleted, see topics.gone.
	Deleted map[string]uint64 `json:"deleted,omitempty"`
	// Ends are the next offsets of queues of which nothing is kept any more.
	Ends map[string]map[int]int64 `json:"ends,omitempty"`
}

func newState(dir string, t *topics, c *clients, o *offsets, log *slog.Logger) *state {
	s := &state{dir: dir, topics: t, clients: c, offsets: o, log: log, dirty: make(chan struct{}, 1)}
	t.changed, c.changed, o.changed = s.changed, s.changed, s.changed
	return s
}

func (s *state) changed() {
	select {
	case s.dirty <- struct{}{}:
	default:
	}
}

// load reads the file, if there is one. A damaged one is put aside: messages say
// themselves which topics there were.
func (s *state) load() error {
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return err
	}
	path := filepath.Join(s.dir, stateName)
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		// The first start: a topic to begin with.
		s.topics.ensure("hello", 4)
		return nil
	}
	if err != nil {
		return err
	}
	var f stateFile
	if err := json.Unmarshal(b, &f); err != nil {
		s.log.Warn("topics, groups and offsets cannot be read", "error", err)
		return os.Rename(path, path+".damaged")
	}
	for _, c := range f.Topics {
		if c.Attributes == nil {
			c.Attributes = map[string]string{}
		}
		s.topics.all[c.Name] = c
	}
	for _, g := range f.Groups {
		s.clients.configs[g.Name] = g
	}
	if f.Offsets != nil {
		s.offsets.all = f.Offsets
	}
	s.ends = f.Ends
	if f.Deleted != nil {
		s.topics.gone = f.Deleted
	}
	return nil
}

// save writes what there is, whole or not at all.
func (s *state) save() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := stateFile{Topics: s.topics.list(), Offsets: map[string]map[int]int64{}}
	s.topics.mu.RLock()
	f.Deleted = maps.Clone(s.topics.gone)
	s.topics.mu.RUnlock()
	if s.store != nil {
		f.Ends = s.store.ends()
	}
	s.clients.mu.Lock()
	f.Groups = slices.SortedFunc(maps.Values(s.clients.configs), func(a, b groupConfig) int { return strings.Compare(a.Name, b.Name) })
	s.clients.mu.Unlock()
	s.offsets.mu.Lock()
	for k, v := range s.offsets.all {
		f.Offsets[k] = maps.Clone(v)
	}
	s.offsets.mu.Unlock()
	b, err := json.Marshal(f)
	if err != nil {
		return err
	}
	path := filepath.Join(s.dir, stateName)
	if err := os.WriteFile(path+".new", b, 0o600); err != nil {
		return fmt.Errorf("save topics, groups and offsets: %w", err)
	}
	return atomic.ReplaceFile(path+".new", path)
}

// run saves what changed until quit is closed.
func (s *state) run(quit <-chan struct{}) {
	for {
		select {
		case <-quit:
			return
		case <-s.dirty:
		}
		if err := s.save(); err != nil {
			s.log.Warn("saving", "error", err)
			s.changed()
		}
		select {
		case <-quit:
			return
		case <-time.After(saveEvery):
		}
	}
}
