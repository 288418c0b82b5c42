// Package exchange writes messages for other programs, as lines of JSON, as CSV, or as a
// folder of bodies, and reads lines of JSON back. Only lines of JSON have every byte; what the
// others leave out, their types say.
//
// A writer belongs to one goroutine. Nothing here looks at more than one message at once.
package exchange

import (
	"bufio"
	"io"

	"gantry/client/message"
)

// Writer writes messages, one after the other. Close must end it, also after an error.
type Writer interface {
	Write(m *message.Message) error
	Close() error
}

// bufferSize is how much is written at once, in bytes.
const bufferSize = 256 << 10

// lines writes lines of JSON.
type lines struct {
	to   io.WriteCloser
	buf  *bufio.Writer
	from message.Export
}

// Lines writes a line of JSON for each message (message.ExportJSON), and closes to. from
// says in each where they come from.
func Lines(to io.WriteCloser, from message.Export) Writer {
	return &lines{to: to, buf: bufio.NewWriterSize(to, bufferSize), from: from}
}

func (l *lines) Write(m *message.Message) error {
	line, err := m.ExportJSON(l.from)
	if err == nil {
		_, err = l.buf.Write(append(line, '\n'))
	}
	return err
}

func (l *lines) Close() error { return closed(l.buf.Flush(), l.to) }

// closed closes a file, and is the first error.
func closed(err error, to io.Closer) error {
	if e := to.Close(); err == nil {
		err = e
	}
	return err
}
