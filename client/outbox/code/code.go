// Package code writes source text that sends a draft as Gantry would: a command for
// mqadmin, a class in Java, a program in Go. Each runs as it stands. What a target cannot
// carry is refused by name, never left out.
//
// No secret is in any of it: the code reads it from SecretVariable. The words in the code
// are English.
//
// The package holds no state; its functions may be called from any goroutine. They take
// milliseconds for each MB of body.
package code

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"gantry/client/fault"
	"gantry/client/message"
)

// Target is what the code is for.
type Target string

// The targets.
const (
	MQAdmin Target = "mqadmin" // a POSIX shell's command, for the tools of RocketMQ 5
	Java    Target = "java"    // SendMessage.java, for Java 11 and rocketmq-client 5
	Go      Target = "go"      // main.go, for rocketmq-client-go
)

// Targets are all of them.
func Targets() []Target { return []Target{MQAdmin, Java, Go} }

// SecretVariable is the environment variable that the code reads the secret from.
const SecretVariable = "ROCKETMQ_SECRET"

// goLibrary is the version of rocketmq-client-go that the code in Go is written for: the
// one that Gantry has.
const goLibrary = "v2.1.3-0.20251226070945-2173d070fd1b"

// ErrTarget: there is no such target.
var ErrTarget = errors.New("no code is written for that")

// Limits of a body, in bytes.
const (
	// mostArgument is what one argument of a program may have: Linux takes 128 KB with
	// its name and end.
	mostArgument = 128<<10 - 64
	// packedFrom is where Java's clients begin to pack a body (compressMsgBodyOverHowmuch).
	packedFrom = 4096
	// mostText is how long a body stands in the code as text.
	mostText = 4096
)

// Where is where the code sends to.
type Where struct {
	// NameServers are "host:port" each.
	NameServers []string
	TLS         bool
	// Account signs the requests, nil for none.
	Account *Account
	// Tencent: its brokers know a property of their own for when a message is delivered.
	Tencent bool
}

// Account is who sends.
type Account struct {
	// Name is the user's or the role's.
	Name string
	// Token: the secret is the access key and the name the secret key, as Tencent has it.
	// Else the name is the access key.
	Token bool
}

// Send is what the code is to do.
type Send struct {
	Where
	Draft *message.Draft
	// Dynamic: the draft has dynamic values, and they stand in the code as they are.
	Dynamic bool
}

// Field names what a target cannot carry.
type Field string

// The fields of a LackError.
const (
	Properties  Field = "properties"
	Delay       Field = "delay"
	ShardingKey Field = "sharding key"
	OneWay      Field = "one-way"
	// Transaction: what becomes of the message is decided here.
	Transaction Field = "transaction"
	// Request: the reply is shown here.
	Request Field = "request"
	Flag    Field = "flag"
	// Packing: the body would be packed only from 4 KB on.
	Packing Field = "packing"
	// Binary: the body is no text in UTF-8 without NUL.
	Binary Field = "binary body"
	// Edges: the body begins or ends with blanks, which are cut off.
	Edges Field = "blanks around the body"
	// Length: the body is longer than an argument or a message may be.
	Length Field = "length of the body"
	// Tag and Keys have blanks around them, or a NUL.
	Tag  Field = "tag"
	Keys Field = "keys"
)

// LackError says what a target cannot carry.
type LackError struct {
	Target Target
	Fields []Field // at least one
}

// Error lists the fields.
func (e *LackError) Error() string {
	all := make([]string, len(e.Fields))
	for i, f := range e.Fields {
		all[i] = string(f)
	}
	return string(e.Target) + " cannot carry: " + strings.Join(all, ", ")
}

// Make returns the code. The error is a LackError, what Draft.Check or message.CheckGroup
// finds, fault.NotConnected
// where there is no name server, or ErrTarget.
func (s *Send) Make(t Target) (string, error) {
	if len(s.NameServers) == 0 {
		return "", fault.NotConnected
	}
	if err := s.Draft.Check(); err != nil {
		return "", err
	}
	if err := message.CheckGroup(s.Draft.ProducerGroup); err != nil {
		return "", err
	}
	if lacks := s.lacks(t); len(lacks) > 0 {
		return "", &LackError{t, lacks}
	}
	switch t {
	case MQAdmin:
		return s.mqadmin(), nil
	case Java:
		return s.java(), nil
	case Go:
		return s.golang(), nil
	}
	return "", ErrTarget
}

