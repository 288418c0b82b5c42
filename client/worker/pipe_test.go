package worker

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gantry/client/message"
)

// frame builds a frame with lengths of its own, right or wrong.
func frame(total, header uint32, rest string) []byte {
	b := binary.BigEndian.AppendUint32(nil, total)
	b = binary.BigEndian.AppendUint32(b, header)
	return append(b, rest...)
}

func TestPipeRoundTrip(t *testing.T) {
	var pipe bytes.Buffer
	w := &writer{w: &pipe}
	sent := []order{
		{command: command{Do: doPause}},
		{command: command{Do: doSend, ID: 7, Draft: &message.Draft{Topic: "主题", Keys: []string{"a"}}}, raw: []byte{0, 0xff, '{', '\n'}},
		{command: command{Do: doSend, ID: 8, Draft: &message.Draft{Topic: "t"}}, raw: bytes.Repeat([]byte("x"), 5<<20)},
		{command: command{Do: doAnswer, Later: true}},
	}
	for _, o := range sent {
		if err := w.send(o.command, o.raw); err != nil {
			t.Fatal(err)
		}
	}
	for i, want := range sent {
		var got command
		raw, err := receive(&pipe, &got)
		if err != nil {
			t.Fatalf("frame %d: %v", i, err)
		}
		if diff := cmp.Diff(want.command, got); diff != "" {
			t.Errorf("frame %d: %s", i, diff)
		}
		if !bytes.Equal(raw, want.raw) {
			t.Errorf("frame %d: %d raw bytes, want %d", i, len(raw), len(want.raw))
		}
	}
	if _, err := receive(&pipe, &command{}); !errors.Is(err, io.EOF) {
		t.Errorf("at the end: %v", err)
	}
}

// TestPipeKeepsFramesApart sends from many goroutines into one pipe.
func TestPipeKeepsFramesApart(t *testing.T) {
	r, pw := io.Pipe()
	w := &writer{w: pw}
	const goroutines, each = 20, 100
	var group sync.WaitGroup
	for g := range uint64(goroutines) {
		group.Go(func() {
			for i := range uint64(each) {
				id := g*each + i
				if err := w.send(Event{Kind: Sent, ID: id}, bytes.Repeat([]byte{byte(id)}, int(id%300))); err != nil {
					t.Error(err)
				}
			}
		})
	}
	seen := map[uint64]bool{}
	for range goroutines * each {
		var e Event
		raw, err := receive(r, &e)
		if err != nil {
			t.Fatal(err)
		}
		if want := bytes.Repeat([]byte{byte(e.ID)}, int(e.ID%300)); seen[e.ID] || !bytes.Equal(raw, want) {
			t.Fatalf("event %d with %d raw bytes, again: %v", e.ID, len(raw), seen[e.ID])
		}
		seen[e.ID] = true
	}
	group.Wait()
}

func TestPipeBounds(t *testing.T) {
	for name, c := range map[string]struct {
		b    []byte
		want error
	}{
		"too large":         {frame(maxFrame+1, 2, "{}"), errFrame},
		"largest number":    {frame(1<<32-1, 1<<32-1, "{}"), errFrame},
		"header over frame": {frame(2, 3, "{} "), errFrame},
		"no frame":          {nil, io.EOF},
		"cut lengths":       {frame(2, 2, "")[:7], io.ErrUnexpectedEOF},
		"cut header":        {frame(4, 4, "{"), io.ErrUnexpectedEOF},
		"no body":           {frame(4, 4, ""), io.EOF},
		"cut raw bytes":     {frame(4, 2, "{}x"), io.ErrUnexpectedEOF},
	} {
		if _, err := receive(bytes.NewReader(c.b), &command{}); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	var syntax *json.SyntaxError
	if _, err := receive(bytes.NewReader(frame(3, 3, "no!")), &command{}); !errors.As(err, &syntax) {
		t.Errorf("no JSON: %v", err)
	}
	// A worker that prints something else than frames.
	if _, err := receive(strings.NewReader("panic: runtime error: index out of range"), &Event{}); !errors.Is(err, errFrame) {
		t.Errorf("words: %v", err)
	}
	var out bytes.Buffer
	if err := (&writer{w: &out}).send(command{}, make([]byte, maxFrame)); !errors.Is(err, errFrame) || out.Len() > 0 {
		t.Errorf("sending too much: %v, %d bytes written", err, out.Len())
	}
}

func FuzzReceive(f *testing.F) {
	f.Add(frame(6, 2, "{}body"))
	f.Add(frame(24, 24, `{"do":"send","draft":{}}`))
	f.Add(frame(0, 0, ""))
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) >= 4 && binary.BigEndian.Uint32(b) > 1<<20 {
			return // allocated at once, within bounds: too slow to fuzz
		}
		var c command
		raw, err := receive(bytes.NewReader(b), &c)
		if err != nil {
			return
		}
		if want := b[8+binary.BigEndian.Uint32(b[4:]) : 8+binary.BigEndian.Uint32(b)]; !bytes.Equal(raw, want) {
			t.Fatalf("raw bytes %q, want %q", raw, want)
		}
		var again bytes.Buffer
		if err := (&writer{w: &again}).send(c, raw); err != nil {
			t.Fatal(err)
		}
		var c2 command
		if raw2, err := receive(&again, &c2); err != nil || !bytes.Equal(raw, raw2) || cmp.Diff(c, c2) != "" {
			t.Fatalf("%+v came back as %+v, %v", c, c2, err)
		}
	})
}
