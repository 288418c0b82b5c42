package engine

import (
	"bytes"
	"compress/zlib"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/apache/rocketmq-client-go/v2/primitive"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"gantry/client/message"
)

// received pulls stored bytes through the fake and returns what is handed over.
func received(t *testing.T, mq primitive.MessageQueue, b []byte) []*message.Message {
	t.Helper()
	var got []*message.Message
	_, f := withFake(t, ConsumerConfig{Topic: mq.Topic, Handle: func(ms []*message.Message) Answer {
		for _, m := range ms {
			got = append(got, read(m))
		}
		return Success
	}})
	if _, err := f.pull(mq, b); err != nil {
		t.Fatal(err)
	}
	return got
}

var addrs = cmp.Comparer(func(a, b netip.AddrPort) bool { return a == b })

// TestConvertIsExact wants everything that the broker stores, and nothing that
// the library adds, from the first to the last message of a pull.
func TestConvertIsExact(t *testing.T) {
	properties := []message.Property{
		{Name: "z", Value: "last first"},
		{Name: "UNIQ_KEY", Value: "0A"},
		{Name: "a", Value: ""},
		{Name: "twice", Value: "1"},
		{Name: "twice", Value: "2"},
		{Name: "TAGS", Value: "付款"},
		// The library drops a property whose value holds the name separator.
		{Name: "split", Value: "a\x01b"},
	}
	var pulled []byte
	bodies := []string{"first", "", "\x00\xff\xfe binary", strings.Repeat("long ", 1000)}
	for i, b := range bodies {
		pulled = append(pulled, stored("topic", int64(i), b, properties...)...)
	}
	before := time.Now()
	got := received(t, queue("topic"), pulled)
	if len(got) != len(bodies) {
		t.Fatalf("%d messages", len(got))
	}
	at := 0
	for i, m := range got {
		want, n, err := message.ParseStored(pulled[at:])
		if err != nil {
			t.Fatal(err)
		}
		at += n
		want.Broker = "broker-a"
		if diff := cmp.Diff(want, m, addrs, cmpopts.IgnoreFields(message.Message{}, "ArrivedAt")); diff != "" {
			t.Errorf("message %d: %s", i, diff)
		}
		if diff := cmp.Diff(properties, m.Properties); diff != "" {
			t.Errorf("properties of message %d: %s", i, diff)
		}
		if m.ArrivedAt.Before(before) || time.Since(m.ArrivedAt) > time.Minute {
			t.Errorf("arrived at %v", m.ArrivedAt)
		}
		if !bytes.Equal(message.AppendStored(nil, m), pulled[at-n:at]) {
			t.Errorf("message %d is stored otherwise than the broker does", i)
		}
	}
}

func TestConvertWithoutProperties(t *testing.T) {
	m := received(t, queue("t"), stored("t", 1, "x"))[0]
	if len(m.Properties) != 0 || m.Inflated {
		t.Errorf("%+v", m)
	}
}

