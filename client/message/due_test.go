package message

import (
	"testing"
	"time"
)

func TestF12Due(t *testing.T) {
	born := time.UnixMilli(1_796_000_000_000)
	for name, c := range map[string]struct {
		props []Property
		want  time.Duration // after born; -1 for none
	}{
		"none":         {nil, -1},
		"own note":     {[]Property{{PropertyTimerDelay, "5000"}, {"TIMER_OUT_MS", "1796000005000"}}, 5 * time.Second},
		"at":           {[]Property{{PropertyTimerAt, "1796000060000"}}, time.Minute},
		"after":        {[]Property{{PropertyTimerDelay, "4200"}}, 4200 * time.Millisecond},
		"seconds":      {[]Property{{"TIMER_DELAY_SEC", "7"}}, 7 * time.Second},
		"Tencent":      {[]Property{{PropertyStartDeliver, "1796000001000"}}, time.Second},
		"no number":    {[]Property{{PropertyTimerAt, "soon"}}, -1},
		"out of range": {[]Property{{PropertyTimerAt, "9223372036854775807"}, {PropertyTimerDelay, "-5"}}, -1},
	} {
		m := &Message{BornAt: born, Properties: c.props}
		at, ok := m.Due()
		if ok != (c.want >= 0) || ok && !at.Equal(born.Add(c.want)) {
			t.Errorf("%s: due %v, %v", name, at, ok)
		}
	}
}

// TestF5StoredBody: the size means the same for a message that the library unpacked.
func TestF5StoredBody(t *testing.T) {
	m := &Message{Topic: "orders", Body: []byte("packed"), Properties: []Property{{"a", "b"}}}
	size := len(AppendStored(nil, m))
	if n := m.StoredBody(); n != 6 {
		t.Errorf("stored body of %d bytes", n)
	}
	m.Inflated, m.StoreSize, m.Body = true, size, make([]byte, 1000)
	if n := m.StoredBody(); n != 6 {
		t.Errorf("stored body of %d bytes, unpacked by the library", n)
	}
	m.StoreSize = 0
	if n := m.StoredBody(); n != 1000 {
		t.Errorf("stored body of %d bytes where nothing is known", n)
	}
}
