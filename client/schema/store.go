package schema

import (
	"context"
	"slices"
	"sync"
	"time"
)

const (
	// fresh is for how long what was read is taken without looking whether its files have
	// changed.
	fresh = 3 * time.Second
	// mostKept bounds how many schemas are kept.
	mostKept = 64
)

// Store keeps schemas that were read, for as long as their files do not change. The zero
// Store is empty.
type Store struct {
	mu   sync.Mutex
	kept map[Ref]kept
}

// Ref names a message and the file that describes it.
type Ref struct{ File, Name string }

type kept struct {
	schema *Schema
	err    error
	looked time.Time // when its files were looked at last
	turn   int       // how often it became another one
}

// Ready returns what was read a moment ago; ok is false where Load has to look at the
// files. It does not block.
func (s *Store) Ready(file, name string) (_ *Schema, err error, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	k, ok := s.kept[Ref{file, name}]
	if !ok || time.Since(k.looked).Abs() > fresh {
		return nil, nil, false
	}
	return k.schema, k.err, true
}

// Turns are how often each schema that is kept became another one, because its files changed:
// who remembers them can tell what has to be read anew. It does not block, and reads nothing.
func (s *Store) Turns() map[Ref]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make(map[Ref]int, len(s.kept))
	for of, k := range s.kept {
		all[of] = k.turn
	}
	return all
}

// Load is Load of what was not read yet, or has changed.
func (s *Store) Load(ctx context.Context, file, name string) (*Schema, error) {
	s.mu.Lock()
	of := Ref{file, name}
	k, had := s.kept[of]
	s.mu.Unlock()
	now, was := time.Now(), k.schema
	if k.schema == nil || slices.ContainsFunc(k.schema.files, func(f stamp) bool { return !f.same() }) {
		if k.schema, k.err = Load(ctx, file, name); ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
	}
	k.looked = now
	s.mu.Lock()
	defer s.mu.Unlock()
	is := s.kept[of]
	if k.turn = is.turn; had && k.schema != was && is.schema == was { // not by another Load meanwhile
		k.turn++
	}
	if s.kept == nil || len(s.kept) >= mostKept {
		s.kept = map[Ref]kept{}
	}
	s.kept[of] = k
	return k.schema, k.err
}