// TestConvertInflated: a body that the library decompressed lies in an array of
// its own, without the properties behind it.
func TestConvertInflated(t *testing.T) {
	plain := strings.Repeat("compressible ", 100)
	var z bytes.Buffer
	w := zlib.NewWriter(&z)
	if _, err := w.Write([]byte(plain)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	b := stored("t", 1, z.String(), message.Property{Name: "b", Value: "2"}, message.Property{Name: "a", Value: "1"}, message.Property{Name: "KEYS", Value: "k"})
	m := received(t, queue("t"), patch(b, sysFlagAt, 1))[0]
	if !m.Inflated || string(m.Body) != plain {
		t.Fatalf("inflated %v, body of %d bytes", m.Inflated, len(m.Body))
	}
	// Sorted, and without what the library adds: MIN_OFFSET, MAX_OFFSET and
	// CONSUME_START_TIME.
	want := []message.Property{{Name: "KEYS", Value: "k"}, {Name: "a", Value: "1"}, {Name: "b", Value: "2"}}
	if diff := cmp.Diff(want, m.Properties); diff != "" {
		t.Error(diff)
	}
	if m.StoreSize != len(b) || m.BodyCRC != 0x7ffffff1 || m.SysFlag != 1 {
		t.Errorf("size %d of %d, CRC %x, flags %x", m.StoreSize, len(b), m.BodyCRC, m.SysFlag)
	}
}

// TestConvertKeepsACompressionThatTheLibraryDoesNotKnow: LZ4 and ZSTD bodies
// come as they are.
func TestConvertKeepsACompressionThatTheLibraryDoesNotKnow(t *testing.T) {
	const body = "\x04\x22\x4d\x18 not zlib"
	b := stored("t", 1, body, message.Property{Name: "b", Value: "2"}, message.Property{Name: "a", Value: "1"})
	m := received(t, queue("t"), patch(b, sysFlagAt, 1|1<<8))[0]
	if m.Inflated || string(m.Body) != body || len(m.Properties) != 2 || m.Properties[0].Name != "b" {
		t.Errorf("%+v", m)
	}
}

// TestConvertKeepsTheRetryTopic: the library puts the first topic in the place
// of the one that the message lies in.
func TestConvertKeepsTheRetryTopic(t *testing.T) {
	b := stored("%RETRY%group", 1, "again", message.Property{Name: "RETRY_TOPIC", Value: "orders"})
	m := received(t, queue("%RETRY%group"), b)[0]
	if m.Topic != "%RETRY%group" || m.OriginTopic() != "orders" || m.ReconsumeTimes != 2 || m.Inflated {
		t.Errorf("%+v", m)
	}
	if diff := cmp.Diff([]message.Property{{Name: "RETRY_TOPIC", Value: "orders"}}, m.Properties); diff != "" {
		t.Error(diff)
	}
}

func TestConvertIPv6(t *testing.T) {
	for _, c := range []struct{ born, store string }{
		{"[2001:db8::1]:45678", "[::1]:10911"},
		{"10.1.2.3:45678", "[2001:db8::2]:10911"},
		{"[2001:db8::1]:45678", "10.4.5.6:10911"},
		{"[::ffff:10.1.2.3]:45678", "[::ffff:10.4.5.6]:10911"},
	} {
		b := message.AppendStored(nil, &message.Message{
			Topic: "t", QueueID: 3, CommitLogOffset: 99, BornHost: netip.MustParseAddrPort(c.born), StoreHost: netip.MustParseAddrPort(c.store),
			Body: []byte("x"), Properties: []message.Property{{Name: "b", Value: "1"}, {Name: "a", Value: "2"}},
		})
		want := primitive.DecodeMessage(b)[0].OffsetMsgId
		m := received(t, queue("t"), b)[0]
		if m.BornHost.String() != c.born || m.StoreHost.String() != c.store {
			t.Errorf("%+v: born %v, stored %v", c, m.BornHost, m.StoreHost)
		}
		if m.Inflated || m.OffsetID() != want {
			t.Errorf("%+v: inflated %v, id %s, want %s", c, m.Inflated, m.OffsetID(), want)
		}
		if !bytes.Equal(message.AppendStored(nil, m), b) {
			t.Errorf("%+v is stored otherwise than the broker does", c)
		}
	}
}

// TestConvertTrustsNoBytesBehindTheBody gives the library's message a body that
// is followed by something else than the rest of its stored form.
func TestConvertTrustsNoBytesBehindTheBody(t *testing.T) {
	make := func(tail string, size int32) *primitive.MessageExt {
		all := []byte("body" + tail)
		m := &primitive.MessageExt{StoreSize: size}
		m.Body = all[:4:len(all)]
		m.WithProperty("from", "map")
		return m
	}
	const whole = 4*8 + 8*5 + 8 + 8 + 4 + 1 + 1 + 2 + 5
	for name, m := range map[string]*primitive.MessageExt{
		"nothing":           make("", whole),
		"topic only":        make("\x01t", whole),
		"other topic":       make("\x01u\x00\x05a\x01b\x02c", whole),
		"length beyond end": make("\x01t\x00\x05a\x01b", whole),
		"other size":        make("\x01t\x00\x05a\x01bcd", whole+1),
		"huge length":       make("\x01t\xff\xffa\x01bcd", whole),
	} {
		got := converted(m, queue("t"))
		if diff := cmp.Diff([]message.Property{{Name: "from", Value: "map"}}, got.Properties); diff != "" || !got.Inflated {
			t.Errorf("%s: %s", name, diff)
		}
	}
	got := converted(make("\x01t\x00\x05a\x01bcd", whole), queue("t"))
	if diff := cmp.Diff([]message.Property{{Name: "a", Value: "bcd"}}, got.Properties); diff != "" || got.Inflated {
		t.Errorf("what is right is not taken: %s", diff)
	}
}

func FuzzConvert(f *testing.F) {
	f.Add([]byte("body\x01t\x00\x05a\x01bcd"), 4, int32(101), int32(0))
	f.Add([]byte(""), 0, int32(-1), int32(0x31))
	f.Fuzz(func(t *testing.T, all []byte, body int, size, flags int32) {
		if body < 0 || body > len(all) {
			return
		}
		m := &primitive.MessageExt{StoreSize: size, SysFlag: flags}
		m.Body = all[:body:len(all)]
		got := converted(m, queue("t"))
		if string(got.Body) != string(all[:body]) {
			t.Fatal("the body changed")
		}
	})
}

// converted is what convert makes, with its properties read.
func converted(m *primitive.MessageExt, mq primitive.MessageQueue) *message.Message {
	var out message.Message
	convert(&out, m, mq, time.Now(), &hosts{})
	return read(&out)
}

// read reads the properties that a message passes on in their stored form.
func read(m *message.Message) *message.Message {
	if m.StoredProperties != nil {
		m.Properties, m.StoredProperties = message.ParseProperties(string(m.StoredProperties)), nil
	}
	return m
}
