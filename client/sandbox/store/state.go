package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
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
	// SaveEvery is what a killed sandbox forgets of offsets at most, as brokers do
	// (flushConsumerOffsetInterval, there 5 s).
	SaveEvery = time.Second
)

// state keeps topics, groups and offsets in one file.
type state struct {
	s    *Store
	ends map[string]map[int]int64 // what the file says of queues that are empty

	mu    sync.Mutex // one save at a time
	dirty chan struct{}
}

// stateFile is its form.
type stateFile struct {
	Topics  []Topic                  `json:"topics"`
	Groups  []Group                  `json:"groups"`
	Offsets map[string]map[int]int64 `json:"offsets"`
	// Deleted are topics that were deleted, see topics.gone.
	Deleted map[string]uint64 `json:"deleted,omitempty"`
	// Ends are the next offsets of queues of which nothing is kept any more.
	Ends map[string]map[int]int64 `json:"ends,omitempty"`
}

func newState(s *Store) *state {
	t := &state{s: s, dirty: make(chan struct{}, 1)}
	s.Topics.changed, s.Groups.changed, s.Offsets.changed = t.changed, t.changed, t.changed
	return t
}

func (t *state) changed() {
	select {
	case t.dirty <- struct{}{}:
	default:
	}
}

// load reads the file, if there is one. A damaged one is put aside: messages say
// themselves which topics there were.
func (t *state) load() error {
	if err := os.MkdirAll(t.s.opt.Dir, 0o700); err != nil {
		return err
	}
	path := filepath.Join(t.s.opt.Dir, stateName)
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		// The first start: a topic to begin with.
		t.s.Topics.Ensure("hello", 4)
		return nil
	}
	if err != nil {
		return err
	}
	var f stateFile
	if err := json.Unmarshal(b, &f); err != nil {
		t.s.log.Warn("topics, groups and offsets cannot be read", "error", err)
		return os.Rename(path, path+".damaged")
	}
	for _, c := range f.Topics {
		if c.Attributes == nil {
			c.Attributes = map[string]string{}
		}
		t.s.Topics.all[c.Name] = c
	}
	for _, g := range f.Groups {
		t.s.Groups.all[g.Name] = g
	}
	if f.Offsets != nil {
		t.s.Offsets.all = f.Offsets
	}
	t.ends = f.Ends
	if f.Deleted != nil {
		t.s.Topics.gone = f.Deleted
	}
	return nil
}

// save writes what there is, whole or not at all.
func (t *state) save() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	f := stateFile{Topics: t.s.Topics.List(), Offsets: map[string]map[int]int64{}}
	t.s.Topics.mu.RLock()
	f.Deleted = maps.Clone(t.s.Topics.gone)
	t.s.Topics.mu.RUnlock()
	f.Ends = t.s.ends()
	t.s.Groups.mu.Lock()
	f.Groups = slices.SortedFunc(maps.Values(t.s.Groups.all), func(a, b Group) int { return strings.Compare(a.Name, b.Name) })
	t.s.Groups.mu.Unlock()
	t.s.Offsets.mu.Lock()
	for k, v := range t.s.Offsets.all {
		f.Offsets[k] = maps.Clone(v)
	}
	t.s.Offsets.mu.Unlock()
	b, err := json.Marshal(f)
	if err != nil {
		return err
	}
	path := filepath.Join(t.s.opt.Dir, stateName)
	if err := os.WriteFile(path+".new", b, 0o600); err != nil {
		return fmt.Errorf("save topics, groups and offsets: %w", err)
	}
	return atomic.ReplaceFile(path+".new", path)
}

// run saves what changed until quit is closed.
func (t *state) run(quit <-chan struct{}) {
	for {
		select {
		case <-quit:
			return
		case <-t.dirty:
		}
		if err := t.save(); err != nil {
			t.s.log.Warn("saving", "error", err)
			t.changed()
		}
		select {
		case <-quit:
			return
		case <-time.After(SaveEvery):
		}
	}
}
