package fault

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"strings"
	"syscall"
	"unicode/utf8"
)

// Names of arguments.
const (
	// ArgHost is the host that was asked for, ArgNames those that a certificate holds,
	// parted by blanks.
	ArgHost  = "host"
	ArgNames = "names"
	// ArgTopic, ArgQueue (broker/number), ArgOffset and ArgSize (bytes) are a message's.
	ArgTopic  = "topic"
	ArgQueue  = "queue"
	ArgOffset = "offset"
	ArgSize   = "size"
	// ArgAccount is what the profile calls who signs in, of a Refused: AccountUser or
	// AccountRole.
	ArgAccount = "account"
)

// What a profile calls who signs in, and his secret: user and password, or role and token.
const (
	AccountUser = "user"
	AccountRole = "role"
)

const (
	// MostWords bounds what is shown of an error in a line, in bytes; no person reads more.
	MostWords = 2 << 10
	// mostRaw bounds the raw words that are carried, in bytes.
	mostRaw = 16 << 10
)

// Fault is an error in the form in which it crosses a pipe and is kept. The zero
// Code is Unknown.
type Fault struct {
	Code Code `json:"fault,omitempty"`
	// Args are the Code's, MostWords each at most.
	Args map[string]string `json:"args,omitempty"`
	// Raw are the words of whoever knew, 16 KiB at most.
	Raw string `json:"raw,omitempty"`
	// Said is what a server answered, where one did.
	Said *Answer `json:"said,omitempty"`

	// cause is the error that it was made from; it stays in its process.
	cause error
}

// Error is the raw words, led by the Code's where they do not hold them.
func (f *Fault) Error() string {
	switch {
	case f == nil:
		return "no fault"
	case f.Raw == "":
		return f.Code.Error()
	case f.Code == Unknown || strings.Contains(f.Raw, string(f.Code)):
		return f.Raw
	}
	return string(f.Code) + ": " + f.Raw
}

// Unwrap gives the Code, and the server's answer, to errors.Is and errors.As; in the
// process in which the fault was made also the error that it was made from.
func (f *Fault) Unwrap() []error {
	if f == nil {
		return nil
	}
	if f.cause != nil {
		return []error{f.Code, f.cause}
	}
	all := []error{f.Code}
	if f.Said != nil {
		all = append(all, f.Said)
	}
	return all
}

// argued is an error that knows the arguments of its Code.
type argued interface{ Args() map[string]string }

// From is the form of an error that can be carried: nil for nil. What is lost on the
// way is the chain of Go's own errors; what they meant is in Code, Args and Said.
func From(err error) *Fault {
	if err == nil {
		return nil
	}
	if f := (*Fault)(nil); errors.As(err, &f) && f.Error() == err.Error() {
		return f
	}
	f := &Fault{Code: Of(err), Raw: err.Error(), cause: err}
	errors.As(err, &f.Said)
	if a := argued(nil); errors.As(err, &a) {
		f.Args = maps.Clone(a.Args())
	}
	return f.bounded()
}

// Quoting is the fault with other raw words.
func (f *Fault) Quoting(raw string) *Fault {
	f.Raw = raw
	return f.bounded()
}

// bounded cuts what may be of any size.
func (f *Fault) bounded() *Fault {
	f.Raw = carried(f.Raw)
	for name, text := range f.Args {
		f.Args[name] = Cut(text, MostWords)
	}
	if said := f.Said; said != nil && carried(said.Remark) != said.Remark {
		f.Said = Answered(said.Code, said.Remark, said.Addr, said.Version)
	}
	return f
}

// Cut is a text as it is, or its first bytes, so many at most and whole runes, with "…" behind
// them.
func Cut(text string, most int) string {
	if len(text) <= most {
		return text
	}
	for most > 0 && !utf8.RuneStart(text[most]) {
		most--
	}
	return strings.ToValidUTF8(text[:most], "\ufffd") + "…"
}

// carried bounds raw words, behind a whole one where that can be: a secret that was cut is no
// longer known as one by who takes it out.
func carried(text string) string {
	const longest = 2 << 10 // of a word
	if len(text) <= mostRaw+len("…") {
		return text
	}
	most := mostRaw
	if i := strings.LastIndexAny(text[:mostRaw], " \t\r\n"); i > mostRaw-longest {
		most = i
	}
	return Cut(text, most)
}

// Words are what an error says, for a line: names in it may be of any size.
func Words(err error) string { return Cut(err.Error(), MostWords) }

// Of is the Code of an error: the first in its tree, else what the system's own error
// means, else Unknown.
func Of(err error) Code {
	if c := Unknown; errors.As(err, &c) {
		return c
	}
	switch {
	case errors.Is(err, syscall.ENOSPC):
		return DiskFull
	case errors.Is(err, context.Canceled):
		return Cancelled
	case errors.Is(err, context.DeadlineExceeded):
		return Timeout
	case errors.Is(err, fs.ErrNotExist):
		return NotFound
	}
	return Unknown
}

// Arg returns an argument of an error's Code, "" where it has none.
func Arg(err error, name string) string {
	if f := (*Fault)(nil); errors.As(err, &f) && f != nil && f.Args[name] != "" {
		return f.Args[name]
	}
	if a := argued(nil); errors.As(err, &a) {
		return a.Args()[name]
	}
	return ""
}

// SignedAs notes on a Refused what the profile calls who signed; other errors, and those
// where that is not known, come back as they are.
func SignedAs(err error, account string) error {
	if account == "" || !errors.Is(err, Refused) {
		return err
	}
	return &signed{err, account}
}

// signed is a Refused with ArgAccount.
type signed struct {
	error
	account string
}

// Unwrap returns the refusal.
func (s *signed) Unwrap() error { return s.error }

// Args is ArgAccount.
func (s *signed) Args() map[string]string { return map[string]string{ArgAccount: s.account} }

// Remark returns what a server itself said, and which; all zero where none did.
func Remark(err error) (code int, remark, addr string) {
	var a *Answer
	if errors.As(err, &a) {
		return a.Code, a.Remark, a.Addr
	}
	return 0, "", ""
}

// Hide returns the fault with a secret taken out of all its words by hide.
func (f *Fault) Hide(hide func(string) string) *Fault {
	if f == nil {
		return nil
	}
	out := &Fault{Code: f.Code, Raw: hide(f.Raw)}
	for k, v := range f.Args {
		if out.Args == nil {
			out.Args = map[string]string{}
		}
		out.Args[k] = hide(v)
	}
	if f.Said != nil {
		said := *f.Said
		said.Remark, said.Addr = hide(said.Remark), hide(said.Addr)
		out.Said = &said
	}
	return out
}

// Encode is the fault as a text that Decode reads: for remarks of answers.
func (f *Fault) Encode() string {
	b, err := json.Marshal(f)
	if err != nil {
		return f.Raw // never: it holds texts and numbers
	}
	return encoded + string(b)
}

// encoded marks a text that is a fault.
const encoded = "gantry-fault:"

// Decode reads a text of Encode: nil where it is none.
func Decode(text string) *Fault {
	rest, ok := strings.CutPrefix(text, encoded)
	if !ok {
		return nil
	}
	var f Fault
	if json.Unmarshal([]byte(rest), &f) != nil {
		return nil
	}
	return f.bounded() // a server may have written it
}
