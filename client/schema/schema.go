// Package schema reads what describes messages of Protobuf: .proto files with what they
// import, and descriptor sets as protoc writes them. What it reads are files of the user:
// they are bounded, and what is wrong with one is said with its file, line and reason.
//
// A Schema is never changed and may be used from any goroutine. Load and Types read files,
// and so may block; a Store keeps what was read and may be used from any goroutine too.
package schema

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"

	"gantry/client/decode"
	"gantry/client/encode"
)

// Limits of what is read.
const (
	// MaxFiles is how many files one may import, with itself, and MaxBytes what they may
	// have together.
	MaxFiles = 1000
	MaxBytes = 16 << 20
	// mostNested is how deep messages may be nested in a .proto.
	mostNested = 100
)

// Why says what is wrong with a file.
type Why int

// The reasons.
const (
	Unread    Why = iota // it cannot be read, as Reason has it
	Syntax               // it does not parse, or does not fit together, as Reason has it
	NoSet                // it is neither a .proto nor a descriptor set
	NoMessage            // it has no message of that name
	TooLarge             // it, and what it imports, is more than is read
	TooDeep              // it nests more than is read
)

// Error says what is wrong with a file, and where.
type Error struct {
	File         string // the path
	Line, Column int    // from 1; 0 where there is no place
	Why          Why
	// Reason is the parser's or the system's own text, and of NoMessage the name.
	Reason string
}

// Error says file, place and reason in one line.
func (e *Error) Error() string {
	at := e.File
	if e.Line > 0 {
		at = fmt.Sprintf("%s:%d:%d", e.File, e.Line, e.Column)
	}
	return fmt.Sprintf("%s: %s %s", at, [...]string{"cannot be read:", "", "is no descriptor set", "has no message", "is too large", "is nested too deep"}[e.Why], e.Reason)
}

// Schema describes a message.
type Schema struct {
	message protoreflect.MessageDescriptor
	files   []stamp // that it was read from

	once sync.Once
	set  []byte
}

// Name is the full name of the message.
func (s *Schema) Name() string { return string(s.message.FullName()) }

// Message is the description itself.
func (s *Schema) Message() protoreflect.MessageDescriptor { return s.message }

// JSON reads a body as decode.Message does.
func (s *Schema) JSON(ctx context.Context, body []byte) ([]byte, error) {
	return decode.Message(ctx, s.message, body)
}

// Set is a descriptor set with all that describes the message, for Parse.
func (s *Schema) Set() []byte {
	s.once.Do(func() {
		all := &descriptorpb.FileDescriptorSet{}
		seen := map[string]bool{}
		var add func(f protoreflect.FileDescriptor)
		add = func(f protoreflect.FileDescriptor) {
			if seen[f.Path()] || f.IsPlaceholder() {
				return
			}
			seen[f.Path()] = true
			for i := range f.Imports().Len() {
				add(f.Imports().Get(i))
			}
			all.File = append(all.File, protodesc.ToFileDescriptorProto(f))
		}
		add(s.message.ParentFile())
		s.set, _ = proto.MarshalOptions{Deterministic: true}.Marshal(all) // of what was read
	})
	return s.set
}

// Parse returns the message of that name in a descriptor set. The error is an *Error without
// a file.
func Parse(set []byte, name string) (*Schema, error) {
	files, err := parseSet("", set)
	if err != nil {
		return nil, err
	}
	return find(files, "", name)
}

// parseSet reads a descriptor set.
func parseSet(file string, set []byte) ([]protoreflect.FileDescriptor, error) {
	all := &descriptorpb.FileDescriptorSet{}
	if err := proto.Unmarshal(set, all); err != nil || len(all.File) == 0 {
		return nil, &Error{File: file, Why: NoSet}
	}
	known, err := protodesc.FileOptions{AllowUnresolvable: true}.NewFiles(all)
	if err != nil {
		return nil, &Error{File: file, Why: Syntax, Reason: err.Error()}
	}
	var files []protoreflect.FileDescriptor
	for _, f := range all.File {
		if d, err := known.FindFileByPath(f.GetName()); err == nil {
			files = append(files, d)
		}
	}
	return files, nil
}

// find looks for a message in files and in what they import.
func find(files []protoreflect.FileDescriptor, file, name string) (*Schema, error) {
	for _, f := range reach(files) {
		for _, m := range messages(f.Messages()) {
			if string(m.FullName()) == name {
				return &Schema{message: m}, nil
			}
		}
	}
	return nil, &Error{File: file, Why: NoMessage, Reason: name}
}

// reach are files and all that they import, each once.
func reach(files []protoreflect.FileDescriptor) []protoreflect.FileDescriptor {
	var all []protoreflect.FileDescriptor
	seen := map[string]bool{}
	var add func(f protoreflect.FileDescriptor)
	add = func(f protoreflect.FileDescriptor) {
		if seen[f.Path()] {
			return
		}
		seen[f.Path()] = true
		all = append(all, f)
		for i := range f.Imports().Len() {
			add(f.Imports().Get(i).FileDescriptor)
		}
	}
	for _, f := range files {
		add(f)
	}
	return all
}

// messages are messages and those within them, but for the entries of maps.
func messages(of protoreflect.MessageDescriptors) []protoreflect.MessageDescriptor {
	var all []protoreflect.MessageDescriptor
	for i := range of.Len() {
		if m := of.Get(i); !m.IsMapEntry() {
			all = append(append(all, m), messages(m.Messages())...)
		}
	}
	return all
}

// Load reads the message of a name from a .proto or a descriptor set. What a .proto imports
// is looked for beside it and in each folder above. The error is an *Error, or the
// context's.
func Load(ctx context.Context, file, name string) (*Schema, error) {
	files, read, err := load(ctx, file)
	if err != nil {
		return nil, err
	}
	s, err := find(files, file, name)
	if err == nil {
		s.files = read
	}
	return s, err
}

// Types returns the names of the messages that a file has itself, in their order, those at
// its top first.
func Types(ctx context.Context, file string) ([]string, error) {
	files, _, err := load(ctx, file)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, f := range files {
		if strings.HasPrefix(f.Path(), "google/protobuf/") {
			continue
		}
		for _, m := range messages(f.Messages()) {
			names = append(names, string(m.FullName()))
		}
	}
	slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(strings.Count(a, "."), strings.Count(b, ".")) })
	return names, nil
}

// stamp is what tells whether a file is still the one that was read.
type stamp struct {
	path string
	size int64
	at   time.Time
}

func (s stamp) same() bool {
	info, err := os.Stat(s.path)
	return err == nil && info.Size() == s.size && info.ModTime().Equal(s.at)
}

// Encode makes a body of JSON, as encode.Body does.
func (s *Schema) Encode(text []byte) ([]byte, error) {
	return encode.Body(decode.Protobuf, s.message, text)
}
