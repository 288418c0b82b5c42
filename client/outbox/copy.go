package outbox

import (
	"context"
	"errors"
	"os"

	"gantry/client/message"
	"gantry/client/outbox/plan"
)

// Copied are messages that were copied to be sent again. A run that begins takes them, else
// Close deletes them. It may be used by one goroutine at a time.
type Copied struct {
	plan.Kept
	dir string
}

// copies is the folder of what was copied and is no run yet, beside that of the journals,
// so that a run takes its source with one rename.
func (s *Store) copies() string { return s.p.Dir + ".copies" }

// Sweep deletes copies that an earlier run of the program left. It uses the disk.
func (s *Store) Sweep() error { return os.RemoveAll(s.copies()) }

// Copy copies the messages that each hands over. It uses the disk; the error is that of
// each, or of the disk, and nothing is left then.
func (s *Store) Copy(each func(add func(*message.Message) error) error) (*Copied, error) {
	if err := os.MkdirAll(s.copies(), 0o700); err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp(s.copies(), "")
	if err != nil {
		return nil, err
	}
	c := &Copied{dir: dir}
	k, err := plan.NewKeeper(plan.SourceFile(dir))
	if err == nil {
		if err = each(k.Add); err == nil {
			c.Kept, err = k.Finish()
		} else {
			err = errors.Join(err, k.Close())
		}
	}
	if err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

// Replay puts the messages into a plan, which sends all of them to its topic, or where ways
// says.
func (c *Copied) Replay(p *plan.Plan, ways []plan.Way) {
	p.Count, p.Replay = c.Messages, &plan.Replay{Bytes: c.Bytes, Ways: ways}
}

// Try tells what a plan of it comes to, see plan.Plan.Try: Replay was told of the plan before.
// It uses the disk.
func (c *Copied) Try(ctx context.Context, p *plan.Plan, n int, tell func(read int64)) (plan.Tried, error) {
	return p.Try(ctx, c.dir, c.Kept, n, tell)
}

// Marked tells where lie those whose mark fits, see plan.Marked. It uses the disk.
func (c *Copied) Marked(ctx context.Context, fits func(mark string) bool) ([]int64, error) {
	return plan.Marked(ctx, c.dir, c.Bytes, fits)
}

// Fill gives the messages to a run that begins, see Store.Begin: once.
func (c *Copied) Fill(name string) error { return os.Rename(plan.SourceFile(c.dir), name) }

// Close deletes what no run has taken. It uses the disk.
func (c *Copied) Close() error { return os.RemoveAll(c.dir) }
