package source

import (
	"bytes"
	"encoding/json"
	"io"
	"unicode/utf8"

	"gantry/client/fault"
	"gantry/client/message"
)

// scanner cuts a text into rows. It holds two rows of MaxLine at most, and so much only where
// they are so long.
type scanner struct {
	r       io.Reader
	kind    Kind
	comma   byte
	columns int // how many a record of CSV has, 0 for any number

	buf      []byte
	from, to int   // buf[from:to] is not cut yet
	at       int64 // where buf[from] stands in the text
	line     int64 // its number, from 1
	eof      bool
}

// cut is a row as it stands in a text.
type cut struct {
	at, line int64
	text     []byte // without its line break; until the next call
	end      int64  // behind the line break
	// why it is no row, "" where it is one; of what is too long there is no text.
	why fault.Code
}

func newScanner(r io.Reader, kind Kind, buffer int) *scanner {
	return &scanner{r: r, kind: kind, buf: make([]byte, buffer), line: 1}
}

// next returns the next row, or what stands in place of one; blank lines are left out. The
// error is io.EOF or the reader's.
func (s *scanner) next() (cut, error) {
	for {
		if s.from < s.to {
			if c, ok := s.cut(s.buf[s.from:s.to]); ok {
				if len(c.text) == 0 && c.why == "" || s.kind != CSV && c.why == "" && len(bytes.TrimSpace(c.text)) == 0 {
					continue
				}
				return c, nil
			}
			if s.to-s.from > MaxLine+1 && bytes.IndexByte(s.buf[s.from:s.to], '\n') < 0 {
				return s.skipLong()
			}
		}
		if s.eof {
			return cut{}, io.EOF
		}
		if err := s.fill(); err != nil {
			return cut{}, err
		}
	}
}

// cut takes the next row off b, or tells that more bytes must come.
func (s *scanner) cut(b []byte) (cut, bool) {
	full := s.eof || len(b) > MaxLine+1 // a row and "\r\n"
	end := bytes.IndexByte(b, '\n')
	if end < 0 && !s.eof {
		return cut{}, false
	}
	size := end + 1
	if end < 0 {
		end, size = len(b), len(b)
	}
	end = len(bytes.TrimRight(b[:end], "\r"))
	why := fault.Code("")
	switch {
	case end > MaxLine:
		return s.take(b, 0, size, TooLong), true
	case s.kind == CSV && end > 0:
		r, is := cutRecord(b, s.comma, s.eof)
		switch {
		case is == more && !full:
			return cut{}, false
		case is != whole || r.text > MaxLine:
			// Only its first line is lost: what looks like the rest of it may be rows.
			why = Quote
		case s.columns > 0 && r.fields != s.columns:
			end, size, why = r.text, r.size, Fields
		default:
			end, size = r.text, r.size
		}
	}
	return s.take(b, end, size, why), true
}

// take takes size bytes off b, of which the first end are the row.
func (s *scanner) take(b []byte, end, size int, why fault.Code) cut {
	c := cut{at: s.at, line: s.line, text: b[:end], end: s.at + int64(size), why: why}
	s.line += int64(bytes.Count(b[:size], []byte("\n")))
	s.from, s.at = s.from+size, c.end
	return c
}

// skipLong takes off a line that does not end in what is there.
func (s *scanner) skipLong() (cut, error) {
	c := cut{at: s.at, line: s.line, why: TooLong}
	for {
		b := s.buf[s.from:s.to]
		size := bytes.IndexByte(b, '\n') + 1
		if size == 0 {
			size = len(b)
		}
		ended := size > 0 && b[size-1] == '\n'
		if c.end = s.take(b, 0, size, TooLong).end; ended || s.eof {
			return c, nil
		}
		if err := s.fill(); err != nil {
			return c, err
		}
	}
}

// fill reads on, until the buffer is full. It grows where all of it is one row, so that a
// row is looked at a few times only.
func (s *scanner) fill() error {
	s.to = copy(s.buf, s.buf[s.from:s.to])
	s.from = 0
	if s.to == len(s.buf) {
		s.buf = append(s.buf, make([]byte, len(s.buf))...)
	}
	for idle := 0; s.to < len(s.buf); {
		n, err := s.r.Read(s.buf[s.to:])
		s.to += n
		if idle++; n > 0 {
			idle = 0
		}
		switch {
		case err == io.EOF:
			s.eof = true
			return nil
		case err != nil:
			return err
		case idle == 100:
			return io.ErrNoProgress
		}
	}
	return nil
}

// check tells why a row of a file in a charset is none, "" where it is one.
func check(text []byte, kind Kind, charset message.Charset) fault.Code {
	switch {
	case !utf8.Valid(text), bytes.IndexByte(text, 0) >= 0:
		return NotText
	case charset != message.UTF8 && bytes.ContainsRune(text, utf8.RuneError):
		return NotText
	case kind == JSONL && !isObject(text):
		return NotObject
	}
	return ""
}

// isObject tells whether a line is an object of JSON.
func isObject(text []byte) bool {
	return bytes.HasPrefix(bytes.TrimLeft(text, " \t\r"), []byte("{")) && json.Valid(text)
}
