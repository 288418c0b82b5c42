package send

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"gantry/client/message"
	"gantry/client/profile"
	"gantry/gui/stage"
)

func paste(s *rig, text string) {
	s.screen.body.entry.TypedShortcut(&fyne.ShortcutPaste{Clipboard: pasted(text)})
}

func TestALargePasteIsHeldAsBytes(t *testing.T) {
	s := newRig(t, nil)
	big := strings.Repeat("华", 5<<20/3) + "!"
	started := time.Now()
	s.screen.body.entry.CursorColumn = 5
	paste(s, big)
	if d := time.Since(started); d > 3*time.Second {
		t.Errorf("it took %v", d)
	}
	b := s.screen.body
	if b.held == nil || string(b.bytes()) != "hello"+big || b.entry.Text != "" {
		t.Fatalf("held %d bytes, the entry %d", len(b.held), len(b.entry.Text))
	}
	for _, want := range []string{"5.0 MB pasted", "Brokers allow 4 MB unless set otherwise.", "It is not kept when Gantry is closed."} {
		if !s.Has(want) {
			t.Errorf("%q is not shown:\n%s", want, stage.Texts(s.Window))
		}
	}
	if s.screen.form.read().Body != "" {
		t.Error("5 MB would go into the settings")
	}
	s.screen.Primary()
	s.done(1)
	if string(s.cluster.drafts()[0].Body) != "hello"+big {
		t.Error("other bytes were sent")
	}
	s.Tap("Clear")
	if b.held != nil || len(b.bytes()) != 0 || s.Has("5.0 MB") {
		t.Error("Clear left something")
	}
	paste(s, "a\r\nb")
	if b.entry.Text != "a\nb" {
		t.Errorf("the paste is %q", b.entry.Text)
	}
}

func TestTypingOverTheLimitLosesNothing(t *testing.T) {
	s := newRig(t, func(s *rig) { s.form.Body = strings.Repeat("a", entryLimit) })
	b := s.screen.body
	b.entry.CursorColumn = entryLimit
	b.entry.TypedRune('b')
	if b.held == nil || len(b.bytes()) != entryLimit+1 || b.entry.Text != "" {
		t.Errorf("%d bytes, held %v", len(b.bytes()), b.held != nil)
	}
	kept := s.screen.form.read()
	if len(kept.Body) != entryLimit+1 {
		t.Error("a body of 64 KB is not kept over a restart")
	}
	s.form = kept
	again := New(s.params())
	if len(again.body.bytes()) != entryLimit+1 {
		t.Error("it did not return")
	}
	again.Close()
}

// file is an open file that must be closed.
type file struct {
	io.Reader
	closed bool
}

func (f *file) Close() error { f.closed = true; return nil }

func TestBodyFromFile(t *testing.T) {
	s := newRig(t, nil)
	b := s.screen.body
	for name, data := range map[string][]byte{
		"text":    []byte("{\"a\": 1}"),
		"binary":  {0xff, 0xfe, 0, 1, 2},
		"windows": []byte("a\r\nb"),
		"large":   bytes.Repeat([]byte("x"), 1<<20+200<<10),
		"empty":   {},
	} {
		f := &file{Reader: bytes.NewReader(data)}
		before := b.change
		b.load(f, "x.json")
		s.Until(t, name, func() bool { return b.change != before || len(data) == 0 && len(b.bytes()) == 0 })
		if !bytes.Equal(b.bytes(), data) || !f.closed {
			t.Errorf("%s: %d bytes instead of %d", name, len(b.bytes()), len(data))
		}
		if name == "large" && !s.Has("1.2 MB from file x.json") {
			t.Errorf("%s: it shows:\n%s", name, stage.Texts(s.Window))
		}
		if name == "binary" && b.toKeep() != "" {
			t.Error("bytes that are no text would be altered in the settings")
		}
	}
	f := &file{Reader: io.LimitReader(endless{}, fileLimit+10)}
	b.load(f, "y")
	s.Until(t, "the refusal", func() bool { return len(s.failed) == 1 })
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

func TestJSONIsCheckedAndFormatted(t *testing.T) {
	s := newRig(t, func(s *rig) { s.form = profile.SendForm{} })
	b := s.screen.body
	b.entry.SetText("{\"b\":1,\n \"a\":华}")
	if !s.Has("17 B") {
		t.Errorf("no count:\n%s", stage.Texts(s.Window))
	}
	s.UntilText("Not JSON: line 2, column 6 · 17 B")
	s.screen.FormatBody()
	s.Until(t, "the place", func() bool { return b.entry.CursorRow == 1 && b.entry.CursorColumn == 5 })
	if b.entry.Text != "{\"b\":1,\n \"a\":华}" {
		t.Error("a broken text was changed")
	}
	b.entry.SetText("{\"b\":1.0,\"a\":[9007199254740993]}")
	s.UntilText("Valid JSON · 32 B")
	s.screen.FormatBody()
	s.Until(t, "the format", func() bool { return strings.Contains(b.entry.Text, "\n") })
	if want := "{\n  \"b\": 1.0,\n  \"a\": [\n    9007199254740993\n  ]\n}"; b.entry.Text != want {
		t.Errorf("formatted to %q", b.entry.Text)
	}
	b.entry.SetText("plain words")
	s.Settle(400 * time.Millisecond)
	if s.Has("JSON:") || s.Has("Valid") || !s.Has("11 B") {
		t.Error("plain text is called wrong")
	}
}

func TestALateFormatDoesNotOverwrite(t *testing.T) {
	s := newRig(t, func(s *rig) { s.form.Body = "{\"a\":1}" })
	s.screen.FormatBody()
	s.screen.body.entry.SetText("typed on")
	s.Settle(200 * time.Millisecond)
	if s.screen.body.entry.Text != "typed on" {
		t.Errorf("the text became %q", s.screen.body.entry.Text)
	}
}

func TestQueueText(t *testing.T) {
	r := &message.Receipt{Broker: "broker-a", QueueID: 2, QueueOffset: 1820447}
	if got := queueText(r, 200); got != "broker-a · 2 · 1820447" {
		t.Error(got)
	}
	if got := queueText(r, 100); got != "a2 · 1820447" {
		t.Error(got)
	}
	if got := queueText(&message.Receipt{Broker: "node", QueueID: 1, QueueOffset: 5}, 60); got != "node1 · 5" {
		t.Error(got)
	}
}
