package schema

import (
	"context"
	"time"

	"gantry/client/decode"
)

// Bodies is how the bodies of a topic are read, with all that it takes: it is handed to a
// process that reads no files.
type Bodies struct {
	Format  decode.Kind `json:"format"`
	Message string      `json:"message,omitempty"` // of Protobuf
	Set     []byte      `json:"set,omitempty"`
}

// Reader returns what reads bodies as JSON; nil is for a body that is none. Where the
// description does not fit, fields stand by their numbers. It may be called from any
// goroutine. The error is that of Parse.
func (b *Bodies) Reader() (func(body []byte) []byte, error) {
	if b == nil {
		return nil, nil
	}
	if b.Message == "" {
		return Reading(b.Format, nil), nil
	}
	s, err := Parse(b.Set, b.Message)
	if err != nil {
		return nil, err
	}
	return Reading(b.Format, s), nil
}

// readFor bounds how long one body is read.
const readFor = time.Second

// Reading is Reader for a schema that is at hand, nil for none.
func Reading(format decode.Kind, s *Schema) func(body []byte) []byte {
	return func(body []byte) []byte {
		ctx, cancel := context.WithTimeout(context.Background(), readFor)
		defer cancel()
		if s != nil && format == decode.Protobuf {
			if text, err := s.JSON(ctx, body); err == nil {
				return text
			}
		}
		text, err := decode.JSON(ctx, format, body)
		if err != nil {
			return nil
		}
		return text
	}
}

// Bodies is how bodies of a format are read; file and name are those of a message of
// Protobuf. It reads files.
func (s *Store) Bodies(ctx context.Context, format decode.Kind, file, name string) (*Bodies, error) {
	if format != decode.Protobuf {
		return &Bodies{Format: format}, nil
	}
	of, err := s.Load(ctx, file, name)
	if err != nil {
		return nil, err
	}
	return &Bodies{format, of.Name(), of.Set()}, nil
}
