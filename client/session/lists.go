package session

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"gantry/client/fault"
	"gantry/client/journal"
)

// unopenedLimit is after how long a journal goes that is not kept, whose
// subscription is gone, and that was not opened.
const unopenedLimit = 7 * 24 * time.Hour

// Leftover is a journal whose subscription is gone: kept by the user, or left
// by a crash.
type Leftover struct {
	ID          string
	Profile     string
	ProfileName string
	Production  bool // its messages are of production
	Topic       string
	Group       string
	KeptName    string
	Name        string    // of a recording
	First, Last time.Time // when it was begun, and written or opened last
	Written     time.Time // when it was written last
	Bytes       int64
	Messages    uint64
	// Oldest and Newest are the store times of a recording's messages, zero for others.
	Oldest, Newest time.Time
	// Newer: a newer Gantry wrote it, so that its messages are not counted.
	Newer bool
	// Open: it is shown somewhere, and cannot be deleted.
	Open bool
}

// Leftovers lists journals that no subscription of known names and none that is
// open has, newest first; of those that are open, what is kept under a name.
func (t *Set) Leftovers(known []string) ([]Leftover, error) {
	t.mu.Lock()
	open := maps.Clone(t.open)
	t.mu.Unlock()
	entries, err := os.ReadDir(t.p.Dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var out []Leftover
	for _, e := range entries {
		if !e.IsDir() || slices.Contains(known, e.Name()) || strings.HasPrefix(e.Name(), ".") {
			continue
		}
		l, err := t.leftover(e.Name())
		if err != nil {
			return nil, err
		}
		if _, l.Open = open[l.ID]; l.Open && l.Titled() == "" {
			continue
		}
		out = append(out, l)
	}
	slices.SortFunc(out, func(a, b Leftover) int { return b.Last.Compare(a.Last) })
	return out, nil
}

func (t *Set) leftover(id string) (Leftover, error) {
	dir := t.dir(id)
	// A damaged meta.json does not hide the messages.
	m, err := readMeta(dir)
	newer := errors.Is(err, fault.NewerList)
	if err != nil && !newer {
		return Leftover{}, err
	}
	l := Leftover{
		ID: id, Profile: m.Profile, ProfileName: m.ProfileName, Production: m.Production, Topic: m.Topic, Group: m.Group, KeptName: m.KeptName,
		Name: m.Name, First: m.First, Last: m.Opened, Newer: newer,
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.seg"))
	if err != nil {
		return l, err
	}
	for _, f := range files {
		if info, err := os.Stat(f); err == nil {
			l.Bytes += info.Size()
			if info.ModTime().After(l.Written) {
				l.Written = info.ModTime()
			}
		}
	}
	if l.Written.After(l.Last) {
		l.Last = l.Written
	}
	if c := m.Counted; c != nil && c.Bytes == l.Bytes && !newer {
		l.Messages = c.Messages
		if c.Messages > 0 {
			l.Oldest, l.Newest = time.UnixMilli(c.Oldest), time.UnixMilli(c.Newest)
		}
		return l, nil
	}
	if !newer {
		l.Messages, err = countMessages(dir)
	}
	return l, err
}

// countMessages reads a journal to the end.
func countMessages(dir string) (uint64, error) {
	r, err := journal.OpenReader(dir)
	if err != nil {
		return 0, err
	}
	defer r.Close()
	for more := true; more; {
		if _, more, err = r.Poll(); err != nil {
			return 0, err
		}
	}
	first, next := r.Range()
	return next - first, nil
}

// KeepLeftover keeps a journal under a name.
func (t *Set) KeepLeftover(id, name string) error {
	dir := t.dir(id)
	m, err := readMeta(dir)
	if err != nil {
		return err
	}
	m.KeptName, m.Opened = name, time.Now()
	return m.save(dir)
}

// DeleteLeftover deletes a journal that no open subscription has.
func (t *Set) DeleteLeftover(id string) error {
	t.mu.Lock()
	_, open := t.open[id]
	t.mu.Unlock()
	if open {
		return fmt.Errorf("journal %s: %w", id, fault.AlreadyRunning)
	}
	return journal.Remove(t.dir(id))
}

// Expire deletes journals that are not kept, that no subscription of known
// names, and that nothing has opened or written for seven days, or written where
// they are of production. It returns them, to be said. What a newer Gantry wrote
// stays.
func (t *Set) Expire(known []string, now time.Time) ([]Leftover, error) {
	all, err := t.Leftovers(known)
	if err != nil {
		return nil, err
	}
	var gone []Leftover
	for _, l := range all {
		if goes := l.Goes(); !goes.IsZero() && now.After(goes) && !l.Open {
			if err := t.DeleteLeftover(l.ID); err != nil {
				return gone, err
			}
			gone = append(gone, l)
		}
	}
	return gone, nil
}
