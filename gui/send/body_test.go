package send

import (
	"bytes"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"gantry/client/message"
	"gantry/client/profile"
	"gantry/gui/stage"
)

func paste(s *rig, text string) {
	s.screen.body.editor.Focus().(fyne.Shortcutable).TypedShortcut(&fyne.ShortcutPaste{Clipboard: pasted(text)})
}

var _ fyne.Clipboard = pasted("")

// pasted is a clipboard that holds one text.
type pasted string

// Content returns the text.
func (p pasted) Content() string { return string(p) }

// SetContent does nothing.
func (pasted) SetContent(string) {}

// cursor is where it stands.
func cursor(b *body) [2]int {
	line, column := b.editor.CursorPlace()
	return [2]int{line, column}
}

func TestALargePasteIsHeldAsBytes(t *testing.T) {
	s := newRig(t, nil)
	big := strings.Repeat("华", 5<<20/3) + "!"
	started := time.Now()
	s.screen.body.editor.GoTo(1, 6)
	paste(s, big)
	if d := time.Since(started); d > 3*time.Second {
		t.Errorf("it took %v", d)
	}
	b := s.screen.body
	if b.held == nil || string(b.bytes()) != "hello"+big || b.editor.Text() != "" {
		t.Fatalf("held %d bytes, the entry %d", len(b.held), len(b.editor.Text()))
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
	if b.editor.Text() != "a\nb" {
		t.Errorf("the paste is %q", b.editor.Text())
	}
}

func TestTypingOverTheLimitLosesNothing(t *testing.T) {
	s := newRig(t, func(s *rig) { s.form.Body = strings.Repeat("a", editLimit) })
	b := s.screen.body
	if b.held != nil || len(b.bytes()) != editLimit || s.screen.form.read().Body != "" {
		t.Fatalf("%d bytes, held %v", len(b.bytes()), b.held != nil)
	}
	if !slices.Contains(s.said, "It is not kept when Gantry is closed.") {
		t.Errorf("it was said %q", s.said)
	}
	b.editor.GoTo(1, editLimit+1)
	b.editor.Focus().TypedRune('b')
	if b.held == nil || len(b.bytes()) != editLimit+1 || b.editor.Text() != "" {
		t.Errorf("%d bytes, held %v", len(b.bytes()), b.held != nil)
	}
	if !s.Has("4.0 MB of typed text") || !s.Has("It is not kept when Gantry is closed.") {
		t.Errorf("it shows:\n%s", stage.Texts(s.Window))
	}
}

func TestWhatIsTypedIsKept(t *testing.T) {
	s := newRig(t, func(s *rig) { s.form.Body = strings.Repeat("中\n", keepLimit/4) })
	kept := s.screen.form.read()
	if len(kept.Body) != keepLimit || len(s.said) != 0 {
		t.Errorf("%d bytes of %d are kept", len(kept.Body), keepLimit)
	}
	s.form = kept
	again := New(s.params())
	if string(again.body.bytes()) != kept.Body {
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
		"large":   bytes.Repeat([]byte("x"), 4<<20+200<<10),
		"empty":   {},
	} {
		f := &file{Reader: bytes.NewReader(data)}
		before := b.change
		b.load(f, "x.json")
		s.Until(t, name, func() bool { return b.change != before || len(data) == 0 && len(b.bytes()) == 0 })
		if !bytes.Equal(b.bytes(), data) || !f.closed {
			t.Errorf("%s: %d bytes instead of %d", name, len(b.bytes()), len(data))
		}
		if name == "large" && !s.Has("4.2 MB from file x.json") {
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
	b.editor.SetText("{\"b\":1,\n \"a\":华}")
	if !s.Has("17 B") {
		t.Errorf("no count:\n%s", stage.Texts(s.Window))
	}
	s.UntilText("Not JSON: line 2, column 6 · 17 B")
	s.screen.FormatBody()
	s.Until(t, "the place", func() bool { return cursor(b) == [2]int{2, 6} })
	if b.editor.Text() != "{\"b\":1,\n \"a\":华}" {
		t.Error("a broken text was changed")
	}
	b.editor.SetText("{\"b\":1.0,\"a\":[9007199254740993]}")
	s.UntilText("Valid JSON · 32 B")
	s.screen.FormatBody()
	s.Until(t, "the format", func() bool { return strings.Contains(b.editor.Text(), "\n") })
	if want := "{\n  \"b\": 1.0,\n  \"a\": [\n    9007199254740993\n  ]\n}"; b.editor.Text() != want {
		t.Errorf("formatted to %q", b.editor.Text())
	}
	b.editor.Focus().(fyne.Shortcutable).TypedShortcut(&fyne.ShortcutUndo{})
	if want := "{\"b\":1.0,\"a\":[9007199254740993]}"; b.editor.Text() != want {
		t.Errorf("undone to %q", b.editor.Text())
	}
	b.editor.SetText("plain words")
	s.Settle(400 * time.Millisecond)
	if s.Has("JSON:") || s.Has("Valid") || !s.Has("11 B") {
		t.Error("plain text is called wrong")
	}
}

func TestALateFormatDoesNotOverwrite(t *testing.T) {
	s := newRig(t, func(s *rig) { s.form.Body = "{\"a\":1}" })
	s.screen.FormatBody()
	s.screen.body.editor.SetText("typed on")
	s.Settle(200 * time.Millisecond)
	if s.screen.body.editor.Text() != "typed on" {
		t.Errorf("the text became %q", s.screen.body.editor.Text())
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
	// A name that cannot be shortened by its end is no name with a number behind it.
	if got := queueText(&message.Receipt{Broker: "sandbox", QueueID: 2, QueueOffset: 575}, 100); got != "s2 · 575" {
		t.Error(got)
	}
	if got := landedText("sandbox", 2, 575); got != "sandbox · queue 2 · offset 575" {
		t.Error(got)
	}
	if got := queueText(r, 80); got != "2 · 1820447" {
		t.Error(got)
	}
}
