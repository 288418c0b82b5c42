// Package worker runs one job in a child process: one subscription, one follow,
// one search, the sends of one connection, one run, expressions of jq, or the sandbox. Main is the child, Start the parent's handle.
//
// Why a process: the client library ignores contexts, leaks, shares settings
// across a process and may end it. Here cancel is kill, and the window cannot be
// taken down. The child ends when its stdin does, so it never outlives the
// window, however that died.
//
// Parent and child speak frames over the child's stdin and stdout (pipe.go). The
// first one carries the Job with its secrets, which go this way only: never by
// argument, environment or file.
package worker

import (
	"strings"
	"time"

	"github.com/google/uuid"

	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/message"
	"gantry/client/remoting"
	"gantry/client/schema"
)

// Argument is the program's first argument when it is to be a worker.
const Argument = "worker"

// Kinds of jobs.
const (
	Subscribe = "subscribe"
	Follow    = "follow"
	Browse    = "browse"
	Send      = "send"
	SendRun   = "run"
	Sandbox   = "sandbox"
	RunJq     = "jq"
)

// Access is how a cluster is reached, with the secrets for it.
type Access struct {
	NameServers []string `json:"nameServers"`
	AccessKey   string   `json:"accessKey,omitempty"`
	SecretKey   string   `json:"secretKey,omitempty"`
	// TLS and Addresses say how the cluster is reached; with either the library
	// goes through a relay.
	TLS       *remoting.TLS       `json:"tls,omitempty"`
	Addresses remoting.AddressMap `json:"addresses,omitempty"`
	// Hide is the one of the keys that is a secret: brokers repeat access keys in
	// their refusals, and it must not be shown.
	Hide string `json:"hide,omitempty"`
	// Account is what the profile calls who signs in, see fault.ArgAccount.
	Account string `json:"account,omitempty"`
}

// Job is what a worker is to do.
type Job struct {
	Kind string `json:"kind"`

	Access
	// Instance is the part of the client id that is this worker's alone: the id
	// ends with "@" and it.
	Instance string `json:"instance"`

	// Group is the consumer group, the one that a follow reads as, or the producer
	// group.
	Group   string   `json:"group"`
	Receive *Receive `json:"receive,omitempty"`
	Query   *Query   `json:"query,omitempty"`
	Sends   *Sends   `json:"sends,omitempty"`
	Run     *Run     `json:"run,omitempty"`
	Local   *Local   `json:"local,omitempty"`
}

// Local is the part of a Job that only a sandbox has: its folder, and the ports
// that it takes if they are free.
type Local struct {
	Dir        string `json:"dir"`
	NameServer int    `json:"nameServer"`
	Broker     int    `json:"broker"`
}

// Query is the part of a Job that only a search has.
type Query struct {
	cluster.Query
	// Bodies is how the filter reads bodies, nil for as they are.
	Bodies *schema.Bodies `json:"bodies,omitempty"`
	// Journal is the folder that what is found is appended to; the caps are those
	// of journal.Options.
	Journal    string `json:"journal"`
	MaxBytes   int64  `json:"maxBytes,omitempty"`
	MaxRecords int64  `json:"maxRecords,omitempty"`
}

// Receive is the part of a Job that a subscription has, and a follow.
type Receive struct {
	Topic      string    `json:"topic"`
	Queues     int       `json:"queues"` // of the topic
	Expression string    `json:"expression"`
	SQL92      bool      `json:"sql92,omitempty"`
	Broadcast  bool      `json:"broadcast,omitempty"`
	Ordered    bool      `json:"ordered,omitempty"`
	From       time.Time `json:"from,omitzero"`
	// Floors are the queue offsets, by the name of their queue (cluster.Queue), below which a message of the
	// topic is answered with success and not kept. A follow begins there, and at
	// the first message of a queue that is not named.
	Floors map[string]int64 `json:"floors,omitempty"`
	// First says that the group has no position yet, and takes every message: the first that
	// comes of each queue is held against its floor, see Counters.Gap.
	First bool `json:"first,omitempty"`
	// Since is from when on a follow reads queues that Floors do not name; zero is from
	// their first messages.
	Since time.Time `json:"since,omitzero"`
	// Tags, where set, are the only ones to keep: the rest is answered with
	// success and not kept. For tags that the library cannot subscribe to, and for
	// follows, for which brokers compare hash codes only.
	Tags []string `json:"tags,omitempty"`
	// Keep is what is kept of a follow, in the language of package filter; times are
	// counted back from the start of the worker.
	Keep string `json:"keep,omitempty"`
	// Bodies is how bodies are read for that, nil for as they are.
	Bodies *schema.Bodies `json:"bodies,omitempty"`

	Later  bool `json:"later,omitempty"`
	Paused bool `json:"paused,omitempty"`

	// Journal is the folder that messages are appended to; the caps are those
	// of journal.Options.
	Journal    string `json:"journal"`
	Segment    int64  `json:"segment,omitempty"`
	MaxBytes   int64  `json:"maxBytes,omitempty"`
	MaxRecords int64  `json:"maxRecords,omitempty"`
}

