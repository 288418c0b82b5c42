package orders

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"gantry/client/admin"
	"gantry/client/fault"
	"gantry/client/message"
)

// TestKeepable: what an order that keeps skips is bounded, and must be known.
func TestKeepable(t *testing.T) {
	for _, x := range []struct {
		line Line
		keep bool
		want error
	}{
		{Line{From: 0, To: MostKept, Max: 5000}, true, nil},
		{Line{From: 0, To: MostKept + 1, Max: 5000}, true, fault.TooManyKept},
		{Line{From: 0, To: MostKept + 1, Max: 5000}, false, nil},
		{Line{From: -1, To: 1, Max: 5000}, true, fault.TooManyKept},
	} {
		p := &Preview{Order: Offsets{Keep: x.keep}, Lines: []Line{x.line}}
		if err := p.keepable(); !errors.Is(err, x.want) {
			t.Errorf("%+v: %v", x.line, err)
		}
	}
}

// TestMakeRoom: the oldest go first, and no more than must.
func TestMakeRoom(t *testing.T) {
	dir := t.TempDir()
	for i := range 4 {
		name := filepath.Join(dir, fmt.Sprint(3-i))
		if err := os.WriteFile(name, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		at := time.UnixMilli(1_800_000_000_000 + int64(i))
		if err := errors.Join(os.Truncate(name, mostOfAllKept/4), os.Chtimes(name, at, at)); err != nil {
			t.Fatal(err)
		}
	}
	if err := makeRoom(dir, 1); err != nil {
		t.Fatal(err)
	}
	left, _ := filepath.Glob(filepath.Join(dir, "*"))
	if len(left) != 3 || filepath.Base(left[2]) != "2" {
		t.Errorf("%v", left)
	}
}

// TestKeptFile: a diary that somebody wrote into leads nowhere else.
func TestKeptFile(t *testing.T) {
	d := NewDiary(t.TempDir())
	for name, want := range map[string]bool{"": false, "id.jsonl": true, "../id.jsonl": false, "/etc/passwd": false} {
		if got := d.KeptFile(&Record{Kept: name}); (got != "") != want {
			t.Errorf("%q leads to %q", name, got)
		}
	}
}

// TestEach leaves out what lies behind the end, and says what cannot be read.
func TestEach(t *testing.T) {
	var body []byte
	for i := range 3 {
		body = message.AppendStored(body, &message.Message{Topic: "t", QueueOffset: int64(i), Body: []byte("b"), Properties: []message.Property{{Name: "a", Value: "1"}}})
	}
	n := 0
	do := func(m *message.Message) error {
		if n++; m.Broker != "broker-a" {
			t.Errorf("%+v", m)
		}
		return nil
	}
	if err := each(admin.Pulled{Body: body}, "broker-a", 2, do); err != nil || n != 2 {
		t.Errorf("%d, %v", n, err)
	}
	if err := each(admin.Pulled{Body: body[:len(body)-3]}, "broker-a", 3, do); err == nil {
		t.Error("a cut answer is read")
	}
}
