package message

import (
	"bytes"
	"encoding/json"
	"testing"
)

// TestB1Unpacked: a body that the client packed is read whatever SysFlag says of how, by
// words and exports too.
func TestB1Unpacked(t *testing.T) {
	const text = "the SubAfter of a trace, 正文, and the rest"
	packed := packed(t, text)
	for name, c := range map[string]struct {
		flag int32
		body []byte
	}{
		"zlib of 4.9.7":   {0x301, packed["zlib"]},
		"zlib before 5.0": {0x1, packed["zlib"]},
		"lz4":             {0x101, packed["lz4"]},
		"zstd":            {0x201, packed["zstd"]},
		"the wrong kind":  {0x101, packed["zstd"]},
	} {
		m := &Message{Topic: "T", SysFlag: c.flag, Body: c.body, Properties: []Property{{PropertyKeys, "k"}}}
		if body, ok := m.Unpacked(1000); !ok || string(body) != text {
			t.Errorf("%s: %q, %v", name, body, ok)
		}
		if body, ok := m.Unpacked(10); ok || string(body) != text[:10] {
			t.Errorf("%s, bounded: %q, %v", name, body, ok)
		}
		if !Hides(AppendStored(nil, m)) {
			t.Errorf("%s: its text stands in its bytes", name)
		}
		line, err := m.JSON()
		var got struct {
			Body   string
			Packed bool
		}
		if err != nil || json.Unmarshal(line, &got) != nil || got.Body != text || got.Packed {
			t.Errorf("%s: %s, %v", name, line, err)
		}
	}
	// One inside the other: the producer packed it, and its client did again.
	twice := &Message{SysFlag: 0x301, Body: zlibbed(t, packed["gzip"])}
	if body, ok := twice.Unpacked(1000); !ok || !bytes.Equal(body, packed["gzip"]) {
		t.Errorf("%q, %v", body, ok)
	}
	damaged := &Message{SysFlag: 0x301, Body: []byte("\x78\x9c damaged")}
	line, err := damaged.JSON()
	if err != nil || !bytes.Contains(line, []byte(`"packed":true`)) {
		t.Errorf("%s, %v", line, err)
	}
}

// TestB1Bounded: a body that unpacks to a gigabyte takes as much as is asked for.
func TestB1Bounded(t *testing.T) {
	m := &Message{SysFlag: 0x301, Body: zlibbed(t, make([]byte, 64<<20))}
	body, ok := m.Unpacked(1 << 20)
	if ok || len(body) != 1<<20 || cap(body) > 4<<20 {
		t.Errorf("%d bytes in %d, %v", len(body), cap(body), ok)
	}
}
