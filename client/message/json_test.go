package message

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"net/netip"
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
