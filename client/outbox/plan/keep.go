package plan

import (
	"bufio"
	"cmp"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"gantry/client/fault"
	"gantry/client/message"
)

// Why a message cannot be sent again, beside what is wrong with a draft.
const (
	// NotOpened: a client packed the body, and it does not open.
	NotOpened fault.Code = "the body is packed and does not open"
	// NotTaken: brokers with their usual settings refuse a body of that size.
	NotTaken fault.Code = "the body is larger than brokers take"
	// NoOrigin: it is to go to one group only, whose members are told its first topic.
	NoOrigin fault.Code = "nothing tells which topic the message was sent to first"
	// NameTwice: a user property's name stands twice, and the client library sends one.
	NameTwice fault.Code = "a property stands twice"
)

// MaxLeftOut is how many of the messages that are left out are listed.
const MaxLeftOut = 20

const (
	// MaxProperties is how many user properties of a source are listed.
	MaxProperties = 200
	// mostProperties is how many are told apart.
	mostProperties = 10_000
)

// Kept says what is in a replay's source.
type Kept struct {
	// Messages are how many it holds, Bodies the bytes of their bodies, Bytes those of the
	// file.
	Messages, Bodies, Bytes int64
	// Topics are those that the messages were first sent to, ascending, with how many
	// were.
	Topics []OfTopic
	// Properties are its user properties, those of the most messages first, MaxProperties at
	// most; MoreProperties is how many there are beside them.
	Properties     []OfProperty
	MoreProperties int
	// From and To are when the first and the last of them were stored; zero where that is
	// not known.
	From, To time.Time
	// Lasts is how long they take at the original pace, and Cut how many pauses are
	// shortened, for each of Gaps.
	Lasts []time.Duration
	Cut   []int64
	// Out counts the messages that cannot be sent; First are the first of them.
	Out   int64
	First []LeftOut
}

// OfTopic is how many messages are of a topic.
type OfTopic struct {
	Topic string
	Count int64
}

// OfProperty is how many messages have a user property.
type OfProperty struct {
	Name  string
	Count int64
}

// LeftOut is a message that cannot be sent.
type LeftOut struct {
	// ID is the message's, Topic where it lay.
	ID, Topic string
	Why       error
}

// last counts how long a message leaves after the one before it. Where it is the first, both
// are its own.
func (k *Kept) last(before, at time.Time) {
	all := Gaps()
	if k.Lasts == nil {
		k.Lasts, k.Cut = make([]time.Duration, len(all)), make([]int64, len(all))
	}
	for i, most := range all {
		d := gap(before, at, most)
		if k.Lasts[i] += d; d == most {
			k.Cut[i]++
		}
	}
}

// Gaps are what a replay may be told as the longest pause at the original pace.
func Gaps() []time.Duration { return []time.Duration{time.Minute, 10 * time.Minute, MaxGap} }

// Keeper copies messages into the source of a replay, whose end is fixed so. Its file is
// the caller's to remove where Finish did not succeed. It belongs to one goroutine.
type Keeper struct {
	file   *os.File
	out    *bufio.Writer
	kept   Kept
	topics map[string]int64
	names  map[string]int64 // of user properties
	index  []stood
	buf    []byte
}

// stood is where a message stands in the file, and when it was stored, in milliseconds
// since 1970; 0 is not known.
type stood struct {
	at, stored int64
	size       int32
}

// NewKeeper makes a file that must not be there.
func NewKeeper(name string) (*Keeper, error) {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	return &Keeper{file: f, out: bufio.NewWriterSize(f, 256<<10), topics: map[string]int64{}, names: map[string]int64{}}, nil
}

// Add copies a message, or those that it holds, as its sender gave it to its client: the
// properties that RocketMQ itself uses are left out, as a new send needs others. What
// cannot be sent again is left out and counted. The error is ErrTooMany, or that of the
// disk.
func (k *Keeper) Add(m *message.Message) error {
	for _, one := range message.Unwrap(m, message.MaxStored) {
		d, err := again(one)
		if err != nil {
			if k.kept.Out++; len(k.kept.First) < MaxLeftOut {
				k.kept.First = append(k.kept.First, LeftOut{one.ID(), one.Topic, err})
			}
			continue
		}
		if err := k.add(one, d); err != nil {
			return err
		}
	}
	return nil
}

