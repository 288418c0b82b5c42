package source

import (
	"bytes"
	"io"
	"path"
	"strings"
)

// Detect guesses the kind of a file by its name and its first bytes, of which 64 KiB are
// enough: by what the name ends with, .csv, .tsv, .jsonl or .ndjson; else it is JSONL if
// its first line is an object, and a CSV if its first two records have the same number of
// fields, more than one; .txt and .log are no CSV.
func Detect(name string, head []byte) Kind {
	ext := strings.ToLower(path.Ext(name))
	switch ext {
	case ".csv", ".tsv":
		return CSV
	case ".jsonl", ".ndjson":
		return JSONL
	}
	text, _ := io.ReadAll(decode(bytes.NewReader(head))) // bytes have no error
	s := newScanner(bytes.NewReader(text), Text, 4<<10)
	if c, err := s.next(); err == nil && isObject(c.text) {
		return JSONL
	}
	if ext != ".txt" && ext != ".log" && twoRecords(text) {
		return CSV
	}
	return Text
}

// twoRecords tells whether a text begins like a CSV.
func twoRecords(text []byte) bool {
	comma := commaOf(text)
	first, is := cutRecord(text, comma, true)
	if is != whole || first.fields < 2 || first.size == len(text) {
		return false
	}
	second, is := cutRecord(text[first.size:], comma, true)
	return is == whole && second.fields == first.fields
}
