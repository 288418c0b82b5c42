package sandbox

import (
	"strings"

	"gantry/client/message"
	"gantry/client/remoting"
	"gantry/client/sandbox/sql92"
	"gantry/client/sandbox/store"
)

// filter says which messages of a topic a consumer gets. The zero value lets all
// through.
type filter struct {
	codes map[int32]bool // of tags; nil for all
	sql   sql92.Filter
	isSQL bool
}

// newFilter reads an expression of a kind, TAG or SQL92 (FilterAPI.build).
func newFilter(kind, expression string) (*filter, error) {
	if !tagKind(kind) {
		if !strings.EqualFold(kind, "SQL92") {
			return nil, refuse(remoting.SubscriptionParseFailed, "there is no filter %s", kind)
		}
		sql, err := sql92.Parse(expression)
		if err != nil {
			return nil, refuse(remoting.SubscriptionParseFailed, "%v", err)
		}
		return &filter{sql: sql, isSQL: true}, nil
	}
	f := &filter{}
	if e := strings.TrimSpace(expression); e == "" || e == "*" {
		return f, nil
	}
	for tag := range strings.SplitSeq(expression, "||") {
		if tag = strings.TrimSpace(tag); tag != "" {
			if f.codes == nil {
				f.codes = map[int32]bool{}
			}
			f.codes[store.TagHash(tag)] = true
		}
	}
	if f.codes == nil {
		return nil, refuse(remoting.SubscriptionParseFailed, "the expression has no tag")
	}
	return f, nil
}

// early tells by a tag's hash alone whether a message may pass.
func (f *filter) early(tag int32) bool { return f.codes == nil || f.codes[tag] }

// passes looks into the message, if the filter asks for that.
func (f *filter) passes(stored []byte) bool {
	if !f.isSQL {
		return true
	}
	m, _, err := message.ParseStored(stored)
	if err != nil {
		return false
	}
	return f.sql.Match(func(name string) (string, bool) {
		for _, p := range m.Properties {
			if p.Name == name {
				return p.Value, true
			}
		}
		return "", false
	})
}
