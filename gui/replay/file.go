package replay

import (
	"context"
	"io"

	"gantry/client/exchange"
	"gantry/client/message"
	"gantry/client/profile"
	"gantry/gui/msglist"
)

// File are the messages of an export: lines of JSON as msglist writes them. in is closed
// when they were handed over. What is no such line is counted as damaged.
func File(name string, in io.ReadCloser) Source {
	var from message.Export // of a line of production, if there is one
	return Source{Name: name, Origin: func() message.Export { return from }, Each: func(ctx context.Context, progress func(uint64), do func(*message.Message) error) (skipped msglist.Skipped, err error) {
		defer in.Close()
		err = exchange.Read(ctx, in, func(line int) { progress(uint64(line)) }, func(_ int, m *message.Message, of message.Export) error {
			if of.Production && !from.Production {
				from = of
			}
			return do(m)
		}, func(int, error) { skipped.Damaged++ })
		return skipped, err
	}}
}

// List are the messages that a list of a connection shows.
func List(name string, of profile.Profile, from msglist.Listed) Source {
	return Source{Name: name, Profile: &of, Picked: from.Picked(), Most: from.Most(), Each: from.Each}
}
