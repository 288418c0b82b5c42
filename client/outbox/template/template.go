// Package template keeps templates: named drafts in folders, one file each, which a team
// can keep in git beside its code.
//
// A file has header lines in a fixed order, an empty line, and the body to the byte:
//
//	Topic: order-events
//	Tag: paid
//	Keys: ORD-{{seq}}
//	Type: delayed
//	Deliver: 30 s
//	Property: region=cn-south-1
//	Values: off
//
//	{"orderId": 1}
//
// A value is what follows the colon without the blanks around it; one that has blanks at
// its ends, line breaks or other control characters stands in quotes, as a string of Go.
// A body stands there as it was typed: "Charset: GBK" says which bytes its text is sent as,
// "Typed: hex", "base64" or "file" that it is no text, "Packed: gzip" or "on" how it is packed.
// A body that is no text, or that git could alter because it has carriage returns, is
// base64, and "Body: base64" says so. Where an editor or git has put a carriage return
// behind each line of a file, those of the body do not count either. There is no token in
// a file and no connection.
//
// A Store holds no file open and may be used from any goroutine; all of its methods block
// (disk). What others change in a folder meanwhile is never overwritten: who replaces a
// file names the version that is replaced.
package template

import (
	"fmt"

	"gantry/client/fault"
	"gantry/client/profile"
)

// Ending is that of a template's file.
const Ending = ".msg"

// Limits, in bytes.
const (
	// MaxBody bounds a body, MaxHead the lines before it.
	MaxBody = 64 << 20
	MaxHead = 64 << 10
	// MaxName bounds a file's name without its ending, and that of a folder.
	MaxName = 200
)

// Limits of a listing: what is beyond is left out, and Listing.More says so.
const (
	MaxListed = 10_000
	MaxDepth  = 16
	maxLooked = 100_000
)

// What can be wrong with a file.
const (
	// NoColon: a line before the body is no "Name: value".
	NoColon fault.Code = "the line is no header"
	// UnknownHeader: a header that no template has, as in the file of a newer Gantry.
	UnknownHeader fault.Code = "the header is not known"
	// Twice: a header stands there for the second time.
	Twice fault.Code = "the header stands there twice"
	// BadQuotes: a value in quotes does not end, or something follows its end.
	BadQuotes fault.Code = "the quotes of the value do not fit"
	// BadProperty: a property has no "=".
	BadProperty fault.Code = "the property is no name=value"
	// BadValue: the header takes certain words only.
	BadValue fault.Code = "the header does not take this value"
	// NotText: a header holds bytes that are no UTF-8.
	NotText fault.Code = "the line is no text"
	// HeadTooLong: the headers are longer than MaxHead.
	HeadTooLong fault.Code = "the headers are too long"
	// BodyTooLarge: the body is larger than MaxBody.
	BodyTooLarge fault.Code = "the body is too large"
	// BadBase64: the body is not what "Body: base64" promises.
	BadBase64 fault.Code = "the body is no base64"
	// Link: it is a link, which is not followed.
	Link fault.Code = "it is a link"
	// NoFile: it is no ordinary file.
	NoFile fault.Code = "the template is no ordinary file"
)

// What can be wrong with what is asked for.
const (
	// BadName: no template or folder can have the name.
	BadName fault.Code = "the name cannot be used"
	// Exists: a template of the name is there, or one that differs in case only, which
	// some systems take for the same. The error is an *ExistsError.
	Exists fault.Code = "a template of this name is there"
	// Changed: the file is not what it was. The error is a *ChangedError.
	Changed fault.Code = "the template was changed by somebody else"
	// Gone: the file is not there any more.
	Gone fault.Code = "the template is gone"
	// NoFolder: the folder of templates is not there.
	NoFolder fault.Code = "the folder is not there"
)

// ParseError says what is wrong with a file, and where.
type ParseError struct {
	Line   int // from 1; that of the body is the one behind the empty line
	Reason fault.Code
}

// Error says line and reason.
func (e *ParseError) Error() string { return fmt.Sprintf("line %d: %s", e.Line, string(e.Reason)) }

// Unwrap returns the reason.
func (e *ParseError) Unwrap() error { return e.Reason }

// ExistsError says which template has the name.
type ExistsError struct {
	Ref     Ref
	Version Version // of its file, to replace it
}

// Error says that it is there.
func (e *ExistsError) Error() string { return fmt.Sprintf("%s: %s", string(Exists), e.Ref.Path) }

// Unwrap returns Exists.
func (e *ExistsError) Unwrap() error { return Exists }

// ChangedError says what the file is now.
type ChangedError struct{ Now Version }

// Error says that it was changed.
func (e *ChangedError) Error() string { return string(Changed) }

// Unwrap returns Changed.
func (e *ChangedError) Unwrap() error { return Changed }

// Text is what a template holds.
type Text struct {
	// Form are the texts of the send form; its own Body is "" always.
	Form profile.SendForm
	Body []byte
}

// Version names the content of a file: its SHA-256.
type Version [32]byte

// Template is one that was read.
type Template struct {
	Ref     Ref
	Version Version
	Text
}
