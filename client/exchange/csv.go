package exchange

import (
	"bufio"
	"encoding/base64"
	"encoding/csv"
	"encoding/json"
	"io"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"gantry/client/message"
)

// What bodyAs says of a body in a CSV file.
const (
	asText   = "text"
	asBase64 = "base64"
)

// table writes CSV.
type table struct {
	to  io.WriteCloser
	buf *bufio.Writer
	csv *csv.Writer
	row []string
}

// columns are those of a CSV file.
func columns() []string {
	return []string{
		"topic", "broker", "queueId", "queueOffset", "messageId", "tag", "keys", "bornAt", "storedAt", "reconsumeTimes",
		"properties", "systemProperties", "bodyAs", "body",
	}
}

// CSV writes a row for each message below a row of names, as RFC 4180 has it, in UTF-8 with a
// byte-order mark, without which spreadsheets take Chinese for something else; it closes to.
// The body, unpacked where the client packed it, is text where it is that, else base64:
// bodyAs says which. Properties are an object of JSON; in them what is no UTF-8 is lost, and
// of a name that occurs twice the last value stands.
func CSV(to io.WriteCloser) (Writer, error) {
	t := &table{to: to, buf: bufio.NewWriterSize(to, bufferSize)}
	t.csv = csv.NewWriter(t.buf)
	_, err := t.buf.WriteString("\ufeff")
	if err == nil {
		err = t.csv.Write(columns())
	}
	if err != nil {
		_ = to.Close()
		return nil, err
	}
	return t, nil
}

func (t *table) Write(m *message.Message) error {
	user, err := object(m.UserProperties())
	if err != nil {
		return err
	}
	system, err := object(m.SystemProperties())
	if err != nil {
		return err
	}
	as, body := asText, ""
	if content := content(m); plain(content) {
		body = string(content)
	} else {
		as, body = asBase64, base64.StdEncoding.EncodeToString(content)
	}
	const at = "2006-01-02T15:04:05.000Z"
	t.row = append(t.row[:0],
		m.Topic, m.Broker, strconv.Itoa(m.QueueID), strconv.FormatInt(m.QueueOffset, 10), m.ID(), m.Tag(), strings.Join(m.Keys(), " "),
		m.BornAt.UTC().Format(at), m.StoredAt.UTC().Format(at), strconv.Itoa(m.ReconsumeTimes), user, system, as, body)
	return t.csv.Write(t.row)
}

func (t *table) Close() error {
	t.csv.Flush()
	err := t.csv.Error()
	if err == nil {
		err = t.buf.Flush()
	}
	return closed(err, t.to)
}

// content is a message's body, unpacked where the client packed it and it opens.
func content(m *message.Message) []byte {
	if b, ok := m.Unpacked(message.MaxStored); ok {
		return b
	}
	return m.Body
}

// plain tells whether a body is text that a cell can hold: UTF-8 without control signs
// but for breaks and tabs. A carriage return is none, because readers of CSV drop it.
func plain(b []byte) bool {
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		if r == utf8.RuneError && n < 2 || unicode.IsControl(r) && r != '\n' && r != '\t' {
			return false
		}
		b = b[n:]
	}
	return true
}

// object is properties as JSON, "" for none.
func object(all []message.Property) (string, error) {
	if len(all) == 0 {
		return "", nil
	}
	by := make(map[string]string, len(all))
	for _, p := range all {
		by[p.Name] = p.Value
	}
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(by)
	return strings.TrimSuffix(b.String(), "\n"), err
}
