package message

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"time"
	"unicode/utf8"
)

// lineJSON is a message as other programs read it.
type lineJSON struct {
	Topic           string   `json:"topic"`
	Broker          string   `json:"broker,omitempty"`
	QueueID         int      `json:"queueId"`
	QueueOffset     int64    `json:"queueOffset"`
	MessageID       string   `json:"messageId"`
	OffsetMessageID string   `json:"offsetMessageId,omitempty"`
	Tag             string   `json:"tag,omitempty"`
	Keys            []string `json:"keys,omitempty"`
	BornAt          string   `json:"bornAt"`
	BornHost        string   `json:"bornHost,omitempty"`
	StoredAt        string   `json:"storedAt"`
	ReconsumeTimes  int      `json:"reconsumeTimes"`
	Flag            int32    `json:"flag"`
	// Properties are those of the user, SystemProperties the others.
	Properties       map[string]string `json:"properties,omitempty"`
	SystemProperties map[string]string `json:"systemProperties,omitempty"`
	// PropertiesBase64 are all of them in RocketMQ's stored form, where that is no UTF-8
	// or a name occurs twice.
	PropertiesBase64 string `json:"propertiesBase64,omitempty"`
	// One of these is the body, to the byte.
	Body       *string `json:"body,omitempty"`
	BodyBase64 *string `json:"bodyBase64,omitempty"`
	// Packed says that the body is as the client packed it, because it does not open or
	// is larger than MaxStored; Unpacked that it was packed and stands here as it was
	// before.
	Packed   bool `json:"packed,omitempty"`
	Unpacked bool `json:"unpacked,omitempty"`
	// File is where the body lies instead, Size its bytes.
	File string `json:"file,omitempty"`
	Size *int   `json:"size,omitempty"`
	Export
}

// Export says where exported messages come from.
type Export struct {
	// Profile is the id of the profile over whose connection they came, "" where that is not
	// told; Production: it was one of production.
	Profile    string `json:"profile,omitempty"`
	Production bool   `json:"production,omitempty"`
}

// JSON returns m as one line of JSON without its break: the body, unpacked where the
// client packed it, is "body" where it is UTF-8, else "bodyBase64"; times are UTC.
func (m *Message) JSON() ([]byte, error) { return m.ExportJSON(Export{}) }

// ExportJSON is JSON with a word on where the message comes from.
func (m *Message) ExportJSON(from Export) ([]byte, error) {
	l, content := m.line(from)
	if body := string(content); utf8.ValidString(body) {
		l.Body = &body
	} else {
		body = base64.StdEncoding.EncodeToString(content)
		l.BodyBase64 = &body
	}
	return l.encode()
}

// IndexJSON is ExportJSON for a message whose body lies in a file of that name instead.
// FromJSON does not read it.
func (m *Message) IndexJSON(from Export, file string) ([]byte, error) {
	l, content := m.line(from)
	size := len(content)
	l.File, l.Size = file, &size
	return l.encode()
}

// line is m but for its body, which stands beside it.
func (m *Message) line(from Export) (l lineJSON, body []byte) {
	l = lineJSON{
		Export: from,
		Topic:  m.Topic, Broker: m.Broker, QueueID: m.QueueID, QueueOffset: m.QueueOffset,
		MessageID: m.ID(), OffsetMessageID: m.OffsetID(), Tag: m.Tag(), Keys: m.Keys(),
		BornAt: timeJSON(m.BornAt), StoredAt: timeJSON(m.StoredAt), ReconsumeTimes: m.ReconsumeTimes, Flag: m.Flag,
		Properties: byName(m.UserProperties()), SystemProperties: byName(m.SystemProperties()),
	}
	if m.BornHost.IsValid() {
		l.BornHost = m.BornHost.String()
	}
	stored := appendProperties(nil, m.Properties)
	if !utf8.Valid(stored) || len(l.Properties)+len(l.SystemProperties) < len(m.Properties) {
		l.PropertiesBase64 = base64.StdEncoding.EncodeToString(stored)
	}
	content, ok := m.Unpacked(MaxStored)
	if !ok {
		content, l.Packed = m.Body, true
	}
	l.Unpacked = ok && m.PackedByClient()
	return l, content
}

