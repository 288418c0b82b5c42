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

	"gantry/client/atomicfile"
)

const stateName = "state.json"

// stateFile is the form of the file that has topics, groups and places as they were
// at a record of the diary; what came since is in the diary.
type stateFile struct {
	Topics  []Topic                  `json:"topics"`
	Groups  []Group                  `json:"groups"`
	Offsets map[string]map[int]int64 `json:"offsets"`
	// Deleted are topics that were deleted, see Topics.gone.
	Deleted map[string]uint64 `json:"deleted,omitempty"`
	// Ends are the next offsets of queues, for those of which nothing is kept any more.
	Ends map[string]map[int]int64 `json:"ends,omitempty"`
	// Diary is the number of the first change that is not in the file.
	Diary uint64 `json:"diary"`
}

// loadState reads the file, if there is one, and what came since. A damaged file is
// put aside: the diary and the messages say themselves what there was of late.
func (s *Store) loadState() error {
	if err := os.MkdirAll(s.opt.Dir, 0o700); err != nil {
		return err
	}
	f, has, err := s.readState()
	if err != nil {
		return err
	}
	for _, c := range f.Topics {
		if !c.sound() {
			s.log.Warn("a topic cannot be as its file says", "file", stateName, "topic", c.Name)
			continue
		}
		if c.Attributes == nil {
			c.Attributes = map[string]string{}
		}
		s.Topics.all[c.Name] = c
	}
	for _, g := range f.Groups {
		s.Groups.all[g.Name] = g
	}
	if f.Offsets != nil {
		s.Offsets.all = f.Offsets
	}
	if s.ends = f.Ends; s.ends == nil {
		s.ends = map[string]map[int]int64{}
	}
	if f.Deleted != nil {
		s.Topics.gone = f.Deleted
	}
	var any bool
	if s.diary, any, err = openDiary(s, f.Diary); err != nil {
		return err
	}
	s.virgin = !has && !any
	return nil
}

// readState reads the file; has is false where there is none.
func (s *Store) readState() (f stateFile, has bool, err error) {
	path := filepath.Join(s.opt.Dir, stateName)
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return f, false, nil
	}
	if err != nil {
		return f, false, err
	}
	if err := json.Unmarshal(b, &f); err != nil {
		s.log.Warn("topics, groups and offsets cannot be read", "file", stateName, "error", err)
		return stateFile{}, true, os.Rename(path, path+".damaged")
	}
	return f, true, nil
}

// saveState writes what there is, whole or not at all; next is the number of the
// diary's next record. It belongs to the diary's goroutine, or comes after its end.
func (s *Store) saveState(next uint64) error {
	first, _ := s.r.Range()
	f := stateFile{Topics: s.Topics.List(), Offsets: map[string]map[int]int64{}, Ends: s.everyEnd(), Diary: next}
	s.Topics.mu.Lock()
	// What was before a topic was deleted may be gone by now.
	maps.DeleteFunc(s.Topics.gone, func(_ string, next uint64) bool { return next <= first })
	f.Deleted = maps.Clone(s.Topics.gone)
	s.Topics.mu.Unlock()
	f.Groups = slices.SortedFunc(maps.Values(s.Groups.All()), func(a, b Group) int { return strings.Compare(a.Name, b.Name) })
	s.Offsets.mu.Lock()
	for k, v := range s.Offsets.all {
		f.Offsets[k] = maps.Clone(v)
	}
	s.Offsets.mu.Unlock()
	b, err := json.Marshal(f)
	if err != nil {
		return err
	}
	if err := atomicfile.Write(filepath.Join(s.opt.Dir, stateName), b); err != nil {
		return fmt.Errorf("save topics, groups and offsets: %w", err)
	}
	return nil
}
