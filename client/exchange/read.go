package exchange

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"gantry/client/message"
)

// longestLine bounds a line of JSON, in bytes: a body that a broker stores, each byte of
// which may take six.
const longestLine = 6*message.MaxStored + 1<<20

// Errors of lines that are left out.
var (
	// ErrLong says that a line is longer than any message's.
	ErrLong = errors.New("a line longer than a message can be")
	// ErrNotStored says that a message cannot be kept as RocketMQ stores one.
	ErrNotStored = errors.New("a message that cannot be stored")
)

// Read hands over the messages of lines of JSON (Lines), in their order, until take fails.
// What is no such line is left out and given to broken, with its number, from 1. progress is
// told the line's number now and then, take the line's. The error is take's, the context's or in's.
func Read(ctx context.Context, in io.Reader, progress func(line int), take func(line int, m *message.Message, from message.Export) error, broken func(line int, why error)) error {
	r := &lineReader{in: bufio.NewReaderSize(in, bufferSize)}
	for n := 1; ; n++ {
		if ctx.Err() != nil {
			return context.Canceled
		}
		if n%1000 == 1 {
			progress(n)
		}
		line, err := r.next()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case errors.Is(err, ErrLong):
			broken(n, err)
			continue
		case err != nil:
			return err
		}
		if n == 1 {
			line = bytes.TrimPrefix(line, []byte("\ufeff"))
		}
		if line = bytes.TrimSpace(line); len(line) == 0 {
			continue
		}
		m, from, err := message.FromJSON(line)
		if err != nil {
			broken(n, err)
			continue
		}
		if err := take(n, m, from); err != nil {
			return err
		}
	}
}

// lineReader reads lines of any length, and keeps none above longestLine.
type lineReader struct {
	in  *bufio.Reader
	buf []byte
}

// next is the next line, which is used again; io.EOF where there is none, ErrLong instead of
// one that is too long.
func (r *lineReader) next() ([]byte, error) {
	r.buf = r.buf[:0]
	for long := false; ; {
		part, err := r.in.ReadSlice('\n')
		if long = long || len(r.buf)+len(part) > longestLine; !long {
			r.buf = append(r.buf, part...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case errors.Is(err, io.EOF) && (len(part) > 0 || len(r.buf) > 0 || long):
		case err != nil:
			return nil, err
		}
		if long {
			return nil, ErrLong
		}
		return r.buf, nil
	}
}

// Record is a message that was read back as a list keeps it; ErrNotStored where its topic,
// properties or body are longer than RocketMQ's form has room for.
func Record(m *message.Message) (*message.Record, error) {
	rec := &message.Record{Kind: message.KindMessage, Inflated: m.Inflated, ArrivedAt: time.Now(), Broker: m.Broker, Payload: message.AppendStored(nil, m)}
	again, err := rec.Message()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotStored, err)
	}
	if again.Topic != m.Topic || len(again.Body) != len(m.Body) || message.EncodeProperties(again.Properties) != message.EncodeProperties(m.Properties) || len(m.Broker) > 1<<16-1 {
		return nil, ErrNotStored
	}
	return rec, nil
}
