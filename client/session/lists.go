package client

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"gantry/client/fault"
	"gantry/client/journal"
	"gantry/client/profile"
)

// unopenedLimit is after how long a journal goes that is not kept, whose
// subscription is gone, and that was not opened.
const unopenedLimit = 7 * 24 * time.Hour

// journalVersion is the form of journals that this program writes. One of a higher
// version is neither read nor written.
const journalVersion = 1

// journalMeta is a journal's meta.json.
type journalMeta struct {
	Version     int          `json:"version,omitempty"` // of the journal; 0 is 1
	Profile     string       `json:"profile"`
	ProfileName string       `json:"profileName"`
	Topic       string       `json:"topic"` // full names
	Group       string       `json:"group"`
	Follow      bool         `json:"follow,omitempty"` // reads as that group, and joins none
	Start       profile.From `json:"start,omitempty"`
	StartTime   time.Time    `json:"startTime,omitzero"`
	// First is when the subscription was started first, with this topic, group
	// and start; Floors are the offsets read then, by worker.FloorKey.
	First  time.Time        `json:"first,omitzero"`
	Floors map[string]int64 `json:"floors,omitempty"`
	// Ahead is how far this computer's clock was ahead of the brokers' then.
	Ahead time.Duration `json:"ahead,omitempty"`
	// Opened is when it was started or looked at last.
	Opened time.Time `json:"opened,omitzero"`
	// KeptName says that the user keeps the journal, under this name.
	KeptName string `json:"keptName,omitempty"`
}

// from is the time at which the library starts a group without a position.
func (m *journalMeta) from() time.Time {
	switch m.Start {
	case profile.FromEarliest:
		// The library asks for offset 0 when told "first", and pauses 10 s
		// where the queue begins later; a time before any message has the
		// broker answer the queue's beginning.
		return time.Unix(24*60*60, 0)
	case profile.FromTime:
		if m.StartTime.Before(m.First) {
			return m.StartTime.Add(-earlyBy) // by the brokers' clock, as the floors
		}
	}
	return m.First.Add(-earlyBy - m.Ahead)
}

// since is from when on queues are read that have no floor: those that were made
// after the first start, or whose broker was away then.
func (m *journalMeta) since() time.Time {
	switch m.Start {
	case profile.FromEarliest:
		return time.Time{}
	case profile.FromTime:
		if m.StartTime.Before(m.First) {
			return m.StartTime
		}
	}
	return m.First.Add(-m.Ahead) // by the brokers' clock
}

func (s *Subscription) loadMeta() (err error) {
	s.meta, err = readMeta(s.client.journalDir(s.spec.ID))
	return err
}

// readMeta reads a journal's meta.json. That it is missing or damaged is no
// error: the messages are there all the same, and the next start is a first one.
// fault.NewerList says that the journal is a newer program's.
func readMeta(dir string) (journalMeta, error) {
	var m journalMeta
	err := journal.ReadMeta(dir, &m)
	var unread *fs.PathError
	switch {
	case m.Version > journalVersion:
		return m, fmt.Errorf("%w: version %d", fault.NewerList, m.Version)
	case err == nil:
		return m, nil
	case errors.As(err, &unread) && !errors.Is(err, fs.ErrNotExist):
		return m, err
	default:
		return journalMeta{}, nil
	}
}

func (s *Subscription) saveMeta(m journalMeta) error {
	m.Version = journalVersion
	return journal.WriteMeta(s.client.journalDir(s.spec.ID), m)
}

// Release stops the subscriptions of a profile and reads their lists no longer;
// their journals stay. A subscription of it that is opened again is a new object.
func (c *Client) Release(profileID string) {
	c.mu.Lock()
	var open []*Subscription
	for _, s := range c.subs {
		if s.Spec().Profile == profileID {
			open = append(open, s)
		}
	}
	c.mu.Unlock()
	var group sync.WaitGroup
	for _, s := range open {
		group.Go(s.close)
	}
	group.Wait()
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range open {
		delete(c.subs, s.Spec().ID)
	}
}

// CloseSubscription stops a subscription and gives its journal away: it is
// deleted, or kept under a name.
func (c *Client) CloseSubscription(s *Subscription, keepAs string) error {
	s.close()
	c.mu.Lock()
	delete(c.subs, s.spec.ID)
	c.mu.Unlock()
	if keepAs == "" {
		return journal.Remove(c.journalDir(s.spec.ID))
	}
	s.mu.Lock()
	m := s.meta
	s.mu.Unlock()
	m.KeptName, m.Opened = keepAs, time.Now()
	return s.saveMeta(m)
}