// lacks lists what of the draft a target cannot carry.
func (s *Send) lacks(t Target) (out []Field) {
	d := s.Draft
	refuse := func(f Field, when bool) {
		if when && !slices.Contains(out, f) {
			out = append(out, f)
		}
	}
	refuse(Length, len(d.Body) > message.MaxBody)
	refuse(Transaction, d.Transaction != message.NoTransaction)
	refuse(Request, d.Reply > 0)
	if t != MQAdmin {
		return out
	}
	keys := strings.Join(d.Keys, " ")
	refuse(Binary, !utf8.Valid(d.Body) || strings.ContainsRune(string(d.Body), 0))
	refuse(Edges, trims(string(d.Body)))
	refuse(Length, len(d.Body) > mostArgument)
	refuse(Packing, d.Packed && len(d.Body) < packedFrom)
	refuse(Tag, trims(d.Tag) || strings.ContainsRune(d.Tag, 0))
	refuse(Keys, trims(keys) || strings.ContainsRune(keys, 0))
	refuse(Properties, len(d.Properties) > 0)
	refuse(Delay, d.Deliver.Later())
	refuse(ShardingKey, d.ShardingKey != "")
	refuse(OneWay, d.OneWay)
	refuse(Flag, d.Flag != 0)
	return out
}

// trims tells whether Java's String.trim takes something off, or everything.
func trims(s string) bool { return s != "" && (s[0] <= ' ' || s[len(s)-1] <= ' ') }

// Again is a draft that sends a received message once more; body is its content as the
// producer gave it to its client, see message.Again. How it was packed on its way is left to
// the client.
func Again(m *message.Message, group string, body []byte) *message.Draft {
	d := m.Again(body)
	d.ProducerGroup, d.Packed = group, false
	return d
}

// timing is how a draft is delayed: level above 0, or the properties, whose values are
// milliseconds; with fromNow they are added to the time at which the code runs.
type timing struct {
	level   int
	names   []string
	millis  int64
	fromNow bool
}

// timing is what was decided when the draft was sent, or the usual level of a delay, which
// all brokers know, or a time, which those from 5.0 on know.
func (s *Send) timing() timing {
	d := s.Draft
	if !d.Deliver.Later() {
		return timing{}
	}
	level := slices.Index(message.DelayLevels(), d.Deliver.After) + 1
	for _, p := range d.System {
		n, err := strconv.Atoi(p.Value)
		switch {
		case p.Name == message.PropertyDelay && err == nil:
			return timing{level: n}
		case p.Name == message.PropertyTimerDelay:
			level = 0
		}
	}
	t := timing{names: []string{message.PropertyTimerAt}, millis: d.Deliver.At.UnixMilli()}
	if s.Tencent {
		t.names = []string{message.PropertyStartDeliver, message.PropertyTimerAt}
	}
	switch {
	case !d.Deliver.At.IsZero():
		return t
	case level > 0:
		return timing{level: level}
	case s.Tencent:
		t.millis, t.fromNow = d.Deliver.After.Milliseconds(), true
		return t
	}
	return timing{names: []string{message.PropertyTimerDelay}, millis: d.Deliver.After.Milliseconds()}
}

// words says of a delay what the numbers in the code mean; it stands in a comment.
func (t timing) words(d message.Delivery) string {
	switch {
	case t.level > 0:
		return "A level: " + d.After.String() + " where the brokers have the usual ones."
	case !d.At.IsZero():
		return "At " + d.At.UTC().Format(time.RFC3339) + ". Brokers before 5.0 deliver at once."
	}
	return "After " + d.After.String() + ". Brokers before 5.0 deliver at once."
}

// asText tells whether a body is short text for eyes; others stand as base64.
func asText(body []byte) bool {
	if len(body) > mostText || !utf8.Valid(body) {
		return false
	}
	return !strings.ContainsFunc(string(body), func(r rune) bool {
		return !unicode.IsPrint(r) && r != '\n' && r != '\r' && r != '\t'
	})
}

// pieces cuts a text so that each is a line of the code.
func pieces(text string, most int) (out []string) {
	for len(text) > most {
		out, text = append(out, text[:most]), text[most:]
	}
	return append(out, text)
}

// base64Line is the length of a line of base64: a few, of use to the eye, or as few as a
// compiler takes.
func base64Line(text string) int {
	if len(text) <= 6400 {
		return 100
	}
	return 8000
}

// writer writes lines.
type writer struct{ strings.Builder }

func (w *writer) lines(all ...string) {
	for _, l := range all {
		w.WriteString(l)
		w.WriteByte('\n')
	}
}