func (k *Keeper) add(m *message.Message, d *message.Draft) error {
	if k.kept.Messages == MaxMessages {
		return fmt.Errorf("%w: more than %d", ErrTooMany, int64(MaxMessages))
	}
	stored := max(m.StoredAt.UnixMilli(), 0)
	if n := len(k.index); stored == 0 && n > 0 { // as the one before
		stored = k.index[n-1].stored
	}
	var err error
	k.buf, err = message.AppendLeave(k.buf[:0], &message.Leave{Seq: k.kept.Messages, At: time.UnixMilli(stored), Row: -1, ID: m.ID(), Draft: d})
	if err != nil {
		return err
	}
	k.index = append(k.index, stood{k.kept.Bytes, stored, int32(len(k.buf))})
	k.kept.Messages++
	k.kept.Bytes += int64(len(k.buf))
	k.kept.Bodies += int64(len(d.Body))
	k.topics[d.Topic]++
	for _, p := range d.Properties {
		if _, seen := k.names[p.Name]; seen || len(k.names) < mostProperties {
			k.names[p.Name]++
		}
	}
	_, err = k.out.Write(k.buf)
	return err
}

// again is the draft with which a message is sent once more.
func again(m *message.Message) (*message.Draft, error) {
	body, ok := m.Unpacked(message.MaxStored)
	if !ok || m.Wrapped() {
		return nil, NotOpened
	}
	d := m.Again(body)
	d.System = m.Retried() // what a Maker takes of it where only the group is to have it
	seen := map[string]bool{}
	for _, p := range d.Properties {
		if seen[p.Name] {
			return nil, fmt.Errorf("%w: %s", NameTwice, p.Name)
		}
		seen[p.Name] = true
	}
	return d, sendable(d)
}

// sendable tells whether brokers with their usual settings take a message.
func sendable(d *message.Draft) error {
	if err := d.Check(); err != nil {
		return err
	}
	if len(d.Body) > message.MaxBody && (!d.Packed || packedSize(d.Body) > message.MaxBody) {
		return NotTaken
	}
	return nil
}

// packedSize is how many bytes a body takes on its way.
func packedSize(body []byte) int {
	n := counter(0)
	w := zlib.NewWriter(&n)
	_, _ = w.Write(body) // a counter takes all
	_ = w.Close()
	return int(n)
}

type counter int

func (c *counter) Write(b []byte) (int, error) {
	*c += counter(len(b))
	return len(b), nil
}

// Finish puts the messages into the order in which they were stored, and tells what there
// is. It closes the file.
func (k *Keeper) Finish() (Kept, error) {
	err := k.out.Flush()
	byTime := func(a, b stood) int { return cmp.Compare(a.stored, b.stored) }
	if err == nil && !slices.IsSortedFunc(k.index, byTime) {
		slices.SortStableFunc(k.index, byTime)
		err = k.rewrite()
	}
	if err = errors.Join(err, k.file.Close()); err != nil {
		return k.kept, err
	}
	k.measure()
	return k.kept, nil
}

// Close gives the copy up.
func (k *Keeper) Close() error { return k.file.Close() }

// rewrite puts the file into the order of the index.
func (k *Keeper) rewrite() error {
	name := k.file.Name()
	f, err := os.OpenFile(name+".sorted", os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(f, 256<<10)
	for _, s := range k.index {
		if _, err = io.Copy(out, io.NewSectionReader(k.file, s.at, int64(s.size))); err != nil {
			break
		}
	}
	err = errors.Join(err, out.Flush(), f.Close(), k.file.Close()) // before one takes the other's name
	if err == nil {
		err = os.Rename(name+".sorted", name)
	}
	if err != nil {
		return errors.Join(err, os.Remove(name+".sorted"))
	}
	k.file, err = os.Open(name)
	return err
}

// measure counts what only all of them tell.
func (k *Keeper) measure() {
	for topic, n := range k.topics {
		k.kept.Topics = append(k.kept.Topics, OfTopic{topic, n})
	}
	slices.SortFunc(k.kept.Topics, func(a, b OfTopic) int { return strings.Compare(a.Topic, b.Topic) })
	for name, n := range k.names {
		k.kept.Properties = append(k.kept.Properties, OfProperty{name, n})
	}
	slices.SortFunc(k.kept.Properties, func(a, b OfProperty) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(a.Name, b.Name))
	})
	k.kept.MoreProperties = max(len(k.kept.Properties)-MaxProperties, 0)
	k.kept.Properties = k.kept.Properties[:len(k.kept.Properties)-k.kept.MoreProperties]
	at := func(i int) time.Time { return time.UnixMilli(k.index[i].stored) }
	for i := range k.index {
		k.kept.last(at(max(i-1, 0)), at(i))
	}
	known := slices.IndexFunc(k.index, func(s stood) bool { return s.stored > 0 })
	if known >= 0 {
		k.kept.From, k.kept.To = at(known), at(len(k.index)-1)
	}
}
