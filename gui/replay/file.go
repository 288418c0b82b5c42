package replay

import (
	"bufio"
	"bytes"
	"context"
	"io"

	"gantry/client/message"
	"gantry/client/profile"
	"gantry/gui/msglist"
)

// longestLine bounds a line of an export, in bytes: a body that a broker stores, each byte
// of which may take six.
const longestLine = 6*message.MaxStored + 1<<20

// File are the messages of an export: lines of JSON as msglist writes them. in is closed
// when they were handed over. What is no such line is counted as damaged.
func File(name string, in io.ReadCloser) Source {
	var from message.Export // of a line of production, if there is one
	return Source{Name: name, Origin: func() message.Export { return from }, Each: func(ctx context.Context, progress func(uint64), do func(*message.Message) error) (skipped msglist.Skipped, err error) {
		defer in.Close()
		lines := bufio.NewScanner(in)
		lines.Buffer(make([]byte, 64<<10), longestLine)
		for n := uint64(0); lines.Scan(); n++ {
			if ctx.Err() != nil {
				return skipped, context.Canceled
			}
			if n%1000 == 0 {
				progress(n)
			}
			line := bytes.TrimSpace(bytes.TrimPrefix(lines.Bytes(), []byte("\ufeff")))
			if len(line) == 0 {
				continue
			}
			m, of, err := message.FromJSON(line)
			if err != nil {
				skipped.Damaged++
				continue
			}
			if of.Production && !from.Production {
				from = of
			}
			if err := do(m); err != nil {
				return skipped, err
			}
		}
		return skipped, lines.Err()
	}}
}

// List are the messages that a list of a connection shows.
func List(name string, of profile.Profile, from msglist.Listed) Source {
	return Source{Name: name, Profile: &of, Picked: from.Picked(), Most: from.Most(), Each: from.Each}
}
