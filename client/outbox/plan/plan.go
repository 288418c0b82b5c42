// Package plan is what a run is to do: the texts of its message, the source of its rows,
// how many and how fast. It makes each message of the run, and makes it again, to the
// byte, from what the run's journal says of it.
//
// A Plan is a value. Write and Read use the disk; a Maker belongs to one goroutine.
package plan

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"gantry/client/atomicfile"
	"gantry/client/message"
	"gantry/client/outbox/source"
	"gantry/client/schema"
)

// Limits of a run.
const (
	// MaxMessages is the most messages of a run.
	MaxMessages = 1_000_000
	// MaxAtOnce is the most that are under way at once.
	MaxAtOnce = 64
	// MaxPerSecond is the highest pace that can be asked for.
	MaxPerSecond = 100_000
	// MaxBatch is the most messages of a batch.
	MaxBatch = 1000
	// MaxBatchBytes is what the bodies and properties of a batch may take together: brokers
	// count a batch as one message.
	MaxBatchBytes = message.MaxBody
)

// Errors of Check.
var (
	// ErrTooMany: more messages than MaxMessages, or fewer than one.
	ErrTooMany = errors.New("number of messages out of bounds")
	// ErrPace: a pace, a number at once or a batch out of bounds.
	ErrPace = errors.New("pace out of bounds")
	// ErrBatch: a batch takes no delay, goes one way only, and is no transaction.
	ErrBatch = errors.New("a batch cannot be delayed, sent one-way or transactional")
	// ErrUndecided: a run decides of each message when it sends it.
	ErrUndecided = errors.New("a run leaves no transaction undecided")
)

// Texts are the texts of a message, in each of which dynamic values may stand.
type Texts struct {
	ProducerGroup string `json:"producerGroup"`
	// Topic is the full name; it has no dynamic values.
	Topic       string             `json:"topic"`
	Tag         string             `json:"tag,omitempty"`
	Keys        string             `json:"keys,omitempty"` // separated by blanks
	Properties  []message.Property `json:"properties,omitempty"`
	ShardingKey string             `json:"shardingKey,omitempty"`
	Deliver     message.Delivery   `json:"deliver,omitzero"`
	To          *message.Target    `json:"to,omitempty"`
	OneWay      bool               `json:"oneWay,omitempty"`
	// Transaction has the messages leave as half messages, each of which is committed or
	// taken back at once.
	Transaction message.Transaction `json:"transaction,omitempty"`
	// Reply is how long the reply to a single message is waited for; a run waits for none.
	Reply  time.Duration `json:"reply,omitempty"`
	Packed bool          `json:"packed,omitempty"`
	// Body lies in a file of its own: a text in UTF-8, in which dynamic values may stand, or
	// the bytes of what is typed in another way. How says what is made of it.
	Body []byte        `json:"-"`
	How  message.Typed `json:"how,omitzero"`
	// Described is the message of Protobuf that the body is to be, nil for another way to type.
	Described *Described `json:"described,omitempty"`
	// JSON: the body is JSON, and values in its strings are escaped.
	JSON bool `json:"json,omitempty"`
	// Literal: nothing in the texts is a dynamic value.
	Literal bool `json:"literal,omitempty"`
}

// Described is a message of Protobuf, with all that describes it: a run is made again by what
// its files said when it began.
type Described struct {
	Message string `json:"message"`
	Set     []byte `json:"set"` // of descriptors
}

// Describe is what a plan keeps of a schema.
func Describe(s *schema.Schema) *Described { return &Described{s.Name(), s.Set()} }

// Timing is how the brokers of the topic delay a message.
type Timing struct {
	// Properties are the same for each message, AtNames those that hold when it is due, in
	// milliseconds since 1970.
	Properties []message.Property `json:"properties,omitempty"`
	AtNames    []string           `json:"atNames,omitempty"`
}

// At returns the properties of a message that is made at a time.
func (t Timing) At(d message.Delivery, made time.Time) []message.Property {
	if len(t.AtNames) == 0 {
		return t.Properties
	}
	out := slices.Clone(t.Properties)
	due := strconv.FormatInt(d.Due(made).UnixMilli(), 10)
	for _, name := range t.AtNames {
		out = append(out, message.Property{Name: name, Value: due})
	}
	return out
}

