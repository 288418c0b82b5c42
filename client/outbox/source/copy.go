package source

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
)

// Copy writes the rows of a file to dst, each on a line of its own, behind the header of a
// CSV. They are UTF-8 without a byte-order mark, and each is what it was in the file, but
// for the break behind it, of which all \r are a part. The charset is found out: by a byte-order mark, or UTF-8 or
// GB18030, as most lines have it that say something of it. Blank lines are left out, and so
// are broken ones, which are counted: of a record whose quotes break the rules only the
// first line is broken.
//
// Errors are those of src and dst, the context's, which is looked at before each read, and
// NoHeader. Then what dst has is of no use.
func Copy(ctx context.Context, dst io.Writer, src io.Reader, kind Kind) (Info, error) {
	d := decode(&stoppable{ctx, src})
	s := newScanner(d, kind, 64<<10)
	w := bufio.NewWriterSize(dst, 64<<10)
	info := Info{Kind: kind}
	if kind == CSV {
		if err := info.header(s, w); err != nil {
			return info, err
		}
	}
	info.Start = info.Bytes
	for {
		c, err := s.next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return info, err
		}
		if c.why == "" {
			c.why = check(c.text, kind, d.charset)
		}
		if c.why != "" {
			info.breaks(c)
			continue
		}
		if info.Rows++; info.Rows == 1 && kind == JSONL {
			info.Columns = namesOf(c.text)
		}
		if err := info.write(w, c.text); err != nil {
			return info, err
		}
	}
	info.Charset = d.charset
	return info, w.Flush()
}

// header reads the header of a CSV, and what its fields are parted by.
func (i *Info) header(s *scanner, w *bufio.Writer) error {
	if err := s.fill(); err != nil {
		return err
	}
	s.comma = commaOf(s.buf[s.from:s.to])
	c, err := s.next()
	if err == io.EOF { // an empty file
		return nil
	}
	if err != nil {
		return err
	}
	if c.why != "" || len(c.text) > MaxHeader || check(c.text, CSV, "") != "" {
		return NoHeader
	}
	i.Comma = string(rune(s.comma))
	if i.Columns = columnNames(string(c.text), s.comma); len(i.Columns) > MaxColumns {
		return NoHeader
	}
	s.columns = len(i.Columns)
	return i.write(w, c.text)
}

func (i *Info) write(w *bufio.Writer, row []byte) error {
	_, _ = w.Write(row) // an error stays for the next call
	i.Bytes += int64(len(row)) + 1
	return w.WriteByte('\n')
}

func (i *Info) breaks(c cut) {
	if i.Broken++; len(i.First) < MaxBroken {
		i.First = append(i.First, Broken{Line: c.line, Why: c.why})
	}
}

// namesOf are the names in an object of JSON, in their order, 100 at most.
func namesOf(object []byte) []string {
	const most = 100
	var names []string
	d := json.NewDecoder(bytes.NewReader(object))
	_, err := d.Token()
	for err == nil && d.More() && len(names) < most {
		var name json.Token
		if name, err = d.Token(); err == nil {
			var skipped json.RawMessage
			err = d.Decode(&skipped)
			names = append(names, name.(string)) // Token allows nothing else there
		}
	}
	return names
}

// stoppable is a reader that ends with its context.
type stoppable struct {
	ctx context.Context
	r   io.Reader
}

func (s *stoppable) Read(p []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	return s.r.Read(p)
}
