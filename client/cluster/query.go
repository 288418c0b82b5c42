package cluster

import (
	"encoding/json"
	"time"

	"gantry/client/fault"
)

// QueryKind says how a Query finds messages.
type QueryKind string

// The kinds.
const (
	ByTime   QueryKind = "time"   // those stored from From to To
	ByKey    QueryKind = "key"    // those with the key, from brokers' index
	ByID     QueryKind = "id"     // the one with the id, of either kind
	ByOffset QueryKind = "offset" // Count of them in one queue, from Offset on
	Newest   QueryKind = "newest" // the last Count of all queues
	Live     QueryKind = "live"   // those that come from now on, or from From, until it is given up
)

// Query is a question for messages. Reading joins no group.
type Query struct {
	Kind  QueryKind `json:"kind"`
	Topic string    `json:"topic"`
	Group string    `json:"group"` // to read as
	// From and To bound the store time, to the millisecond and both included; a zero
	// From is the first message kept, a zero To the last one there is at the start.
	From time.Time `json:"from,omitzero"`
	To   time.Time `json:"to,omitzero"`
	// Tags are the only ones to find, Filter what they must fit, in the language of
	// package filter; ByTime.
	Tags   []string `json:"tags,omitempty"`
	Filter string   `json:"words,omitempty"` // once it took words only
	// Key is the key, or the message id.
	Key   string `json:"key,omitempty"`
	Queue Queue  `json:"queue,omitzero"`
	// Offset is where ByOffset begins, Count how many it and Newest find at most.
	Offset int64 `json:"offset,omitempty"`
	Count  int   `json:"count,omitempty"`
	// Known are names of brokers that were there before: one that is not listed any
	// more may have had messages of the topic.
	Known []string `json:"known,omitempty"`
	// Limit is how many messages are read at most; 0 is all.
	Limit int64 `json:"limit,omitempty"`
	// Most is after how many that were found it stops; 0 is none. ByTime.
	Most int64 `json:"most,omitempty"`
	// Pace is how many bytes a second are read of each broker at most; 0 is as many as come.
	// Replica: where a broker has a replica that takes pulls and is not behind, that is read
	// instead. Both are for what reads queues.
	Pace    int64 `json:"pace,omitempty"`
	Replica bool  `json:"replica,omitempty"`
}

// Pulls tells whether queues are read from end to end, and not an index asked.
func (q *Query) Pulls() bool { return q.Kind != ByKey && q.Kind != ByID }

// Cost is what a query will read, as far as that can be told before.
type Cost struct {
	// Messages is how many offsets there are to read, within the limit; Bytes about how many
	// bytes: what was looked at of the queues decides. They are what is read at most.
	Messages, Bytes int64
	// Queues of Brokers are read.
	Queues, Brokers int
	// Missed are the parts that would be missing from the result.
	Missed []Missed
}

// Progress is how far a query is.
type Progress struct {
	// Read of about Total messages were looked at, Found of them fit. Total is 0
	// where nothing is read but what was asked for.
	Read  int64 `json:"read"`
	Total int64 `json:"total"`
	Found int64 `json:"found"`
	// Limited: the limit ended it; what was stored after Through was not read. Of a key
	// the newest were found, and what is older than Through was not.
	Limited bool `json:"limited,omitempty"`
	// Enough: so many were found as were asked for, and what was stored after Through was
	// not read.
	Enough  bool      `json:"enough,omitempty"`
	Through time.Time `json:"-"` // see progressJSON
	// Brokers is how many brokers have the topic, those included that are gone; 0 where
	// that was not asked.
	Brokers int `json:"brokers,omitempty"`
	// Missed are the parts that are missing from the result.
	Missed []Missed `json:"missed,omitempty"`
	// GaveUp are messages that jq gave up at: it is not known whether they fit.
	GaveUp fault.GaveUp `json:"gaveUp,omitzero"`
	// Bytes is how many bytes brokers answered, Replicas of how many brokers a replica did.
	Bytes    int64 `json:"bytes,omitempty"`
	Replicas int   `json:"replicas,omitempty"`
}

// Missed says which broker's or queue's messages are missing, and why.
type Missed struct {
	Subject string       `json:"subject"`
	Why     *fault.Fault `json:"why"`
}

// progressJSON is a Progress in JSON: Through in Unix milliseconds, because brokers
// store whatever time they had, and JSON has none beyond the year 9999.
type progressJSON struct {
	plainProgress
	Through *int64 `json:"through,omitempty"`
}

type plainProgress Progress

// MarshalJSON writes every stored time.
func (p Progress) MarshalJSON() ([]byte, error) {
	out := progressJSON{plainProgress: plainProgress(p)}
	if !p.Through.IsZero() {
		ms := p.Through.UnixMilli()
		out.Through = &ms
	}
	return json.Marshal(out)
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (p *Progress) UnmarshalJSON(b []byte) error {
	var in progressJSON
	if err := json.Unmarshal(b, &in); err != nil {
		return err
	}
	*p = Progress(in.plainProgress)
	if in.Through != nil {
		p.Through = time.UnixMilli(*in.Through)
	}
	return nil
}