// command is what the parent tells a running worker.
type command struct {
	Do    string         `json:"do"`
	ID    uint64         `json:"id,omitempty"`
	Later bool           `json:"later,omitempty"`
	Draft *message.Draft `json:"draft,omitempty"` // its body travels raw, behind the header
	// Kept is what is written down in the draft's place, its secret values hidden; its body
	// stands behind that of the draft, which has Size bytes then.
	Kept *message.Draft `json:"kept,omitempty"`
	Size int            `json:"size,omitempty"`
	// Receipt is that of a draft that never left, with doNote.
	Receipt *message.Receipt `json:"receipt,omitempty"`
	// Of is the record of a half message that waits, Transaction what becomes of it, with
	// doDecide.
	Of          uint64              `json:"of,omitempty"`
	Transaction message.Transaction `json:"transaction,omitempty"`
	// Judging is set with doJudge.
	Judging *judging `json:"judging,omitempty"`
	// Step is written down, with doStep.
	Step *message.Step `json:"step,omitempty"`
}

const (
	doPause  = "pause"
	doResume = "resume"
	doAnswer = "answer"
	doStop   = "stop"
	doSend   = "send"
	doHalt   = "halt"
	doNote   = "note"
	doDecide = "decide"
	doJudge  = "judge"
	doStep   = "step"
)

// Event is what a worker reports.
type Event struct {
	Kind EventKind `json:"kind"`
	// Progress is set with Searched, Ended with the last of it.
	Progress *cluster.Progress `json:"progress,omitempty"`
	Ended    bool              `json:"ended,omitempty"`
	// Counters are set with Counted.
	Counters *Counters `json:"counters,omitempty"`
	// Fault is set with Failed and Trouble, and with Searched where it ends before its
	// end; without one Blocked says that appending goes on.
	Fault *fault.Fault `json:"fault,omitempty"`
	// Listens is set with Started by a sandbox.
	Listens *Listens `json:"listens,omitempty"`
	// Receipt is set with Sent, ID is that of the send.
	ID      uint64           `json:"id,omitempty"`
	Receipt *message.Receipt `json:"receipt,omitempty"`
	// Judged is set with JqTold, ID is that of the question.
	Judged *Judged `json:"judged,omitempty"`
	// Ran is set with Running; a Fault beside it is why a run ended early.
	Ran *Ran `json:"ran,omitempty"`
}

// EventKind says what happened.
type EventKind string

// The events.
const (
	// Started: the group is joined, the producer is ready, or the sandbox listens.
	Started EventKind = "started"
	// Failed: the job could not start; the worker ends.
	Failed EventKind = "failed"
	// Counted: counters have changed. At most twenty times a second.
	Counted EventKind = "counted"
	// Trouble: the broker refuses pulls or cannot be reached; it goes on trying
	// and reports each failure, some three seconds apart.
	Trouble EventKind = "trouble"
	// Searched: a search is farther, or at its end. At most twenty times a second.
	Searched EventKind = "searched"
	// Blocked: messages cannot be appended (the disk is full, the journal is
	// over its cap); nothing is answered meanwhile.
	Blocked EventKind = "blocked"
	// Sent: a receipt.
	Sent EventKind = "sent"
	// Wrote: something was written down of what is sent. At most twenty times a second.
	Wrote EventKind = "wrote"
	// Running: a run was paused, goes on, or has ended.
	Running EventKind = "running"
	// JqTold: what came of an expression of jq.
	JqTold EventKind = "jq"
)

// Listens is where a sandbox listens, host:port.
type Listens struct {
	NameServer string `json:"nameServer"`
	Broker     string `json:"broker"`
}

// Counters count messages since the worker started.
type Counters struct {
	Received int64 `json:"received"` // appended to the journal
	Skipped  int64 `json:"skipped"`  // below a floor
	Filtered int64 `json:"filtered"` // read and not kept
	// GaveUp are those of Filtered that jq gave up at: it is not known whether they fit.
	GaveUp fault.GaveUp `json:"gaveUp,omitzero"`
	// ToGo is how many offsets lie between the messages skipped last and the
	// floors of their queues: 0 once messages are received.
	ToGo int64 `json:"toGo"`
	// Missed are offsets that the broker had deleted before a follow came to them.
	Missed int64 `json:"missed"`
	// Gap is how many offsets lie between the floors and what came first of their queues:
	// the cluster began elsewhere, or deleted them meanwhile.
	Gap int64 `json:"gap,omitempty"`
	// Waiting are in callbacks that wait at the closed gate; Closed says that it is.
	Waiting int64 `json:"waiting"`
	Closed  bool  `json:"closed,omitempty"`
	// Cut is the size of the torn tail that a worker before this one left, in
	// bytes.
	Cut int64 `json:"cut"`
}

// minSecret is the shortest secret that is looked for in texts: a shorter one
// would stand in every other word.
const minSecret = 4

// shown is the one of the keys that is no secret.
func (a *Access) shown() string {
	if a.Hide == a.AccessKey {
		return a.SecretKey
	}
	return a.AccessKey
}

// hide takes the secret out of a text.
func (a *Access) hide(text string) string {
	if len(a.Hide) < minSecret {
		return text
	}
	return strings.ReplaceAll(text, a.Hide, "***")
}

// Job returns a job of this kind over the access, for a client of its own. The caller
// fills in the part that the kind has.
func (a Access) Job(kind, group string) *Job {
	return &Job{Kind: kind, Access: a, Group: group, Instance: uuid.NewString()}
}
