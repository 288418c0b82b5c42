package engine

import (
	"sync"
	"time"

	"github.com/apache/rocketmq-client-go/v2/primitive"
)

// sentBackKept is for how long a message answered with Later is remembered: the
// library sends it back at once, or tries again after 5 s.
const sentBackKept = time.Minute

// sentBack remembers messages answered with Later. Where sending one back fails,
// the library raises its retry count and hands it over again after 5 s, though
// nothing was delivered anew (push_consumer.go, consumeMessageConcurrently).
type sentBack struct {
	mu    sync.Mutex
	known map[*primitive.MessageExt]time.Time
	swept time.Time
}

// note remembers messages.
func (s *sentBack) note(ms []*primitive.MessageExt) {
	now := time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.known == nil {
		s.known = map[*primitive.MessageExt]time.Time{}
	}
	if now.Sub(s.swept) > sentBackKept {
		s.swept = now
		for m, at := range s.known {
			if now.Sub(at) > sentBackKept {
				delete(s.known, m)
			}
		}
	}
	for _, m := range ms {
		s.known[m] = now
	}
}

// again tells whether these messages were answered with Later before, and
// remembers them anew.
func (s *sentBack) again(ms []*primitive.MessageExt) bool {
	s.mu.Lock()
	all := len(s.known) > 0 && len(ms) > 0
	for _, m := range ms {
		if _, ok := s.known[m]; !ok {
			all = false
			break
		}
	}
	s.mu.Unlock()
	if all {
		s.note(ms)
	}
	return all
}
