package session

import (
	"errors"
	"fmt"
	"io/fs"
	"time"

	"gantry/client/fault"
	"gantry/client/journal"
	"gantry/client/profile"
)

// journalVersion is the form of journals that this program writes. One of a higher
// version is neither read nor written.
const journalVersion = 1

// meta is a journal's meta.json.
type meta struct {
	Version     int          `json:"version,omitempty"` // of the journal; 0 is 1
	Profile     string       `json:"profile"`
	ProfileName string       `json:"profileName"`
	Production  bool         `json:"production,omitempty"`
	Topic       string       `json:"topic"` // full names
	Group       string       `json:"group"`
	Follow      bool         `json:"follow,omitempty"` // reads as that group, and joins none
	Start       profile.From `json:"start,omitempty"`
	StartTime   time.Time    `json:"startTime,omitzero"`
	// First is when the subscription was started first, with this topic, group
	// and start; Floors are the offsets read then, by the name of their queue (cluster.Queue).
	First  time.Time        `json:"first,omitzero"`
	Floors map[string]int64 `json:"floors,omitempty"`
	// Ahead is how far this computer's clock was ahead of the brokers' then.
	Ahead time.Duration `json:"ahead,omitempty"`
	// Opened is when it was started or looked at last.
	Opened time.Time `json:"opened,omitzero"`
	// KeptName says that the user keeps the journal, under this name.
	KeptName string `json:"keptName,omitempty"`
	// Name is that of a recording, "" for what a session received; Counted what it has.
	Name    string   `json:"name,omitempty"`
	Counted *counted `json:"counted,omitempty"`
}

// standing tells whether the list stays whole: what is kept is not evicted.
func (m *meta) standing() bool { return m.Name != "" || m.KeptName != "" }

// from is the time at which the library starts a group without a position.
func (m *meta) from() time.Time {
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
func (m *meta) since() time.Time {
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

// readMeta reads a journal's meta.json. That it is missing or damaged is no
// error: the messages are there all the same, and the next start is a first one.
// fault.NewerList says that the journal is a newer program's.
func readMeta(dir string) (meta, error) {
	var m meta
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
		return meta{}, nil
	}
}

// save stores it as that of the journal in a folder.
func (m meta) save(dir string) error {
	m.Version = journalVersion
	return journal.WriteMeta(dir, m)
}