func (l *lineJSON) encode() ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false) // bodies are read by people too
	err := e.Encode(l)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// ErrNotExported: a line is no message as JSON writes one.
var ErrNotExported = errors.New("not an exported message")

// FromJSON reads a message back from a line of JSON. What its sender gave it is to the
// byte what it was; user properties come in the order of their names where the line does
// not have them in their stored form, and where it lay is known only as far as people are
// told. Where it comes from is told as the line has it.
func FromJSON(line []byte) (*Message, Export, error) {
	var l lineJSON
	if !utf8.Valid(line) { // which would be replaced without a word
		return nil, Export{}, fmt.Errorf("%w: not UTF-8", ErrNotExported)
	}
	if err := json.Unmarshal(line, &l); err != nil {
		return nil, Export{}, fmt.Errorf("%w: %w", ErrNotExported, err)
	}
	if l.Topic == "" || (l.Body == nil) == (l.BodyBase64 == nil) {
		return nil, Export{}, fmt.Errorf("%w: no topic, or not one body", ErrNotExported)
	}
	m := &Message{
		Topic: l.Topic, Broker: l.Broker, QueueID: l.QueueID, QueueOffset: l.QueueOffset, Flag: l.Flag,
		ReconsumeTimes: l.ReconsumeTimes, BornAt: timeOf(l.BornAt), StoredAt: timeOf(l.StoredAt), Inflated: l.Unpacked,
	}
	m.BornHost, _ = netip.ParseAddrPort(l.BornHost)
	m.StoreHost, m.CommitLogOffset = placeOf(l.OffsetMessageID)
	if l.Packed || l.Unpacked {
		m.SysFlag = flagCompressed
	}
	if l.Body != nil {
		m.Body = []byte(*l.Body)
	} else if b, err := base64.StdEncoding.DecodeString(*l.BodyBase64); err != nil {
		return nil, Export{}, fmt.Errorf("%w: %w", ErrNotExported, err)
	} else {
		m.Body = b
	}
	if l.PropertiesBase64 != "" {
		b, err := base64.StdEncoding.DecodeString(l.PropertiesBase64)
		if err != nil {
			return nil, Export{}, fmt.Errorf("%w: %w", ErrNotExported, err)
		}
		m.Properties = ParseProperties(string(b))
		return m, l.Export, nil
	}
	for _, all := range []map[string]string{l.SystemProperties, l.Properties} {
		for _, name := range slices.Sorted(maps.Keys(all)) {
			m.Properties = append(m.Properties, Property{name, all[name]})
		}
	}
	return m, l.Export, nil
}

// placeOf reads what OffsetID wrote, as far as it is that.
func placeOf(id string) (host netip.AddrPort, offset int64) {
	b, err := hex.DecodeString(id)
	if err != nil || len(b) != 16 && len(b) != 28 {
		return host, 0
	}
	n := len(b) - 12
	addr, _ := netip.AddrFromSlice(b[:n])
	port := binary.BigEndian.Uint32(b[n:])
	if port > 1<<16-1 {
		return host, 0
	}
	return netip.AddrPortFrom(addr, uint16(port)), int64(binary.BigEndian.Uint64(b[n+4:]))
}

// timeOf reads what timeJSON wrote, as far as it is a time.
func timeOf(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return time.Time{}
	}
	return t
}

// timeJSON is RFC 3339 with milliseconds, and for times that a producer made up what is
// closest to it: years may have five digits.
func timeJSON(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

func byName(all []Property) map[string]string {
	m := make(map[string]string, len(all))
	for _, p := range all {
		m[p.Name] = p.Value
	}
	return m
}
