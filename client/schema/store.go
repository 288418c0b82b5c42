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
	kept map[key]kept
}

type key struct{ file, name string }

type kept struct {
	schema *Schema
	err    error
	looked time.Time // when its files were looked at last
}

// Ready returns what was read a moment ago; ok is false where Load has to look at the
// files. It does not block.
func (s *Store) Ready(file, name string) (_ *Schema, err error, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	k, ok := s.kept[key{file, name}]
	if !ok || time.Since(k.looked).Abs() > fresh {
		return nil, nil, false
	}
	return k.schema, k.err, true
}

// Load is Load of what was not read yet, or has changed.
func (s *Store) Load(ctx context.Context, file, name string) (*Schema, error) {
	s.mu.Lock()
	k := s.kept[key{file, name}]
	s.mu.Unlock()
	now := time.Now()
	if k.schema == nil || slices.ContainsFunc(k.schema.files, func(f stamp) bool { return !f.same() }) {
		if k.schema, k.err = Load(ctx, file, name); ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
	}
	k.looked = now
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.kept == nil || len(s.kept) >= mostKept {
		s.kept = map[key]kept{}
	}
	s.kept[key{file, name}] = k
	return k.schema, k.err
}
