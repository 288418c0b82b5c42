package orders

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"gantry/client/atomicfile"
	"gantry/client/cluster"
	"gantry/client/fault"
)

const (
	// mostDiary bounds the diary's file, in bytes, and keptDiary what the newest records
	// take that stay when it is over that: some 4,000 of orders with 8 queues.
	mostDiary = 8 << 20
	keptDiary = 4 << 20
)

// Who orders.
type Who struct {
	User        string `json:"user"` // of the system
	Profile     string `json:"profile"`
	ProfileName string `json:"profileName"`
	Production  bool   `json:"production,omitempty"`
}

// SystemUser is the name of who runs this program, "" where the system does not tell.
func SystemUser() string {
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return cmp.Or(os.Getenv("USER"), os.Getenv("USERNAME"))
}

// Record is an order in the diary.
type Record struct {
	ID string    `json:"id"`
	At time.Time `json:"at"`
	Who
	// Order is what was ordered, unless it is Setup, or Lifted, or one of those below.
	Order Offsets `json:"order,omitzero"`
	Setup *Setup  `json:"setup,omitempty"`
	// Lifted is until when a read-only connection was to take orders: zero where it is no
	// such record.
	Lifted time.Time `json:"lifted,omitzero"`
	Way    Way       `json:"way,omitempty"`
	// Members is how many there were.
	Members int `json:"members,omitempty"`
	// Queues are the parts that it changes: queues, what a broker has of a name, or half
	// messages, in the order of Resume.
	Queues []Done `json:"queues,omitempty"`
	// Kept is the file, in the diary's folder, with the messages that were skipped; "" where
	// none was kept.
	Kept string `json:"kept,omitempty"`

	Once       *OnceDone   `json:"once,omitempty"`
	Redelivery *Redelivery `json:"redelivery,omitempty"`
	Resume     *Resume     `json:"resume,omitempty"`
	// Ended is zero where it is not known how it ended: Gantry ended before.
	Ended time.Time `json:"ended,omitzero"`
}

// State is what became of the order in a queue.
type State string

// The states.
const (
	// Waiting: it was not done yet.
	Waiting State = ""
	// Set: the position is as it says; there are no members, or they were not seen there.
	Set State = "set"
	// Told: members were told, and it is not yet seen that they follow.
	Told State = "told"
	// Followed: members go on from there.
	Followed State = "followed"
	// Failed: see Done.Err.
	Failed State = "failed"
)

// Done is what became of a part of an order: a queue of Offsets, what a broker has of a name
// of a Setup, or a half message of a Resume, whose id is the name.
type Done struct {
	Name string `json:"name,omitempty"` // but of Offsets
	// Key is the right's, of Rights. Password says that a user got a new one; what it is stands
	// nowhere.
	Key      cluster.RightKey `json:"key,omitzero"`
	Password bool             `json:"password,omitempty"`
	Broker   string           `json:"broker"` // "" for the name servers
	Queue    int              `json:"queue,omitempty"`
	// From is where the group was, below 0 where it had no position, To where it is put.
	From int64 `json:"from,omitempty"`
	To   int64 `json:"to,omitempty"`
	// Was is what the broker had, Put what it is put to; nil is none.
	Was   *Setting     `json:"was,omitempty"`
	Put   *Setting     `json:"put,omitempty"`
	State State        `json:"state,omitempty"`
	Err   *fault.Fault `json:"err,omitempty"`
}

// Back is the order that puts back what a record has changed: where the group was. ok is
// false where it had a position in none of the queues that were changed, or where it is not
// known that any was.
func (r *Record) Back() (o Offsets, ok bool) {
	if r.Setup != nil || r.Resume != nil {
		return o, false
	}
	o = Offsets{Group: r.Order.Group, Topic: r.Order.Topic, To: Target{Kind: ToPlaces, Back: r.ID}}
	for _, q := range r.Queues {
		if q.From >= 0 && (r.Ended.IsZero() || q.mayHaveMoved()) {
			o.To.Places = append(o.To.Places, Place{q.Broker, q.Queue, q.From})
			o.Queues = append(o.Queues, cluster.Queue{Broker: q.Broker, ID: q.Queue})
		}
	}
	return o, len(o.Queues) > 0
}

// mayHaveMoved tells whether the queue was changed, or nobody knows: no answer came.
func (q *Done) mayHaveMoved() bool {
	switch q.State {
	case Waiting:
		return false
	case Failed:
		return errors.Is(q.Err, fault.Timeout) || errors.Is(q.Err, fault.ConnectionLost)
	}
	return true
}

// Failed is the order for the queues in which it failed, or of which it was not seen in time
// that members follow; ok is false where there is none.
func (r *Record) Failed() (o Offsets, ok bool) {
	if r.Setup != nil || r.Resume != nil {
		return o, false
	}
	o = Offsets{Group: r.Order.Group, Topic: r.Order.Topic, To: Target{Kind: ToPlaces, Back: r.Order.To.Back}}
	for _, q := range r.Queues {
		if q.State == Failed || q.State == Waiting || q.State == Told && !r.Ended.IsZero() {
			o.To.Places = append(o.To.Places, Place{q.Broker, q.Queue, q.To})
			o.Queues = append(o.Queues, cluster.Queue{Broker: q.Broker, ID: q.Queue})
		}
	}
	return o, len(o.Queues) > 0
}

