// Package source has the rows of a file, of which each makes a message of a run: lines of
// text, objects of JSON a line, or the records of a CSV with a header.
//
// Copy takes a file over once, in whatever charset it is, and leaves out what is no row; a
// Reader goes through the copy, any number of times, and finds each row again by where it
// stands. So a run does not depend on a file that somebody else changes.
//
// A Reader and its rows belong to one goroutine; all else may be used from any.
package source

import (
	"gantry/client/fault"
	"gantry/client/message"
)

// Kind says what a row is.
type Kind string

const (
	// Text: a row is a line that is not blank.
	Text Kind = "text"
	// JSONL: a row is a line that holds one object of JSON; its columns are the object's
	// fields, by their names or by paths as a.b.0.c.
	JSONL Kind = "jsonl"
	// CSV: a row is a record as RFC 4180 has it, of as many fields as the first one has,
	// which names the columns. Blanks around a name do not count, of equal names the first
	// does. Fields are parted by comma, semicolon or tab, whichever the first record has
	// most. A quote within a field that does not begin with one stands for itself.
	CSV Kind = "csv"
)

// Limits.
const (
	// MaxLine bounds a row, in bytes of UTF-8 without its line break.
	MaxLine = 8 << 20
	// MaxHeader bounds the header of a CSV, in bytes, and MaxColumns its columns.
	MaxHeader  = 1 << 20
	MaxColumns = 4096
	// MaxBroken bounds how many broken lines an Info lists.
	MaxBroken = 20
)

// What can be wrong with a line.
const (
	// NotText: bytes that are nothing in the file's charset, or zeros.
	NotText fault.Code = "the line is no text"
	// NotObject: the line is no object of JSON.
	NotObject fault.Code = "the line is no JSON object"
	// Quote: a quoted field does not end, or something follows its end.
	Quote fault.Code = "a quoted field does not end where it should"
	// Fields: the record has more or fewer fields than the header.
	Fields fault.Code = "the record has another number of fields than the header"
	// TooLong: the line is longer than MaxLine.
	TooLong fault.Code = "the line is too long"
)

// What can be wrong with a file or a question.
const (
	// NoHeader: the first record of a CSV cannot be read, or is beyond MaxHeader or
	// MaxColumns.
	NoHeader fault.Code = "the header of the CSV cannot be read"
	// NoRow: no row stands at the offset.
	NoRow fault.Code = "no row stands there"
)

// Info says what is in a copy. It is kept with it, as JSON.
type Info struct {
	Kind Kind `json:"kind"`
	// Charset is what the file was in; the copy is UTF-8.
	Charset message.Charset `json:"charset"`
	// Comma parts the fields of a CSV.
	Comma string `json:"comma,omitempty"`
	// Columns are the names of a CSV's header. Of JSONL they are the names in the first
	// row, in their order: a help for typing, for others may be in other rows.
	Columns []string `json:"columns,omitempty"`
	// Rows and Bytes are how many are in the copy, its header not among the rows.
	Rows  int64 `json:"rows"`
	Bytes int64 `json:"bytes"`
	// Start is where the first row stands in the copy.
	Start int64 `json:"start,omitempty"`
	// Broken counts the lines of the file that are no row; First are the first of them.
	Broken int64    `json:"broken,omitempty"`
	First  []Broken `json:"first,omitempty"`
}

// Broken is a line that is no row.
type Broken struct {
	// Line counts the file's lines from 1.
	Line int64 `json:"line"`
	// Why is NotText, NotObject, Quote, Fields or TooLong.
	Why fault.Code `json:"why"`
}
