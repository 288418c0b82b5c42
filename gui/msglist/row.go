package msglist

import (
	"bytes"
	"encoding/hex"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"gantry/client/filter"
	"gantry/client/message"
	"gantry/client/profile"
	"gantry/gui/widgets"
)

// previewBytes is how much of a body a row may show.
const previewBytes = 400

// Row is a message ready to be drawn: texts that are cut when they are placed.
type Row struct {
	Time  string // of storing, local: "14:32:08.412"
	Day   string // "2026-11-23"
	Topic string // short; "retry:group" and "dead:group"
	Tag   string
	Key   string // the first
	More  string // "+2" for the others
	Queue string // "a2 · 1820447": broker-a, queue 2, offset
	Retry string // "" for none
	Size  string // of the body as stored
	Body  string // one line
	// Mark is the colour of the row.
	Mark profile.Mark
	// Unreadable: the record is damaged.
	Unreadable bool
}

// NewRow makes the row of a message. short takes the profile's prefix off.
func NewRow(m *message.Message, short func(string) string) Row {
	at := m.StoredAt.Local()
	r := Row{
		Time: at.Format("15:04:05.000"), Day: at.Format(time.DateOnly),
		Topic: ShortTopic(m.Topic, short), Tag: m.Tag(), Queue: queueCell(m),
		Size: widgets.Bytes(int64(m.StoredBody())), Body: preview(m.Body),
	}
	if keys := m.Keys(); len(keys) > 0 {
		r.Key = keys[0]
		if len(keys) > 1 {
			r.More = " +" + widgets.Count(len(keys)-1)
		}
	}
	if m.ReconsumeTimes > 0 {
		r.Retry = widgets.Count(m.ReconsumeTimes)
	}
	return r
}

// ShortTopic returns a topic as the user knows it; those that RocketMQ makes for
// a group are "retry:group" and "dead:group".
func ShortTopic(topic string, short func(string) string) string {
	if g := message.RetryGroup(topic); g != "" {
		return "retry:" + short(g)
	}
	if g := message.DeadLetterGroup(topic); g != "" {
		return "dead:" + short(g)
	}
	return short(topic)
}

// ShortQueue is how lists write a queue: the end of its broker's name, or the first
// letter where that is long, and its number.
func ShortQueue(broker string, id int) string {
	b := broker[strings.LastIndexAny(broker, "-_.")+1:]
	if b == "" || len(b) > 3 {
		b = broker[:min(len(broker), 1)]
	}
	if n := len(b); n > 0 && b[n-1] >= '0' && b[n-1] <= '9' {
		b += "/"
	}
	return b + strconv.Itoa(id)
}

// queueCell names queue and offset in at most twelve characters where that can be:
// the offset is what counts.
func queueCell(m *message.Message) string {
	q, at := ShortQueue(m.Broker, m.QueueID), strconv.FormatInt(m.QueueOffset, 10)
	for _, s := range []string{q + " · " + at, q + "·" + at, strconv.Itoa(m.QueueID) + "·" + at} {
		if utf8.RuneCountInString(s) <= 12 {
			return s
		}
	}
	return at
}

// preview is the beginning of a body in one line: unpacked where it is packed,
// with the name of the packing in front, and of binary a dump.
func preview(b []byte) string {
	name, plain, whole := message.Open(b, 2*previewBytes)
	if name != "" {
		b, name = plain, name+" "
		if !whole {
			b = wholeRunes(b)
		}
	}
	switch c := message.DetectCharset(b); c {
	case message.UTF8:
		return name + oneLine(bytes.TrimPrefix(b, []byte("\uFEFF")))
	case message.GBK, message.UTF16LE, message.UTF16BE:
		// As many bytes as a preview shows at most; a sign that this cuts is no sign.
		text, _ := c.Text(b[:min(len(b), 2*previewBytes)])
		return name + string(c) + " " + oneLine([]byte(strings.TrimRight(text, "\uFFFD")))
	}
	return name + "hex " + dump(b)
}

// mostDecoded is how long a body is that is decoded for its row, in bytes.
const mostDecoded = 64 << 10

// decoded is the beginning of a body as JSON, where it is in a format that decode reads and
// no text; "" for others.
func decoded(m *message.Message, decode filter.Decode) string {
	if decode == nil || len(m.Body) > mostDecoded || message.DetectCharset(m.Body) == message.UTF8 {
		return ""
	}
	name, body, whole := message.Open(m.Body, mostDecoded)
	switch {
	case name == "":
		body = m.Body
	case !whole:
		return ""
	default:
		name += " "
	}
	text := decode(body)
	if text == nil {
		return ""
	}
	return name + oneLine(text)
}

// wholeRunes takes a character off the end that cutting a text has split.
func wholeRunes(b []byte) []byte {
	for range utf8.UTFMax - 1 {
		if r, n := utf8.DecodeLastRune(b); r != utf8.RuneError || n != 1 {
			break
		}
		b = b[:len(b)-1]
	}
	return b
}

// dump is the beginning of binary data in hexadecimal.
func dump(b []byte) string {
	d := hex.EncodeToString(b[:min(len(b), 64)])
	var out strings.Builder
	for i := 0; i < len(d); i += 2 {
		out.WriteString(d[i:i+2] + " ")
	}
	return strings.TrimSuffix(out.String(), " ")
}

// oneLine is the beginning of a text with its breaks and blanks as single ones.
func oneLine(b []byte) string {
	s := strings.TrimLeft(string(b[:min(len(b), previewBytes)]), " \t\r\n")
	for len(b) > previewBytes && !utf8.ValidString(s) { // a character was cut
		s = s[:len(s)-1]
	}
	var out strings.Builder
	blank := false
	for _, r := range s {
		if r < 0x20 || r == ' ' {
			if blank {
				continue
			}
			blank, r = true, ' '
		} else {
			blank = false
		}
		out.WriteRune(r)
	}
	return out.String()
}

// Text is a message as one line to be copied, separated by tabs: time of storing
// (local, with date and milliseconds), topic, tag, keys, broker/queue, offset,
// retries, size of the body in bytes, message id. Names are the full ones.
// Control characters in a value become blanks, so that there are always nine columns.
func Text(m *message.Message) string {
	cells := []string{
		m.StoredAt.Local().Format("2006-01-02 15:04:05.000"), m.Topic, m.Tag(), strings.Join(m.Keys(), " "),
		m.Broker + "/" + strconv.Itoa(m.QueueID), strconv.FormatInt(m.QueueOffset, 10),
		strconv.Itoa(m.ReconsumeTimes), strconv.Itoa(len(m.Body)), m.ID(),
	}
	for i, c := range cells {
		cells[i] = strings.Map(func(r rune) rune {
			if r < 0x20 || r == 0x7F {
				return ' '
			}
			return r
		}, c)
	}
	return strings.Join(cells, "\t")
}
