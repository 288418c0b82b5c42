package client_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/simplifiedchinese"

	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/message"
	"gantry/client/search"
)

// find runs a query to its end and returns its status and what it found.
func (d *desk) find(q cluster.Query) (search.Status, []*message.Message) {
	d.t.Helper()
	s, err := d.conn.Search(q)
	if err != nil {
		d.t.Fatal(err)
	}
	defer s.Close()
	ctx, cancel := context.WithTimeout(d.t.Context(), 30*time.Second)
	defer cancel()
	if err := s.Wait(ctx); err != nil {
		d.t.Fatalf("%+v: %v", s.Status(), err)
	}
	first, next := s.Range()
	var all []*message.Message
	for n := first; n < next; n++ {
		rec, err := s.Record(n)
		if err != nil {
			d.t.Fatal(err)
		}
		m, err := rec.Message()
		if err != nil {
			d.t.Fatal(err)
		}
		all = append(all, m)
	}
	return s.Status(), all
}

func texts(all []*message.Message) []string {
	var out []string
	for _, m := range all {
		out = append(out, string(m.Body))
	}
	return out
}

// browse finds what was sent by time, words, tag, place and as the newest, in the
// order of store times across queues.
func browse(t *testing.T, on *server) {
	d := on.desk(t)
	top := on.topic(t, 4)
	var all []string
	number := func(from, to int) {
		for i := from; i < to; i++ {
			all = append(all, fmt.Sprint("message ", i))
			d.send(top, fmt.Sprint("t", i%2), all[i])
		}
	}
	number(0, 20)
	time.Sleep(50 * time.Millisecond)
	first := time.Now()
	time.Sleep(50 * time.Millisecond)
	number(20, 80)
	time.Sleep(50 * time.Millisecond)
	second := time.Now()
	time.Sleep(50 * time.Millisecond)
	number(80, 100)
	on.dispatched(t, top, 100)

	tagged := slices.DeleteFunc(slices.Clone(all[20:80]), func(s string) bool { return strings.ContainsAny(s[len(s)-1:], "02468") })
	for name, c := range map[string]struct {
		q                  cluster.Query
		want               []string
		read, total        int64
		limited, anyNumber bool
	}{
		"all":           {q: cluster.Query{Kind: cluster.ByTime}, want: all, read: 100, total: 100},
		"a time":        {q: cluster.Query{Kind: cluster.ByTime, From: first, To: second}, want: all[20:80], read: 60, total: 60},
		"a tag":         {q: cluster.Query{Kind: cluster.ByTime, From: first, To: second, Tags: []string{"t1"}}, want: tagged, read: 60, total: 60},
		"words":         {q: cluster.Query{Kind: cluster.ByTime, Filter: `"MESSAGE 4"`}, want: append([]string{all[4]}, all[40:50]...), read: 100, total: 100},
		"no such words": {q: cluster.Query{Kind: cluster.ByTime, Filter: "none"}, read: 100, total: 100},
		"before":        {q: cluster.Query{Kind: cluster.ByTime, To: first.Add(-time.Hour)}},
		"the newest":    {q: cluster.Query{Kind: cluster.Newest, Count: 7}, want: all[93:], anyNumber: true},
		"more than are": {q: cluster.Query{Kind: cluster.Newest, Count: 1000}, want: all, read: 100, total: 100},
	} {
		c.q.Topic = top
		st, got := d.find(c.q)
		if diff := cmp.Diff(c.want, texts(got)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if st.Running || st.Err != nil || len(st.Missed) > 0 || st.Limited || st.Found != int64(len(c.want)) ||
			!c.anyNumber && (st.Read != c.read || st.Total != c.total) {
			t.Errorf("%s: %+v", name, st)
		}
	}
	queueAndOffset(t, on, d, top)
	st, got := d.find(cluster.Query{Kind: cluster.ByTime, Topic: top, Limit: 32})
	if !st.Limited || len(got) == 0 || len(got) >= 100 || !st.Through.Equal(got[len(got)-1].StoredAt) {
		t.Errorf("with a limit of 32: %d found, %+v", len(got), st)
	}
	if diff := cmp.Diff(all[:len(got)], texts(got)); diff != "" {
		t.Errorf("with a limit: %s", diff)
	}
	if g, err := d.conn.Group(t.Context(), top, "TOOLS_CONSUMER"); err != nil || len(g.Members) > 0 || g.HasPosition {
		t.Errorf("the group that it reads as: %+v, %v", g, err)
	}
}

func queueAndOffset(t *testing.T, on *server, d *desk, top string) {
	t.Helper()
	_, got := d.find(cluster.Query{Kind: cluster.ByOffset, Topic: top, Queue: cluster.Queue{Broker: on.broker(), ID: 2}, Offset: 3, Count: 4})
	for i, m := range got {
		if m.QueueID != 2 || m.QueueOffset != int64(3+i) || m.Topic != top || m.Broker != on.broker() {
			t.Errorf("message %d of queue 2 from 3 on is of %s, queue %d at %d", i, m.Broker, m.QueueID, m.QueueOffset)
		}
	}
	if len(got) != 4 {
		t.Errorf("%d messages of queue 2 from 3 on, not 4", len(got))
	}
}

// wordsInBodies finds words in bodies that are packed, and in GBK.
func wordsInBodies(t *testing.T, on *server) {
	d := on.desk(t)
	top := on.topic(t, 2)
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, _ = z.Write([]byte("等待付款 in gzip"))
	_ = z.Close()
	gbk, err := simplifiedchinese.GBK.NewEncoder().String("等待付款")
	if err != nil {
		t.Fatal(err)
	}
	bodies := []string{"等待付款", gbk, packed.String(), "other"}
	d.send(top, "", bodies...)
	d.send(top, "", strings.Repeat("等待付款", 3000)) // packed by the client library
	on.dispatched(t, top, 5)
	st, got := d.find(cluster.Query{Kind: cluster.ByTime, Topic: top, Filter: "待付"})
	if len(got) != 4 || st.Read != 5 {
		t.Errorf("%d found: %+v", len(got), st)
	}
}

// queries finds messages by key and by both kinds of ids, and finds what mqadmin
// finds.
func queries(t *testing.T, on *server) {
	d := on.desk(t)
	top := on.topic(t, 4)
	var rs []message.Receipt
	for i := range 70 {
		if i == 35 {
			time.Sleep(1100 * time.Millisecond) // indexes answer 64 messages of a second
		}
		r, err := d.conn.Send(t.Context(), &message.Draft{ProducerGroup: "p", Topic: top, Keys: []string{"all", fmt.Sprint("k", i)}, Body: fmt.Append(nil, "body ", i)})
		if err != nil || r.Status != message.StatusOK {
			t.Fatal(err, r)
		}
		rs = append(rs, r)
	}
	if on.proxy {
		for _, q := range []cluster.Query{{Kind: cluster.ByKey, Topic: top, Key: "k7"}, {Kind: cluster.ByID, Topic: top, Key: rs[7].MessageID}} {
			if st, _ := d.find(q); !errors.Is(st.Err, fault.NotOffered) {
				t.Errorf("%s: %+v", q.Kind, st)
			}
		}
		return
	}
	eventually(t, 20*time.Second, func() string { // the index is made behind the store
		if st, got := d.find(cluster.Query{Kind: cluster.ByKey, Topic: top, Key: "all"}); len(got) != 70 {
			return fmt.Sprintf("%d found, %+v", len(got), st)
		}
		return ""
	})
	for name, c := range map[string]struct {
		q    cluster.Query
		want []string
	}{
		"a key":             {cluster.Query{Kind: cluster.ByKey, Topic: top, Key: " k7 "}, []string{"body 7"}},
		"no such key":       {cluster.Query{Kind: cluster.ByKey, Topic: top, Key: "none"}, nil},
		"the producer's id": {cluster.Query{Kind: cluster.ByID, Topic: top, Key: rs[8].MessageID}, []string{"body 8"}},
		"in other letters":  {cluster.Query{Kind: cluster.ByID, Topic: top, Key: strings.ToLower(rs[8].MessageID)}, []string{"body 8"}},
		"the broker's id":   {cluster.Query{Kind: cluster.ByID, Key: rs[9].OffsetMessageID}, []string{"body 9"}},
		"with a topic too":  {cluster.Query{Kind: cluster.ByID, Topic: top, Key: rs[9].OffsetMessageID}, []string{"body 9"}},
		"no such id":        {cluster.Query{Kind: cluster.ByID, Topic: top, Key: "7F0000013C2A18B4AAC2684F9D1C0A3E"}, nil},
	} {
		st, got := d.find(c.q)
		if diff := cmp.Diff(c.want, texts(got)); diff != "" || st.Err != nil || len(st.Missed) > 0 {
			t.Errorf("%s: %s %+v", name, diff, st)
		}
	}
	st, got := d.find(cluster.Query{Kind: cluster.ByKey, Topic: top, Key: "all"})
	if len(got) != 70 || string(got[0].Body) != "body 0" || string(got[69].Body) != "body 69" {
		t.Fatalf("a key of 70 messages finds %d: %+v", len(got), st)
	}
	if st, _ := d.find(cluster.Query{Kind: cluster.ByID, Key: rs[8].MessageID}); !errors.Is(st.Err, fault.NeedTopic) {
		t.Errorf("a producer's id without a topic: %+v", st)
	}
	sameAsTools(t, on, top, got)
}

// sameAsTools compares what a key finds with what mqadmin says of it; on 4.9.7,
// whose mqadmin brokers with ACL refuse for keys (it signs a field that they leave
// out), with what lies at the place where we found it.
func sameAsTools(t *testing.T, on *server, top string, got []*message.Message) {
	t.Helper()
	m := got[7]
	if on.old {
		out, err := on.real(t).Admin("queryMsgByOffset", "-t", top, "-b", m.Broker, "-i", fmt.Sprint(m.QueueID), "-o", fmt.Sprint(m.QueueOffset))
		if err != nil || !strings.Contains(out, m.ID()) || !strings.Contains(out, "k7") {
			t.Errorf("mqadmin has no %s in queue %d at %d: %v\n%s", m.ID(), m.QueueID, m.QueueOffset, err, out)
		}
		return
	}
	var out string
	var err error
	if on.name == "sandbox" {
		out, err = sandboxTools(t).Admin("queryMsgByKey", "-t", top, "-k", "k7")
	} else {
		out, err = on.real(t).Admin("queryMsgByKey", "-t", top, "-k", "k7")
	}
	if err != nil {
		t.Fatalf("mqadmin: %v\n%s", err, out)
	}
	row := regexp.MustCompile(`(?m)^(\S{32})\s+(\d+)\s+(\d+)`).FindStringSubmatch(out)
	if row == nil || row[1] != m.ID() || row[2] != fmt.Sprint(m.QueueID) || row[3] != fmt.Sprint(m.QueueOffset) {
		t.Errorf("mqadmin finds %q in\n%s\nwe %s in queue %d at %d", row, out, m.ID(), m.QueueID, m.QueueOffset)
	}
}

// arrivals: a live search finds what comes from then on, until it is stopped.
func arrivals(t *testing.T, on *server) {
	d := on.desk(t)
	top := on.topic(t, 4)
	d.send(top, "", "old")
	on.dispatched(t, top, 1)
	s, err := d.conn.Search(cluster.Query{Kind: cluster.Live, Topic: top})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	before := untilItReads(t, d, s, top)
	begin := time.Now()
	for i := range 9 {
		d.send(top, "", fmt.Sprint("new ", i))
	}
	eventually(t, 10*time.Second, func() string {
		if st := s.Status(); st.Kept != uint64(before+9) || st.Found != before+9 || !st.Running || len(st.Missed) > 0 {
			return fmt.Sprintf("%+v", st)
		}
		return ""
	})
	t.Log("all there after", time.Since(begin))
	s.Stop()
	if st := s.Status(); st.Running || !st.Stopped || st.Err != nil || st.Kept != uint64(before+9) {
		t.Errorf("stopped: %+v", st)
	}
}

// untilItReads sends until a live search finds some of it, and returns how many it has
// found when no more of them come.
func untilItReads(t *testing.T, d *desk, s *search.Search, top string) int64 {
	t.Helper()
	eventually(t, 20*time.Second, func() string {
		if s.Status().Found == 0 {
			d.send(top, "", "is it there?")
			return "nothing is found"
		}
		return ""
	})
	var found int64
	for found != s.Status().Found {
		found = s.Status().Found
		time.Sleep(time.Second)
	}
	return found
}

// searchFails: what cannot be searched says so, and one can be given up.
func searchFails(t *testing.T, on *server) {
	d := on.desk(t)
	top := on.topic(t, 4)
	if st, _ := d.find(cluster.Query{Kind: cluster.ByTime, Topic: top + "-none"}); !errors.Is(st.Err, fault.TopicNotFound) {
		t.Errorf("a topic that does not exist: %+v", st)
	}
	if _, err := d.conn.Search(cluster.Query{Kind: cluster.ByTime, Topic: "a b"}); !errors.Is(err, message.ErrBadName) {
		t.Errorf("a name that cannot be: %v", err)
	}
	st, _ := d.find(cluster.Query{Kind: cluster.ByOffset, Topic: top, Queue: cluster.Queue{Broker: on.broker(), ID: 99}, Count: 1})
	if st.Err == nil || st.Running {
		t.Errorf("a queue that does not exist: %+v", st)
	}
	st, got := d.find(cluster.Query{Kind: cluster.ByOffset, Topic: top, Queue: cluster.Queue{Broker: on.broker()}, Offset: 100, Count: 5})
	if st.Err != nil || len(got) > 0 {
		t.Errorf("an offset behind the end: %+v", st)
	}
	s, err := d.conn.Search(cluster.Query{Kind: cluster.ByTime, Topic: top})
	if err != nil {
		t.Fatal(err)
	}
	s.Close()
	if st := s.Status(); st.Running {
		t.Errorf("closed: %+v", st)
	}
}
