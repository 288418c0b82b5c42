package profile

import (
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"time"

	"gantry/client/message"
)

// Settings are what Gantry remembers beside the profiles. The zero value is
// what a first start has.
type Settings struct {
	Version int `json:"version"`
	// Revision grows with each change in one run; an older one is not saved over
	// a newer. It is not stored.
	Revision uint64 `json:"-"`

	Language string `json:"language,omitempty"` // "", "en" or "zh-Hans"; "" follows the system
	Theme    string `json:"theme,omitempty"`    // "", "light" or "dark"; "" follows the system
	Window   Window `json:"window"`
	// Selected is the id of the profile that is shown at the start.
	Selected string `json:"selected,omitempty"`
	// Caps bound what is kept of received messages.
	Caps Caps `json:"caps"`
	// Forms hold what was last typed, by profile id.
	Forms map[string]SendForm `json:"forms,omitempty"`
	// Subscriptions are those of all profiles, in the order of their tabs.
	Subscriptions []Subscription `json:"subscriptions,omitempty"`
	// TemplateFolders are folders of templates beside Gantry's own, as absolute paths.
	TemplateFolders []string `json:"templateFolders,omitempty"`
	// Topics are names used before, newest first, by profile id.
	Topics map[string][]string `json:"topics,omitempty"`
	// Filters are those of lists that were used before, newest first.
	Filters []string `json:"filters,omitempty"`
	// SavedFilters are those that are kept, in the user's order.
	SavedFilters []SavedFilter `json:"savedFilters,omitempty"`
	// Lists is how lists of messages look.
	Lists ListLook `json:"lists,omitzero"`
	// Sandbox are the formats of the sandbox, which has no saved profile.
	Sandbox []Schema `json:"sandbox,omitempty"`
	// Readings are how bodies are read, as the inspector names it, by profile id and topic:
	// MaxReadings of a profile at most.
	Readings map[string]map[string]string `json:"readings,omitempty"`
}

// MaxReadings is for how many topics of a profile it is kept how their bodies are read.
const MaxReadings = 1000

// Window is how the window was left, in Fyne units.
type Window struct {
	Width     float32 `json:"width,omitempty"`
	Height    float32 `json:"height,omitempty"`
	RailOnly  bool    `json:"railOnly,omitempty"`
	Inspector string  `json:"inspector,omitempty"` // "", "right", "below" or "hidden"
	// Splits are the offsets of split panes, 0 to 1, by name.
	Splits map[string]float64 `json:"splits,omitempty"`
}

// Caps bound journals. Zero means the default.
type Caps struct {
	Messages   int64 `json:"messages,omitempty"`   // in one journal, 1,000,000
	Bytes      int64 `json:"bytes,omitempty"`      // in one journal, 2 GB
	TotalBytes int64 `json:"totalBytes,omitempty"` // in all journals, 8 GB
}

// WithDefaults fills in the defaults.
func (c Caps) WithDefaults() Caps {
	if c.Messages <= 0 {
		c.Messages = 1_000_000
	}
	if c.Bytes <= 0 {
		c.Bytes = 2 << 30
	}
	if c.TotalBytes <= 0 {
		c.TotalBytes = 8 << 30
	}
	return c
}

// SendForm is what the send form of a profile held. Names are as typed.
type SendForm struct {
	ProducerGroup string         `json:"producerGroup,omitempty"`
	Topic         string         `json:"topic,omitempty"`
	Tag           string         `json:"tag,omitempty"`
	Keys          string         `json:"keys,omitempty"`
	Properties    []FormProperty `json:"properties,omitempty"`
	Body          string         `json:"body,omitempty"`
	// Kind says which of the next four counts.
	Kind        MessageKind `json:"kind,omitempty"`
	ShardingKey string      `json:"shardingKey,omitempty"`
	Deliver     string      `json:"deliver,omitempty"`
	// Transaction is what becomes of it, message.Commit where it is empty.
	Transaction message.Transaction `json:"transaction,omitempty"`
	// Reply is how long a reply is waited for, as typed.
	Reply string `json:"reply,omitempty"`
	// Literal: nothing in the texts is a dynamic value, whatever it looks like.
	Literal bool `json:"literal,omitempty"`
	// Packed has the body packed on its way.
	Packed bool `json:"packed,omitempty"`
	// How is how the body is typed.
	How message.Typed `json:"how,omitzero"`
}

