package source

import (
	"io"
	"strings"

	"github.com/tidwall/gjson"
)

// Reader goes through a copy.
type Reader struct {
	r       io.ReaderAt
	info    Info
	columns map[string]int
	scan    *scanner
	skipped int64
}

// Open begins before the first row of a copy, of which Copy returned the Info. The Reader
// does not close r.
func Open(r io.ReaderAt, info Info) *Reader {
	o := &Reader{r: r, info: info, columns: map[string]int{}}
	if info.Kind == CSV {
		for i, name := range info.Columns {
			if _, double := o.columns[name]; !double {
				o.columns[name] = i
			}
		}
	}
	o.From(info.Start)
	return o
}

// Info is what the copy was opened with.
func (r *Reader) Info() Info { return r.info }

// From lets Next go on at an offset: of a row, or a Row's End.
func (r *Reader) From(offset int64) { r.scan = r.scanner(offset, 64<<10) }

func (r *Reader) scanner(offset int64, buffer int) *scanner {
	offset = max(offset, r.info.Start)
	s := newScanner(io.NewSectionReader(r.r, offset, max(0, r.info.Bytes-offset)), r.info.Kind, buffer)
	s.at, s.comma, s.columns = offset, r.comma(), len(r.info.Columns)
	return s
}

func (r *Reader) comma() byte {
	if r.info.Comma == "" {
		return ','
	}
	return r.info.Comma[0]
}

// Next returns the next row; the error is io.EOF behind the last one, or that of reading,
// after which it may be called again. What is no row, in a copy that was damaged, is left
// out and counted.
func (r *Reader) Next() (*Row, error) {
	for {
		c, err := r.scan.next()
		if err != nil {
			return nil, err
		}
		if c.why == "" {
			return r.row(c), nil
		}
		r.skipped++
	}
}

// Skipped counts what Next left out.
func (r *Reader) Skipped() int64 { return r.skipped }

// At returns the row that stands at an offset: to make a message again. The error is NoRow,
// or that of reading. Next is not moved.
func (r *Reader) At(offset int64) (*Row, error) {
	if offset < r.info.Start || offset >= r.info.Bytes {
		return nil, NoRow
	}
	if offset > 0 {
		var before [1]byte
		if _, err := r.r.ReadAt(before[:], offset-1); err != nil {
			return nil, err
		}
		if before[0] != '\n' {
			return nil, NoRow
		}
	}
	c, err := r.scanner(offset, 4<<10).next()
	switch {
	case err == io.EOF, err == nil && (c.why != "" || c.at != offset):
		return nil, NoRow
	case err != nil:
		return nil, err
	}
	return r.row(c), nil
}

func (r *Reader) row(c cut) *Row { return &Row{line: string(c.text), at: c.at, end: c.end, of: r} }

// Row is a row of a copy. It does not change with its Reader.
type Row struct {
	line    string
	at, end int64
	of      *Reader
	fields  []string // of a CSV, once they were asked for
}

// Line is the row as it stands, without its line break; of a CSV with its quotes.
func (r *Row) Line() string { return r.line }

// Offset is where the row stands in the copy, End where the next one does.
func (r *Row) Offset() int64 { return r.at }

// End is where the next row stands.
func (r *Row) End() int64 { return r.end }

// Column returns a field: of a CSV by its column's name, of JSONL the one with this name,
// or where there is none that to which the name leads as a path: names and numbers of
// elements, with points between them. A text of JSON is what it says, all else as it is
// written there: 12.50, true, null, {"a":1}.
func (r *Row) Column(name string) (string, bool) {
	switch r.of.info.Kind {
	case CSV:
		i, ok := r.of.columns[name]
		if !ok {
			return "", false
		}
		if r.fields == nil {
			r.fields = splitRecord(r.line, r.of.comma())
		}
		if i >= len(r.fields) {
			return "", false
		}
		return r.fields[i], true
	case JSONL:
		return field(r.line, name)
	}
	return "", false
}

// field is a field of an object of JSON.
func field(object, name string) (string, bool) {
	if name == "" {
		return "", false
	}
	found := gjson.Get(object, escapePath(name, true))
	if !found.Exists() && strings.Contains(strings.Trim(name, "."), ".") {
		found = gjson.Get(object, escapePath(name, false))
	}
	if found.Type == gjson.String {
		return found.Str, true
	}
	return found.Raw, found.Exists()
}

// escapePath is a name as gjson takes it, without any of its signs; points are signs
// unless they are asked to be plain.
func escapePath(name string, points bool) string {
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"
	if strings.Trim(name, plain) == "" {
		return name
	}
	var b strings.Builder
	for i := 0; i < len(name); i++ {
		c := name[i]
		if c < 0x80 && strings.IndexByte(plain, c) < 0 && (c != '.' || points) {
			b.WriteByte('\\')
		}
		b.WriteByte(c)
	}
	return b.String()
}
