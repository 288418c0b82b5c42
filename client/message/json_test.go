package message

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestJSON: another program gets every byte back.
func TestJSON(t *testing.T) {
	at := time.Date(2026, 11, 28, 6, 30, 0, 12e6, time.UTC)
	for _, body := range []string{"", `{"a":"<&> \u2028 李婷"}`, "\u2028\x00\x1f", "\xff\x00gbk"} {
		m := &Message{
			Topic: "orders", Broker: "broker-a", QueueID: 2, QueueOffset: 1 << 60, Body: []byte(body), Flag: -1,
			BornAt: at, BornHost: netip.MustParseAddrPort("10.0.0.1:99"), StoredAt: at.In(time.FixedZone("", 8*3600)), ReconsumeTimes: 3,
			Properties: []Property{{PropertyTags, "paid"}, {PropertyKeys, "k1 k2"}, {PropertyUniqueID, "ID"}, {"tenant", "北"}, {"bad", "\xff"}},
		}
		m.BornAt = m.BornAt.AddDate(50_000, 0, 0) // microseconds for milliseconds
		line, err := m.JSON()
		if err != nil || bytes.ContainsAny(line, "\n\r") {
			t.Fatalf("%q, %v", line, err)
		}
		var got struct {
			Topic, Broker, MessageID, Tag, BornAt, StoredAt, BornHost string
			QueueID, ReconsumeTimes                                   int
			QueueOffset                                               int64
			Flag                                                      int32
			Keys                                                      []string
			Properties, SystemProperties                              map[string]string
			PropertiesBase64, Body                                    string
			BodyBase64                                                *[]byte
		}
		if err := json.Unmarshal(line, &got); err != nil {
			t.Fatal(err)
		}
		if got.BodyBase64 != nil {
			got.Body = string(*got.BodyBase64)
		}
		if got.Body != body {
			t.Errorf("%q came as %q", body, got.Body)
		}
		const when = "2026-11-28T06:30:00.012Z"
		if got.Topic != "orders" || got.Broker != "broker-a" || got.MessageID != "ID" || got.Tag != "paid" || len(got.Keys) != 2 || got.Flag != -1 ||
			got.QueueID != 2 || got.QueueOffset != 1<<60 || got.ReconsumeTimes != 3 || got.BornHost != "10.0.0.1:99" || got.BornAt != "52026-11-28T06:30:00.012Z" || got.StoredAt != when {
			t.Errorf("%s", line)
		}
		if got.Properties["tenant"] != "北" || got.SystemProperties[PropertyKeys] != "k1 k2" || got.Properties[PropertyKeys] != "" {
			t.Errorf("%s", line)
		}
		stored, err := base64.StdEncoding.DecodeString(got.PropertiesBase64)
		if ps := ParseProperties(string(stored)); err != nil || len(ps) != 5 || ps[4].Value != "\xff" {
			t.Errorf("properties %q", stored)
		}
	}
}

// TestFromJSON: what was exported is read back to the byte, as far as a sender gave it.
func TestFromJSON(t *testing.T) {
	packed := []byte("not what it should be, and still a body")
	for name, m := range map[string]*Message{
		"text":          {Body: []byte("{\"a\":\"<&>\\u2028 李\u2028\u2029\x00\x1f\ufffd\"}\r\n"), Flag: 7},
		"bytes":         {Body: []byte{0xff, 0, 0xfe}},
		"empty":         {Body: []byte{}},
		"unpacked":      {Body: []byte("plain"), Inflated: true, SysFlag: flagCompressed | compressionZlib},
		"does not open": {Body: packed, SysFlag: flagCompressed},
		"twice":         {Body: []byte("b"), Properties: []Property{{"a", "1"}, {"a", "2"}}},
		"no UTF-8":      {Body: []byte("b"), Properties: []Property{{"a", "\xff"}}},
	} {
		m.Topic, m.Broker, m.QueueID, m.QueueOffset = "orders", "broker-a", 3, 1<<60
		m.StoredAt = time.Date(2026, 11, 28, 6, 30, 0, 12e6, time.UTC)
		if m.Properties == nil {
			m.Properties = []Property{{PropertyKeys, "k1  k2"}, {PropertyTags, "paid"}, {"a", "北"}, {"b", ""}}
		}
		line, err := m.JSON()
		if err != nil {
			t.Fatal(name, err)
		}
		got, _, err := FromJSON(line)
		if err != nil {
			t.Fatal(name, err)
		}
		if !bytes.Equal(got.Body, m.Body) || got.Flag != m.Flag || got.FirstTopic() != "orders" || !slices.Equal(got.Properties, m.Properties) ||
			got.PackedByClient() != m.PackedByClient() || !got.StoredAt.Equal(m.StoredAt) || got.QueueOffset != m.QueueOffset {
			t.Errorf("%s: %+v, was %+v", name, got, m)
		}
		_, opened := m.Unpacked(MaxStored)
		if _, ok := got.Unpacked(MaxStored); ok != opened {
			t.Errorf("%s opens: %v, was %v", name, ok, opened)
		}
	}
	for _, line := range []string{"", "x", "[]", "{}", `{"topic":"t"}`, `{"topic":"t","body":"a","bodyBase64":"YQ=="}`, `{"topic":"t","bodyBase64":"*"}`, `{"topic":"t","body":"a","propertiesBase64":"*"}`, `{"body":"a"}`, "{\"topic\":\"t\",\"body\":\"\xff\"}"} {
		if _, _, err := FromJSON([]byte(line)); !errors.Is(err, ErrNotExported) {
			t.Errorf("%s: %v", line, err)
		}
	}
}

// TestFirstTopic: wherever a broker moved it.
func TestFirstTopic(t *testing.T) {
	for _, c := range []struct {
		topic      string
		properties []Property
		want       string
	}{
		{"orders", nil, "orders"},
		{"orders", []Property{{PropertyRetryTopic, "other"}, {PropertyRealTopic, "x"}}, "orders"},
		{"%RETRY%g", []Property{{PropertyRetryTopic, "orders"}}, "orders"},
		{"%DLQ%g", []Property{{PropertyRetryTopic, "orders"}}, "orders"},
		{"%DLQ%g", nil, "%DLQ%g"},
		{"SCHEDULE_TOPIC_XXXX", []Property{{PropertyRealTopic, "orders"}}, "orders"},
		{"SCHEDULE_TOPIC_XXXX", []Property{{PropertyRealTopic, "%RETRY%g"}, {PropertyRetryTopic, "orders"}}, "orders"},
		{"rmq_sys_wheel_timer", nil, "rmq_sys_wheel_timer"},
		{"RMQ_SYS_TRANS_HALF_TOPIC", []Property{{PropertyRealTopic, "orders"}}, "orders"},
	} {
		m := &Message{Topic: c.topic, Properties: c.properties}
		if got := m.FirstTopic(); got != c.want {
			t.Errorf("%s %v: %s, want %s", c.topic, c.properties, got, c.want)
		}
	}
}

// TestExportJSON: a line says where it comes from, and one that does not is read too.
func TestExportJSON(t *testing.T) {
	m := &Message{Topic: "t", Body: []byte("x")}
	for _, from := range []Export{{}, {Profile: "id", Production: true}, {Profile: "id"}} {
		line, err := m.ExportJSON(from)
		if err != nil {
			t.Fatal(err)
		}
		if _, got, err := FromJSON(line); err != nil || got != from || from == (Export{}) && strings.Contains(string(line), "production") {
			t.Errorf("%s: %+v, %v", line, got, err)
		}
	}
}