// MessageKind is what a message is besides its contents.
type MessageKind string

// The kinds of message.
const (
	NormalMessage  MessageKind = ""
	OrderedMessage MessageKind = "ordered"
	DelayedMessage MessageKind = "delayed"
	// OneWayMessage is sent without waiting for an answer.
	OneWayMessage MessageKind = "oneway"
	// TransactionMessage is sent as a half message.
	TransactionMessage MessageKind = "transaction"
	// RequestMessage waits for a reply.
	RequestMessage MessageKind = "request"
)

// FormProperty is one row of the form's user properties.
type FormProperty struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Subscription is what the form of a subscription holds: how to join a group,
// and which journal its messages are in. Names are as typed.
type Subscription struct {
	// ID names the subscription and its journal.
	ID      string `json:"id"`
	Profile string `json:"profile"` // profile id
	Topic   string `json:"topic"`
	// Follow reads the topic without joining a group. Group is then the one to
	// read as, where it may not be the tools' own; Broadcast, Ordered and Later
	// mean nothing.
	Follow bool `json:"follow,omitempty"`
	// Group is the consumer group; OwnGroup says that Gantry made it for this
	// subscription.
	Group      string `json:"group"`
	OwnGroup   bool   `json:"ownGroup"`
	Expression string `json:"expression,omitempty"`
	SQL92      bool   `json:"sql92,omitempty"`
	// Any says that the expression is one of package filter: a follow reads everything,
	// and keeps what fits.
	Any bool `json:"any,omitempty"`
	// From is where a group without a position starts.
	From      From      `json:"from,omitempty"`
	FromTime  time.Time `json:"fromTime,omitzero"`
	Broadcast bool      `json:"broadcast,omitempty"`
	// Ordered takes the messages of a queue one after the other; all members of
	// the group must do so.
	Ordered bool `json:"ordered,omitempty"`
	// Later says that messages are answered with "reconsume later".
	Later bool `json:"later,omitempty"`
	// Cleared is the number of the first record that the list shows, 0 for all: those
	// before were cleared from it, and are still kept.
	Cleared uint64 `json:"cleared,omitempty"`
}

// From says where a group without a position starts.
type From string

// The starts. The zero value is FromNow.
const (
	FromNow      From = ""
	FromEarliest From = "earliest"
	FromTime     From = "time"
)

// SettingsStore keeps settings in one file, as Store keeps profiles.
type SettingsStore struct {
	path   string
	mu     sync.Mutex
	locked error
	saved  uint64 // the revision saved last
}

// NewSettingsStore returns the store whose file is settings.json in dir.
func NewSettingsStore(dir string) *SettingsStore {
	return &SettingsStore{path: filepath.Join(dir, "settings.json")}
}

// Load reads the settings; a damaged file is moved aside, a newer one is left
// alone and Save is refused. Values out of range are the defaults, and a subscription
// with an id that is none, or that another one has, gets a new one.
func (s *SettingsStore) Load() (Settings, Loaded) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var v Settings
	l := load(s.path, func(b []byte) error {
		if _, err := fileVersion(b); err != nil {
			return err
		}
		var in Settings
		if err := json.Unmarshal(b, &in); err != nil && !errors.As(err, new(*json.UnmarshalTypeError)) {
			return fmt.Errorf("%w: %w", ErrCorrupt, err)
		}
		in.check() // what has another type than its field is the default too
		v = in
		return nil
	})
	if l.Err != nil && l.SetAside == "" {
		s.locked = l.Err
	}
	return v, l
}

// Save replaces the file.
func (s *SettingsStore) Save(v Settings) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.locked != nil {
		return s.locked
	}
	if v.Revision < s.saved {
		return nil
	}
	v.Version = version
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	if err := replace(s.path, append(b, '\n')); err != nil {
		return err
	}
	s.saved = v.Revision
	return nil
}
