package source

import (
	"bufio"
	"bytes"
	"io"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"

	"gantry/client/message"
)

// decider is how much of a file decides its charset from the first byte on that is not
// ASCII's. It is above what message looks at, which so knows that the text goes on.
const decider = 64<<10 + 4

// decoded reads a file as UTF-8 without a byte-order mark. What is nothing in its charset
// comes as U+FFFD, and of UTF-8 as it is.
type decoded struct {
	b       *bufio.Reader
	begun   bool
	charset message.Charset
	// rest reads what follows once the charset is known; before that all was ASCII.
	rest io.Reader
}

func decode(r io.Reader) *decoded {
	return &decoded{b: bufio.NewReaderSize(r, 2*decider), charset: message.UTF8}
}

func (d *decoded) Read(p []byte) (int, error) {
	if !d.begun {
		d.begun = true
		d.mark()
	}
	if d.rest != nil {
		return d.rest.Read(p)
	}
	if _, err := d.b.Peek(1); err != nil {
		return 0, err
	}
	have, _ := d.b.Peek(min(d.b.Buffered(), len(p)))
	if n := ascii(have); n > 0 || len(p) == 0 {
		return d.b.Read(p[:n])
	}
	// A reader's error comes again when the bytes before it were read.
	head, _ := d.b.Peek(decider)
	d.is(charsetOf(head))
	return d.rest.Read(p)
}

// mark takes the byte-order mark off, which says all.
func (d *decoded) mark() {
	head, _ := d.b.Peek(3)
	for _, m := range []struct {
		mark    string
		charset message.Charset
	}{{"\xEF\xBB\xBF", message.UTF8}, {"\xFF\xFE", message.UTF16LE}, {"\xFE\xFF", message.UTF16BE}} {
		if bytes.HasPrefix(head, []byte(m.mark)) {
			_, _ = d.b.Discard(len(m.mark)) // they are there
			d.is(m.charset)
			return
		}
	}
}

func (d *decoded) is(c message.Charset) {
	d.charset, d.rest = c, d.b
	switch c {
	case message.UTF16LE:
		d.rest = unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM).NewDecoder().Reader(d.b)
	case message.UTF16BE:
		d.rest = unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM).NewDecoder().Reader(d.b)
	case message.GBK:
		d.rest = simplifiedchinese.GB18030.NewDecoder().Reader(d.b)
	}
}

// ascii counts the bytes of ASCII that b begins with.
func ascii(b []byte) int {
	for i, c := range b {
		if c >= utf8.RuneSelf {
			return i
		}
	}
	return len(b)
}

// charsetOf is UTF-8 or GBK, as most lines have it that are not ASCII: some may be broken.
func charsetOf(head []byte) message.Charset {
	if len(head) == decider { // the last line is not whole
		if end := bytes.LastIndexByte(head, '\n'); end >= 0 {
			head = head[:end]
		} else {
			return charsetOfCut(head)
		}
	}
	votes := 0
	for line := range bytes.Lines(head) {
		if ascii(line) == len(line) {
			continue
		}
		switch message.DetectCharset(line) {
		case message.UTF8:
			votes--
		case message.GBK:
			votes++
		}
	}
	if votes > 0 {
		return message.GBK
	}
	return message.UTF8
}

// charsetOfCut is charsetOf for the beginning of a line.
func charsetOfCut(head []byte) message.Charset {
	for cut := range utf8.UTFMax {
		if utf8.Valid(head[:len(head)-cut]) {
			return message.UTF8
		}
	}
	if message.DetectCharset(head) == message.GBK {
		return message.GBK
	}
	return message.UTF8
}
