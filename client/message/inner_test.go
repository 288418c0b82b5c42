package message

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// captured reads an answer to a pull of a real 5.5.0, from a topic of queue.type=BatchCQ.
func captured(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// all parses stored messages.
func all(t testing.TB, stored []byte) (ms []*Message) {
	t.Helper()
	for len(stored) > 0 {
		m, n, err := ParseStored(stored)
		if err != nil {
			t.Fatal(err)
		}
		ms, stored = append(ms, m), stored[n:]
	}
	return ms
}

// TestB4RealBatches: what a Java producer put into one stored message, by itself or as a
// list, are messages with bodies, keys and ids of their own.
func TestB4RealBatches(t *testing.T) {
	for _, c := range []struct {
		file, key, body, tag string
		n                    int
	}{
		{"batchcq-auto.bin", "auto-key-%d", "auto body %d 中文", "tagA", 5},
		{"batchcq-list.bin", "list-key-%d", "list body %d", "tagB", 4},
	} {
		stored := captured(t, c.file)
		outer := all(t, stored)
		if len(outer) != 1 || !Wrapped(stored) {
			t.Fatalf("%s: %d messages, wrapped %v", c.file, len(outer), Wrapped(stored))
		}
		unwrapped := all(t, Unwrapped(stored, 0))
		for name, got := range map[string][]*Message{"stored": unwrapped, "parsed": Unwrap(outer[0], 1<<20)} {
			if len(got) != c.n {
				t.Fatalf("%s, %s: %d messages", c.file, name, len(got))
			}
			for i, m := range got {
				if string(m.Body) != fmt.Sprintf(c.body, i) || !slices.Equal(m.Keys(), []string{fmt.Sprintf(c.key, i)}) || m.Tag() != c.tag ||
					m.QueueOffset != int64(i) || m.Topic != "BCQ" || m.ID() == outer[0].ID() || !m.StoredAt.Equal(outer[0].StoredAt) || m.SysFlag != 0 {
					t.Errorf("%s, %s: %+v", c.file, name, m)
				}
				if c.tag == "tagB" && m.Flag != int32(7+i) {
					t.Errorf("flag %d", m.Flag)
				}
			}
		}
		if got := all(t, Unwrapped(stored, 3)); len(got) != c.n-3 || got[0].QueueOffset != 3 {
			t.Errorf("%s, from its middle: %d messages", c.file, len(got))
		}
		if !Hides(stored) {
			t.Errorf("%s: its text stands in its bytes", c.file)
		}
	}
}

// TestB4StaysWhole: what cannot be taken apart is there as it came, between what can.
func TestB4StaysWhole(t *testing.T) {
	good := captured(t, "batchcq-auto.bin")
	plainOne := AppendStored(nil, &Message{Topic: "BCQ", Body: []byte("one"), QueueOffset: 9})
	m := all(t, good)[0]
	for name, body := range map[string][]byte{
		"empty":            {},
		"cut":              m.Body[:len(m.Body)-1],
		"a length of -1":   bytes.Repeat([]byte{0xFF}, 40),
		"a length of zero": make([]byte, 40),
		"nonsense":         []byte("just a text that is no batch at all"),
	} {
		bad := *m
		bad.Body = body
		bytesOf := AppendStored(nil, &bad)
		stored := slices.Concat(plainOne, bytesOf, good, plainOne)
		got := Unwrapped(stored, 0)
		if !bytes.HasPrefix(got, slices.Concat(plainOne, bytesOf)) || !bytes.HasSuffix(got, plainOne) || len(all(t, got)) != 3+5 {
			t.Errorf("%s: %d messages", name, len(all(t, got)))
		}
		if one := Unwrap(&bad, 1<<20); len(one) != 1 || one[0] != &bad {
			t.Errorf("%s: %d messages", name, len(one))
		}
	}
	if got := Unwrapped(plainOne, 100); &got[0] != &plainOne[0] {
		t.Error("what holds none was copied, or left out")
	}
	if one := Unwrap(m, 300); len(one) != 1 || one[0] != m {
		t.Errorf("more than it may take: %d messages", len(one))
	}
}

// TestB4Bounded: many tiny messages in one do not become many times as many bytes.
func TestB4Bounded(t *testing.T) {
	var body []byte
	for range 1 << 20 {
		body = binary.BigEndian.AppendUint32(body, innerHeader+2)
		body = append(body, make([]byte, innerHeader-4+2)...)
	}
	stored := AppendStored(nil, &Message{Topic: "BCQ", SysFlag: innerBatch, Body: body})
	if got := Unwrapped(stored, 0); !bytes.Equal(got, stored) {
		t.Errorf("%d bytes become %d", len(stored), len(got))
	}
}

// FuzzUnwrapped: whatever comes, no message gets lost and none comes twice.
func FuzzUnwrapped(f *testing.F) {
	for _, name := range []string{"batchcq-auto.bin", "batchcq-list.bin"} {
		f.Add(captured(f, name), int64(0))
		f.Add(captured(f, name), int64(2))
	}
	f.Fuzz(func(t *testing.T, b []byte, from int64) {
		out := Unwrapped(b, from)
		if len(out) > len(b)+MaxStored {
			t.Errorf("%d bytes become %d", len(b), len(out))
		}
		m, _, err := ParseStored(b)
		if err != nil {
			return
		}
		if list := Unwrap(m, 1<<20); len(list) == 0 {
			t.Error("lost")
		} else if len(list) > 1 {
			got := Unwrapped(AppendStored(nil, m), m.QueueOffset)
			for i := range list {
				one, n, err := ParseStored(got)
				if err != nil || !bytes.Equal(one.Body, list[i].Body) || one.QueueOffset != list[i].QueueOffset {
					t.Fatalf("%d: %+v, %v", i, one, err)
				}
				got = got[n:]
			}
		}
	})
}
