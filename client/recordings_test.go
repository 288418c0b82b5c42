package client_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"gantry/client"
	"gantry/client/fault"
	"gantry/client/journal"
	"gantry/client/message"
	"gantry/client/profile"
	"gantry/client/session"
)

// stored is a record as a broker's messages are kept.
func stored(n int, body []byte) *message.Record {
	return &message.Record{
		Kind: message.KindMessage, Broker: "broker-a", ArrivedAt: time.Unix(0, int64(n)),
		Payload: message.AppendStored(nil, &message.Message{Topic: "t", QueueOffset: int64(n), StoredAt: time.UnixMilli(1_800_000_000_000 + int64(n)), Body: body}),
	}
}

// record makes a recording of n messages.
func record(t testing.TB, c *client.Client, of session.Recording, n int, body []byte) session.Leftover {
	t.Helper()
	r, err := c.Sessions.Record(of)
	if err != nil {
		t.Fatal(err)
	}
	for i := range n {
		if err := r.Add(stored(i, body)); err != nil {
			t.Fatal(err)
		}
	}
	l, err := r.End()
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// TestRecording: what was recorded is listed with its facts, opens as it was, and stays
// whole where lists may hold less.
func TestRecording(t *testing.T) {
	c, dir := offline(t)
	const n = 3000
	body := bytes.Repeat([]byte("b"), 1000)
	l := record(t, c, session.Recording{Name: "before the release", Profile: "p", ProfileName: "orders", Topic: "t"}, n, body)
	ls := leftovers(t, c)
	if len(ls) != 1 || ls[0] != l {
		t.Fatalf("%+v, not %+v", ls, l)
	}
	if l.Titled() != "before the release" || l.Messages != n || l.Bytes < n*1000 || l.Oldest.UnixMilli() != 1_800_000_000_000 || l.Newest.Sub(l.Oldest) != (n-1)*time.Millisecond || !l.Goes().IsZero() {
		t.Errorf("%+v", l)
	}
	info, err := os.Stat(filepath.Join(dir, l.ID))
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	c.SetCaps(profile.Caps{Messages: 1000, Bytes: 1 << 20, TotalBytes: 1 << 20})
	s, err := c.Sessions.Open(profile.Subscription{ID: l.ID, Profile: "p"})
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, time.Minute, func() string {
		if st := s.Status(); st.Kept != n || st.Evicted > 0 || st.KeptBytes != l.Bytes {
			return fmt.Sprintf("%+v", st)
		}
		return ""
	})
	for _, i := range []int{0, 1, n - 1} {
		got, err := s.Record(uint64(i))
		if err != nil {
			t.Fatal(err)
		}
		want := stored(i, body)
		if !bytes.Equal(message.AppendRecord(nil, got), message.AppendRecord(nil, want)) {
			t.Errorf("record %d is %+v", i, got)
		}
	}
	c.Sessions.Leave(s)
	if ls := leftovers(t, c); len(ls) != 1 || ls[0].KeptName != "before the release" {
		t.Errorf("closed, it is %+v", ls)
	}
	if err := c.Sessions.DeleteLeftover(l.ID); err != nil || len(leftovers(t, c)) > 0 {
		t.Errorf("%v, %+v", err, leftovers(t, c))
	}
}

// TestRecordingOfProduction goes after seven days, unless it is kept.
func TestRecordingOfProduction(t *testing.T) {
	c, _ := offline(t)
	of := session.Recording{Name: "an hour", Production: true}
	passing := record(t, c, of, 1, nil)
	of.Keep = true
	kept := record(t, c, of, 1, nil)
	later := record(t, c, session.Recording{Name: "kept later", Production: true}, 1, nil)
	if err := c.Sessions.KeepLeftover(later.ID, "kept later"); err != nil {
		t.Fatal(err)
	}
	if goes := passing.Goes(); goes.Before(time.Now().Add(7*24*time.Hour-time.Minute)) || !kept.Goes().IsZero() {
		t.Errorf("%v, %v", goes, kept.Goes())
	}
	// That somebody looks at it does not prolong it.
	s, err := c.Sessions.Open(profile.Subscription{ID: passing.ID})
	if err != nil {
		t.Fatal(err)
	}
	c.Sessions.Leave(s)
	for _, x := range []struct{ day, gone int }{{6, 0}, {8, 1}} {
		gone, err := c.Sessions.Expire(nil, passing.Written.Add(time.Duration(x.day)*24*time.Hour))
		if err != nil || len(gone) != x.gone {
			t.Errorf("day %d: %+v, %v", x.day, gone, err)
		}
	}
	if got := leftovers(t, c); len(got) != 2 {
		t.Errorf("%+v", got)
	}
}

// TestRecordingBounded: where all lists may take no more it fails, and leaves nothing; what
// is given up or cut short by a crash is no list.
func TestRecordingBounded(t *testing.T) {
	c, dir := offline(t)
	c.SetCaps(profile.Caps{Messages: 1000, Bytes: 1 << 20, TotalBytes: 3 << 20})
	r, err := c.Sessions.Record(session.Recording{Name: "too much"})
	if err != nil {
		t.Fatal(err)
	}
	for n := 0; err == nil && n < 100; n++ {
		err = r.Add(stored(n, make([]byte, 1<<20)))
	}
	if !errors.Is(err, fault.NoRoom) {
		t.Error(err)
	}
	if len(leftovers(t, c)) > 0 {
		t.Error("it is listed while it is written")
	}
	if err := r.Drop(); err != nil {
		t.Error(err)
	}
	crashed, err := journal.OpenWriter(filepath.Join(dir, ".new-crashed"), journal.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := crashed.Close(); err != nil {
		t.Fatal(err)
	}
	if err := c.Sessions.Sweep(); err != nil {
		t.Error(err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("%v, %v", left, err)
	}
}