// Plan is what a run is to do.
type Plan struct {
	Texts
	Timing Timing `json:"timing,omitzero"`
	// Queues are the logical queues of a static topic (RIP-21), of which one is chosen for
	// each message; empty for all other topics.
	Queues []message.Target `json:"queues,omitempty"`

	// Count is how many messages are sent at most; with a source its rows are the end too.
	Count int64 `json:"count"`
	// Source is what the file in the run's folder holds, nil where there is none.
	Source *source.Info `json:"source,omitempty"`
	// Replay says that the file in the run's folder holds whole messages.
	Replay *Replay `json:"replay,omitempty"`
	// PerSecond is the pace, 0 for as fast as it goes; AtOnce how many are under way
	// at once.
	PerSecond float64 `json:"perSecond,omitempty"`
	AtOnce    int     `json:"atOnce"`
	// Batch is how many messages go in one request; 0 and 1 are none.
	Batch int `json:"batch,omitempty"`
	// StopOnError ends the run with the first message that is not stored for certain.
	StopOnError bool `json:"stopOnError,omitempty"`

	// Prove has each message read back once it is stored.
	Prove bool `json:"prove,omitempty"`

	// Seed decides the random values. Env are the connection's values that are no secret.
	Seed uint64            `json:"seed"`
	Env  map[string]string `json:"env,omitempty"`
	// Secret are the names of the connection's values that are secret. Their values are not
	// in a plan; a Maker without them writes message.Hidden.
	Secret []string `json:"secret,omitempty"`
}

// Check tells whether the plan is within the limits.
func (p *Plan) Check() error {
	switch {
	case p.Count < 1 || p.Count > MaxMessages:
		return fmt.Errorf("%w: %d", ErrTooMany, p.Count)
	case p.PerSecond < 0 || p.PerSecond > MaxPerSecond || p.AtOnce < 1 || p.AtOnce > MaxAtOnce || p.Batch < 0 || p.Batch > MaxBatch:
		return ErrPace
	case p.Batch > 1 && (p.OneWay || p.Deliver.Later() || p.Transaction != message.NoTransaction):
		return ErrBatch
	case p.Reply > 0:
		return message.ErrReply
	case p.Transaction == message.Undecided:
		return ErrUndecided
	}
	return p.Replay.check(p)
}

// Names of the files in a run's folder beside its journal.
const (
	planName   = "plan.json"
	bodyName   = "body"
	sourceName = "source"
)

// Files are the names of the files that a plan has beside a journal.
func Files() []string { return []string{planName, bodyName, sourceName} }

// SourceFile is where the rows of a run are.
func SourceFile(dir string) string { return filepath.Join(dir, sourceName) }

// Write puts a plan into a run's folder; the source, if it has one, is there.
func Write(dir string, p *Plan) error {
	head, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		return err
	}
	return errors.Join(
		atomicfile.Write(filepath.Join(dir, bodyName), p.Body),
		atomicfile.Write(filepath.Join(dir, planName), append(head, '\n')),
	)
}

// maxFile bounds what is read of a plan, in bytes: a body that a worker's pipe takes.
const maxFile = 64 << 20

// Read reads the plan of a run's folder.
func Read(dir string) (*Plan, error) {
	head, err := readFile(filepath.Join(dir, planName))
	if err != nil {
		return nil, err
	}
	p := &Plan{}
	if err := json.Unmarshal(head, p); err != nil {
		return nil, fmt.Errorf("%s: %w", planName, err)
	}
	if p.Body, err = readFile(filepath.Join(dir, bodyName)); err != nil {
		return nil, err
	}
	return p, p.Check()
}

func readFile(name string) ([]byte, error) {
	info, err := os.Stat(name)
	if err == nil && info.Size() > maxFile {
		err = fmt.Errorf("%s: %d bytes", filepath.Base(name), info.Size())
	}
	if err != nil {
		return nil, err
	}
	return os.ReadFile(name)
}

// Made is a message that was made.
type Made struct {
	Leave message.Leave // without a draft
	Draft *message.Draft
}

// precise is At as it is kept: to be made again, a message must be of that time.
func precise(at time.Time) time.Time { return at.Truncate(time.Millisecond) }