// Diary is the file of what was ordered: a line of JSON when an order begins, and one with
// the same id when it has ended. It is there before the order runs; the oldest records go
// when it is over its cap. One process writes it.
type Diary struct {
	path string
	mu   sync.Mutex // held while the file is read or written
}

// NewDiary keeps a diary in a folder, which is made when it is needed.
func NewDiary(dir string) *Diary { return &Diary{path: filepath.Join(dir, "changes.jsonl")} }

// begin writes a record down, on disk when it returns: fault.DiskFull where there is no
// room.
func (d *Diary) begin(r *Record) error {
	if r.ID == "" {
		r.ID = uuid.NewString()
	}
	return d.write(r)
}

// end writes how it ended.
func (d *Diary) end(r *Record) error {
	r.Ended = time.Now()
	return d.write(r)
}

// NoteLift writes down that a read-only connection takes orders until r.Lifted, or, for a
// record that it has returned, that this is another time now.
func (c *Clerk) NoteLift(r Record) (Record, error) {
	if r.ID != "" {
		return r, c.diary.end(&r)
	}
	r.At, r.Who, r.Ended = time.Now(), c.who, time.Now()
	return r, c.diary.begin(&r)
}

// write appends a record whole, or leaves the file as it was.
func (d *Diary) write(r *Record) error {
	line, err := json.Marshal(r)
	if err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.shorten(); err != nil {
		return fmt.Errorf("diary: %w", err)
	}
	if err := appendTo(d.path, append(line, '\n')); err != nil {
		return fmt.Errorf("diary: %w", fault.From(err))
	}
	return nil
}

func appendTo(path string, line []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	size, err := f.Seek(0, io.SeekEnd)
	if err == nil && size > 0 { // what a crash cut is no line
		last := make([]byte, 1)
		if _, err = f.ReadAt(last, size-1); err == nil && last[0] != '\n' {
			line = append([]byte{'\n'}, line...)
		}
	}
	if err == nil {
		if _, err = f.Write(line); err == nil {
			err = f.Sync()
		}
		if err != nil {
			err = errors.Join(err, f.Truncate(size))
		}
	}
	return errors.Join(err, f.Close())
}

// shorten drops the oldest records of a file that is over its cap.
func (d *Diary) shorten() error {
	info, err := os.Stat(d.path)
	if err != nil || info.Size() <= mostDiary {
		return ignoreNone(err)
	}
	all, err := d.read()
	if err != nil {
		return err
	}
	var lines [][]byte
	size := 0
	for _, r := range all { // the newest first
		line, err := json.Marshal(r)
		if err != nil {
			return err
		}
		if size += len(line) + 1; size > keptDiary {
			break
		}
		lines = append(lines, append(line, '\n'))
	}
	slices.Reverse(lines)
	return atomicfile.Write(d.path, bytes.Join(lines, nil))
}

func ignoreNone(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// List returns the records, the newest first. Lines that are damaged are left out.
func (d *Diary) List() ([]Record, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.read()
}

func (d *Diary) read() ([]Record, error) {
	f, err := os.Open(d.path)
	if err != nil {
		return nil, ignoreNone(err)
	}
	defer f.Close()
	var all []Record
	at := map[string]int{}
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 2*mostDiary)
	for lines.Scan() {
		var r Record
		if json.Unmarshal(lines.Bytes(), &r) != nil || r.ID == "" {
			continue
		}
		if i, has := at[r.ID]; has {
			all[i] = r
			continue
		}
		at[r.ID] = len(all)
		all = append(all, r)
	}
	slices.Reverse(all)
	return all, lines.Err()
}

// Export writes the records as they are kept, the oldest first, a line of JSON each.
func (d *Diary) Export(w io.Writer) error {
	all, err := d.List()
	if err != nil {
		return err
	}
	out := json.NewEncoder(w)
	for _, r := range slices.Backward(all) {
		if err := out.Encode(r); err != nil {
			return err
		}
	}
	return nil
}

// Fits tells whether a record has each of the words, whatever their case, in its names.
func (r *Record) Fits(words string) bool {
	of := []string{r.Group(), r.Topic(), r.User, r.ProfileName, r.At.Format(time.DateTime), string(r.Order.To.Kind)}
	if r.Setup != nil {
		of = append(append(of, string(r.Setup.Act), string(r.Setup.Of)), r.Setup.Names...)
		for _, k := range r.Setup.Keys {
			of = append(of, k.Resource)
		}
	}
	text := strings.ToLower(strings.Join(of, " "))
	for _, w := range strings.Fields(strings.ToLower(words)) {
		if !strings.Contains(text, w) {
			return false
		}
	}
	return true
}
