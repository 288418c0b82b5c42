package client_test

import (
	"bytes"
	"testing"
	"time"

	"gantry/client/profile"
	"gantry/client/session"
)

// BenchmarkRecording keeps a million messages of 1 KB and opens them again, warm: until the
// first screen is read, and until all are known. Run it with -benchtime 1x.
func BenchmarkRecording(b *testing.B) {
	const n, screen = 1_000_000, 40
	c, _ := newClient(b, b.TempDir(), "no-worker")
	begin := time.Now()
	l := record(b, c, session.Recording{Name: "a million"}, n, bytes.Repeat([]byte("b"), 1000))
	b.ReportMetric(time.Since(begin).Seconds(), "s/keep")
	for b.Loop() {
		begin := time.Now()
		s, err := c.Sessions.Open(profile.Subscription{ID: l.ID})
		if err != nil {
			b.Fatal(err)
		}
		for i := range uint64(screen) {
			if _, err := s.Record(i); err != nil {
				b.Fatal(err)
			}
		}
		first := time.Since(begin)
		eventually(b, time.Minute, func() string {
			if st := s.Status(); st.Kept != n {
				return "it is being read"
			}
			return ""
		})
		b.ReportMetric(first.Seconds(), "s/first-screen")
		b.ReportMetric(time.Since(begin).Seconds(), "s/all")
		c.Sessions.Leave(s)
	}
}
