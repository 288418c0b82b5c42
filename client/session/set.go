package session

import (
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"gantry/client/admin"
	"gantry/client/fault"
	"gantry/client/journal"
	"gantry/client/profile"
	"gantry/client/schema"
	"gantry/client/tail"
	"gantry/client/worker"
)

// Params are what NewSet needs.
type Params struct {
	// Program is started as a worker.
	Program worker.Program
	// Dir is the folder that holds the journals, each in a folder named by its session.
	Dir  string
	Room *tail.Room
	Log  *slog.Logger
}

// Set are the sessions of one run of the program, and the journals in its folder. It may
// be used from any goroutine; Open, Close, CloseAll, Release and what is said of
// leftovers read the disk or wait.
type Set struct {
	p Params

	mu     sync.Mutex
	open   map[string]*entry // by id
	groups map[string]string // group on a cluster: id of the session that has joined it
	ended  bool
}

// entry is a session that is open, or is being opened.
type entry struct {
	ready chan struct{} // closed when it is open, or failed
	s     *Session      // nil until then
	err   error
}

// Endpoint is an open connection as a session needs it.
type Endpoint struct {
	Profile profile.Profile
	// Admin asks the cluster; the session does not close it.
	Admin *admin.Client
	// Access is what a worker needs.
	Access worker.Access
	// Bodies is how a follow reads bodies to keep what fits, nil for as they are.
	Bodies *schema.Bodies
}

// NewSet returns a set in which nothing is open.
func NewSet(p Params) *Set {
	return &Set{p: p, open: map[string]*entry{}, groups: map[string]string{}}
}

func (t *Set) dir(id string) string { return filepath.Join(t.p.Dir, id) }

// Open opens a session, stopped, with what its journal holds. The same id opened
// again is the same object.
func (t *Set) Open(spec profile.Subscription) (*Session, error) {
	t.mu.Lock()
	if t.ended {
		t.mu.Unlock()
		return nil, fault.NotConnected
	}
	e, being := t.open[spec.ID]
	if !being {
		e = &entry{ready: make(chan struct{})}
		t.open[spec.ID] = e
	}
	t.mu.Unlock()
	if being {
		<-e.ready
		return e.s, e.err
	}
	s, err := t.load(spec)
	t.mu.Lock()
	ended := t.ended
	if ended && err == nil {
		err = fault.NotConnected // all were closed meanwhile
	}
	if e.err = err; err == nil {
		e.s = s
	} else {
		delete(t.open, spec.ID)
	}
	close(e.ready)
	t.mu.Unlock()
	if err != nil && s != nil {
		s.close()
	}
	return e.s, err
}

// load reads what a session's journal holds, and starts its owner.
func (t *Set) load(spec profile.Subscription) (*Session, error) {
	m, err := readMeta(t.dir(spec.ID))
	if err != nil {
		return nil, err
	}
	s := newSession(t, spec, m)
	if err := s.list.Open(); err != nil {
		return nil, err
	}
	if s.list.Opened() && s.meta.Topic != "" {
		// A list that is looked at does not expire.
		s.meta.Opened = time.Now()
		if err := s.meta.save(t.dir(spec.ID)); err != nil {
			t.p.Log.Warn("a journal's meta.json was not written", "journal", spec.ID, "error", err)
		}
	}
	s.publish()
	go s.own()
	return s, nil
}

// sessions are those that are open.
func (t *Set) sessions() []*Session {
	t.mu.Lock()
	defer t.mu.Unlock()
	var all []*Session
	for _, e := range t.open {
		if e.s != nil {
			all = append(all, e.s)
		}
	}
	return all
}

// Receiving returns how many sessions have joined a group and take messages from it now:
// those that follow, are paused, or are in trouble do not count.
func (t *Set) Receiving() int {
	n := 0
	for _, s := range t.sessions() {
		switch s.Status().State {
		case Joining, Receiving, Skipping:
			if !s.Spec().Follow {
				n++
			}
		}
	}
	return n
}

// Joined are the forms of a profile's sessions that are in a group now, or are to be again.
func (t *Set) Joined(profileID string) []profile.Subscription {
	var all []profile.Subscription
	for _, s := range t.sessions() {
		spec := s.Spec()
		if spec.Profile != profileID || spec.Follow {
			continue
		}
		switch s.Status().State {
		case Stopped, Checking, Stopping:
		default:
			all = append(all, spec)
		}
	}
	return all
}

// Release stops the sessions of a profile and reads their lists no longer; their
// journals stay. A session of it that is opened again is a new object.
func (t *Set) Release(profileID string) {
	t.end(slices.DeleteFunc(t.sessions(), func(s *Session) bool { return s.Spec().Profile != profileID }))
}

// Close stops a session and gives its journal away: it is deleted, or kept under a name.
func (t *Set) Close(s *Session, keepAs string) error {
	t.end([]*Session{s})
	if keepAs == "" {
		return journal.Remove(t.dir(s.id))
	}
	m := s.snapshot.Load().meta
	m.KeptName, m.Opened = keepAs, time.Now()
	return m.save(t.dir(s.id))
}

// CloseAll stops every session, all at once; none is opened any more. It takes little
// more than two seconds at most.
func (t *Set) CloseAll() {
	t.mu.Lock()
	t.ended = true
	t.mu.Unlock()
	t.end(t.sessions())
}

// end closes sessions, and forgets them.
func (t *Set) end(some []*Session) {
	var group sync.WaitGroup
	for _, s := range some {
		group.Go(s.close)
	}
	group.Wait()
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, s := range some {
		if e := t.open[s.id]; e != nil && e.s == s {
			delete(t.open, s.id)
		}
	}
}

// claim takes a group on a cluster for one session: twice in one Gantry it would be
// shared between two lists.
func (t *Set) claim(p profile.Profile, group, id string) (release func(), err error) {
	servers := slices.Sorted(slices.Values(p.NameServers))
	key := strings.Join(servers, ",") + "/" + group
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.ended {
		return nil, fault.NotConnected
	}
	if other, ok := t.groups[key]; ok && other != id {
		return nil, fmt.Errorf("%w: %s", fault.GroupInUse, group)
	}
	t.groups[key] = id
	return func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		delete(t.groups, key)
	}, nil
}
