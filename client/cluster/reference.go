package cluster

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"unicode"
)

// Reference says which message is meant, in a text that people send to one another.
type Reference struct {
	// Connection is the name of the profile over which it was read, Environment that of
	// the profile.
	Connection, Environment string
	Topic                   string // its full name
	Queue                   Queue
	Offset                  int64
	ID                      string
}

const referenceScheme = "gantry://"

// longestReference bounds a reference, in bytes.
const longestReference = 4 << 10

// String is one word: gantry://connection/topic/broker/queue/offset?env=…&id=…, in which
// only what would end a part is escaped.
func (r Reference) String() string {
	return fmt.Sprintf("%s%s/%s/%s/%d/%d?env=%s&id=%s", referenceScheme, part(r.Connection), part(r.Topic), part(r.Queue.Broker), r.Queue.ID, r.Offset, part(r.Environment), part(r.ID))
}

// part escapes what would end a part, and what is no sign to be seen.
func part(s string) string {
	var b strings.Builder
	for _, r := range s {
		if unicode.IsSpace(r) || !unicode.IsGraphic(r) || strings.ContainsRune("/?&=#%+;\"<>", r) {
			for _, c := range []byte(string(r)) {
				fmt.Fprintf(&b, "%%%02X", c)
			}
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// ParseReference finds a reference in a text, whatever stands round it; false where there
// is none that is whole.
func ParseReference(text string) (r Reference, ok bool) {
	_, rest, ok := strings.Cut(text, referenceScheme)
	if !ok {
		return r, false
	}
	rest = rest[:min(len(rest), longestReference)]
	if end := strings.IndexFunc(rest, unicode.IsSpace); end >= 0 {
		rest = rest[:end]
	}
	path, query, _ := strings.Cut(rest, "?")
	parts := strings.Split(path, "/")
	values, err := url.ParseQuery(query)
	if len(parts) != 5 || err != nil {
		return r, false
	}
	for i := range parts {
		if parts[i], err = url.PathUnescape(parts[i]); err != nil {
			return r, false
		}
	}
	r = Reference{Connection: parts[0], Topic: parts[1], Queue: Queue{Broker: parts[2]}, Environment: values.Get("env"), ID: values.Get("id")}
	id, errID := strconv.ParseInt(parts[3], 10, 32)
	offset, errOffset := strconv.ParseInt(parts[4], 10, 64)
	r.Queue.ID, r.Offset = int(id), offset
	return r, errID == nil && errOffset == nil && id >= 0 && offset >= 0 && r.Topic != "" && r.Queue.Broker != ""
}
