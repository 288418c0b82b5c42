package message

import (
	"bytes"
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func sample() *Message {
	return &Message{
		Topic: "orders", Broker: "broker-a", QueueID: 3, QueueOffset: 1820447, CommitLogOffset: 1 << 40,
		Flag: 7, SysFlag: 0, BornAt: time.UnixMilli(1795401386554), BornHost: netip.MustParseAddrPort("10.2.14.77:51312"),
		StoredAt: time.UnixMilli(1795401386600), StoreHost: netip.MustParseAddrPort("127.0.0.1:10911"),
		ReconsumeTimes: 2, PreparedOffset: 9, BodyCRC: 12345, Body: []byte("订单\x00\xff{}"),
		Properties: []Property{{"TAGS", "paid"}, {"KEYS", "a b"}, {"UNIQ_KEY", "C0000202AA"}, {"region", "华南"}},
		ArrivedAt:  time.Unix(0, 1795401386700123456),
	}
}

func TestStoredRoundTrip(t *testing.T) {
	for name, change := range map[string]func(*Message){
		"plain": func(*Message) {},
		"ipv6": func(m *Message) {
			m.BornHost = netip.MustParseAddrPort("[2001:db8::1]:1")
			m.SysFlag = flagBornHostIPv6
		},
		"ipv6 store": func(m *Message) { m.StoreHost = netip.MustParseAddrPort("[::1]:9"); m.SysFlag = flagStoreHostIPv6 },
		"long topic": func(m *Message) { m.Topic = strings.Repeat("t", 200) },
		"empty body": func(m *Message) { m.Body = []byte{} },
		"bare":       func(m *Message) { m.Properties = nil },
		"inflated":   func(m *Message) { m.Inflated, m.StoreSize, m.SysFlag = true, 77, 1 },
	} {
		t.Run(name, func(t *testing.T) {
			want := sample()
			change(want)
			rec := AppendMessage([]byte("before"), want)[6:]
			r, n, err := ParseRecord(rec)
			if err != nil || n != len(rec) {
				t.Fatalf("ParseRecord = %d, %v", n, err)
			}
			got, err := r.Message()
			if err != nil {
				t.Fatal(err)
			}
			if !want.Inflated {
				want.StoreSize = len(r.Payload)
			}
			if d := cmp.Diff(want, got, cmpopts.EquateComparable(netip.AddrPort{})); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestStoredPropertiesArePassedOn(t *testing.T) {
	want := sample()
	m := *want
	// The separator at the end is optional, and stays as it came.
	m.Properties, m.StoredProperties = nil, []byte("TAGS\x01paid\x02KEYS\x01a b\x02UNIQ_KEY\x01C0000202AA\x02region\x01华南\x02")
	if m.Tag() != "paid" || m.ID() != "C0000202AA" {
		t.Errorf("tag %q, id %q", m.Tag(), m.ID())
	}
	b := AppendStored(nil, &m)
	if !bytes.HasSuffix(b, m.StoredProperties) {
		t.Error("the properties changed")
	}
	got, _, err := ParseStored(b)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want.Properties, got.Properties); d != "" {
		t.Error(d)
	}
}

func TestRecordDamage(t *testing.T) {
	rec := AppendMessage(nil, sample())
	for i := range rec {
		if _, err := CheckRecord(rec[:i]); !errors.Is(err, ErrShort) {
			t.Fatalf("cut at %d: %v", i, err)
		}
		bad := bytes.Clone(rec)
		bad[i] ^= 0x40
		if _, err := CheckRecord(bad); err == nil {
			t.Fatalf("bit flipped at %d went unseen", i)
		}
	}
}

func TestIDs(t *testing.T) {
	m := &Message{StoreHost: netip.MustParseAddrPort("127.0.0.1:10911"), CommitLogOffset: 0}
	if got, want := m.OffsetID(), "7F00000100002A9F0000000000000000"; got != want {
		t.Errorf("OffsetID = %s, want %s", got, want)
	}
	if m.ID() != m.OffsetID() {
		t.Error("a message without UNIQ_KEY must show its offset id")
	}
	if got := sample().ID(); got != "C0000202AA" {
		t.Errorf("ID = %s", got)
	}
}

func TestPropertiesApart(t *testing.T) {
	m := sample()
	want := []Property{{"region", "华南"}}
	if d := cmp.Diff(want, m.UserProperties()); d != "" {
		t.Error(d)
	}
	if len(m.SystemProperties()) != 3 {
		t.Errorf("system properties: %v", m.SystemProperties())
	}
}

func TestDraftCheck(t *testing.T) {
	ok := Draft{Topic: "rocketmq-abc|ns%orders", Tag: "测试", Keys: []string{"k1"}, Properties: []Property{{"a", "b"}}, Body: []byte("x")}
	if err := ok.Check(); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		change func(*Draft)
		want   error
	}{
		"no topic":         {func(d *Draft) { d.Topic = "" }, ErrEmptyName},
		"bad topic":        {func(d *Draft) { d.Topic = "a b" }, ErrBadName},
		"chinese topic":    {func(d *Draft) { d.Topic = "订单" }, ErrBadName},
		"timers":           {func(d *Draft) { d.Topic = TimersTopic }, ErrInnerTopic},
		"half messages":    {func(d *Draft) { d.Topic = rocksHalves }, ErrInnerTopic},
		"traces":           {func(d *Draft) { d.Topic = "RMQ_SYS_TRACE_TOPIC" }, nil},
		"a retry topic":    {func(d *Draft) { d.Topic = RetryTopic("g") }, nil},
		"long topic":       {func(d *Draft) { d.Topic = strings.Repeat("x", 128) }, ErrLongName},
		"empty body":       {func(d *Draft) { d.Body = nil }, ErrEmptyBody},
		"empty value":      {func(d *Draft) { d.Properties = []Property{{"a", ""}} }, ErrBadProperty},
		"system name":      {func(d *Draft) { d.Properties = []Property{{"TAGS", "x"}} }, ErrBadProperty},
		"separator in tag": {func(d *Draft) { d.Tag = "a\x02b" }, ErrBadProperty},
		"not UTF-8":        {func(d *Draft) { d.Keys = []string{"\xff"} }, ErrBadProperty},
		"too much":         {func(d *Draft) { d.Properties = []Property{{"a", strings.Repeat("x", MaxProperties)}} }, ErrLongProperties},
	} {
		d := ok
		c.change(&d)
		if err := d.Check(); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

func FuzzParseStored(f *testing.F) {
	f.Add(AppendStored(nil, sample()))
	m := sample()
	m.Topic = strings.Repeat("t", 130)
	f.Add(AppendStored(nil, m))
	f.Add([]byte("HTTP/1.1 400 Bad Request\r\n"))
	f.Add(make([]byte, 48))
	f.Fuzz(func(t *testing.T, b []byte) {
		one, rest, cut := CutStored(b)
		stored, timed := StoredAt(one)
		if cut == nil && len(one)+len(rest) != len(b) {
			t.Fatalf("cut %d and %d of %d", len(one), len(rest), len(b))
		}
		var body []byte
		bodied := false
		if cut == nil {
			body, bodied = StoredBody(one)
		}
		m, n, err := ParseStored(b)
		if err != nil {
			return
		}
		if !bodied || !bytes.Equal(body, m.Body) {
			t.Fatalf("undecoded the body is %q, decoded %q", body, m.Body)
		}
		if cut != nil || len(one) != n || QueueOffset(one) != m.QueueOffset || CommitLogOffset(one) != m.CommitLogOffset || !timed || !stored.Equal(m.StoredAt) {
			t.Fatalf("undecoded it is %d bytes, at %d, stored %v, decoded %+v; %v", len(one), QueueOffset(one), stored, m, cut)
		}
		if n > len(b) || len(m.Body) > n {
			t.Fatalf("took %d of %d", n, len(b))
		}
	})
}

func FuzzParseRecord(f *testing.F) {
	f.Add(AppendMessage(nil, sample()))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, n, err := ParseRecord(b)
		if err != nil {
			return
		}
		if again := AppendRecord(nil, r); !bytes.Equal(again[:8], b[:8]) && n == len(again) {
			t.Fatal("a record does not encode to itself")
		}
		_, _ = r.Message()
	})
}
