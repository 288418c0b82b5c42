//go:build long

package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"gantry/client/journal"
	"gantry/client/message"
)

// listed is a list that the window keeps, read beside it.
type listed struct {
	d *desktop
	*journal.Reader
}

// list opens the only list that is kept as a recording of that name, or, without a name, as
// what a subscription received.
func (d *desktop) list(name string) *listed {
	d.t.Helper()
	metas, err := filepath.Glob(filepath.Join(d.data(), "data", "journals", "*", "meta.json"))
	if err != nil {
		d.t.Fatal(err)
	}
	var found []string
	for _, file := range metas {
		var meta struct{ Name string }
		b, err := os.ReadFile(file)
		if err == nil {
			err = json.Unmarshal(b, &meta)
		}
		if err != nil {
			d.t.Fatal(err)
		}
		if meta.Name == name {
			found = append(found, filepath.Dir(file))
		}
	}
	if len(found) != 1 {
		d.t.Fatalf("%d of %d lists have the name %q", len(found), len(metas), name)
	}
	r, err := journal.OpenReader(found[0])
	if err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() { _ = r.Close() })
	return &listed{d, r}
}

// kept is how many messages it has. It reads what came since the last call.
func (l *listed) kept() uint64 {
	l.d.t.Helper()
	for more := true; more; {
		var err error
		if _, more, err = l.Poll(); err != nil {
			l.d.t.Fatal(err)
		}
	}
	first, next := l.Range()
	return next - first
}

// wait waits until it has so many.
func (l *listed) wait(n uint64) {
	l.d.t.Helper()
	l.d.eventually(60*time.Second, func() error {
		if got := l.kept(); got != n {
			return fmt.Errorf("%d of %d messages are kept", got, n)
		}
		return nil
	})
}

// recording reads the messages of the only recording.
func (d *desktop) recording() (all []*message.Message) {
	d.t.Helper()
	l := d.list(topic)
	l.kept()
	for n, next := l.Range(); n < next; n++ {
		rec, err := l.Record(n)
		if err != nil {
			d.t.Fatal(err)
		}
		m, err := rec.Message()
		if err != nil {
			d.t.Fatal(err)
		}
		all = append(all, m)
	}
	return all
}
