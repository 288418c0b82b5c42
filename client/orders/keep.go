package orders

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"gantry/client/admin"
	"gantry/client/atomicfile"
	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/message"
)

const (
	// MostKept is how many messages an order may skip that keeps them, and mostKeptBytes what
	// they may take, in bytes.
	MostKept      = 1000
	mostKeptBytes = 64 << 20
	// mostOfAllKept bounds what is kept of all orders together: the oldest go first.
	mostOfAllKept = 512 << 20
	// pullAtOnce is how many messages are asked for at once.
	pullAtOnce = 32
)

// keptDir is the folder with what was skipped, beside the diary.
func (d *Diary) keptDir() string { return filepath.Join(filepath.Dir(d.path), "skipped") }

// KeptFile is where the messages lie that a record has skipped and kept, as lines of JSON, see
// message.Message.ExportJSON; "" where none were kept. It may be gone.
func (d *Diary) KeptFile(r *Record) string {
	if r.Kept == "" || filepath.Base(r.Kept) != r.Kept {
		return ""
	}
	return filepath.Join(d.keptDir(), r.Kept)
}

// keepable says why what an order skips cannot be kept, or nil.
func (p *Preview) keepable() error {
	if skipped, _, known := p.Sum(); p.Order.Keep && (!known || skipped > MostKept) {
		return fault.TooManyKept
	}
	return nil
}

// mayRepeat sets Behind: how far a member that consumes concurrently may be ahead of the group's
// position nobody knows but that it cannot be past the queue's end.
func (c *Clerk) mayRepeat(ctx context.Context, r cluster.Route, p *Preview) {
	if !p.Order.Keep || !p.Online() || c.ordered(ctx, r, p) {
		return
	}
	for _, l := range p.Lines {
		if l.Moves() && l.To >= l.From {
			p.Behind += l.Max - l.To
		}
	}
}

// ordered tells whether the members consume in order: false where none of them says so.
func (c *Clerk) ordered(ctx context.Context, r cluster.Route, p *Preview) bool {
	for _, m := range p.Members {
		for _, name := range m.Brokers {
			addr, ok := r.Master(name)
			if !ok {
				continue
			}
			if said, err := c.admin.Running(ctx, addr, p.Order.Group, m.ID, false); err == nil {
				return said.Ordered
			}
			break
		}
	}
	return false
}

// keep writes what an order skips into a file, which is whole or not there, and returns its
// name; "" where nothing is skipped.
func (c *Clerk) keep(ctx context.Context, r cluster.Route, p *Preview, id string) (string, error) {
	var out bytes.Buffer
	n := 0
	for _, l := range p.Lines {
		first, end := l.Range()
		if !l.Moves() || l.Skipped() == 0 {
			continue
		}
		if err := c.read(ctx, r, p.Order.Topic, l.Queue, first, end, func(m *message.Message) error {
			line, err := m.ExportJSON(message.Export{Profile: c.who.Profile, Production: c.who.Production})
			if err != nil {
				return err
			}
			if n++; n > MostKept || out.Len()+len(line) > mostKeptBytes {
				return fault.TooManyKept
			}
			_, _ = out.Write(append(line, '\n'))
			return nil
		}); err != nil {
			return "", fmt.Errorf("keep what is skipped of %s %s: %w", p.Order.Topic, l.Queue, err)
		}
	}
	if out.Len() == 0 {
		return "", nil
	}
	dir := c.diary.keptDir()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fault.From(err)
	}
	if err := makeRoom(dir, int64(out.Len())); err != nil {
		return "", fault.From(err)
	}
	name := id + ".jsonl"
	if err := atomicfile.Write(filepath.Join(dir, name), out.Bytes()); err != nil {
		return "", fault.From(err)
	}
	return name, nil
}

// read hands over the messages of a queue from first on, before end.
func (c *Clerk) read(ctx context.Context, r cluster.Route, topic string, q cluster.Queue, first, end int64, do func(*message.Message) error) error {
	for at := first; at < end; {
		got, err := c.admin.Pull(ctx, r, topic, q, at, int(min(end-at, pullAtOnce)))
		if err != nil {
			return err
		}
		if err := each(got, q.Broker, end, do); err != nil {
			return err
		}
		if got.Next <= at {
			return nil // there is no more
		}
		at = got.Next
	}
	return nil
}

// each hands over the messages of an answer that lie before end.
func each(got admin.Pulled, broker string, end int64, do func(*message.Message) error) error {
	for body := got.Body; len(body) > 0; {
		m, n, err := message.ParseStored(body)
		if err != nil {
			return err
		}
		body = body[n:]
		if m.Broker = broker; m.QueueOffset >= end {
			continue
		}
		if err := do(m); err != nil {
			return err
		}
	}
	return nil
}

// drop deletes what was kept for a record that was not written down.
func (d *Diary) drop(r *Record) error {
	if name := d.KeptFile(r); name != "" {
		return os.Remove(name)
	}
	return nil
}

// makeRoom deletes the oldest files of a folder until so many bytes more fit.
func makeRoom(dir string, more int64) error {
	all, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	var files []os.FileInfo
	for _, d := range all {
		if info, err := d.Info(); err == nil && info.Mode().IsRegular() {
			files = append(files, info)
			more += info.Size()
		}
	}
	slices.SortFunc(files, func(a, b os.FileInfo) int {
		return cmp.Or(a.ModTime().Compare(b.ModTime()), cmp.Compare(a.Name(), b.Name()))
	})
	for _, f := range files {
		if more <= mostOfAllKept {
			break
		}
		if err := os.Remove(filepath.Join(dir, f.Name())); err != nil {
			return err
		}
		more -= f.Size()
	}
	return nil
}
