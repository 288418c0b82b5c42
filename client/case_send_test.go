package client_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gantry/client/fault"
	"gantry/client/message"
	"gantry/client/testcluster"
)

func sendAndReceiveExactly(t *testing.T, on *server) {
	d := on.desk(t)
	top := on.topic(t, 4)
	sub := d.subscribe(on.spec(t, top))
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	drafts := map[string]message.Draft{
		"chinese": {Tag: "付款", Keys: []string{"订单-1", "k2"}, Properties: []message.Property{{Name: "地区", Value: "华南"}, {Name: "a", Value: "b c"}}, Body: []byte("正文 {\"价\": 1.10}")},
		"binary":  {Tag: "bin", Keys: []string{"k"}, Body: all},
		"short":   {Body: []byte{0}},
		"large":   {Tag: "l", Packed: true, Body: []byte(strings.Repeat("0123456789", 20_000))},
	}
	receipts := map[string]message.Receipt{}
	for name, dr := range drafts {
		dr.Topic, dr.ProducerGroup = top, "test"
		dr.Properties = append(dr.Properties, message.Property{Name: "case", Value: name})
		r, err := d.conn.Send(t.Context(), &dr)
		if err != nil || r.Status != message.StatusOK {
			t.Fatalf("%s: %v, %+v", name, err, r)
		}
		if r.MessageID == "" || r.OffsetMessageID == "" || r.Broker != on.broker() || r.Took <= 0 {
			t.Errorf("%s: receipt %+v", name, r)
		}
		drafts[name], receipts[name] = dr, r
	}
	wait(t, sub, len(drafts), 20*time.Second)
	for _, m := range messages(t, sub) {
		name := m.Property("case")
		dr, r := drafts[name], receipts[name]
		if m.Topic != top || m.Tag() != dr.Tag || string(m.Body) != string(dr.Body) || !slices.Equal(m.Keys(), dr.Keys) {
			t.Errorf("%s arrived as %+v", name, m)
		}
		user := m.UserProperties()
		want := slices.Clone(dr.Properties)
		sort := func(a, b message.Property) int { return strings.Compare(a.Name, b.Name) }
		slices.SortFunc(user, sort)
		slices.SortFunc(want, sort)
		if diff := cmp.Diff(want, user); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if m.ID() != r.MessageID || m.OffsetID() != r.OffsetMessageID || m.QueueID != r.QueueID || m.QueueOffset != r.QueueOffset {
			t.Errorf("%s: %s, %s at %d/%d; the receipt says %+v", name, m.ID(), m.OffsetID(), m.QueueID, m.QueueOffset, r)
		}
		if m.Inflated != (name == "large") {
			t.Errorf("%s: inflated %v", name, m.Inflated)
		}
	}
}

func largeAndEmptyBodies(t *testing.T, on *server) {
	d := on.desk(t)
	top := on.topic(t, 1)
	body := make([]byte, 5<<20)
	seed := uint32(1)
	for i := range body { // does not compress
		seed = seed*1664525 + 1013904223
		body[i] = byte(seed >> 24)
	}
	r, err := d.conn.Send(t.Context(), &message.Draft{ProducerGroup: "test", Topic: top, Body: body})
	if err != nil {
		t.Fatal(err)
	}
	if r.Status != message.StatusFailed || !errors.Is(r.Fault, fault.MessageTooLarge) || !strings.Contains(r.Fault.Raw, "body length") {
		t.Errorf("5 MB: %+v", r)
	}
	if _, err := d.conn.Send(t.Context(), draft(top, "")); !errors.Is(err, message.ErrEmptyBody) {
		t.Errorf("an empty body: %v", err)
	}
}

// compressedBodies: a Java producer compresses bodies of 4 KB and more. The
// client library opens zlib itself; the other two stay as they came, exact to the
// byte, and open for eyes.
func compressedBodies(t *testing.T, on *server) {
	d := on.desk(t)
	top := on.topic(t, 1)
	s := on.spec(t, top)
	sub := d.subscribe(s)
	text := strings.Repeat("订单 1820447 已付款; ", 1000)
	args := append(on.java(t), "topic="+top, "compress=ZLIB LZ4 ZSTD", "tag=java", "keys=k1 k2", "prop.地区=华南", "body="+text)
	out, err := testcluster.Java(t.Context(), testcluster.V550, "testdata/java/Send.java", args...)
	if errors.Is(err, testcluster.ErrNotInstalled) {
		testcluster.Unavailable(t, err)
	}
	if err != nil {
		t.Fatal(err)
	}
	wait(t, sub, 3, 30*time.Second)
	ms := messages(t, sub)
	for i, want := range []string{"", "lz4", "zstd"} {
		m := ms[i]
		name, plain, whole := message.Open(m.Body, 1<<20)
		if m.Inflated {
			name, plain, whole = "", m.Body, true
		}
		if name != want || !whole || string(plain) != text {
			t.Errorf("%d: packed as %q, %d bytes, inflated %v", i, name, len(plain), m.Inflated)
		}
		if m.Tag() != "java" || !slices.Equal(m.Keys(), []string{"k1", "k2"}) || m.Property("地区") != "华南" || !strings.Contains(out, m.ID()) {
			t.Errorf("%d: %+v, the producer says %s", i, m, out)
		}
		if stored := on.stored(t, top, 0, m.QueueOffset); m.Inflated == bytes.Equal(stored.Body, m.Body) || stored.BodyCRC != m.BodyCRC || stored.StoreSize != m.StoreSize {
			t.Errorf("%d: the broker stores %d bytes (%x), here are %d (%x)", i, stored.StoreSize, stored.BodyCRC, m.StoreSize, m.BodyCRC)
		}
	}
}
