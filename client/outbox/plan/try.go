package plan

import (
	"context"
	"errors"
	"io"
	"os"
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
	out.Changed = m.changer != nil
	counts := m.leavesOut() || len(p.Replay.Skip) > 0
	if counts {
		out.Kept = Kept{Bytes: all.Bytes}
	}
	var before time.Time
	for looked := 0; counts || looked < n; looked++ {
		if looked%tryStep == 0 {
			if ctx.Err() != nil {
				return out, context.Cause(ctx)
			}
			if tell != nil && counts && looked > 0 {
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
		if counts {
			out.count(from, d, before)
		}
		before = from.At
	}
	return out, nil
}

// Marked returns where in a replay's source lie the messages whose mark fits, ascending, see
// message.PropertyRedelivered: what Skip of a Replay takes. It uses the disk.
func Marked(ctx context.Context, dir string, size int64, fits func(mark string) bool) (at []int64, err error) {
	file, err := os.Open(SourceFile(dir))
	if err != nil {
		return nil, err
	}
	defer file.Close()
	in := newRecords(file, size)
	for looked := 0; ; looked++ {
		if looked%1000 == 0 && ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		l, place, err := in.take()
		if errors.Is(err, io.EOF) {
			return at, nil
		}
		if err != nil {
			return nil, err
		}
		if mark := MarkOf(l.Draft); mark != "" && fits(mark) {
			at = append(at, place)
		}
	}
}

// MarkOf is the mark of a message that is redelivered, "" where it has none.
func MarkOf(d *message.Draft) string {
	for _, p := range d.Properties {
		if p.Name == message.PropertyRedelivered {
			return p.Value
		}
	}
	return ""
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
