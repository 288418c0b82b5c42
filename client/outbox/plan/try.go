package plan

import (
	"context"
	"errors"
	"io"
	"time"

	"gantry/client/message"
	"gantry/client/outbox/change"
)

// Tried is what a replay comes to, without a message that was sent.
type Tried struct {
	// Kept counts what is sent, and what is left out though it lies in the source: its
	// topics and properties are not told.
	Kept
	// Before and After are the first messages, as they lie in the source and as they leave.
	Before, After []*message.Draft
	// Changed tells whether messages do not go as they are.
	Changed bool
}

// tryStep is after how many messages Try heeds its context, and tells.
const tryStep = 1000

// Try makes the messages of a replay whose source lies in a folder and sends none, to tell
// which of them fit and what they become. n are shown. Where they go as they are, no more
// than these are read; else tell, if set, hears of every thousand how many were read so far.
// The error is that of a value that is not there, of the disk, or of the context.
func (p *Plan) Try(ctx context.Context, dir string, all Kept, n int, tell func(read int64)) (Tried, error) {
	out := Tried{Kept: all}
	m, err := p.Maker(dir, nil)
	if err != nil {
		return out, err
	}
	defer m.Close()
	out.Out, out.First = 0, nil
	if out.Changed = m.changer != nil; out.Changed {
		out.Kept = Kept{Bytes: all.Bytes}
	}
	var before time.Time
	for looked := 0; out.Changed || looked < n; looked++ {
		if looked%tryStep == 0 {
			if ctx.Err() != nil {
				return out, context.Cause(ctx)
			}
			if tell != nil && out.Changed && looked > 0 {
				tell(int64(looked))
			}
		}
		from, _, err := m.whole.take()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return out, err
		}
		d, err := m.take(&message.Leave{Seq: int64(len(out.After)), At: precise(time.Now())}, from)
		if why := (*change.Misfit)(nil); errors.As(err, &why) {
			if out.Out++; len(out.First) < MaxLeftOut {
				out.First = append(out.First, LeftOut{from.ID, from.Draft.Topic, why})
			}
			continue
		}
		if err != nil {
			return out, err
		}
		if len(out.After) < n {
			out.Before, out.After = append(out.Before, from.Draft), append(out.After, d)
		}
		if out.Changed {
			out.count(from, d, before)
		}
		before = from.At
	}
	return out, nil
}

// count counts a message that is sent.
func (k *Kept) count(from *message.Leave, d *message.Draft, before time.Time) {
	if k.Messages++; k.Messages == 1 {
		before = from.At
	}
	k.Bodies += int64(len(d.Body))
	k.last(before, from.At)
	if from.At.UnixMilli() > 0 {
		if k.From.IsZero() {
			k.From = from.At
		}
		k.To = from.At
	}
}