// Leftover is a journal whose subscription is gone: kept by the user, or left
// by a crash.
type Leftover struct {
	ID          string
	ProfileName string
	Topic       string
	Group       string
	KeptName    string
	First, Last time.Time // when it was begun, and written or opened last
	Bytes       int64
	Messages    uint64
	// Newer: a newer Gantry wrote it, so that its messages are not counted.
	Newer bool
}

// Leftovers lists journals that no subscription of known names and none that is
// open has, newest first.
func (c *Client) Leftovers(known []string) ([]Leftover, error) {
	known = slices.Clone(known)
	c.mu.Lock()
	for id := range c.subs {
		known = append(known, id)
	}
	c.mu.Unlock()
	entries, err := os.ReadDir(c.journalsDir())
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
		l, err := c.leftover(e.Name())
		if err != nil {
			return nil, err
		}
		out = append(out, l)
	}
	slices.SortFunc(out, func(a, b Leftover) int { return b.Last.Compare(a.Last) })
	return out, nil
}

func (c *Client) leftover(id string) (Leftover, error) {
	dir := c.journalDir(id)
	// A damaged meta.json does not hide the messages.
	m, err := readMeta(dir)
	newer := errors.Is(err, fault.NewerList)
	if err != nil && !newer {
		return Leftover{}, err
	}
	l := Leftover{
		ID: id, ProfileName: m.ProfileName, Topic: m.Topic, Group: m.Group, KeptName: m.KeptName,
		First: m.First, Last: m.Opened, Newer: newer,
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.seg"))
	if err != nil {
		return l, err
	}
	for _, f := range files {
		if info, err := os.Stat(f); err == nil {
			l.Bytes += info.Size()
			if info.ModTime().After(l.Last) {
				l.Last = info.ModTime()
			}
		}
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
func (c *Client) KeepLeftover(id, name string) error {
	dir := c.journalDir(id)
	m, err := readMeta(dir)
	if err != nil {
		return err
	}
	m.Version, m.KeptName, m.Opened = journalVersion, name, time.Now()
	return journal.WriteMeta(dir, m)
}

// DeleteLeftover deletes a journal that no open subscription has.
func (c *Client) DeleteLeftover(id string) error {
	c.mu.Lock()
	_, open := c.subs[id]
	c.mu.Unlock()
	if open {
		return fmt.Errorf("journal %s: %w", id, fault.AlreadyRunning)
	}
	return journal.Remove(c.journalDir(id))
}

// Expire deletes journals that are not kept, that no subscription of known
// names, and that nothing has opened or written for seven days. It returns
// them, to be said. What a newer Gantry wrote stays.
func (c *Client) Expire(known []string, now time.Time) ([]Leftover, error) {
	all, err := c.Leftovers(known)
	if err != nil {
		return nil, err
	}
	var gone []Leftover
	for _, l := range all {
		if l.KeptName == "" && !l.Newer && now.Sub(l.Last) > unopenedLimit {
			if err := c.DeleteLeftover(l.ID); err != nil {
				return gone, err
			}
			gone = append(gone, l)
		}
	}
	return gone, nil
}

// bytesBeside is what all other journals take on disk, those of searches too. The sum is made anew
// after some seconds: eviction has whole segments to spare.
func (c *Client) bytesBeside(id string) int64 {
	const keep = 5 * time.Second
	c.sizes.Lock()
	defer c.sizes.Unlock()
	if time.Since(c.sizes.at) > keep {
		c.sizes.at, c.sizes.by = time.Now(), map[string]int64{}
		for _, dir := range []string{c.journalsDir(), c.searchesDir()} {
			files, err := filepath.Glob(filepath.Join(dir, "*", "*.seg"))
			if err != nil {
				return 0
			}
			for _, f := range files {
				if info, err := os.Stat(f); err == nil {
					c.sizes.by[filepath.Base(filepath.Dir(f))] += info.Size()
				}
			}
		}
	}
	var sum int64
	for other, n := range c.sizes.by {
		if other != id {
			sum += n
		}
	}
	return sum
}
