package session

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/uuid"

	"gantry/client/fault"
	"gantry/client/journal"
	"gantry/client/message"
)

// unfinished begins the names of folders whose recording is under way: no list is looked
// for there.
const unfinished = ".new-"

// recordedAtOnce is how much of a recording is written at once, in bytes.
const recordedAtOnce = 1 << 20

// Recording is what a list is recorded as.
type Recording struct {
	Name                 string
	Profile, ProfileName string
	Production           bool
	Topic                string // full name; "" where it is not one
	// Keep: it stays until it is deleted, also where it is of production.
	Keep bool
}

// counted is what a journal has that is written no more.
type counted struct {
	Messages uint64 `json:"messages"`
	Bytes    int64  `json:"bytes"` // on disk
	// Oldest and Newest are store times, in Unix milliseconds: brokers store whatever time
	// they had, and JSON has none beyond the year 9999.
	Oldest int64 `json:"oldest,omitempty"`
	Newest int64 `json:"newest,omitempty"`
}

// note counts a record.
func (c *counted) note(rec *message.Record) {
	c.Messages++
	at, ok := message.StoredAt(rec.Payload)
	if !ok {
		return
	}
	ms := at.UnixMilli()
	if c.Messages == 1 || ms < c.Oldest {
		c.Oldest = ms
	}
	if c.Messages == 1 || ms > c.Newest {
		c.Newest = ms
	}
}

// Recorder writes a recording: a list that receives nothing, among the others. It belongs
// to one goroutine; Drop or End must end it.
type Recorder struct {
	set  *Set
	id   string
	log  *journal.Writer
	meta meta
	room int64 // for how many bytes there is room
	buf  []byte
	n    int // records in buf
}

// Record begins a recording. All lists together have a cap: what of it is taken is asked
// once, here.
func (t *Set) Record(of Recording) (*Recorder, error) {
	r := &Recorder{set: t, id: uuid.NewString(), room: t.p.Room.Left()}
	r.meta = meta{
		Profile: of.Profile, ProfileName: of.ProfileName, Production: of.Production, Topic: of.Topic,
		Name: of.Name, First: time.Now(), Counted: &counted{},
	}
	if of.Keep || !of.Production {
		r.meta.KeptName = of.Name
	}
	var err error
	if r.log, err = journal.OpenWriter(r.dir(), journal.Options{}); err != nil {
		return nil, err
	}
	return r, nil
}

func (r *Recorder) dir() string { return r.set.dir(unfinished + r.id) }

// Add adds a record as it is. It may wait for the disk; fault.NoRoom says that all lists
// together have reached their cap. It keeps no part of rec.
func (r *Recorder) Add(rec *message.Record) error {
	r.buf = message.AppendRecord(r.buf, rec)
	r.n++
	r.meta.Counted.note(rec)
	if len(r.buf) < recordedAtOnce {
		return nil
	}
	return r.flush()
}

// Added is how many records were added.
func (r *Recorder) Added() uint64 { return r.meta.Counted.Messages }

// Came says where the messages came from, and of which topic they are, "" of several: what
// is imported tells it only as it is read.
func (r *Recorder) Came(of message.Export, topic string) {
	r.meta.Topic = topic
	if of.Profile != "" && of.Profile != r.meta.Profile {
		r.meta.Profile, r.meta.ProfileName = of.Profile, ""
	}
	if of.Production && !r.meta.Production {
		r.meta.Production, r.meta.KeptName = true, ""
	}
}

// flush writes what was added.
func (r *Recorder) flush() error {
	c := r.meta.Counted
	if c.Bytes+int64(len(r.buf)) > r.room {
		return fmt.Errorf("%w: %d bytes are left", fault.NoRoom, r.room)
	}
	if r.n > 0 {
		if err := r.log.Append(r.buf, r.n); err != nil {
			return err
		}
	}
	c.Bytes += int64(len(r.buf))
	r.buf, r.n = r.buf[:0], 0
	return nil
}

// End makes it a list among the others, and says what it has.
func (r *Recorder) End() (Leftover, error) {
	err := r.flush()
	if e := r.log.Close(); err == nil {
		err = e
	}
	if err == nil {
		r.meta.Opened = time.Now()
		err = r.meta.save(r.dir())
	}
	if err == nil {
		err = os.Rename(r.dir(), r.set.dir(r.id))
	}
	if err != nil {
		return Leftover{}, errors.Join(err, os.RemoveAll(r.dir()))
	}
	return r.set.leftover(r.id)
}

// Drop gives the recording up.
func (r *Recorder) Drop() error {
	return errors.Join(r.log.Close(), os.RemoveAll(r.dir()))
}

// Sweep deletes what recordings left that a crash ended. Call it before any begins.
func (t *Set) Sweep() error {
	left, err := filepath.Glob(filepath.Join(t.p.Dir, unfinished+"*"))
	for _, dir := range left {
		err = errors.Join(err, os.RemoveAll(dir))
	}
	return err
}

// Leave closes a session; its journal stays as it is.
func (t *Set) Leave(s *Session) { t.end([]*Session{s}) }

// Titled is under which name it is listed: that of the recording, or the one under which
// it was kept; "" for neither.
func (l Leftover) Titled() string {
	if l.Name != "" {
		return l.Name
	}
	return strings.TrimSpace(l.KeptName)
}

// Goes is when it is deleted by itself, the zero time for never.
func (l Leftover) Goes() time.Time {
	if l.KeptName != "" || l.Newer {
		return time.Time{}
	}
	last := l.Last
	if l.Production && !l.Written.IsZero() {
		last = l.Written
	}
	return last.Add(unopenedLimit)
}
